"""What an auditor is given of payout: what was paid, and what was paid late, as selects read row by row."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Subquery, func, select

from backend.kernel.period import Month
from backend.payout.model import BankLine, Batch, Payable
from backend.registry.service import Person
from backend.registry.service import auditing as registry

PAID = {"collected": "cash", "paid": "bank"}  # by state: how it reached the person


def payments(fund: str, year: int | None) -> Select[*tuple[Any, ...]]:
    """Every benefit of a fund that reached its person, whichever way, in the batches of the year."""
    query = (
        select(
            *registry.PERSON,
            Payable.id,
            Payable.month,
            Payable.item,
            Payable.amount,
            Payable.state,
            Batch.month.label("paid_in"),
            Batch.maker,
            Batch.posted_at,
            BankLine.bank,
            BankLine.number,
            BankLine.holder,
        )
        .select_from(Payable)
        .join(Batch, Batch.id == Payable.batch_id)
        .join(Person, Person.id == Payable.person_id)
        .outerjoin(BankLine, (BankLine.payable_id == Payable.id) & (BankLine.result == "paid"))
        .where(Batch.fund == fund, Payable.state.in_(PAID))
        .order_by(Payable.id)
    )
    if year is None:
        return query
    return query.where(Batch.month >= Month(year, 1), Batch.month <= Month(year, 12))


def arrears(fund: str) -> Subquery:
    """How many months, and how much, each person was owed later than in the month itself (补发)."""
    return (
        select(
            Payable.person_id,
            func.count().label("late_months"),
            func.sum(Payable.amount).label("late_amount"),
        )
        .join(Batch, Batch.id == Payable.batch_id)
        .where(Batch.fund == fund, Payable.month < Batch.month)
        .group_by(Payable.person_id)
        .subquery("arrears")
    )
