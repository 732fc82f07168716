"""Crediting 记账: a person's month counts when it is paid in full; the account gets its part in the year it comes.

劳办发〔1997〕116号. A receipt that is reversed takes back what it gave. Either bears interest, or bears none any
more, from the month in which it is booked, whichever month it is for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    CTE,
    BigInteger,
    ColumnElement,
    Integer,
    Row,
    Select,
    bindparam,
    case,
    cast,
    column,
    delete,
    func,
    or_,
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
from backend.pension.transferred import moved

INSURANCE = "110"
PARTS = 10_000  # an index is kept in ten-thousandths
COLUMNS = ("month", "person_id", "employer_id", "base", "person_share", "employer_share")


def recount(uow: Uow, fact: levy.PaidInFull | levy.NoLongerPaid | levy.Reassessed) -> None:
    """The months of these bills count as far as they are paid, with every difference and reduction; accounts get or
    give back by how much that is more or less than before."""
    see_everybody(uow)
    of = levy.counted_of(fact.bills, INSURANCE).subquery("of")
    here = ~moved(of.c.person_id, of.c.month)  # what has come or gone with a relation stays as it was told
    rights = select(of).where(here).cte("rights").prefix_with("materialized")
    counts = func.coalesce(rights.c.base, 0) > 0
    adding = insert(Contribution).from_select(
        COLUMNS, select(*(rights.c[name] for name in COLUMNS)).where(counts)
    )
    written = adding.on_conflict_do_update(
        index_elements=["person_id", "month"],
        set_={name: adding.excluded[name] for name in COLUMNS[2:]},
    ).cte("written")
    gone = (
        delete(Contribution)
        .where(Contribution.person_id == rights.c.person_id, Contribution.month == rights.c.month, ~counts)
        .cte("gone")
    )
    changed = _changes(rights, counts, levy.months_of(uow, fact.bills)).add_cte(written, gone)
    _count(uow, uow.session.execute(changed).all())


def on_certifying(uow: Uow, fact: levy.Certifying) -> None:
    """The months that count here, also those from before dues were levied in this house."""
    rows = uow.session.execute(
        select(Contribution.month, Contribution.employer_id).where(Contribution.person_id == fact.person_id)
    )
    for month, employer_id in rows:
        fact.add(INSURANCE, month, employer_id)


def _changes(rights: CTE, counts: ColumnElement[bool], months: Sequence[Month]) -> Select[*tuple[Any, ...]]:
    """Against what counted before: person, how many months, the sum of their indices, what goes to the account."""
    wages = values(column("month", MonthType()), column("wage", BigInteger()), name="wages").data(
        [(month, average_wage(month)) for month in months]
    )

    def index(base: ColumnElement[int]) -> ColumnElement[int]:
        return (2 * base * PARTS + wages.c.wage) // (2 * wages.c.wage)  # half up, as rules.half_up

    base, share = (
        case((counts, type_coerce(rights.c[name], BigInteger())), else_=0)
        for name in ("base", "person_share")
    )
    base_before, share_before = (
        func.coalesce(type_coerce(one, BigInteger()), 0)
        for one in (Contribution.base, Contribution.person_share)
    )
    n = func.sum(cast(counts, Integer) - cast(Contribution.person_id.isnot(None), Integer))
    indices, credit = func.sum(index(base) - index(base_before)), func.sum(share - share_before)
    return (
        select(rights.c.person_id, n, indices, credit)
        .join(wages, wages.c.month == rights.c.month)
        .outerjoin(
            Contribution,
            (Contribution.person_id == rights.c.person_id) & (Contribution.month == rights.c.month),
        )
        .group_by(rights.c.person_id)
        .having(or_(n != 0, indices != 0, credit != 0))
    )


def average_wage(month: Month) -> int:
    """缴费指数's divisor, in fen: the limits rest on it, the ceiling is three times the average wage."""
    ceiling = params.value("pension.contribution.ceiling", month.first, settings().area)
    return int(ceiling.fen) // 3


def _count(uow: Uow, sums: Sequence[Row[*tuple[Any, ...]]]) -> None:
    """Add to accounts and this year, or take away where it is less than nothing."""
    if not sums:
        return
    years.open_year(uow, Account.person_id.in_([row[0] for row in sums]), empty=True)
    arrays = [bindparam(None, [int(row[at]) for row in sums], type_=ARRAY(BigInteger)) for at in range(4)]
    given = (
        func.unnest(*arrays)
        .table_valued("person_id", "n", "index_sum", "credit")
        .render_derived(name="given")
    )
    n, index, credit = (given.c[name] for name in ("n", "index_sum", "credit"))
    for statement in (
        update(Account)
        .where(Account.person_id == given.c.person_id)
        .values(months_paid=Account.months_paid + n, index_sum=Account.index_sum + index),
        update(AccountYear)
        .where(AccountYear.person_id == given.c.person_id, AccountYear.year == uow.today.year)
        .values(
            {
                AccountYear.months: AccountYear.months + n,
                AccountYear.credited: AccountYear.credited + credit,
                AccountYear.closing: AccountYear.closing + credit,
                years.this_month(uow): years.this_month(uow) + credit,
            }
        ),
    ):
        uow.session.execute(statement.execution_options(synchronize_session=False))
