"""Who insures themselves 灵活就业: which insurances from which month to which; the service items stand in levy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import Select, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from backend.kernel.db import Uow
from backend.kernel.period import Month
from backend.registry.insuring import PENSION, Enrolled
from backend.registry.model import Employer, Enrolment, Job, Person


def boss_of(uow: Uow, who: Person) -> Employer | None:
    """One of those who employ the person now."""
    return uow.session.scalar(
        select(Employer)
        .join(Job, Job.employer_id == Employer.id)
        .where(Job.person_id == who.id, Job.ended.is_(None))
        .order_by(Job.started.desc())
        .limit(1)
    )


def workers(employer_id: int) -> Select[int]:
    """Selects who works there now."""
    return select(Job.person_id).where(Job.employer_id == employer_id, Job.ended.is_(None))


def last_held(uow: Uow, who: Person) -> dict[str, Enrolment]:
    """The newest enrolment of a person in each insurance."""
    rows = uow.session.scalars(
        select(Enrolment)
        .where(Enrolment.person_id == who.id)
        .order_by(Enrolment.insurance, Enrolment.started.desc())
        .ext(distinct_on(Enrolment.insurance))
    )
    return {row.insurance: row for row in rows}


def going(uow: Uow, who: Person) -> Sequence[Enrolment]:
    """What the person insures themselves in without an end."""
    return uow.session.scalars(
        select(Enrolment)
        .where(Enrolment.person_id == who.id, Enrolment.employer_id.is_(None), Enrolment.ended.is_(None))
        .order_by(Enrolment.insurance)
    ).all()


def begin(uow: Uow, who: Person, insurances: Iterable[str], since: Month) -> None:
    """From a month on the person insures themselves."""
    for insurance in insurances:
        uow.session.add(
            Enrolment(
                person_id=who.id,
                insurance=insurance,
                category="flexible",
                employer_id=None,
                started=since,
                ended=None,
            )
        )
        if insurance == PENSION:
            uow.emit(Enrolled(who.id, who.sex, since))
    uow.session.flush()


def cut(uow: Uow, who: Person, since: Month, reason: str) -> int:
    """From a month on the person never insured themselves; how many enrolments that ends or takes away."""
    rows = uow.session.scalars(
        select(Enrolment).where(
            Enrolment.person_id == who.id,
            Enrolment.employer_id.is_(None),
            or_(Enrolment.ended.is_(None), Enrolment.ended >= since),
        )
    ).all()
    stop(uow, rows, since - 1, reason)
    return len(rows)


def employed(uow: Uow, who: Person) -> Sequence[tuple[date, date | None]]:
    """From and to which day the person worked for anybody; no last day where they still do."""
    return [
        (started, ended)
        for started, ended in uow.session.execute(
            select(Job.started, Job.ended).where(Job.person_id == who.id).order_by(Job.started)
        )
    ]


def stop(uow: Uow, rows: Iterable[Enrolment], until: Month, reason: str) -> None:
    """A month is the last one; what was to begin after it never was."""
    for row in rows:
        if row.started > until:
            uow.session.delete(row)
        else:
            row.ended, row.leave_reason = until, reason
    uow.session.flush()
