"""When can I retire 退休时间查询 (PEN-Q11): the dates, what was chosen, and by which day the rest must be said; and what
an employer is asked to agree to (PEN-Q12)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select

from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow
from backend.kernel.items import question
from backend.kernel.params import Lookup
from backend.kernel.period import Month
from backend.pension.careers import special
from backend.pension.careers.choosing import Dates, dates, other_rule, standing
from backend.pension.careers.chosen import (
    AskRequests,
    AskRetiring,
    OtherView,
    Requests,
    RequestView,
    Retiring,
    TrackView,
)
from backend.pension.careers.flexible import view
from backend.pension.careers.model import Choice, TrackChange
from backend.pension.careers.summing import career
from backend.pension.model import Account
from backend.pension.statement import account_of
from backend.registry import service as registry


@question("PEN-Q11", "退休时间查询", may=Permission.PENSION_READ, by=(Kind.CITIZEN,))
def retiring(uow: Uow, ask: AskRetiring) -> Retiring:
    person = registry.person(uow, ask.ident)
    account = account_of(uow, person.id, person.name)
    when, chosen = dates(person.sex, account.track, person.birth), standing(uow, person.id)
    look = Lookup(uow.today)
    tell_by, agree_by = _deadlines(when, uow.today)
    return Retiring(
        name=person.name,
        track=account.track,
        tracks=_tracks(uow, person.id),
        retirement_age=when.age,
        legal=when.legal,
        earliest=when.earliest,
        latest=when.latest,
        months=career(uow, person.id, Month.of(uow.today)).months,
        minimum_months=when.minimum_months,
        tell_by=tell_by,
        agree_by=agree_by,
        choice=view(person, when, chosen) if chosen else None,
        special=special.standing(uow, person, look),
        other=_other(uow, person.id),
        warnings=look.warnings(),
    )


def _deadlines(when: Dates, today: date) -> tuple[date | None, date | None]:
    """By when the earliest month must be told, and a late one agreed; nothing where it cannot be or is too late."""
    tell_by = when.tell_by(Month.of(when.earliest)) if when.earliest < when.legal else None
    agree_by = when.agree_by if when.latest > when.legal else None
    return _still(tell_by, today), _still(agree_by, today)


def _still(day: date | None, today: date) -> date | None:
    return day if day is not None and day >= today else None


def _tracks(uow: Uow, person_id: int) -> tuple[TrackView, ...]:
    rows = uow.session.scalars(
        select(TrackChange).where(TrackChange.person_id == person_id).order_by(TrackChange.id)
    )
    return tuple(
        TrackView(
            before=row.before,
            after=row.after,
            post=row.post,
            evidence=row.evidence,
            document=row.document,
            decided_on=row.decided_on,
        )
        for row in rows
    )


def _other(uow: Uow, person_id: int) -> OtherView | None:
    row = other_rule(uow, person_id)
    if row is None:
        return None
    return OtherView(
        no=row.id,
        earliest=str(row.earliest),
        latest=str(row.latest),
        rule=row.rule,
        evidence=row.evidence,
        decided_on=row.decided_on,
    )


@question("PEN-Q12", "职工的延迟退休申请", may=Permission.PENSION_READ, by=(Kind.EMPLOYER,))
def requests(uow: Uow, ask: AskRequests) -> Requests:
    """What an employer has to say yes to: its workers' choices that differ from what is agreed."""
    boss = registry.employer(uow, ask.uscc)
    theirs = or_(
        Choice.person_id.in_(registry.flexible.workers(boss.id)),
        Choice.employer_id == boss.id,
    )
    rows = uow.session.execute(
        select(Choice, Account.track)
        .join(Account, Account.person_id == Choice.person_id)
        .where(
            theirs,
            Choice.kind == "late",
            Choice.withdrawn_on.is_(None),
            Choice.asked.is_distinct_from(Choice.agreed),
        )
        .order_by(Choice.asked_on, Choice.id)
    ).all()
    people = registry.persons(uow, {row.person_id for row, _ in rows})
    waiting = [(row, track, people[row.person_id]) for row, track in rows if row.person_id in people]
    return Requests(
        requests=tuple(
            RequestView(
                name=who.name,
                ident=who.ident,
                month=str(row.asked),
                asked_on=row.asked_on,
                agreed=str(row.agreed) if row.agreed else None,
                deadline=None if row.agreed else dates(who.sex, track, who.birth).agree_by,
            )
            for row, track, who in waiting
            if who.retired is None
        )
    )
