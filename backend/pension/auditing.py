"""What an auditor is given of basic pension: whole tables as selects, read row by row by who exports them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Numeric,
    Select,
    SQLColumnExpression,
    case,
    func,
    literal,
    null,
    select,
    true,
    type_coerce,
    union_all,
)

from backend.kernel import params
from backend.kernel.db import MoneyType
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.kernel.settings import settings
from backend.levy.service import auditing as levy
from backend.pension.living.model import Disability
from backend.pension.model import Account, AccountYear, Contribution, Working
from backend.pension.model import Award as AwardRow
from backend.registry.service import Employer, Person
from backend.registry.service import auditing as registry

INSURANCE = "110"
ACCOUNT_RATE = "pension.contribution.account_rate"
# of months that were paid in full before bills were made here
BEFORE = literal("normal").label("kind"), true().label("settled"), true().label("begun")
IN_PAYMENT = (AwardRow.person_id == Account.person_id) & (AwardRow.state == "active")


def insured() -> Select[*tuple[Any, ...]]:
    """Everybody who has an individual account, with the award in force."""
    contacts, began = registry.contacts(), registry.began_work()
    return (
        select(
            *registry.PERSON,
            *(contacts.c[name] for name in ("phone", "address", "bank", "number", "holder")),
            began.c.began,
            Account.deemed_months,
            AwardRow.retired,
            registry.enrolled(Account.person_id, INSURANCE).label("working"),
        )
        .select_from(Account)
        .join(Person, Person.id == Account.person_id)
        .join(contacts, contacts.c.person_id == Account.person_id)
        .outerjoin(began, began.c.person_id == Account.person_id)
        .outerjoin(AwardRow, IN_PAYMENT)
        .order_by(Account.person_id)
    )


def dead(year: int | None) -> Select[*tuple[Any, ...]]:
    """Everybody with an account who has died (in the year), with what the account holds."""
    newest = (
        select(AccountYear.closing)
        .where(AccountYear.person_id == Account.person_id)
        .order_by(AccountYear.year.desc())
        .limit(1)
        .lateral("newest")
    )
    query = (
        select(*registry.PERSON, Account.months_paid, newest.c.closing)
        .select_from(Account)
        .join(Person, Person.id == Account.person_id)
        .outerjoin(newest, true())
        .where(Person.died.is_not(None))
        .order_by(Account.person_id)
    )
    return query if year is None else query.where(func.extract("year", Person.died) == year)


def enrolments() -> Select[*tuple[Any, ...]]:
    """Every enrolment, with the account's first month, the newest base, and whether a pension is paid."""
    of = registry.enrolments(INSURANCE).subquery("enrolments")
    newest = (
        select(Contribution.base)
        .where(Contribution.person_id == of.c.person_id)
        .order_by(Contribution.month.desc())
        .limit(1)
        .lateral("newest")
    )
    return (
        select(of, Account.opened, newest.c.base, AwardRow.id.is_not(None).label("retired"))
        .join(Account, Account.person_id == of.c.person_id)
        .outerjoin(AwardRow, IN_PAYMENT)
        .outerjoin(newest, of.c.ended.is_(None))
        .order_by(of.c.person_id, of.c.started)
    )


def awards() -> Select[*tuple[Any, ...]]:
    """Every award in force, with the facts that it was worked out from."""
    began = registry.began_work()
    return (
        select(
            *registry.PERSON,
            began.c.began,
            AwardRow.decided_on,
            AwardRow.retired,
            AwardRow.first_month,
            AwardRow.pays_from,
            AwardRow.total,
            Account.deemed_months,
            Account.months_paid,
            Working.facts,
        )
        .select_from(AwardRow)
        .join(Person, Person.id == AwardRow.person_id)
        .join(Account, IN_PAYMENT)
        .join(Working, Working.award_id == AwardRow.id)
        .outerjoin(began, began.c.person_id == AwardRow.person_id)
        .order_by(AwardRow.person_id)
    )


def first_months() -> Select[*tuple[Any, ...]]:
    """From which month on each person in payment is paid; of who has no pension, the allowance."""
    pensions = select(AwardRow.person_id, AwardRow.first_month).where(AwardRow.state == "active")
    retired = select(AwardRow.id).where(
        AwardRow.person_id == Disability.person_id, AwardRow.state == "active"
    )
    allowances = (
        select(Disability.person_id, func.min(Disability.first_month))
        .where(~retired.exists())
        .group_by(Disability.person_id)
    )
    both = union_all(pensions, allowances).subquery()
    return select(both)


def account_years(year: int | None) -> Select[*tuple[Any, ...]]:
    """Every account's year (the years), with the months paid in all years before it."""
    before = func.sum(AccountYear.months).over(
        partition_by=AccountYear.person_id, order_by=AccountYear.year, rows=(None, -1)
    )
    of = select(AccountYear, func.coalesce(before, 0).label("months_before"))
    if year is not None:
        of = of.where(AccountYear.year <= year)
    rows = of.subquery("rows")
    query = (
        select(
            *registry.PERSON,
            rows,
            Account.status,
            AwardRow.id.is_not(None).label("retired"),
            registry.enrolled(Account.person_id, INSURANCE).label("working"),
        )
        .select_from(rows)
        .join(Account, Account.person_id == rows.c.person_id)
        .join(Person, Person.id == Account.person_id)
        .outerjoin(AwardRow, IN_PAYMENT)
        .order_by(rows.c.person_id, rows.c.year)
    )
    return query if year is None else query.where(rows.c.year == year)


def contributions(year: int | None) -> Select[*tuple[Any, ...]]:
    """Every month paid in full from before dues were billed here, with what of it belongs to the individual account.

    Of a flexible worker all is the worker's own share.
    """
    of_person, of_employer = _credited(Contribution.month, Contribution.base, Contribution.person_share)
    alone, person, employer = (
        Contribution.employer_id.is_(None),
        type_coerce(Contribution.person_share, BigInteger()),
        type_coerce(Contribution.employer_share, BigInteger()),
    )
    query = (
        select(
            *registry.PERSON,
            *registry.EMPLOYER,
            Contribution.month,
            Contribution.base,
            type_coerce(case((alone, person + employer), else_=person), MoneyType()).label("person_share"),
            type_coerce(case((alone, 0), else_=employer), MoneyType()).label("employer_share"),
            of_person.label("person_credited"),
            of_employer.label("employer_credited"),
            *BEFORE,
        )
        .select_from(Contribution)
        .join(Person, Person.id == Contribution.person_id)
        .outerjoin(Employer, Employer.id == Contribution.employer_id)
        .where(_not_billed())
        .order_by(Contribution.person_id, Contribution.month)
    )
    return _in_year(query, year)


def employer_months(year: int | None) -> Select[*tuple[Any, ...]]:
    """The same added up by employer and month."""
    of_person, of_employer = _credited(Contribution.month, Contribution.base, Contribution.person_share)
    query = (
        select(
            *registry.EMPLOYER,
            Contribution.month,
            func.count().label("persons"),
            *_added(Contribution, of_person, of_employer),
            *BEFORE,
        )
        .select_from(Contribution)
        .join(Employer, Employer.id == Contribution.employer_id)
        .where(_not_billed())
        .group_by(Employer.id, Contribution.month)
        .order_by(Employer.id, Contribution.month)
    )
    return _in_year(query, year)


def billed(year: int | None) -> Select[*tuple[Any, ...]]:
    """Every person's month that was billed here, bill by bill, paid or not."""
    of = levy.lines(INSURANCE, year).subquery("of")
    of_person, of_employer = _credited(of.c.month, of.c.base, of.c.person_share)
    return (
        select(
            *registry.PERSON,
            of,
            Employer.name.label("employer_name"),
            of_person.label("person_credited"),
            of_employer.label("employer_credited"),
        )
        .select_from(of)
        .join(Person, Person.id == of.c.person_id)
        .outerjoin(Employer, Employer.id == of.c.employer_id)
        .order_by(of.c.person_id, of.c.month, of.c.bill)
    )


def employer_bills(year: int | None) -> Select[*tuple[Any, ...]]:
    """The same added up by employer, bill and month, with the late fees paid on the bill beside its newest month."""
    of, late = levy.lines(INSURANCE, year).subquery("of"), levy.late_fees()
    of_person, of_employer = _credited(of.c.month, of.c.base, of.c.person_share)
    alike = [
        of.c[name]
        for name in ("bill", "billed", "month", "kind", "settled", "begun", "received_on", "channel")
    ]
    newest = func.row_number().over(partition_by=of.c.bill, order_by=(of.c.month.desc(), of.c.kind)) == 1
    return (
        select(
            *registry.EMPLOYER,
            *alike,
            func.count().label("persons"),
            *_added(of.c, of_person, of_employer),
            case((newest, func.coalesce(late.c.late_fee, 0)), else_=0).label("late_fee"),
        )
        .select_from(of)
        .join(Employer, Employer.id == of.c.employer_id)
        .outerjoin(late, late.c.bill == of.c.bill)
        .group_by(Employer.id, *alike, late.c.late_fee)
        .order_by(Employer.id, of.c.month, of.c.bill)
    )


def changes(year: int | None) -> Select[*tuple[Any, ...]]:
    """When somebody entered the insurance or left it, by date of change (of the year), with the job behind it; `nth`:
    whether it is the person's first time."""
    known = enrolments().order_by(None).subquery("known")
    nth = func.row_number().over(partition_by=known.c.person_id, order_by=known.c.started)
    of = select(known, nth.label("nth")).subquery("of")
    alike = [column for column in of.c if column.name not in ("started", "ended", "base")]
    began = select(*alike, literal("began").label("what"), of.c.started.label("month"))
    ended = select(*alike, literal("ended"), of.c.ended).where(of.c.ended.is_not(None))
    rows = began.union_all(ended).subquery("rows")
    job = registry.last_job(rows.c.person_id, rows.c.employer_id, rows.c.month)
    query = (
        select(rows, job.c.hired, job.c.hire_reason, job.c.left, job.c.leave_reason)
        .outerjoin(job, true())
        .order_by(rows.c.person_id, rows.c.month, rows.c.what)
    )
    return query if year is None else query.where(*_within(rows.c.month, year))


def first_year() -> Select[int]:
    """The first year of the oldest account."""
    return select(func.min(AccountYear.year))


def _in_year(query: Select[*tuple[Any, ...]], year: int | None) -> Select[*tuple[Any, ...]]:
    return query if year is None else query.where(*_within(Contribution.month, year))


def _within(month: SQLColumnExpression[Month], year: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return month >= Month(year, 1), month <= Month(year, 12)


def _not_billed() -> ColumnElement[bool]:
    """Paid here, and before dues were billed here."""
    billed_here = levy.billed(Contribution.person_id, Contribution.month, INSURANCE)
    return Contribution.area.is_(None) & ~billed_here


def _added(of: Any, of_person: ColumnElement[Money], of_employer: ColumnElement[Money]) -> list[Any]:
    """The sums of a group of months."""
    parts = {
        "base": of.base,
        "person_share": of.person_share,
        "employer_share": of.employer_share,
        "person_credited": of_person,
        "employer_credited": of_employer,
    }
    return [type_coerce(func.sum(part), MoneyType()).label(name) for name, part in parts.items()]


def _credited(
    month: SQLColumnExpression[Month],
    base: SQLColumnExpression[Money],
    person_share: SQLColumnExpression[Money],
) -> tuple[ColumnElement[Money], ColumnElement[Money]]:
    """What of a month the law puts into the individual account, out of the person's share and then the employer's.

    Nothing is said of months before the law has set a rate.
    """
    area = settings().area
    days = {one.since for place in params.fallbacks(area) for one in params.history(ACCOUNT_RATE, place)}
    rate: ColumnElement[Any] = null()
    if days:
        rate = case(
            *(_from(month, day, params.value(ACCOUNT_RATE, day, area)) for day in sorted(days, reverse=True))
        )
    whole = func.round(type_coerce(base, Numeric()) * rate)
    share = type_coerce(person_share, Numeric())
    of_person = case((whole.is_not(None), func.least(share, whole)))
    return type_coerce(of_person, MoneyType()), type_coerce(whole - of_person, MoneyType())


def _from(
    month: SQLColumnExpression[Month], day: date, rate: Decimal
) -> tuple[ColumnElement[bool], ColumnElement[Any]]:
    return month >= Month.of(day), literal(rate, Numeric())
