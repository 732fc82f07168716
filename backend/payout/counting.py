"""Counting: which months of an item stand for a person: posted, not cancelled, not claimed back."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, func, select

from backend.kernel.db import Uow
from backend.kernel.period import Month
from backend.payout.model import Batch, Overpaid, Payable


def standing_months(
    what: str, since: Month, *, until: int | None = None, after: int | None = None
) -> Select[*tuple[int, int]]:
    """Selects each person and how many of the months from `since` on stand (person_id, n), of those that were posted in
    batches until one or after one."""
    return (
        select(Payable.person_id, func.count().label("n"))
        .where(*_stands(what, since, until, after))
        .group_by(Payable.person_id)
    )


def standing_of(
    uow: Uow, person_id: int, what: str, since: Month, *, until: int, after: int | None = None
) -> tuple[Month, ...]:
    """One person's of those, in order."""
    query = (
        select(Payable.month)
        .where(Payable.person_id == person_id, *_stands(what, since, until, after))
        .order_by(Payable.month)
    )
    return tuple(uow.session.scalars(query))


def newest_batch(uow: Uow) -> int:
    """The newest batch of all; whoever asks holds back whoever posts (`stand_still`)."""
    return uow.session.scalar(select(func.max(Batch.id))) or 0


def _stands(what: str, since: Month, until: int | None, after: int | None) -> list[ColumnElement[bool]]:
    # said so that a whole table is read in its own order, from the first batch that may hold such a month
    first = select(func.min(Batch.id)).where(Batch.item == what, Batch.month >= since).scalar_subquery()
    claimed = select(Overpaid.payable_id).where(Overpaid.lifted_at.is_(None))
    found = [
        Payable.item == what,
        Payable.month >= since,
        Payable.batch_id >= first,
        Payable.cancelled_at.is_(None),
        Payable.id.not_in(claimed),
    ]
    if until is not None:
        found.append(Payable.batch_id <= until)
    if after is not None:
        found.append(Payable.batch_id > after)
    return found
