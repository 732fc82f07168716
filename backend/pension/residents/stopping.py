"""Stopping 暂停、恢复 of a resident's pension, and its end by death; what a death taken back brings again."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.items import Guide, item
from backend.kernel.period import Month
from backend.payout import service as payout
from backend.pension import interest, stopping, years
from backend.pension.residents import inheriting
from backend.pension.residents.books import FUND, ITEM, RESIDENTS
from backend.pension.residents.model import ResidentAward
from backend.pension.residents.schema import STATES
from backend.pension.schema import Resume, Resumed, Suspend, Suspended
from backend.pension.stopping import NothingAwarded
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
    return stopping.halt(uow, award, person.name, STATES, cmd, RESIDENTS)


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
    since = stopping.lift(uow, award, person.name, STATES, cmd, RESIDENTS)
    _go_on(uow, award)
    return Resumed(name=person.name, since=str(since))


def _go_on(uow: Uow, award: ResidentAward) -> None:
    """It runs unless something still stands against it; the next run looks for it, as for one newly decided."""
    held = payout.standing(uow, award.person_id, ITEM)
    award.state, award.decided_at = "suspended" if held else "active", uow.now
    uow.session.flush()


def _award(uow: Uow, person_id: int, name: str) -> ResidentAward:
    award = _found(uow, person_id)
    if award is None:
        raise NothingAwarded(name=name)
    return award


def _found(uow: Uow, person_id: int) -> ResidentAward | None:
    return uow.session.scalar(
        select(ResidentAward).where(ResidentAward.person_id == person_id).with_for_update()
    )


def on_died(uow: Uow, fact: registry.Died) -> None:
    """The pension ends with the month of death; what was drawn for later months is claimed back. The account bears
    nothing after it."""
    interest.renew(uow, fact.person_id, fact.died.year, RESIDENTS)
    award = _found(uow, fact.person_id)
    if award is None:
        return
    stopping.end(uow, award, fact, RESIDENTS)


def on_lives(uow: Uow, fact: registry.Lives) -> None:
    """As if nothing had happened: what the heirs were granted is taken back, and the pension goes on."""
    inheriting.undo(uow, fact.person_id, fact.because)
    _pay_on(uow, fact)
    interest.renew(uow, fact.person_id, fact.died.year, RESIDENTS)


def _pay_on(uow: Uow, fact: registry.Lives) -> None:
    award = _found(uow, fact.person_id)
    if award is None or award.state != "ended":
        return

    def again(months: Sequence[tuple[Month, int]]) -> None:
        years.draw_again(uow, award.person_id, award.account, [month for month, _ in months], RESIDENTS)

    stopping.undo(
        uow,
        award,
        again,
        reason=stopping.DEATH,
        document=fact.document,
        because=fact.because,
        books=RESIDENTS,
    )
    _go_on(uow, award)


def on_withdrawn(uow: Uow, fact: payout.Withdrawn) -> None:
    """Months that were not due give the account's part back to the year in which they were booked."""
    if (fact.fund, fact.item) != (FUND, ITEM):
        return
    award = _found(uow, fact.person_id)
    if award is not None:
        year = fact.booked[0].year
        due = payout.still_due(uow, fact.person_id, ITEM, year)
        years.give_back(uow, award, award.account, fact.booked, due=due, books=RESIDENTS)
        interest.renew(uow, fact.person_id, year, RESIDENTS)
