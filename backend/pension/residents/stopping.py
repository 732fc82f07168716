"""Stopping 暂停、恢复 of a resident's pension, and its end by death; what a death taken back brings again."""

from __future__ import annotations

from sqlalchemy import select

from backend.kernel import codes
from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.items import Guide, item
from backend.kernel.money import ZERO, Money
from backend.kernel.period import Month
from backend.payout import service as payout
from backend.pension import interest, years
from backend.pension.residents import inheriting
from backend.pension.residents.books import FUND, ITEM, RESIDENTS
from backend.pension.residents.model import ResidentAward
from backend.pension.residents.schema import STATES
from backend.pension.schema import Resume, Resumed, Suspend, Suspended
from backend.pension.stopping import (
    DEATH,
    BeforeTheStop,
    DeathElsewhere,
    MonthBeforeFirst,
    MonthsClaimed,
    MonthTooFar,
    NothingAwarded,
    NotRunning,
    NotSuspended,
)
from backend.registry import service as registry


@item(
    "RES-12",
    "居民养老待遇暂停",
    may=Permission.PENSION_DECIDE,
    review=1,
    guide=Guide(
        what="查实出现暂停享受待遇的情形，从哪个月起停发；没有领的撤销，恢复时补发。",
        who="经办机构",
        law="社会保险经办条例 第二十五条",
    ),
)
def suspend(uow: Uow, cmd: Suspend) -> Suspended:
    """No month from `since` on is paid; what was not drawn yet is cancelled."""
    person = registry.person(uow, cmd.ident, lock=True)
    award = _award(uow, person.id, person.name)
    since = Month.parse(cmd.since)
    if cmd.reason == DEATH:
        raise DeathElsewhere
    if award.state != "active":
        raise NotRunning(name=person.name, state=STATES[award.state])
    _require_within(uow, award, person.name, since)
    award.state = "suspended"
    swept = payout.stop(
        uow,
        person_id=person.id,
        fund=FUND,
        what=ITEM,
        since=since,
        reason=cmd.reason,
        document=cmd.document,
        claims=cmd.claims,
    )
    return Suspended(
        name=person.name,
        since=str(since),
        reason=codes.name("stop_reason", cmd.reason),
        cancelled=swept.cancelled,
        cancelled_fen=swept.cancelled_fen,
        claimed=swept.claimed,
        claimed_fen=swept.claimed_fen,
    )


@item(
    "RES-13",
    "居民养老待遇恢复",
    may=Permission.PENSION_DECIDE,
    review=1,
    guide=Guide(
        what="暂停的情形没有了，恢复发放；停发的月份随下一次发放补发。",
        who="经办机构",
        law="社会保险经办条例 第二十五条",
    ),
)
def resume(uow: Uow, cmd: Resume) -> Resumed:
    person = registry.person(uow, cmd.ident, lock=True)
    award = _award(uow, person.id, person.name)
    held = payout.standing(uow, person.id, ITEM)
    if award.state != "suspended" or held is None:
        raise NotSuspended(name=person.name, state=STATES[award.state])
    since = Month.parse(cmd.since) if cmd.since else held.since
    if since < held.since:
        raise BeforeTheStop(since=held.since)
    _require_within(uow, award, person.name, since)
    if claimed := payout.claimed_from(uow, person.id, ITEM, since):
        raise MonthsClaimed(month=claimed, after=claimed + 1)
    payout.lift(uow, person_id=person.id, what=ITEM, since=since)
    award.state, award.decided_at = "active", uow.now  # looked for with the next run, as one newly decided
    uow.session.flush()
    return Resumed(name=person.name, since=str(since))


def _award(uow: Uow, person_id: int, name: str) -> ResidentAward:
    award = _found(uow, person_id)
    if award is None:
        raise NothingAwarded(name=name)
    return award


def _found(uow: Uow, person_id: int) -> ResidentAward | None:
    return uow.session.scalar(
        select(ResidentAward).where(ResidentAward.person_id == person_id).with_for_update()
    )


def _require_within(uow: Uow, award: ResidentAward, name: str, month: Month) -> None:
    latest = Month.of(uow.today) + 1
    if month < award.first_month:
        raise MonthBeforeFirst(name=name, first=award.first_month, month=month)
    if month > latest:
        raise MonthTooFar(latest=latest)


def on_died(uow: Uow, fact: registry.Died) -> None:
    """The pension ends with the month of death; what was drawn for later months is claimed back. The account bears
    nothing after it."""
    interest.renew(uow, fact.person_id, fact.died.year, RESIDENTS)
    award = _found(uow, fact.person_id)
    if award is None:
        return
    award.state = "ended"
    payout.stop(
        uow,
        person_id=fact.person_id,
        fund=FUND,
        what=ITEM,
        since=Month.of(fact.died) + 1,
        reason=DEATH,
        document=fact.document,
        claims=True,
    )


def on_lives(uow: Uow, fact: registry.Lives) -> None:
    """As if nothing had happened: what the heirs were granted is taken back, and the pension goes on."""
    inheriting.undo(uow, fact.person_id, fact.because)
    _pay_on(uow, fact)
    interest.renew(uow, fact.person_id, fact.died.year, RESIDENTS)


def _pay_on(uow: Uow, fact: registry.Lives) -> None:
    award = _found(uow, fact.person_id)
    if award is None or award.state != "ended":
        return
    undone = payout.undo(
        uow,
        person_id=fact.person_id,
        fund=FUND,
        what=ITEM,
        reason=DEATH,
        document=fact.document,
        because=fact.because,
    )
    for booked in undone.due_again:
        years.draw_again(uow, award, booked, RESIDENTS)
    if undone.to_account_fen:
        years.pay_debt(uow, fact.person_id, ZERO - Money(undone.to_account_fen), RESIDENTS)
    held = payout.standing(uow, fact.person_id, ITEM)
    award.state, award.decided_at = "suspended" if held else "active", uow.now
    uow.session.flush()


def on_withdrawn(uow: Uow, fact: payout.Withdrawn) -> None:
    """Months that were not due give the account's part back to the year in which they were booked."""
    if (fact.fund, fact.item) != (FUND, ITEM):
        return
    award = _found(uow, fact.person_id)
    if award is not None:
        year = fact.booked[0].year
        due = payout.still_due(uow, fact.person_id, ITEM, year)
        years.give_back(uow, award, fact.booked, due=due, books=RESIDENTS)
        interest.renew(uow, fact.person_id, year, RESIDENTS)
