"""What an auditor is given of the residents' pension: whole tables as selects, read row by row by who exports them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, false, func, null, select

from backend.pension.model import Account
from backend.pension.residents.model import ResidentAccount, ResidentAward, ResidentPayment, ResidentYear
from backend.pension.residents.paid import LIVING
from backend.registry.service import Person
from backend.registry.service import auditing as registry

INSURANCE = "170"


def insured() -> Select[*tuple[Any, ...]]:
    """Everybody with a resident's account who has none in the employees' scheme, which tells of them itself."""
    contacts, began = registry.contacts(), registry.began_work()
    return (
        select(
            *registry.PERSON,
            *(contacts.c[name] for name in ("phone", "address", "bank", "number", "holder")),
            began.c.began,
            null().label("deemed_months"),
            null().label("retired"),
            false().label("working"),
        )
        .select_from(ResidentAccount)
        .join(Person, Person.id == ResidentAccount.person_id)
        .join(contacts, contacts.c.person_id == ResidentAccount.person_id)
        .outerjoin(began, began.c.person_id == ResidentAccount.person_id)
        .outerjoin(Account, Account.person_id == ResidentAccount.person_id)
        .where(Account.person_id.is_(None))
        .order_by(ResidentAccount.person_id)
    )


def account_years(year: int | None) -> Select[*tuple[Any, ...]]:
    """Every account's year (the years), with the months paid in all years before it."""
    before = func.sum(ResidentYear.months).over(
        partition_by=ResidentYear.person_id, order_by=ResidentYear.year, rows=(None, -1)
    )
    of = select(ResidentYear, func.coalesce(before, 0).label("months_before"))
    if year is not None:
        of = of.where(ResidentYear.year <= year)
    rows = of.subquery("rows")
    query = (
        select(
            *registry.PERSON,
            rows,
            ResidentAccount.status,
            false().label("retired"),
            false().label("working"),
        )
        .select_from(rows)
        .join(ResidentAccount, ResidentAccount.person_id == rows.c.person_id)
        .join(Person, Person.id == ResidentAccount.person_id)
        .order_by(rows.c.person_id, rows.c.year)
    )
    return query if year is None else query.where(rows.c.year == year)


def payments(year: int | None) -> Select[*tuple[Any, ...]]:
    """Every year that a person has paid (those for the year), without what was reversed."""
    query = (
        select(
            *registry.PERSON,
            ResidentPayment.year,
            ResidentPayment.amount,
            ResidentPayment.subsidy,
            ResidentPayment.channel,
            ResidentPayment.received_on,
        )
        .select_from(ResidentPayment)
        .join(Person, Person.id == ResidentPayment.person_id)
        .where(LIVING, ResidentPayment.kind == "own")
        .order_by(ResidentPayment.id)
    )
    return query if year is None else query.where(ResidentPayment.year == year)


def first_months() -> Select[*tuple[Any, ...]]:
    """From which month on each person in payment is paid."""
    return select(ResidentAward.person_id, ResidentAward.first_month).where(ResidentAward.state == "active")
