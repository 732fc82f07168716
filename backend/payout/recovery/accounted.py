"""Out of the account 个人账户抵扣: what an individual account gives for a debt (社会保险经办条例 第四十六条). Whose account it is
knows the system that keeps it; here the debt gets less, and the expense settles the claim."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from backend.kernel import ledger
from backend.kernel.clock import CHINA
from backend.kernel.db import Uow
from backend.kernel.money import ZERO, Money
from backend.payout import accounts
from backend.payout.model import Recovery, Repayment
from backend.payout.recovery.listing import view
from backend.payout.recovery.repaying import SlipUsed, TooMuchBack, open_claim
from backend.payout.recovery.schema import RecoveryView

WAY = "account"


@dataclass(frozen=True)
class Claim:
    """Who owes, to which fund."""

    person_id: int
    fund: str


def claim(uow: Uow, recovery: int) -> Claim:
    """The claim, locked and still open."""
    row = open_claim(uow, recovery)
    return Claim(row.person_id, row.fund)


def open_claims(uow: Uow, person_id: int, fund: str) -> list[tuple[int, Money]]:
    """What a person still owes a fund, the oldest first: number and what is open of it."""
    rows = uow.session.execute(
        select(Recovery.id, Recovery.left)
        .where(Recovery.person_id == person_id, Recovery.fund == fund, Recovery.closed_at.is_(None))
        .order_by(Recovery.id)
    )
    return [(number, left) for number, left in rows]


def repay_from_account(uow: Uow, recovery: int, amount: Money, document: str) -> RecoveryView:
    """So much has left the account; the rest of any plan stands."""
    row = open_claim(uow, recovery)
    if uow.session.scalar(
        select(Repayment.id).where(Repayment.recovery_id == row.id, Repayment.slip == document)
    ):
        raise SlipUsed(slip=document, recovery=row.id)
    if amount > row.left:
        raise TooMuchBack(recovery=row.id, left=row.left, amount=amount)
    uow.session.add(Repayment(recovery_id=row.id, way=WAY, amount=amount, slip=document, at=uow.now))
    row.left = row.left - amount
    row.closed_at = None if row.left else uow.now
    ledger.post(
        uow,
        month=ledger.this_month(uow),
        document="offset",
        key=f"account-offset/{row.id}/{document}",
        lines=[ledger.Line(accounts.benefit(uow, row.fund), accounts.claims(uow, row.fund), amount.fen)],
        maker=uow.actor.id,
        checker=accounts.checked(uow),
    )
    uow.session.flush()
    return view(uow, row)


def from_account(uow: Uow, person_id: int, fund: str, year: int) -> Money:
    """What a person's account gave for debts in a year."""
    first = datetime(year, 1, 1, tzinfo=CHINA)
    given = (
        select(func.sum(Repayment.amount))
        .join(Recovery, Recovery.id == Repayment.recovery_id)
        .where(
            Recovery.person_id == person_id,
            Recovery.fund == fund,
            Repayment.way == WAY,
            Repayment.at >= first,
            Repayment.at < first.replace(year=year + 1),
        )
    )
    return uow.session.scalar(given) or ZERO
