"""Subsidies 缴费补贴: what the accounts were given for each payment, until the finance bureau's money for it has come."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, select

from backend.kernel import ledger
from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.kernel.money import ZERO, Money
from backend.kernel.pooling import require_reach
from backend.payout import accounts
from backend.pension.residents.accounts import holding
from backend.pension.residents.books import FUND
from backend.pension.residents.model import ResidentPayment
from backend.pension.residents.schema import Allot, Allotted

ALLOTMENT = "resident-subsidy"
# given and not yet allotted; and allotted for a payment that has been reversed since
UNSETTLED = (
    ResidentPayment.subsidy > ZERO,
    ResidentPayment.returned.is_(None),
    ResidentPayment.allotted.is_(None) == ResidentPayment.reversed_at.is_(None),
    ResidentPayment.batch.isnot(None),
)


class NothingToAllot(Refusal):
    """现在没有要财政拨付的缴费补贴（待拨 {owed} 元），没有入账。"""


class NotWhatIsOwed(Refusal):
    """财政拨来 {amount} 元，待拨的缴费补贴是 {owed} 元，不相符，没有入账。请和财政部门核对。"""


class SlipUsed(Refusal):
    """流水号 {slip} 的补贴已经入账，没有再记。"""


@item(
    "RES-07",
    "居民养老保险缴费补贴拨付",
    may=Permission.LEVY_RUN,
    review=1,
    guide=Guide(
        what="财政把缴费补贴拨到财政专户以后入账；金额要和参保人账户里已经记的补贴相符。",
        who="经办机构",
        bring=("财政拨款凭证",),
        law="国发〔2014〕8号 第四条、第八条",
    ),
)
def allot(uow: Uow, cmd: Allot) -> Allotted:
    require_reach(uow)
    if ledger.posted(uow, _key(cmd.slip)) is not None:
        raise SlipUsed(slip=cmd.slip)
    rows = uow.session.scalars(unsettled().with_for_update()).all()
    owed = owed_of(rows)
    if owed.fen <= 0:
        raise NothingToAllot(owed=owed)
    if owed.fen != cmd.amount_fen:
        raise NotWhatIsOwed(amount=Money(cmd.amount_fen), owed=owed)
    for row in rows:
        if row.reversed_at is None:
            row.allotted = cmd.slip
        else:
            row.returned = cmd.slip
    ledger.post(
        uow,
        month=ledger.this_month(uow),
        document=ALLOTMENT,
        key=_key(cmd.slip),
        lines=[ledger.Line(accounts.treasury(uow, FUND), holding(uow, "fiscal_subsidy"), owed.fen)],
        checker=accounts.checked(uow),
    )
    returned = sum(row.returned is not None for row in rows)
    return Allotted(slip=cmd.slip, n=len(rows) - returned, returned=returned, amount_fen=owed.fen)


def _key(slip: str) -> str:
    return f"{ALLOTMENT}/{slip}"


def unsettled() -> Select[ResidentPayment]:
    return select(ResidentPayment).where(*UNSETTLED).order_by(ResidentPayment.id)


def owed_of(rows: Sequence[ResidentPayment]) -> Money:
    """What the finance bureau owes, less what it gave for payments that are no more."""
    signed = (row.subsidy.fen if row.reversed_at is None else -row.subsidy.fen for row in rows)
    return Money(sum(signed))
