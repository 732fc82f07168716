"""Yearly interest 年度结息: what every account bears in a year that is over, as one set (劳办发〔1997〕116号).

Interest belongs to the year in which money moves: what is paid in later for an earlier month bears from the month in
which it comes. Accounts in use, in payment and sealed bear interest (正常、退休、封存); ended ones and those moved
elsewhere do not, nor the dead after the month of death. No cash moves, so the ledger does not: an account is a record
of what of the pension fund's balance is whose.

A run gives each account what the rule says. A further run finds nothing to do, unless the rate, a past year or a day
of death was corrected: then the difference goes into that year and into what later years began with.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    type_coerce,
    update,
)
from sqlalchemy.orm import aliased

from backend.kernel.actor import Permission
from backend.kernel.db import Uow, in_bulk, see_everybody
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.kernel.money import ZERO, Money
from backend.kernel.params import Lookup
from backend.kernel.pooling import require_reach
from backend.kernel.rules import millionths, percent
from backend.kernel.settings import settings
from backend.pension.books import EMPLOYEES, Books
from backend.pension.calculators.interest import METHODS, MONTHLY_PRODUCT
from backend.pension.model import Yearly
from backend.pension.rules.interest import THOUSAND, YEAR, Booked, Method, year_fen
from backend.pension.schema import SettleYear, YearSettled
from backend.pension.years import COLUMNS
from backend.registry import service as registry

FIRST = 1998  # accounts began
NOT_VERIFIED = "领取待遇的账户按月支付部分不再计息、去世的人计息到去世当月，是按劳办发〔1997〕116号的一般理解，没有核对过原文。"
# who credits, draws or opens a year waits until it is over: a new year must not begin with what the last one
# held before its interest
STAND_STILL = "lock table {table} in exclusive mode"


class RateNotPublished(Refusal):
    """{year} 年的个人账户记账利率还没有公布，没有结息。公布以后先请管理员把它录入政策参数，再来办理。"""


class YearNotOver(Refusal):
    """{year} 年还没有过完，没有结息。请到下一年，记账利率公布以后再办。"""


@dataclass(frozen=True)
class Terms:
    """How a year is settled here, and what is not verified of that."""

    year: int
    by: Method
    name: str
    rate: str
    warnings: tuple[str, ...]


def bearing(books: Books) -> ColumnElement[bool]:
    return books.account.status.in_(("1", "4", "5"))


def terms(year: int, books: Books = EMPLOYEES) -> Terms:
    known = _terms(year, year, books)
    if known is None:
        raise RateNotPublished(year=year)
    return known


def terms_or_last(year: int, books: Books = EMPLOYEES) -> Terms | None:
    """For interest that cannot wait for a year's rate: by the last one published (`Terms.year` says whose); None where
    none is known."""
    known = (_terms(year, of, books) for of in range(year, FIRST - 1, -1))
    return next((found for found in known if found), None)


def _terms(year: int, rate_of: int, books: Books) -> Terms | None:
    """A year's method, by the rate of a year that has one of its own."""
    look = Lookup(date(year, 1, 1), settings().area)
    rate = look.optional(f"{books.terms}.interest_rate", date(rate_of, 1, 1))
    if rate is None or rate.since.year != rate_of:  # an earlier year's rate is not this one's
        return None
    method = look.value(f"{books.terms}.interest_method")
    factor = None
    if method != MONTHLY_PRODUCT:
        factor = int(look.value(f"{books.terms}.annual_factor") * THOUSAND)
    by = Method(millionths(rate.value), factor)
    return Terms(rate_of, by, METHODS[method], percent(rate.value), (*look.warnings(), NOT_VERIFIED))


@item(
    "PEN-06",
    "个人账户年度结息",
    may=Permission.PENSION_DECIDE,
    review=1,
    guide=Guide(
        what="一年过完、记账利率公布以后，给全部个人账户结上一年的利息。可以重复办理，已经结过的不会再结。",
        who="经办机构",
        days="复核后当场办结",
        law="社会保险法 第十四条；人社部发〔2017〕31号",
    ),
)
def settle_year(uow: Uow, cmd: SettleYear) -> YearSettled:
    return settle(uow, cmd.year)


def settle(uow: Uow, year: int, books: Books = EMPLOYEES) -> YearSettled:
    """A year of every account of a scheme."""
    require_reach(uow)
    if year >= uow.today.year:
        raise YearNotOver(year=year)
    known = terms(year, books)
    see_everybody(uow)
    in_bulk(uow)
    uow.session.execute(text(STAND_STILL.format(table=books.table)))
    _open(uow, year, books)
    accounts, given, corrected, difference = _settle(uow, known, books, fresh=True)
    for later in range(year + 1, uow.today.year):
        if _settled(uow, later, books):  # began with another balance
            _, _, more, fen = _settle(uow, terms(later, books), books, fresh=False)
            corrected, difference = corrected + more, difference + fen
    return YearSettled(
        year=year,
        method=known.name,
        rate=known.rate,
        accounts=accounts,
        interest_fen=given,
        corrected=corrected,
        corrected_fen=difference,
        waiting=_waiting(uow, year, books),
        warnings=known.warnings,
    )


def renew(uow: Uow, person_id: int, since: int, books: Books = EMPLOYEES) -> None:
    """One account's past years changed: what they bear, where that was given here already, changes with them."""
    rows = uow.session.scalars(
        select(books.year)
        .where(books.year.person_id == person_id, books.year.year >= since)
        .order_by(books.year.year)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    died = uow.session.scalar(select(registry.Person.died).where(registry.Person.id == person_id))
    for n, row in enumerate(rows):
        if not row.rate:
            continue
        known = terms(row.year, books)
        change = _of(row, known, died) - row.interest.fen
        added = Money(max(change, -min(one.closing.fen for one in rows[n:])))
        row.rate, row.interest, row.closing = known.by.rate, row.interest + added, row.closing + added
        for later in rows[n + 1 :]:
            later.opening, later.closing = later.opening + added, later.closing + added
    uow.session.flush()


def _of(row: Yearly, known: Terms, died: date | None) -> int:
    months = YEAR if died is None else max(0, min(YEAR, (died.year - row.year) * YEAR + died.month))
    booked = Booked(row.opening.fen, row.moved, row.credited.fen, row.paid.fen)
    return max(0, year_fen(known.by, booked, months))


def _open(uow: Uow, year: int, books: Books) -> None:
    """The year's row of everybody in whose account nothing moved in it, where the year before has its interest."""
    before, this = aliased(books.year), aliased(books.year)
    nought = literal(0)
    quiet = (
        select(
            before.person_id, literal(year), nought, before.closing, nought, nought, nought, before.closing
        )
        .join(books.account, books.account.person_id == before.person_id)
        .outerjoin(this, and_(this.year == year, this.person_id == before.person_id))
        .where(
            before.year == year - 1,
            before.rate.is_not(None),
            before.closing > ZERO,
            this.person_id.is_(None),
            bearing(books),
            registry.alive(before.person_id, literal(date(year, 1, 1))),
        )
    )
    uow.session.execute(insert(books.year).from_select(COLUMNS, quiet))


def _settled(uow: Uow, year: int, books: Books) -> bool:
    found = exists().where(books.year.year == year, books.year.rate > 0)
    return bool(uow.session.scalar(select(found)))


def _settle(uow: Uow, known: Terms, books: Books, *, fresh: bool) -> tuple[int, int, int, int]:
    """One year of all accounts in one statement; how many were given interest and how much, how many of those that
    had theirs were corrected and by how much in all. `fresh`: those without any are given it, too."""
    due = owed(known, fresh=fresh, books=books).cte("due").prefix_with("materialized")
    change = due.c.change
    given = (
        update(books.year)
        .where(books.year.year == known.year, books.year.person_id == due.c.person_id)
        .values(
            rate=known.by.rate,
            interest=books.year.interest + change,
            closing=books.year.closing + change,
        )
        .execution_options(synchronize_session=False)
        .cte("given")
    )
    later = (
        update(books.year)
        .where(
            books.year.year > known.year,
            books.year.person_id == due.c.person_id,
            change != 0,
        )
        .values(opening=books.year.opening + change, closing=books.year.closing + change)
        .execution_options(synchronize_session=False)
        .cte("later")
    )
    counted = select(
        func.count().filter(due.c.fresh),
        func.coalesce(func.sum(due.c.fen).filter(due.c.fresh), 0),
        func.count().filter(~due.c.fresh),
        func.coalesce(func.sum(change).filter(~due.c.fresh), 0),
    ).add_cte(given, later)
    row = uow.session.execute(counted).one()
    return int(row[0]), int(row[1]), int(row[2]), int(row[3])


def owed(known: Terms, *, fresh: bool, books: Books = EMPLOYEES) -> Select[*tuple[Any, ...]]:
    """Whose interest of a year is to be given or corrected: person, interest, how much that is more (or less) than
    now, and whether they had none yet. What was drawn since is not taken back: no balance falls below nothing."""
    # by itself (offset): else the rule is worked out anew wherever its result is used
    bears = _bears(known, books).offset(0).subquery("bears")
    fen, had, rate = bears.c.fen, bears.c.interest, bears.c.rate
    since = aliased(books.year)
    left = (
        select(func.min(type_coerce(since.closing, BigInteger())))
        .where(since.person_id == bears.c.person_id, since.year >= known.year)
        .scalar_subquery()
    )
    change = case((fen >= had, fen - had), else_=func.greatest(fen - had, -left))
    which = and_(rate > 0, or_(change != 0, rate != known.by.rate))
    if fresh:
        which = or_(which, and_(rate.is_(None), bears.c.ready))
    return select(bears.c.person_id, fen, change.label("change"), rate.is_(None).label("fresh")).where(which)


def _bears(known: Terms, books: Books) -> Select[*tuple[Any, ...]]:
    """What each account's year bears by the rule, what it has been given, and whether its turn has come: the year
    before has its interest, so what this one begins with is known."""
    first, last = date(known.year, 1, 1), date(known.year, 12, 31)
    booked: Any = Booked(
        _whole(books.year.opening),
        [books.year.moved[month] for month in range(1, YEAR + 1)],  # type: ignore[misc]
        _whole(books.year.credited),
        _whole(books.year.paid),
    )
    died = registry.Person.died
    died_in = func.extract("month", died)
    fen = case(
        (died.is_(None), year_fen(known.by, booked)),
        (died < first, 0),
        *((died_in == month, year_fen(known.by, booked, month)) for month in range(1, YEAR + 1)),
    )
    before, earlier = aliased(books.year), aliased(books.year)
    first_here = ~exists().where(earlier.person_id == books.year.person_id, earlier.year < known.year)
    ready = case(
        (before.person_id.is_(None), or_(books.year.opening == ZERO, first_here)),
        else_=before.rate.is_not(None),
    )
    return (
        select(
            books.year.person_id,
            books.year.rate,
            _whole(books.year.interest).label("interest"),
            func.greatest(fen, 0).label("fen"),
            ready.label("ready"),
        )
        .join(books.account, books.account.person_id == books.year.person_id)
        .outerjoin(registry.Person, and_(registry.Person.id == books.year.person_id, died <= last))
        .outerjoin(before, and_(before.person_id == books.year.person_id, before.year == known.year - 1))
        .where(books.year.year == known.year, bearing(books))
    )


def _whole(column: Any) -> Any:
    """A column of money as the whole numbers that rules count in."""
    return type_coerce(column, BigInteger())


def _waiting(uow: Uow, year: int, books: Books) -> int:
    """Accounts that hold something and did not get this year's interest, because they lack an earlier year's."""
    this, newest = aliased(books.year), aliased(books.year)
    held = (
        select(newest.closing)
        .where(newest.person_id == books.account.person_id, newest.year <= year)
        .order_by(newest.year.desc())
        .limit(1)
        .scalar_subquery()
    )
    counted = select(func.count()).where(
        bearing(books),
        ~exists().where(this.person_id == books.account.person_id, this.year == year, this.rate.is_not(None)),
        registry.alive(books.account.person_id, literal(date(year, 1, 1))),
        held > ZERO,
    )
    return int(uow.session.scalar(counted) or 0)
