"""Differences 差额: what a replaced award's months had been too low or too high by, and how it is made good.

What an award that replaces another changes is written down month by month, of the months that were posted
(`Difference`). What of it is due is settled in one sum a person: more is owed as 养老金补差, once a month at most; less is
claimed back. Nothing is settled twice, because each time the whole is compared with what was settled so far: who dies,
is stopped, comes back or is recalculated again gets or owes just the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    bindparam,
    case,
    cast,
    delete,
    func,
    insert,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from backend.kernel import ledger
from backend.kernel.db import Uow
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.kernel.settings import settings
from backend.payout import service as payout
from backend.pension import interest, years
from backend.pension.awarding.model import Difference, Replacement, Settlement
from backend.pension.benefits import FUND, ITEM, SUPPLEMENT
from backend.pension.careers.doubles import refunded
from backend.pension.model import Adjustment, AdjustmentRun, Award

MISCALCULATED = "07"  # 停发原因代码：核定或者计算有误
NOTE = "待遇重新核定"
WAITING = (Settlement.fen > 0) & Settlement.batch_id.is_(None)


class Gap(NamedTuple):
    """What is still to be settled with a person, in fen; below nothing: too much was paid."""

    person_id: int
    fen: int
    account: int


def record(uow: Uow, awards: Collection[int]) -> None:
    """By how much the posted months of those whose award was replaced by one of these differ from what they have come to
    so far. Months before an award's first are not due by it at all."""
    new, old = aliased(Award), aliased(Award)
    paid = payout.posted(ITEM).subquery("paid")
    before = (
        select(func.coalesce(func.sum(Difference.fen), 0))
        .where(Difference.payable_id == paid.c.id)
        .scalar_subquery()
    )
    was, now = paid.c.month >= old.first_month, paid.c.month >= new.first_month
    given = paid.c.fen + before  # what the month has come to so far
    fen = case((now, _whole(new.total) + _posted_with(new.id, paid)), else_=0) - given
    account = case(
        (was & now, _whole(new.account) - _whole(old.account)),
        (now, _whole(new.account)),
        (was, -_whole(old.account)),
        else_=0,
    )
    rows = (
        select(new.id, paid.c.id, new.person_id, paid.c.month, fen.label("fen"), account.label("account"))
        .join(Replacement, Replacement.award_id == new.id)
        .join(old, old.id == Replacement.replaces)
        .join(paid, paid.c.person_id == new.person_id)
        .where(new.id.in_(awards))
        .subquery()
    )
    changed = select(rows).where((rows.c.fen != 0) | (rows.c.account != 0))
    columns = ["award_id", "payable_id", "person_id", "month", "fen", "account"]
    uow.session.execute(insert(Difference).from_select(columns, changed))


def _posted_with(award: Any, paid: Any) -> ColumnElement[int]:
    """What adjustments gave an award of those that a month was posted with, also where they were reversed since: what came
    in arrears, and what a reversal claimed, `adjusting` keeps."""
    increases = (
        select(func.coalesce(func.sum(_whole(Adjustment.increase)), 0))
        .join(AdjustmentRun, AdjustmentRun.id == Adjustment.run_id)
        .where(
            Adjustment.award_id == award,
            Adjustment.year <= cast(func.extract("year", paid.c.month), Integer),
            paid.c.batch_id > AdjustmentRun.after_batch,
            func.coalesce(paid.c.batch_id <= AdjustmentRun.reversed_after, True),
        )
    )
    return cast(increases.scalar_subquery(), BigInteger)


def settle(uow: Uow, persons: Collection[int], checker: str) -> None:
    """Make good what is due and not settled yet; who cannot be paid now waits for the next run of a month."""
    payout.stand_still(uow)
    uow.session.execute(delete(Settlement).where(WAITING, Settlement.person_id.in_(persons)))
    more, less = list[Gap](), list[Gap]()
    for row in uow.session.execute(gaps(persons)):
        gap = Gap(*row)
        (more if gap.fen > 0 else less).append(gap)
    for gap in less:
        _claim(uow, gap)
    now = _payable_now(uow, [gap.person_id for gap in more])
    _post(uow, [gap for gap in more if gap.person_id in now], checker)
    waits = [gap for gap in more if gap.person_id not in now]
    moved = (
        _move(uow, waits) if waits else {}
    )  # the account does not wait: what follows counts on what it holds
    for gap in waits:
        _settled(uow, gap.person_id, gap.fen, 0)
        if account := moved.get(gap.person_id, 0):
            _settled(uow, gap.person_id, 0, account)
    uow.session.flush()


def settle_again(uow: Uow, person_id: int) -> None:
    """Months of a person are not due any more, or due after all; nothing to do where none of them ever differed."""
    if uow.session.scalar(select(select(Difference).where(Difference.person_id == person_id).exists())):
        settle(uow, [person_id], checked(uow))


def settle_waiting(uow: Uow, checker: str) -> None:
    """What could not be posted when it was found, with the run of a month."""
    waiting = uow.session.scalars(select(Settlement.person_id).where(WAITING)).all()
    if waiting:
        settle(uow, waiting, checker)


def by_part(
    uow: Uow, award: Award, months: Sequence[tuple[Month, int]]
) -> Iterator[tuple[Money, list[Month]]]:
    """When these payables (with the month they were booked in) were posted, grouped by the account's part they were
    posted with: what an award was raised by since was drawn by itself."""
    since = uow.session.execute(
        select(Difference.payable_id, Difference.month, func.sum(Difference.account))
        .where(Difference.payable_id.in_([payable for _, payable in months]))
        .group_by(Difference.payable_id, Difference.month)
    ).all()
    part = award.account.fen
    first = {payable: (part if month >= award.first_month else 0) - int(fen) for payable, month, fen in since}
    parts = sorted((first.get(payable, part), booked) for booked, payable in months)
    for fen, group in groupby(parts, key=lambda one: one[0]):
        yield Money(fen), [booked for _, booked in group]


def checked(uow: Uow) -> str:
    """Who approved what is being done."""
    return uow.approvers[-1] if uow.approvers else "system/checked"


def _owed() -> Select[*tuple[Any, ...]]:
    """The differences of months that are due."""
    paid = payout.posted(ITEM).subquery("paid")
    return select(Difference.person_id, Difference.fen, Difference.account).join(
        paid, (paid.c.id == Difference.payable_id) & paid.c.due
    )


def gaps(persons: Collection[int] | None = None) -> Select[*tuple[Any, ...]]:
    """What is due and not settled (or waiting), of these persons or of everybody."""
    owed, settled = _owed(), select(Settlement.person_id, -Settlement.fen, -Settlement.account)
    if persons is not None:
        owed = owed.where(Difference.person_id.in_(persons))
        settled = settled.where(Settlement.person_id.in_(persons))
    both = union_all(owed, settled).subquery()
    fen, account = func.sum(both.c.fen), func.sum(both.c.account)
    return (
        select(both.c.person_id, cast(fen, BigInteger), cast(account, BigInteger))
        .group_by(both.c.person_id)
        .having((fen != 0) | (account != 0))
        .order_by(both.c.person_id)
    )


def _claim(uow: Uow, gap: Gap) -> None:
    """Too much was paid: it is claimed back, and the account gets back what it gave of it."""
    recovery = None
    if gap.fen < 0:
        n = uow.session.scalar(select(func.count()).where(Settlement.person_id == gap.person_id))
        recovery = payout.open_recovery(
            uow,
            person_id=gap.person_id,
            fund=FUND,
            what=ITEM,
            fen=-gap.fen,
            reason=MISCALCULATED,
            note=NOTE,
            source=f"difference/{gap.person_id}/{n}",
        )
    moved = _move(uow, [gap])[gap.person_id]
    if recovery or moved:
        _settled(uow, gap.person_id, gap.fen, moved, recovery=recovery)


def _move(uow: Uow, gaps: Sequence[Gap]) -> dict[int, int]:
    """What each account gives of it, or (below nothing) gets back."""
    moved = {gap.person_id: 0 for gap in gaps}
    for gap in gaps:
        if gap.account < 0 and (back := min(-gap.account, _given_beyond(uow, gap.person_id))):
            moved[gap.person_id] = -back
            since = years.put_back(uow, gap.person_id, back)
            interest.renew(uow, gap.person_id, since)
    parts = {gap.person_id: gap.account for gap in gaps if gap.account > 0}
    return moved | (years.take(uow, parts) if parts else {})


def _given_beyond(uow: Uow, person_id: int) -> int:
    """What an account gave for pensions beyond what the award in force asks of it for the months that are due: no more can
    come back, where it did not last for all of them."""
    award = uow.session.scalars(
        select(Award).where(Award.person_id == person_id, Award.state != "replaced")
    ).one()
    given = sum(
        (
            row.paid
            - payout.accounted.from_account(uow, person_id, FUND, row.year)
            - refunded(uow, person_id, row.year)
        ).fen
        for row in years.since(uow, person_id, None)
    )
    paid = payout.posted(ITEM).subquery("paid")
    months = uow.session.scalars(
        select(func.count()).where(
            paid.c.person_id == person_id, paid.c.due, paid.c.month >= award.first_month
        )
    ).one()
    return max(0, given - months * award.account.fen)


def _payable_now(uow: Uow, persons: Collection[int]) -> set[int]:
    """Not who is suspended, nor who had a supplement in this month already."""
    month = payout.month_of(ledger.this_month(uow))
    return set(
        uow.session.scalars(
            select(Award.person_id).where(
                Award.person_id.in_(persons),
                Award.state.in_(("active", "ended")),
                payout.not_posted(Award.person_id, month, SUPPLEMENT),
            )
        )
    )


def _post(uow: Uow, gaps: Sequence[Gap], checker: str) -> None:
    if not gaps:
        return
    month, moved = ledger.this_month(uow), _move(uow, gaps)
    arrays = [bindparam(None, [gap[at] for gap in gaps], type_=ARRAY(BigInteger)) for at in (0, 1)]
    sums = func.unnest(*arrays).table_valued("person_id", "fen").render_derived(name="sums")
    batch = payout.run_month(
        uow,
        fund=FUND,
        what=SUPPLEMENT,
        area=settings().area,
        month=month,
        due=select(sums.c.person_id, payout.month_of(month).label("month"), sums.c.fen.label("amount")),
        checker=checker,
    )
    for gap in gaps:
        _settled(uow, gap.person_id, gap.fen, moved.get(gap.person_id, 0), batch=batch.batch)


def _settled(
    uow: Uow, person_id: int, fen: int, account: int, *, batch: int | None = None, recovery: int | None = None
) -> None:
    row = Settlement(
        person_id=person_id,
        fen=fen,
        account=account,
        batch_id=batch,
        recovery_id=recovery,
        made_at=uow.now,
    )
    uow.session.add(row)


def _whole(column: Any) -> Any:
    return type_coerce(column, BigInteger())
