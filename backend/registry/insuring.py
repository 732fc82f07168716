"""Insuring 单位参保: in which insurances an employer takes part, and what follows for who works there.

The service items stand in levy (`employers/`), which knows what is billed and owed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, type_coerce

from backend.kernel.db import MonthType, Uow
from backend.kernel.errors import Refusal
from backend.kernel.period import Month
from backend.registry.model import (
    Employer,
    EmployerChange,
    Enrolment,
    FormerClass,
    Job,
    Participation,
    Person,
)

PENSION, UNEMPLOYMENT, MEDICAL, INJURY = "110", "210", "310", "410"
TOGETHER = (
    PENSION,
    UNEMPLOYMENT,
    MEDICAL,
    INJURY,
)  # 五险统一征缴; 生育 is levied with 310 (国办发〔2019〕10号)


class ClassChangedThen(Refusal):
    """已经登记过从 {since} 起的工伤保险行业类别，新的类别不能从更早的月份起；请核对月份。"""


@dataclass(frozen=True)
class Enrolled:
    """Fact: a person is in the pension insurance from this month."""

    person_id: int
    sex: str
    started: Month


@dataclass(frozen=True)
class EmployerClosed:
    """Fact: an employer's registration is cancelled."""

    employer_id: int


def participations(uow: Uow, employer_id: int) -> Sequence[Participation]:
    """In which insurances, from when to when; the oldest first."""
    return uow.session.scalars(
        select(Participation)
        .where(Participation.employer_id == employer_id)
        .order_by(Participation.insurance, Participation.since)
    ).all()


def insure(uow: Uow, boss: Employer, insurances: Iterable[str], since: Month, pay_area: str) -> None:
    """Register an employer: from this month on it takes part in these insurances."""
    boss.insured_on, boss.pay_area = uow.today, pay_area
    uow.session.add_all(
        Participation(employer_id=boss.id, insurance=insurance, since=since, until=None)
        for insurance in insurances
    )
    uow.session.flush()


def begin(uow: Uow, boss: Employer, insurance: str, since: Month) -> int:
    """The employer takes part in one more insurance (or from an earlier month); who works there is enrolled.

    How many persons that concerns.
    """
    mine = [one for one in participations(uow, boss.id) if one.insurance == insurance]
    if mine and mine[-1].until is None:
        mine[-1].since = min(since, mine[-1].since)
    else:
        uow.session.add(Participation(employer_id=boss.id, insurance=insurance, since=since, until=None))
    uow.session.flush()
    people = _employed(uow, boss.id)
    held = _held(uow, [who.id for who, _ in people], insurance)
    return sum(
        _enrol_from(uow, boss.id, insurance, who, max(since, Month.of(job.started)), held.get(who.id, []))
        for who, job in people
    )


def _enrol_from(
    uow: Uow, employer_id: int, insurance: str, who: Person, since: Month, held: Sequence[Enrolment]
) -> bool:
    """From a month on, or from when nobody else insures them any more; whether anything is new."""
    last = held[-1] if held else None
    if last is not None and last.ended is None:
        if last.employer_id != employer_id or last.started <= since:
            return False
        before = held[-2].ended if len(held) > 1 else None
        first = max(since, before + 1) if before else since
        changed, last.started = first < last.started, first
    else:
        first = max(since, last.ended + 1) if last and last.ended else since
        uow.session.add(
            Enrolment(
                person_id=who.id,
                insurance=insurance,
                category="employee",
                employer_id=employer_id,
                started=first,
                ended=None,
            )
        )
        changed = True
    uow.session.flush()
    if insurance == PENSION:
        uow.emit(Enrolled(who.id, who.sex, first))
    return changed


def _employed(uow: Uow, employer_id: int) -> Sequence[tuple[Person, Job]]:
    """Who works there now, and since when; locked in one order."""
    rows = uow.session.execute(
        select(Person, Job)
        .join(Job, Job.person_id == Person.id)
        .where(Job.employer_id == employer_id, Job.ended.is_(None))
        .order_by(Person.id)
        .with_for_update(of=Person)
    )
    return [(who, job) for who, job in rows]


def _held(uow: Uow, persons: Sequence[int], insurance: str) -> dict[int, list[Enrolment]]:
    """Everything that each of them held and holds in an insurance, the oldest first."""
    rows = uow.session.scalars(
        select(Enrolment)
        .where(Enrolment.person_id.in_(persons), Enrolment.insurance == insurance)
        .order_by(Enrolment.started)
    )
    held: dict[int, list[Enrolment]] = {}
    for row in rows:
        held.setdefault(row.person_id, []).append(row)
    return held


def cease(uow: Uow, boss: Employer, insurance: str, since: Month) -> int:
    """From this month on the employer takes no part in an insurance; who is enrolled there is not any more."""
    for one in participations(uow, boss.id):
        if one.insurance == insurance and one.until is None:
            one.until = since - 1
    rows = uow.session.scalars(
        select(Enrolment).where(
            Enrolment.employer_id == boss.id, Enrolment.insurance == insurance, Enrolment.ended.is_(None)
        )
    ).all()
    for row in rows:
        if row.started >= since:
            uow.session.delete(row)
        else:
            row.ended = since - 1
    uow.session.flush()
    return len(rows)


def reclassify(uow: Uow, boss: Employer, injury_class: int, since: Month) -> None:
    """Another injury class from this month on; the months before keep theirs."""
    last = uow.session.scalar(
        select(FormerClass)
        .where(FormerClass.employer_id == boss.id)
        .order_by(FormerClass.until.desc())
        .limit(1)
    )
    if last is not None and last.until >= since:
        raise ClassChangedThen(since=last.until + 1)
    if last is None or last.until < since - 1:
        uow.session.add(
            FormerClass(
                employer_id=boss.id,
                since=last.until + 1 if last else None,
                until=since - 1,
                injury_class=boss.injury_class,
            )
        )
    boss.injury_class = injury_class
    uow.session.flush()


def close(uow: Uow, boss: Employer) -> None:
    """Cancel the registration; nobody works there any more."""
    boss.cancelled_on = uow.today
    now = Month.of(uow.today)
    for one in participations(uow, boss.id):
        if one.until is None:
            one.until = max(one.since, now)
    uow.session.flush()
    uow.emit(EmployerClosed(boss.id))


def insured_now(uow: Uow, employer_id: int) -> int:
    """How many people the employer insures without an end."""
    rows = select(Enrolment.person_id).where(Enrolment.employer_id == employer_id, Enrolment.ended.is_(None))
    jobs = select(Job.person_id).where(Job.employer_id == employer_id, Job.ended.is_(None))
    return len(uow.session.scalars(rows.union(jobs)).all())


def insured_until(uow: Uow, employer_id: int) -> Month | None:
    """The last month in which the employer insured anybody, of those that have ended."""
    return uow.session.scalar(
        select(type_coerce(func.max(Enrolment.ended), MonthType())).where(
            Enrolment.employer_id == employer_id
        )
    )


def changed(
    uow: Uow,
    boss: Employer,
    kind: str,
    what: str,
    before: str | None,
    after: str | None,
    *,
    month: Month | None = None,
    reason: str | None = None,
) -> None:
    """Note what changed in an employer's registration."""
    uow.session.add(
        EmployerChange(
            employer_id=boss.id,
            kind=kind,
            what=what,
            before=before,
            after=after,
            month=month,
            reason=reason or None,
            maker=uow.actor.name or uow.actor.id,
            changed_on=uow.today,
        )
    )


def changes(uow: Uow, employer_id: int, most: int) -> Sequence[EmployerChange]:
    """The newest first."""
    return uow.session.scalars(
        select(EmployerChange)
        .where(EmployerChange.employer_id == employer_id)
        .order_by(EmployerChange.id.desc())
        .limit(most)
    ).all()
