"""Stopping 停发: from which month on an item is not paid to a person, and what becomes of what was posted for it.

What was not drawn yet is cancelled; what was drawn is claimed back where the stop says so (社会保险经办条例 第二十五条,
第四十六条). What is under way at a kiosk or a bank is looked at again when it ends (`sweep`), so nothing falls between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    SQLColumnExpression,
    bindparam,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    text,
)

from backend.kernel.clock import CHINA
from backend.kernel.db import Uow
from backend.kernel.period import Month
from backend.payout import cancelling
from backend.payout.model import BankFile, Batch, Overpaid, Payable, Stop
from backend.payout.recovery import opening

DRAWN = ("collected", "paid")
# a stop and a run of a month wait for each other: else a month might be posted that was just stopped
STOPPING = text("select pg_advisory_xact_lock_shared(hashtext('payout.run'))")
RUNNING = text("select pg_advisory_xact_lock(hashtext('payout.run'))")


@dataclass(frozen=True)
class Withdrawn:
    """Fact: months of an item that were booked in one year turned out not to be due to a person."""

    person_id: int
    fund: str
    item: str
    booked: tuple[Month, ...]  # when each was posted
    payables: tuple[int, ...]  # which they are, in the same order


@dataclass(frozen=True)
class Swept:
    """What became of what was posted for stopped months."""

    cancelled: int = 0
    cancelled_fen: int = 0
    claimed: int = 0
    claimed_fen: int = 0


def stand_still(uow: Uow) -> None:
    """No stop and no run of a month until this transaction ends: what is due stays what it is."""
    uow.session.execute(RUNNING)


def stop(
    uow: Uow,
    *,
    person_id: int,
    fund: str,
    what: str,
    since: Month,
    reason: str,
    document: str,
    claims: bool,
    until: Month | None = None,
) -> Swept:
    """Pay the item no more for the months from `since` on (before `until`, where it is over already); `claims`: what
    was drawn for them is to come back."""
    uow.session.execute(STOPPING)
    uow.session.add(
        Stop(
            person_id=person_id,
            fund=fund,
            item=what,
            since=since,
            until=until,
            claims=claims,
            reason=reason,
            document=document,
            made_by=uow.actor.id,
            made_at=uow.now,
        )
    )
    uow.session.flush()
    return sweep(uow, Payable.person_id == person_id)


def stop_all(
    uow: Uow,
    people: Sequence[int],
    *,
    fund: str,
    what: str,
    since: Month,
    reason: str,
    document: str,
) -> None:
    """The same for many at once; nothing that was drawn is claimed."""
    uow.session.execute(STOPPING)
    whom = bindparam("people", list(people), ARRAY(BigInteger))
    given = {
        "fund": fund,
        "item": what,
        "since": since,
        "claims": False,
        "reason": reason,
        "document": document,
        "made_by": uow.actor.id,
        "made_at": uow.now,
    }
    columns = Stop.__table__.c
    rows = select(func.unnest(whom), *(literal(value, columns[name].type) for name, value in given.items()))
    uow.session.execute(insert(Stop).from_select(["person_id", *given], rows))
    sweep(uow, (Payable.item == what) & (Payable.month >= since) & (Payable.person_id == func.any(whom)))


def lift(uow: Uow, *, person_id: int, what: str, since: Month, reason: str | None = None) -> None:
    """Pay again for the months from `since` on, as far as the stops (of this reason) go; whoever lifts has made sure
    that none of them is claimed back."""
    uow.session.execute(STOPPING)
    for one in _standing(uow, person_id, what, reason):
        one.until = max(since, one.since)
        one.lifted_at = uow.now
    uow.session.flush()


def standing(uow: Uow, person_id: int, what: str, reason: str | None = None) -> Stop | None:
    """The stop in force (of this reason), the earliest where there are several."""
    return next(iter(_standing(uow, person_id, what, reason)), None)


def _standing(uow: Uow, person_id: int, what: str, reason: str | None = None) -> Sequence[Stop]:
    asked = select(Stop).where(Stop.person_id == person_id, Stop.item == what, Stop.until.is_(None))
    if reason is not None:
        asked = asked.where(Stop.reason == reason)
    return uow.session.scalars(asked.order_by(Stop.since, Stop.id)).all()


def stopped(
    person: SQLColumnExpression[int], month: ColumnElement[Month], what: str | ColumnElement[str]
) -> ColumnElement[bool]:
    """Whether the item is not paid to the person of a row for that row's month."""
    return exists().where(
        Stop.person_id == person,
        Stop.item == what,
        Stop.since <= month,
        or_(Stop.until.is_(None), Stop.until > month),
    )


def held_for(reason: str) -> Select[int, str, Month]:
    """Selects what is stopped for this reason until further notice: person_id, item, since."""
    return select(Stop.person_id, Stop.item, Stop.since).where(Stop.reason == reason, Stop.until.is_(None))


def claimed_from(uow: Uow, person_id: int, what: str, since: Month) -> Month | None:
    """The newest month from `since` on that was drawn and is claimed back."""
    return uow.session.scalar(
        select(func.max(Payable.month)).where(
            Payable.person_id == person_id,
            Payable.item == what,
            Payable.month >= since,
            Overpaid.claimed(Payable.id),
        )
    )


def sweep(uow: Uow, which: ColumnElement[bool]) -> Swept:
    """Of these payables those of stopped months: cancel what is free, claim what was drawn."""
    found = _still(uow, which)
    free = [one for one in found if one.state == "payable"]
    drawn = [one for one in found if one.state in DRAWN and one.why.claims]
    for group in _by_stop(free):
        _cancel(uow, group)
    for group in _by_stop(drawn):
        _claim(uow, group)
    uow.session.flush()
    _tell(uow, free + drawn)
    return Swept(
        len(free),
        sum(one.due.amount.fen for one in free),
        len(drawn),
        sum(one.due.amount.fen for one in drawn),
    )


@dataclass(frozen=True)
class _Found:
    """A payable of a stopped month, what holds of it, why it is stopped, and when it was booked."""

    due: Payable
    state: str
    why: Stop
    booked: Month


def _still(uow: Uow, which: ColumnElement[bool]) -> list[_Found]:
    """Those of stopped months, held, and the files that some of them wait for held too.

    Answering a file touches no payable that is paid. So whoever stops what is in a file, and whoever books the
    answer, wait for each other at the file: the second one sees what the first one did.
    """
    held: set[int] = set()
    while True:
        found = _found(uow, which)
        waits = {one.due.file_id for one in found if one.due.file_id and one.state not in DRAWN} - held
        if not waits:
            return found
        files = select(BankFile.id).where(BankFile.id.in_(waits)).order_by(BankFile.id)
        uow.session.execute(files.with_for_update(read=True))
        held |= waits


def _found(uow: Uow, which: ColumnElement[bool]) -> list[_Found]:
    rows = uow.session.execute(
        select(Payable, Payable.state, Stop, Batch.posted_at)
        .join(Stop, (Stop.person_id == Payable.person_id) & (Stop.item == Payable.item))
        .join(Batch, Batch.id == Payable.batch_id)
        .where(
            which,
            Payable.cancelled_at.is_(None),
            Payable.month >= Stop.since,
            or_(Stop.until.is_(None), Payable.month < Stop.until),
            ~Overpaid.claimed(Payable.id),
        )
        .order_by(Payable.id, Stop.claims, Stop.id.desc())
        .with_for_update(of=Payable)
        .execution_options(populate_existing=True)
    ).all()
    found = {
        due.id: _Found(due, state, why, Month.of(at.astimezone(CHINA).date())) for due, state, why, at in rows
    }  # one that claims wins
    return list(found.values())


def _by_stop(found: list[_Found]) -> list[list[_Found]]:
    groups: dict[int, list[_Found]] = {}
    for one in found:
        groups.setdefault(one.why.id, []).append(one)
    return list(groups.values())


def _cancel(uow: Uow, found: list[_Found]) -> None:
    """Owed no more: the expense is taken back. What was kept back of it for a debt is owed again."""
    why = found[0].why
    key = f"stop/{why.id}/{min(one.due.id for one in found)}"
    cancelling.cancel(uow, why.fund, [one.due for one in found], key)
    if kept := opening.kept_back(uow, [one.due.id for one in found]):
        _open(uow, found, kept, f"{key}/kept")


def _claim(uow: Uow, found: list[_Found]) -> None:
    """Drawn and not due: the person owes it, with what was kept back of it."""
    key = f"stop/{found[0].why.id}/{min(one.due.id for one in found)}"
    drawn = sum(one.due.amount.fen for one in found)
    recovery = _open(uow, found, drawn + opening.kept_back(uow, [one.due.id for one in found]), key)
    uow.session.add_all(Overpaid(payable_id=one.due.id, recovery_id=recovery) for one in found)


def _open(uow: Uow, found: list[_Found], fen: int, source: str) -> int:
    why, months = found[0].why, sorted(one.due.month for one in found)
    return opening.open_recovery(
        uow,
        person_id=why.person_id,
        fund=why.fund,
        what=why.item,
        fen=fen,
        reason=why.reason,
        note=str(months[0]) if months[0] == months[-1] else f"{months[0]}～{months[-1]}",
        source=source,
    )


def _tell(uow: Uow, found: list[_Found]) -> None:
    """A fact for each person and year: other systems may have paid a part of it from elsewhere."""
    booked: dict[tuple[int, str, str, int], list[tuple[Month, int]]] = {}
    for one in found:
        key = one.why.person_id, one.why.fund, one.why.item, one.booked.year
        booked.setdefault(key, []).append((one.booked, one.due.id))
    for (person_id, fund, what, _), months in sorted(booked.items()):
        when, which = zip(*sorted(months), strict=True)
        uow.emit(Withdrawn(person_id, fund, what, when, which))
