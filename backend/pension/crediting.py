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
    Values,
    and_,
    bindparam,
    case,
    cast,
    column,
    delete,
    exists,
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
from backend.pension.careers.doubles import ClearedThere
from backend.pension.careers.model import Cleared
from backend.pension.model import Account, AccountYear, Contribution
from backend.pension.transferred import moved

INSURANCE = "110"
PARTS = 10_000  # an index is kept in ten-thousandths
COLUMNS = ("month", "person_id", "employer_id", "base", "person_share", "employer_share", "index")


def recount(uow: Uow, fact: levy.PaidInFull | levy.NoLongerPaid | levy.Reassessed) -> None:
    """The months of these bills count as far as they are paid, with every difference and reduction; accounts get or
    give back by how much that is more or less than before."""
    see_everybody(uow)
    if not isinstance(fact, levy.PaidInFull):
        _require_kept(uow, fact.bills)
    paid = levy.counted_of(fact.bills, INSURANCE).cte("paid").prefix_with("materialized")
    wages = _wages(levy.months_of(uow, fact.bills))
    # what has come or gone with a relation stays as it was told
    here = ~moved(paid.c.person_id, paid.c.month)
    cleared = exists().where(Cleared.person_id == paid.c.person_id, Cleared.month == paid.c.month)
    counted = and_(func.coalesce(paid.c.base, 0) > 0, ~cleared)
    rights = (
        select(
            paid,
            wages.c.wage,
            _index(paid.c.base, wages.c.wage).label("index"),
            counted.label("counts"),
        )
        .join(wages, wages.c.month == paid.c.month)
        .where(here)
        .cte("rights")
        .prefix_with("materialized")
    )
    counts = rights.c.counts
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
    changed = _changes(rights, counts).add_cte(written, gone)
    _count(uow, uow.session.execute(changed).all())


def _require_kept(uow: Uow, bills: Sequence[int]) -> None:
    """What was given back for a month that counts elsewhere must stay paid here."""
    now = levy.counted_of(bills, INSURANCE).subquery("now")
    lost = uow.session.scalar(
        select(Cleared.month)
        .join(now, and_(now.c.person_id == Cleared.person_id, now.c.month == Cleared.month))
        .where(func.coalesce(now.c.base, 0) < type_coerce(Cleared.base, BigInteger()))
        .limit(1)
    )
    if lost is not None:
        raise ClearedThere(month=lost)


def on_certifying(uow: Uow, fact: levy.Certifying) -> None:
    """The months that count here, also those from before dues were levied in this house."""
    rows = uow.session.execute(
        select(Contribution.month, Contribution.employer_id).where(Contribution.person_id == fact.person_id)
    )
    for month, employer_id in rows:
        fact.add(INSURANCE, month, employer_id)


def _wages(months: Sequence[Month]) -> Values:
    """The average wage of each of these months."""
    return values(column("month", MonthType()), column("wage", BigInteger()), name="wages").data(
        [(month, average_wage(month)) for month in months]
    )


def _index(base: ColumnElement[int], wage: ColumnElement[int]) -> ColumnElement[int]:
    return cast((2 * base * PARTS + wage) // (2 * wage), Integer)  # half up, as rules.index.month_index


def _changes(rights: CTE, counts: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Against what counted before: person, how many months, the sum of their indices, what goes to the account."""
    index, share = (
        case((counts, type_coerce(rights.c[name], BigInteger())), else_=0)
        for name in ("index", "person_share")
    )
    base_before = type_coerce(Contribution.base, BigInteger())
    index_before = func.coalesce(Contribution.index, _index(base_before, rights.c.wage), 0)
    share_before = func.coalesce(type_coerce(Contribution.person_share, BigInteger()), 0)
    n = func.sum(cast(counts, Integer) - cast(Contribution.person_id.isnot(None), Integer))
    indices, credit = func.sum(index - index_before), func.sum(share - share_before)
    return (
        select(rights.c.person_id, n, indices, credit)
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
