"""A one-off 一次性待遇: an amount that one person is owed once in a month, drawn as any other."""

from __future__ import annotations

from sqlalchemy import literal, select

from backend.kernel import ledger
from backend.kernel.db import Uow
from backend.kernel.settings import settings
from backend.payout import accounts, batches
from backend.payout.model import Payable


def owed_this_month(uow: Uow, person_id: int, what: str) -> bool:
    """Whether this month has one of these for the person already."""
    paid = select(Payable.id).where(
        Payable.person_id == person_id,
        Payable.item == what,
        Payable.month == ledger.this_month(uow),
        Payable.cancelled_at.is_(None),
    )
    return uow.session.scalar(paid) is not None


def pay_once(uow: Uow, *, person_id: int, fund: str, what: str, fen: int) -> None:
    """A batch of its own."""
    month = ledger.this_month(uow)
    batches.run_month(
        uow,
        fund=fund,
        what=what,
        area=settings().area,
        month=month,
        due=select(
            literal(person_id).label("person_id"),
            batches.month_of(month).label("month"),
            literal(fen).label("amount"),
        ),
        checker=accounts.checked(uow),
    )
