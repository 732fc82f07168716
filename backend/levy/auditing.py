"""What an auditor is given of levy: what was billed of whom, and how far it is paid, as selects read row by row."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    Subquery,
    and_,
    case,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from backend.kernel.db import MoneyType
from backend.kernel.money import ZERO
from backend.kernel.period import Month
from backend.levy.employers.changing import INJURY_CLASS
from backend.levy.employers.schema import INSURANCES
from backend.levy.model import Bill, DueLine, Receipt, Run, Settlement
from backend.levy.owing import MADE_OF
from backend.registry.service import auditing as registry

KINDS = ("normal", "supplement", "difference")  # of what was billed: the month itself, or made good later
CHANNELS = ("bank", "tax", "treasury")


def billed(
    person: SQLColumnExpression[int], month: SQLColumnExpression[Month], insurance: str
) -> ColumnElement[bool]:
    """Whether the month of a row was billed here to the person of that row."""
    return (
        select(DueLine.run_id)
        .where(DueLine.person_id == person, DueLine.month == month, DueLine.insurance == insurance)
        .exists()
    )


def lines(insurance: str, year: int | None) -> Select[*tuple[Any, ...]]:
    """Every person's month bill by bill, with its reductions: what it costs, and how far that bill is paid.

    Of a flexible worker all is the worker's own share.
    """
    came = _came()
    employer, person = func.sum(DueLine.employer_share), func.sum(DueLine.person_share)
    alone = Bill.employer_id.is_(None)
    query = (
        select(
            Bill.id.label("bill"),
            Bill.month.label("billed"),
            Bill.employer_id,
            DueLine.person_id,
            DueLine.month,
            _kind().label("kind"),
            type_coerce(func.sum(DueLine.base), MoneyType()).label("base"),
            type_coerce(case((alone, ZERO.fen), else_=employer), MoneyType()).label("employer_share"),
            type_coerce(case((alone, employer + person), else_=person), MoneyType()).label("person_share"),
            Bill.settled_at.is_not(None).label("settled"),
            (Bill.paid > ZERO).label("begun"),
            (Bill.written_off > ZERO).label("written_off"),
            came.c.received_on,
            came.c.channel,
            Run.maker,
            Run.made_at,
        )
        .select_from(DueLine)
        .join(Bill, MADE_OF & (Bill.insurance == insurance) & (Bill.kind == "dues"))
        .join(Run, Run.id == Bill.run_id)
        .outerjoin(came, came.c.bill_id == Bill.id)
        .where(DueLine.insurance == insurance)
        .group_by(Bill.id, Run.id, DueLine.person_id, DueLine.month, came.c.received_on, came.c.channel)
        .having(employer + person > 0)
    )
    if year is None:
        return query
    return query.where(DueLine.month >= Month(year, 1), DueLine.month <= Month(year, 12))


def _kind() -> ColumnElement[str]:
    """Reductions follow what they lower."""
    return case(
        (func.bool_or(DueLine.kind == "supplement"), "supplement"),
        (func.bool_or(DueLine.kind == "difference"), "difference"),
        else_="normal",
    )


def _came() -> Subquery:
    """By bill, the day on which the last of its money came, and by which channel."""
    newest = aggregate_order_by(Receipt.channel, Receipt.received_on.desc(), Receipt.id.desc())
    days: ColumnElement[date] = func.max(Receipt.received_on)
    return (
        select(
            Settlement.bill_id,
            days.label("received_on"),
            func.array_agg(newest)[1].label("channel"),
        )
        .join(Receipt, Receipt.id == Settlement.receipt_id)
        .where(Settlement.undone_at.is_(None))
        .group_by(Settlement.bill_id)
        .subquery("came")
    )


def late_fees() -> Subquery:
    """By bill, the late fees that were paid on it."""
    paid = type_coerce(func.sum(Bill.paid), MoneyType())
    return (
        select(Bill.late_of.label("bill"), paid.label("late_fee"))
        .where(Bill.kind == "late_fee", Bill.voided_at.is_(None))
        .group_by(Bill.late_of)
        .subquery("late_fees")
    )


def employer_changes(insurance: str, year: int | None) -> Select[*tuple[Any, ...]]:
    """Registrations, what they say, comings and goings of one insurance (of the year), each beside the kind of the
    coming or going before it (`was`)."""
    of = registry.employer_changes(insurance).subquery("of")
    data, ended = of.c.kind == "42", of.c.kind == "09"
    about = func.coalesce(of.c.after, of.c.before) == str(INSURANCES[insurance])
    was = func.lag(of.c.kind).over(partition_by=(of.c.employer_id, data), order_by=of.c.id)
    rows = (
        select(of, was.label("was"))
        .where(or_(ended, and_(data, of.c.what != INJURY_CLASS), and_(~data, about)))
        .subquery("rows")
    )
    query = select(rows).order_by(rows.c.employer_id, rows.c.id)
    return query if year is None else query.where(func.extract("year", rows.c.changed_on) == year)
