"""Money on its way 在途转移款: received and not yet booked, or owed to another place and not yet paid.

What is received waits in an account of its own until the case is done, so what does not agree belongs to nobody's
account yet and can go back to the fen. No cash moves by hand here: each move names the bank's slip, used once.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from backend.kernel import ledger
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.funds import Fund
from backend.kernel.money import Money
from backend.kernel.pooling import require_reach
from backend.kernel.settings import settings
from backend.pension.transferred import TransferCase, TransferMoney

TRANSIT = "transfers_in_transit"
RECEIVED, BOOKED = "transfer-received", "transfer-booked"
RETURNED, DECIDED, UNDONE, PAID = "transfer-returned", "transfer-decided", "transfer-undone", "transfer-paid"


class SlipUsed(Refusal):
    """银行回单 {slip} 已经登记过，没有再登记。请核对回单号。"""


def account(uow: Uow, kind: str) -> int:
    return ledger.account(uow, Fund.PENSION, settings().area, kind)


def take(uow: Uow, case: TransferCase, amount: Money, slip: str, day: date) -> None:
    """It came into the deposit of receipts, and waits."""
    _require_new(uow, "received", slip)
    line = ledger.Line(account(uow, "receipts_deposit"), account(uow, TRANSIT), amount.fen)
    batch = _post(uow, RECEIVED, f"transfer/received/{slip}", line, f"slip:transfer/{slip}")
    _note(uow, case, "received", amount, slip, day, batch)


def book(uow: Uow, case: TransferCase, amount: Money) -> None:
    """What waited is income."""
    if amount.fen:
        line = ledger.Line(account(uow, TRANSIT), account(uow, "transfer_income"), amount.fen)
        _post(uow, BOOKED, f"transfer/{case.id}/booked", line)


def send_back(uow: Uow, case: TransferCase, amount: Money, slip: str) -> None:
    """What waited goes back to where it came from."""
    _require_new(uow, "returned", slip)
    line = ledger.Line(account(uow, TRANSIT), account(uow, "receipts_deposit"), amount.fen)
    batch = _post(uow, RETURNED, f"transfer/returned/{slip}", line)
    _note(uow, case, "returned", amount, slip, uow.today, batch)


def owe(uow: Uow, case: TransferCase, amount: Money) -> None:
    """It is an expense, and owed to the other place."""
    if amount.fen:
        line = ledger.Line(account(uow, "transfer_expense"), account(uow, TRANSIT), amount.fen)
        _post(uow, DECIDED, f"transfer/{case.id}/decided", line)


def owe_no_more(uow: Uow, case: TransferCase, amount: Money) -> None:
    if amount.fen:
        line = ledger.Line(account(uow, TRANSIT), account(uow, "transfer_expense"), amount.fen)
        _post(uow, UNDONE, f"transfer/{case.id}/undone", line)


def pay(uow: Uow, case: TransferCase, amount: Money, slip: str, day: date) -> None:
    """It left the deposit of expenditures."""
    _require_new(uow, "paid", slip)
    line = ledger.Line(account(uow, TRANSIT), account(uow, "expenditure_deposit"), amount.fen)
    batch = _post(uow, PAID, f"transfer/paid/{slip}", line)
    _note(uow, case, "paid", amount, slip, day, batch)


def _post(uow: Uow, document: str, key: str, line: ledger.Line, checker: str | None = None) -> int:
    """Who approved the case checks it; where none is reviewed, the bank's slip does. The fund is the whole area's."""
    require_reach(uow)
    return ledger.post(
        uow,
        month=ledger.this_month(uow),
        document=document,
        key=key,
        lines=[line],
        checker=next(reversed(uow.approvers), checker or "system/checked"),
    )


def _require_new(uow: Uow, way: str, slip: str) -> None:
    known = select(TransferMoney.id).where(TransferMoney.way == way, TransferMoney.slip == slip)
    if uow.session.scalar(known):
        raise SlipUsed(slip=slip)


def _note(uow: Uow, case: TransferCase, way: str, amount: Money, slip: str, day: date, batch: int) -> None:
    uow.session.add(TransferMoney(case_id=case.id, way=way, amount=amount, slip=slip, day=day, batch=batch))
    uow.session.flush()
