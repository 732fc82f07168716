"""Withdrawing 撤销登记: a claim that turned out to be none falls away, as far as nothing of it came back."""

from __future__ import annotations

from sqlalchemy import delete

from backend.kernel import ledger
from backend.kernel.db import Uow
from backend.kernel.money import ZERO
from backend.payout import accounts
from backend.payout.model import Instalment, Recovery, Repayment


def fall_away(uow: Uow, row: Recovery, slip: str) -> None:
    """What is still open of a claim is owed no more, and the expense is what it was. The row is locked by the caller."""
    forget_plan(uow, row)
    if not row.left:
        return
    uow.session.add(Repayment(recovery_id=row.id, way="withdrawn", amount=row.left, slip=slip, at=uow.now))
    ledger.post(
        uow,
        month=ledger.this_month(uow),
        document="withdrawal",
        key=f"withdrawal/{row.id}",
        lines=[ledger.Line(accounts.benefit(uow, row.fund), accounts.claims(uow, row.fund), row.left.fen)],
        maker=uow.actor.id,
        checker=accounts.checked(uow),
    )
    row.left, row.closed_at = ZERO, uow.now
    uow.session.flush()


def forget_plan(uow: Uow, row: Recovery) -> None:
    uow.session.execute(delete(Instalment).where(Instalment.recovery_id == row.id))
