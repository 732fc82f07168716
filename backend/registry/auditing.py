"""What an auditor is given of the registry: whole tables as selects, read row by row by who exports them."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Select,
    SQLColumnExpression,
    Subquery,
    func,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import distinct_on

from backend.kernel import params
from backend.kernel.period import Month
from backend.registry.model import (
    BankAccount,
    Employer,
    EmployerChange,
    Enrolment,
    Job,
    Participation,
    Person,
)
from backend.registry.rules import first_month, last_month

PERSON = (
    Person.id.label("person_id"),
    Person.ident,
    Person.name,
    Person.sex,
    Person.nation,
    Person.birth,
    Person.died,
)
EMPLOYER = (Employer.id.label("employer_id"), Employer.name.label("employer_name"), Employer.uscc)


def insured_employers(insurance: str) -> Select[*tuple[Any, ...]]:
    """Every employer that has or had somebody in the insurance: since when it takes part, and whether it has now."""
    since = select(func.min(Participation.since)).where(
        Participation.employer_id == Employer.id, Participation.insurance == insurance
    )
    return (
        select(
            *EMPLOYER,
            Employer.industry,
            Employer.phone,
            Employer.address,
            Employer.cancelled_on,
            since.scalar_subquery().label("first"),
            func.bool_or(Enrolment.ended.is_(None)).label("paying"),
        )
        .join(Enrolment, Enrolment.employer_id == Employer.id)
        .where(Enrolment.insurance == insurance)
        .group_by(Employer.id)
        .order_by(Employer.id)
    )


def began_work() -> Subquery:
    """The day on which each person's first job that we know of began (`began`)."""
    first = func.min(Job.started).label("began")
    return select(Job.person_id, first).group_by(Job.person_id).subquery("began_work")


def enrolled(person: SQLColumnExpression[int], insurance: str) -> ColumnElement[bool]:
    """Whether the person of a row is in the insurance now."""
    now = select(Enrolment.id).where(
        Enrolment.person_id == person, Enrolment.insurance == insurance, Enrolment.ended.is_(None)
    )
    return now.exists()


def enrolments(insurance: str) -> Select[*tuple[Any, ...]]:
    """Every enrolment, with the person and, where there is one, the employer."""
    return (
        select(
            Enrolment.id.label("enrolment_id"),
            *PERSON,
            *EMPLOYER,
            Enrolment.category,
            Enrolment.started,
            Enrolment.ended,
        )
        .select_from(Enrolment)
        .join(Person, Person.id == Enrolment.person_id)
        .outerjoin(Employer, Employer.id == Enrolment.employer_id)
        .where(Enrolment.insurance == insurance)
        .order_by(Enrolment.person_id, Enrolment.started)
    )


def last_employers(insurance: str) -> Subquery:
    """The employer by whom each person was enrolled last."""
    return (
        select(Enrolment.person_id, *EMPLOYER)
        .join(Employer, Employer.id == Enrolment.employer_id)
        .where(Enrolment.insurance == insurance)
        .order_by(Enrolment.person_id, Enrolment.started.desc())
        .ext(distinct_on(Enrolment.person_id))
        .subquery("last_employers")
    )


def contacts() -> Subquery:
    """How each person is reached, and where benefits go that go to a bank."""
    return (
        select(
            Person.id.label("person_id"),
            Person.phone,
            Person.address,
            BankAccount.bank,
            BankAccount.number,
            BankAccount.holder,
        )
        .outerjoin(BankAccount, BankAccount.person_id == Person.id)
        .subquery("contacts")
    )


def last_job(
    person: SQLColumnExpression[int],
    employer: SQLColumnExpression[int | None],
    month: SQLColumnExpression[Month],
) -> FromClause:
    """The newest job of a row's person at the row's employer that had begun by the row's month, with its reasons."""
    after = type_coerce(month, Date()) + func.make_interval(0, 1)
    return (
        select(Job.started.label("hired"), Job.hire_reason, Job.ended.label("left"), Job.leave_reason)
        .where(Job.person_id == person, Job.employer_id == employer, Job.started < after)
        .order_by(Job.started.desc())
        .limit(1)
        .lateral("last_job")
    )


@cache
def hired_from(hired: date, area: str) -> Month:
    """From which month on a hire counts."""
    return first_month(hired, int(params.value("levy.months.hired_until_day", hired, area)))


@cache
def left_until(left: date, area: str) -> Month:
    """Up to which month somebody who left counts."""
    return last_month(left, int(params.value("levy.months.left_from_day", left, area)))


def employer_changes(insurance: str) -> Select[*tuple[Any, ...]]:
    """What changed of employers that take or took part in the insurance; whether they were `registered` here, in this
    insurance or another, or loaded."""
    part = select(Participation.id).where(
        Participation.employer_id == EmployerChange.employer_id, Participation.insurance == insurance
    )
    registered = func.bool_or(EmployerChange.kind == "01").over(partition_by=EmployerChange.employer_id)
    return select(EmployerChange, registered.label("registered")).where(part.exists())
