"""Crediting 记账: a person's month counts when it is paid in full; the account gets its part in the year it comes.

劳办发〔1997〕116号. A receipt that is reversed takes back what it gave.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    CTE,
    BigInteger,
    Row,
    bindparam,
    column,
    delete,
    func,
    select,
    type_coerce,
    update,
    values,
)
from sqlalchemy.dialects.postgresql import insert

from backend.kernel import params
from backend.kernel.db import MonthType, Uow, see_everybody
from backend.kernel.period import Month
from backend.kernel.settings import settings
from backend.levy import service as levy
from backend.pension import years
from backend.pension.model import Account, AccountYear, Contribution

INSURANCE = "110"
PARTS = 10_000  # an index is kept in ten-thousandths
COLUMNS = ("month", "person_id", "employer_id", "base", "person_share", "employer_share")
COUNTED = (Contribution.person_id, Contribution.month, Contribution.base, Contribution.person_share)


def on_paid(uow: Uow, fact: levy.PaidInFull) -> None:
    """The months become contributions, and the accounts get their part. A month that counts already counts once."""
    see_everybody(uow)
    lines = levy.lines_of(fact.bills, INSURANCE).subquery("lines")
    written = (
        insert(Contribution)
        .from_select(COLUMNS, select(*(lines.c[name] for name in COLUMNS)))
        .on_conflict_do_nothing()
        .returning(*COUNTED)
        .cte("changed")
    )
    _count(uow, _by_person(uow, written, levy.months_of(uow, fact.bills)), 1)


def on_unpaid(uow: Uow, fact: levy.NoLongerPaid) -> None:
    """The months are owed again: they count no longer, and the accounts give back their part."""
    see_everybody(uow)
    lines = levy.lines_of(fact.bills, INSURANCE).subquery("lines")
    gone = (
        delete(Contribution)
        .where(
            Contribution.person_id == lines.c.person_id,
            Contribution.month == lines.c.month,
            Contribution.employer_id.is_not_distinct_from(lines.c.employer_id),
        )
        .returning(*COUNTED)
        .cte("changed")
    )
    _count(uow, _by_person(uow, gone, levy.months_of(uow, fact.bills)), -1)


def on_certifying(uow: Uow, fact: levy.Certifying) -> None:
    """The months that count here, also those from before dues were levied in this house."""
    rows = uow.session.execute(
        select(Contribution.month, Contribution.employer_id).where(Contribution.person_id == fact.person_id)
    )
    for month, employer_id in rows:
        fact.add(INSURANCE, month, employer_id)


def _by_person(uow: Uow, changed: CTE, months: Sequence[Month]) -> Sequence[Row[*tuple[Any, ...]]]:
    """Of these contributions: person, how many months, the sum of their indices, what goes to the account."""
    wages = values(column("month", MonthType()), column("wage", BigInteger()), name="wages").data(
        [(month, average_wage(month)) for month in months]
    )
    base = type_coerce(changed.c.base, BigInteger())
    index = (2 * base * PARTS + wages.c.wage) // (2 * wages.c.wage)  # half up, as rules.half_up
    return uow.session.execute(
        select(
            changed.c.person_id,
            func.count(),
            func.sum(index),
            func.sum(type_coerce(changed.c.person_share, BigInteger())),
        )
        .join(wages, wages.c.month == changed.c.month)
        .group_by(changed.c.person_id)
    ).all()


def average_wage(month: Month) -> int:
    """缴费指数's divisor, in fen: the limits rest on it, the ceiling is three times the average wage."""
    ceiling = params.value("pension.contribution.ceiling", month.first, settings().area)
    return int(ceiling.fen) // 3


def _count(uow: Uow, sums: Sequence[Row[*tuple[Any, ...]]], sign: int) -> None:
    """Add to accounts and this year, or take away."""
    if not sums:
        return
    years.open_year(uow, Account.person_id.in_([row[0] for row in sums]), empty=True)
    arrays = [bindparam(None, [int(row[at]) for row in sums], type_=ARRAY(BigInteger)) for at in range(4)]
    given = (
        func.unnest(*arrays)
        .table_valued("person_id", "n", "index_sum", "credit")
        .render_derived(name="given")
    )
    n, index, credit = (sign * given.c[name] for name in ("n", "index_sum", "credit"))
    for statement in (
        update(Account)
        .where(Account.person_id == given.c.person_id)
        .values(months_paid=Account.months_paid + n, index_sum=Account.index_sum + index),
        update(AccountYear)
        .where(AccountYear.person_id == given.c.person_id, AccountYear.year == uow.today.year)
        .values(
            months=AccountYear.months + n,
            credited=AccountYear.credited + credit,
            closing=AccountYear.closing + credit,
        ),
    ):
        uow.session.execute(statement.execution_options(synchronize_session=False))
