"""What an auditor is given of the registry: whole tables as selects, read row by row by who exports them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, Subquery, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from backend.registry.model import BankAccount, Employer, Enrolment, Job, Person

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
    """Every employer that has or had somebody in the insurance: since when, and whether it has now."""
    return (
        select(
            *EMPLOYER,
            Employer.industry,
            Employer.phone,
            Employer.address,
            func.min(Enrolment.started).label("first"),
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
