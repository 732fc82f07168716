"""Ending 参保终止: retirement and death end what a person is enrolled in and where they work; a death taken back
restores it. Months that were billed already stay until they are assessed anew (LEV-16)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select

from backend.kernel.db import Uow
from backend.kernel.period import Month
from backend.registry.insuring import participations
from backend.registry.model import Death, Employer, EndedEnrolment, Enrolment, Job, Person

DEATH, RETIREMENT, CONTRACT_ENDED = "6401", "6501", "6301"  # codes of leave_reason


@dataclass(frozen=True)
class Retired:
    """Fact: a person's pension is decided; they retired in this month, and are paid from the next."""

    person_id: int
    retired: Month


@dataclass(frozen=True)
class Died:
    """Fact: a person died on this day, by this document."""

    person_id: int
    died: date
    document: str


@dataclass(frozen=True)
class Lives:
    """Fact: a person whose death on `died` was registered by `document` had not died, as `because` proves."""

    person_id: int
    died: date
    document: str
    because: str


def on_retired(uow: Uow, fact: Retired) -> None:
    """The month of retirement is insured still. Work that began after it is no employment that retiring could end."""
    uow.session.get_one(Person, fact.person_id).retired = fact.retired
    last = min(fact.retired.last, uow.today)
    for job in _open_jobs(uow, fact.person_id):
        if job.started <= last:
            job.ended, job.leave_reason, job.leave_reported = last, RETIREMENT, uow.today
    for one in _beyond(uow, fact.person_id, fact.retired):
        _end(uow, one, fact.retired, RETIREMENT)
    uow.session.flush()


def on_died(uow: Uow, fact: Died) -> None:
    """The month of death is insured still; how everything stood before is kept."""
    _end_at_death(uow, fact.person_id)


def end_if_dead(uow: Uow, who: Person) -> None:
    """What is reported late, of days before a death."""
    if who.died is not None:
        _end_at_death(uow, who.id)


def _end_at_death(uow: Uow, person_id: int) -> None:
    death = uow.session.scalars(
        select(Death).where(Death.person_id == person_id, Death.withdrawn_at.is_(None))
    ).one()
    for job in _open_jobs(uow, death.person_id):
        job.ended = max(job.started, death.died)
        job.leave_reason, job.leave_reported, job.death_id = DEATH, uow.today, death.id
    month = Month.of(death.died)
    for one in _beyond(uow, death.person_id, month):
        uow.session.add(
            EndedEnrolment(
                death_id=death.id,
                insurance=one.insurance,
                started=one.started,
                ended=one.ended,
                category=one.category,
                employer_id=one.employer_id,
            )
        )
        _end(uow, one, month, DEATH)
    uow.session.flush()


def _open_jobs(uow: Uow, person_id: int) -> Sequence[Job]:
    return uow.session.scalars(select(Job).where(Job.person_id == person_id, Job.ended.is_(None))).all()


def _beyond(uow: Uow, person_id: int, month: Month) -> Sequence[Enrolment]:
    """What a person is enrolled in after a month."""
    return uow.session.scalars(
        select(Enrolment)
        .where(Enrolment.person_id == person_id, or_(Enrolment.ended.is_(None), Enrolment.ended > month))
        .order_by(Enrolment.insurance, Enrolment.started)
    ).all()


def _end(uow: Uow, one: Enrolment, month: Month, reason: str) -> None:
    if one.started > month:
        uow.session.delete(one)
        return
    one.ended = month
    if one.employer_id is None:
        one.leave_reason = reason


def on_lives(uow: Uow, fact: Lives) -> None:
    """As if nothing had happened: what went on goes on, unless the employer or a retirement has ended it since."""
    death = uow.session.scalars(
        select(Death)
        .where(Death.person_id == fact.person_id, Death.withdrawn_at.is_not(None))
        .order_by(Death.id.desc())
        .limit(1)
    ).one()
    for job in uow.session.scalars(select(Job).where(Job.death_id == death.id)):
        _go_on(uow, job)
    kept = uow.session.scalars(
        select(EndedEnrolment)
        .where(EndedEnrolment.death_id == death.id)
        .order_by(EndedEnrolment.insurance, EndedEnrolment.started.desc())
    ).all()
    retired = uow.session.get_one(Person, fact.person_id).retired
    later: EndedEnrolment | None = None
    for one in kept:  # the last one first: none may run into what follows it
        next_one = later.started - 1 if later and later.insurance == one.insurance else None
        _put_back(uow, fact.person_id, one, _earliest(one.ended, _part_until(uow, one), retired, next_one))
        later = one
    uow.session.flush()


def _go_on(uow: Uow, job: Job) -> None:
    """An employer that has closed meanwhile ended it on that day."""
    closed: date | None = uow.session.get_one(Employer, job.employer_id).cancelled_on
    job.ended = max(job.started, closed) if closed else None
    job.leave_reason = CONTRACT_ENDED if closed else None
    job.leave_reported = closed
    job.death_id = None


def _part_until(uow: Uow, one: EndedEnrolment) -> Month | None:
    """Until when the employer takes part in the insurance, where that has an end."""
    if one.employer_id is None:
        return None
    ends = [
        part.until
        for part in participations(uow, one.employer_id)
        if part.insurance == one.insurance and part.since <= one.started
    ]
    return ends[-1] if ends else None


def _earliest(*months: Month | None) -> Month | None:
    return min((month for month in months if month is not None), default=None)


def _put_back(uow: Uow, person_id: int, kept: EndedEnrolment, ended: Month | None) -> None:
    row = uow.session.scalar(
        select(Enrolment).where(
            Enrolment.person_id == person_id,
            Enrolment.insurance == kept.insurance,
            Enrolment.started == kept.started,
        )
    )
    if ended is not None and ended < kept.started:
        return
    if row is None:
        row = Enrolment(
            person_id=person_id, insurance=kept.insurance, category=kept.category, started=kept.started
        )
        uow.session.add(row)
    row.employer_id, row.ended, row.leave_reason = kept.employer_id, ended, None
    uow.session.flush()
