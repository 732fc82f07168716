"""Opening 立账: a claim is booked on 暂付款 against the expense it never was."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from backend.kernel import ledger
from backend.kernel.db import Uow
from backend.kernel.money import Money
from backend.payout import accounts
from backend.payout.model import Recovery, Repayment


def open_recovery(
    uow: Uow, *, person_id: int, fund: str, what: str, fen: int, reason: str, note: str, source: str
) -> int:
    """A new claim and its ledger batch; its number comes back. `source` is what it comes from, claimed once."""
    row = Recovery(
        person_id=person_id,
        fund=fund,
        item=what,
        amount=Money(fen),
        left=Money(fen),
        reason=reason,
        note=note,
        source=source,
        way="once",
        agreement="",
        opened_at=uow.now,
    )
    uow.session.add(row)
    uow.session.flush()
    ledger.post(
        uow,
        month=ledger.this_month(uow),
        document="overpayment",
        key=f"overpayment/{source}",
        lines=[ledger.Line(accounts.claims(uow, fund), accounts.benefit(uow, fund), fen)],
        maker=uow.actor.id,
        checker=accounts.checked(uow),
    )
    return row.id


def kept_back(uow: Uow, payables: Sequence[int]) -> int:
    """How much of these payables was kept back for a debt, in fen."""
    kept = select(func.coalesce(func.sum(Repayment.amount), 0)).where(Repayment.payable_id.in_(payables))
    found: Money = uow.session.scalars(kept).one()
    return found.fen if isinstance(found, Money) else int(found)
