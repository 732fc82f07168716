"""Differences 补差: so much more, or less, was due to a person than was posted under an item.

More is owed to them as any benefit. Of less, what nobody has drawn is cancelled first, the rest is claimed back; a
claim that turns out wrong falls away before anything is owed anew.
"""

from __future__ import annotations

from sqlalchemy import (
    ColumnElement,
    Date,
    SQLColumnExpression,
    case,
    cast,
    exists,
    func,
    literal,
    select,
    type_coerce,
)

from backend.kernel import ledger
from backend.kernel.db import MonthType, Uow
from backend.kernel.period import Month
from backend.kernel.settings import settings
from backend.payout import accounts, batches, cancelling
from backend.payout.model import Batch, Payable, Recovery
from backend.payout.recovery import opening, withdrawing
from backend.payout.stopping import stand_still


def owe(uow: Uow, *, person_id: int, fund: str, what: str, fen: int, source: str) -> None:
    """So much more is due: what is still claimed for this source falls away first, the rest is owed."""
    for claim in _claims(uow, source):
        left = claim.left.fen
        withdrawing.fall_away(uow, claim, f"{source[:50]}/due")
        if left > fen:
            _claim_again(uow, claim, left - fen, source)
        fen -= min(left, fen)
        if not fen:
            return
    post(uow, person_id=person_id, fund=fund, what=what, fen=fen)


def post(uow: Uow, *, person_id: int, fund: str, what: str, fen: int) -> None:
    """One person's payable, in a batch of its own."""
    month, person = ledger.this_month(uow), literal(person_id)
    batches.post_due(
        uow,
        fund=fund,
        what=what,
        area=settings().area,
        month=month,
        due=select(
            person.label("person_id"),
            label_month(uow, person, what, month).label("month"),
            literal(fen).label("amount"),
        ),
        checker=accounts.checked(uow),
    )


def take_back(
    uow: Uow,
    *,
    person_id: int,
    fund: str,
    what: str,
    fen: int,
    claimed_as: str,
    reason: str,
    note: str,
    source: str,
) -> None:
    """So much less was due. What is claimed is claimed as of `claimed_as`: of that item it may be kept back later."""
    stand_still(uow)
    free = uow.session.scalars(
        select(Payable)
        .where(Payable.person_id == person_id, Payable.item == what, Payable.stored == "payable")
        .order_by(Payable.id.desc())
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    chosen, found = [], 0
    for one in free:
        if found >= fen:
            break
        chosen.append(one)
        found += one.amount.fen
    if chosen:
        cancelling.cancel(uow, fund, chosen, f"{source}/{chosen[0].id}")
        uow.session.flush()
    if found > fen:
        post(uow, person_id=person_id, fund=fund, what=what, fen=found - fen)
    if found < fen:
        opening.open_recovery(
            uow,
            person_id=person_id,
            fund=fund,
            what=claimed_as,
            fen=fen - found,
            reason=reason,
            note=note,
            source=_next(uow, source),
        )


def _claims(uow: Uow, source: str) -> list[Recovery]:
    """What is open of the claims of a source, the newest first, locked."""
    return list(
        uow.session.scalars(
            select(Recovery)
            .where(Recovery.source.startswith(f"{source}/", autoescape=True), Recovery.closed_at.is_(None))
            .order_by(Recovery.id.desc())
            .with_for_update()
        )
    )


def _claim_again(uow: Uow, claim: Recovery, fen: int, source: str) -> None:
    opening.open_recovery(
        uow,
        person_id=claim.person_id,
        fund=claim.fund,
        what=claim.item,
        fen=fen,
        reason=claim.reason,
        note=claim.note,
        source=_next(uow, source),
    )


def _next(uow: Uow, source: str) -> str:
    """A source may be claimed for several times, each time for months of its own."""
    claimed = select(func.count()).where(Recovery.source.startswith(f"{source}/", autoescape=True))
    return f"{source}/{1 + uow.session.scalars(claimed).one()}"


def label_month(
    uow: Uow, person: SQLColumnExpression[int] | ColumnElement[int], what: str, month: Month
) -> ColumnElement[Month]:
    """The month that a difference is written under: this one; or, where one of this month stands already for the person
    of a row, the newest before all that stand."""
    mine = Payable.item == what, Payable.cancelled_at.is_(None)
    if not uow.session.scalar(select(exists().where(Batch.item == what, Batch.month == month))):
        return batches.month_of(month)
    standing = Payable.person_id == person, *mine
    taken = exists().where(*standing, Payable.month == month)
    earliest = select(func.min(Payable.month)).where(*standing).scalar_subquery()
    before = cast(earliest - func.make_interval(0, 1), Date)
    return type_coerce(case((taken, before), else_=batches.month_of(month)), MonthType())
