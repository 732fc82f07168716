"""Lapsing 认证到期: whose proof of life is good no more is reminded; who gives none in time is paid no more until they do.

Everything is worked out for everybody at once; the list (PEN-Q21) is what a run (PEN-26) would do now.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Date, Select, case, cast, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from backend.kernel.actor import Permission
from backend.kernel.db import Uow, in_bulk, one_by_one, see_everybody
from backend.kernel.items import Guide, item, question
from backend.kernel.params import Lookup
from backend.kernel.period import Month
from backend.kernel.pooling import require_reach
from backend.kernel.settings import settings
from backend.payout import service as payout
from backend.pension.benefits import FUND
from backend.pension.benefits import ITEM as PENSION
from backend.pension.living.keeping import LOOKING, Proved, Terms, terms
from backend.pension.living.model import Proof, Reminder
from backend.pension.living.proved import AskLapses, Lapses, LapsesRun, LapseView, RunLapses
from backend.pension.living.receiving import ALLOWANCE, receiving
from backend.pension.model import Award
from backend.pension.stopping import UNPROVED, go_on, suspend_all
from backend.registry import service as registry

GRACE = "pension.proof.grace_days"
MOST = 1000
DOCUMENT = "资格认证到期 {day}"


@item(
    "PEN-26",
    "资格认证到期提醒和暂停",
    may=Permission.PENSION_DECIDE,
    review=1,
    guide=Guide(
        what="提醒认证到期的人；提醒以后过了宽限期还没有认证的，从下个月起暂停发放。以后认证了，自动恢复，停发的月份补发。",
        who="经办机构",
        law="社会保险经办条例 第二十六条；人社厅发〔2018〕107号",
    ),
)
def run(uow: Uow, cmd: RunLapses) -> LapsesRun:
    """Nobody is stopped who was not told first: who is told now has the whole grace."""
    require_reach(uow)
    see_everybody(uow)
    uow.session.execute(LOOKING)
    in_bulk(uow)
    known, following = terms(uow), Month.of(uow.today) + 1
    look = Lookup(uow.today, settings().area)
    grace = uow.today + timedelta(days=look.value(GRACE))
    waiting = _counted(uow, known).get("reminded", 0)
    suspended, reminded = _suspend(uow, known, following), _remind(uow, known, grace)
    return LapsesRun(
        reminded=reminded,
        grace_until=grace,
        suspended=suspended,
        suspended_from=str(following),
        waiting=waiting + reminded,
        warnings=known.warnings + look.warnings(),
    )


def _suspend(uow: Uow, known: Terms, since: Month) -> int:
    """By the stop that any officer makes by hand, for all of them at once."""
    rows = _lapses(uow, known).subquery("lapses")
    due = uow.session.execute(select(rows).where(rows.c.state == "overdue")).all()
    one_by_one(uow)
    document = DOCUMENT.format(day=uow.today)
    for what in (PENSION, ALLOWANCE):
        people = [one.person_id for one in due if one.item == what]
        payout.stop_all(uow, people, fund=FUND, what=what, since=since, reason=UNPROVED, document=document)
        if what == PENSION:
            suspend_all(uow, people)
    told = literal([one.reminder for one in due], ARRAY(BigInteger))
    uow.session.execute(update(Reminder).where(Reminder.id == func.any(told)).values(suspended_from=since))
    return len({one.person_id for one in due})


def on_proved(uow: Uow, fact: Proved) -> None:
    """A pension that was stopped for want of a proof is paid, with all its months. Where some of them were drawn and are
    claimed back, an officer resumes it (PEN-22)."""
    held = payout.standing(uow, fact.person_id, PENSION, UNPROVED)
    award = uow.session.scalar(
        select(Award).where(Award.person_id == fact.person_id, Award.state == "suspended").with_for_update()
    )
    if award and held and not payout.claimed_from(uow, fact.person_id, PENSION, held.since):
        payout.lift(uow, person_id=award.person_id, what=PENSION, since=held.since, reason=UNPROVED)
        go_on(uow, award)


def _remind(uow: Uow, known: Terms, grace: date) -> int:
    in_bulk(uow)
    rows = _lapsed(uow, known).subquery()
    fresh = select(rows.c.person_id, rows.c.until, literal(uow.today), literal(grace)).distinct()
    names = ["person_id", "lapsed", "told_on", "grace_until"]
    made = insert(Reminder).from_select(names, fresh).on_conflict_do_nothing().returning(Reminder.person_id)
    return len(set(uow.session.scalars(made)))


def _lapsed(uow: Uow, known: Terms) -> Select[*tuple[Any, ...]]:
    """Who is to be paid next month and has no proof that is good: person_id, item, until (when the last one was)."""
    following = Month.of(uow.today) + 1
    rows = receiving(following).subquery("rows")
    mine = Proof.person_id == rows.c.person_id
    newest = select(func.max(Proof.day)).where(mine).scalar_subquery()
    good = select(Proof.day).where(mine, Proof.day >= known.earliest).exists()
    asked = func.greatest(newest, rows.c.decided_on)
    until = cast(asked + func.make_interval(0, known.window_months), Date)
    return select(rows.c.person_id, rows.c.item, until.label("until")).where(
        rows.c.decided_on < known.earliest,
        ~good,
        registry.alive(rows.c.person_id, payout.month_of(following)),
        ~payout.stopped(rows.c.person_id, payout.month_of(following), rows.c.item),
    )


def _lapses(uow: Uow, known: Terms) -> Select[*tuple[Any, ...]]:
    """The same with their reminder, where there is one, and in which state that is."""
    rows = _lapsed(uow, known).cte("lapsed").prefix_with("materialized")
    mine = (Reminder.person_id == rows.c.person_id) & (Reminder.lapsed == rows.c.until)
    state = case(
        (Reminder.id.is_(None), literal("lapsed")),
        (Reminder.grace_until < uow.today, literal("overdue")),
        else_=literal("reminded"),
    )
    told = Reminder.id.label("reminder"), Reminder.grace_until, state.label("state")
    return select(rows, *told).outerjoin(Reminder, mine)


def _counted(uow: Uow, known: Terms) -> dict[str, int]:
    """How many are in each state."""
    rows = _lapses(uow, known).subquery("lapses")
    people = func.count(rows.c.person_id.distinct())
    counted = uow.session.execute(select(rows.c.state, people).group_by(rows.c.state))
    return {state: n for state, n in counted}  # noqa: C416 - rows, not pairs


def _suspended() -> Select[*tuple[Any, ...]]:
    """Who is paid nothing now because they gave no proof, with their newest reminder."""
    held = payout.held_for(UNPROVED).subquery("held")
    newest = (
        select(
            Reminder.person_id,
            func.max(Reminder.lapsed).label("until"),
            func.max(Reminder.grace_until).label("grace_until"),
        )
        .group_by(Reminder.person_id)
        .subquery("newest")
    )
    told = select(held, newest.c.until, newest.c.grace_until)
    return told.outerjoin(newest, newest.c.person_id == held.c.person_id)


def state_of(uow: Uow, person_id: int, what: str, until: date) -> tuple[str, Reminder | None]:
    """How it stands with a proof that is good until a day, and the reminder of it."""
    told = uow.session.scalar(
        select(Reminder).where(Reminder.person_id == person_id, Reminder.lapsed == until)
    )
    if payout.standing(uow, person_id, what, UNPROVED):
        return "suspended", told
    if until >= uow.today:
        return "good", None
    if told is None:
        return "lapsed", None
    return ("reminded" if told.grace_until >= uow.today else "overdue"), told


@question("PEN-Q21", "资格认证到期清单", may=Permission.PENSION_READ)
def listed(uow: Uow, ask: AskLapses) -> Lapses:
    """Whom a run would remind and suspend now, and whom runs have reminded and suspended."""
    require_reach(uow)
    in_bulk(uow)
    known, held = terms(uow), _suspended()
    counted = _counted(uow, known)
    people = held.subquery("people")
    suspended = uow.session.scalar(select(func.count(people.c.person_id.distinct())))
    rows = _lapses(uow, known).subquery("lapses")
    return Lapses(
        lapsed=counted.get("lapsed", 0),
        reminded=counted.get("reminded", 0),
        overdue=counted.get("overdue", 0),
        suspended=suspended or 0,
        people=_people(
            uow, held if ask.state == "suspended" else select(rows).where(rows.c.state == ask.state)
        ),
        warnings=known.warnings,
    )


def _people(uow: Uow, rows: Select[*tuple[Any, ...]]) -> tuple[LapseView, ...]:
    found = uow.session.execute(rows.order_by("until", "person_id").limit(MOST)).all()
    known = registry.persons(uow, {one.person_id for one in found})
    return tuple(_view(known[one.person_id], one._asdict()) for one in found)


def _view(who: registry.Person, row: Mapping[str, Any]) -> LapseView:
    since = row.get("since")
    return LapseView(
        ident=who.ident,
        name=who.name,
        phone=who.phone,
        address=who.address,
        lapsed=row["until"],
        grace_until=row.get("grace_until"),
        suspended_from=str(since) if since else None,
    )
