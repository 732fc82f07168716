"""Years of an account 年度记账: the newest year's closing is what the account holds; there is no second figure.

Whoever draws on or credits a year opens it first (`open_year`): it begins with what the year before left. What is
drawn or credited stands in the month it is booked in, too (`moved`): interest is by months (`interest`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, FromClause, func, insert, literal, select, true, update

from backend.kernel.db import Uow
from backend.kernel.money import ZERO, Money
from backend.kernel.period import Month
from backend.pension.books import EMPLOYEES, Books
from backend.pension.model import Account, AccountYear, Drawing, Yearly
from backend.pension.rules.drawing import Drawn, drawn_again, given_back

IN_PAYMENT = Account.status == "4"
COLUMNS = ["person_id", "year", "months", "opening", "credited", "interest", "paid", "closing"]


def balance(uow: Uow, person_id: int, books: Books = EMPLOYEES) -> Money:
    """个人账户储存额."""
    newest = (
        select(books.year.closing)
        .where(books.year.person_id == person_id)
        .order_by(books.year.year.desc())
        .limit(1)
    )
    return uow.session.scalar(newest) or ZERO


def open_year(uow: Uow, which: ColumnElement[bool], *, empty: bool = False, books: Books = EMPLOYEES) -> None:
    """This year's row of each such account that has none yet and still holds something (or, `empty`, nothing)."""
    newest = (
        select(books.year.year, books.year.closing)
        .where(books.year.person_id == books.account.person_id)
        .order_by(books.year.year.desc())
        .limit(1)
        .lateral("newest")
    )
    this, nought = uow.today.year, literal(0)
    left = func.coalesce(newest.c.closing, 0)
    fresh = (
        select(books.account.person_id, literal(this), nought, left, nought, nought, nought, left)
        .outerjoin(newest, true())
        .where(which, func.coalesce(newest.c.year, 0) < this)
    )
    if not empty:
        fresh = fresh.where(newest.c.closing > ZERO)
    uow.session.execute(insert(books.year).from_select(COLUMNS, fresh))


def fill(uow: Uow, person_id: int) -> Sequence[Yearly]:
    """All years of an account up to this one, locked; years in which nothing moved stand between the others."""
    open_year(uow, Account.person_id == person_id, empty=True)
    found: dict[int, Yearly] = {row.year: row for row in since(uow, person_id, None)}
    for year in range(min(found), max(found)):
        if year not in found:
            left = found[year - 1].closing
            found[year] = AccountYear(
                person_id=person_id,
                year=year,
                months=0,
                opening=left,
                credited=ZERO,
                interest=ZERO,
                paid=ZERO,
                closing=left,
                moved=[0] * 12,
            )
            uow.session.add(found[year])
    uow.session.flush()
    return [found[year] for year in sorted(found)]


def this_month(uow: Uow, books: Books = EMPLOYEES) -> ColumnElement[int]:
    """What moves in this year is booked in this month."""
    return books.year.moved[uow.today.month]


def draw(uow: Uow, posted: FromClause, books: Books = EMPLOYEES) -> None:
    """The account's part of so many months a person (`posted`: person_id, months) comes out of each account while
    it lasts, in this year; then the pooled fund pays it."""
    year, award = books.year, books.award
    part = func.least(year.closing, award.account * posted.c.months)
    uow.session.execute(
        update(year)
        .where(
            year.year == uow.today.year,
            year.person_id == posted.c.person_id,
            year.closing > ZERO,
            award.person_id == posted.c.person_id,
            award.state != "replaced",
            award.account > ZERO,
        )
        .values(
            {
                year.paid: year.paid + part,
                year.closing: year.closing - part,
                this_month(uow, books): this_month(uow, books) - part,
            }
        )
        .execution_options(synchronize_session=False)
    )


def give_back(
    uow: Uow,
    award: Drawing,
    part: Money,
    booked: Sequence[Month],
    *,
    due: int,
    for_debts: Money = ZERO,
    books: Books = EMPLOYEES,
) -> Money:
    """The account's part of months that were not due after all goes back into the year and months in which they were
    booked, and into what the years since began with. `part`: the account's part of each of them; `due`: how many months
    of that year stay; `for_debts`: what of that year's payments was for no month. How much came back."""
    year = booked[0].year
    rows = since(uow, award.person_id, year, books)
    if not rows:
        return ZERO
    elsewhere = max(0, min(award.pays_from, Month(year + 1, 1)) - max(award.first_month, Month(year, 1)))
    lasts = rows[0].closing >= part
    back = Money(
        given_back(
            Drawn(part.fen, rows[0].closing.fen, (rows[0].paid - for_debts).fen),
            undone=len(booked),
            due=due,
            elsewhere=elsewhere,
        )
    )
    _pay(uow, rows, ZERO - back, _by_month(booked, part.fen, back.fen, -1))
    rest = part.fen * len(booked) - back.fen if lasts else 0
    if rest > 0:  # a difference went back into this year that was another's
        put_back(uow, award.person_id, rest)
    return back


def pay_debt(uow: Uow, person_id: int, amount: Money, books: Books = EMPLOYEES) -> bool:
    """This year's account gives so much for a debt, or (below nothing) gets it back; False where it does not hold it."""
    open_year(uow, books.account.person_id == person_id, empty=True, books=books)
    rows = since(uow, person_id, uow.today.year, books)
    if not rows or rows[0].closing < amount:
        return False
    _pay(uow, rows, amount, {uow.today.month: amount.fen})
    return True


def credit(uow: Uow, person_id: int, amount: Money, months: int = 0) -> None:
    """This year's account gets what came from elsewhere, and so many months with it."""
    open_year(uow, EMPLOYEES.account.person_id == person_id, empty=True)
    row = since(uow, person_id, uow.today.year)[0]
    row.months += months
    row.credited, row.closing = row.credited + amount, row.closing + amount
    row.moved = [
        fen + (amount.fen if month == uow.today.month else 0) for month, fen in enumerate(row.moved, 1)
    ]
    uow.session.flush()


def put_back_in(uow: Uow, person_id: int, amount: Money, booked: Month) -> None:
    """What left the account in a month comes back to it, as if it had never left."""
    _pay(uow, since(uow, person_id, booked.year), ZERO - amount, {booked.month: -amount.fen})


def bear(uow: Uow, person_id: int, given: Mapping[int, Money], rate: int | None) -> None:
    """Years get so much more interest (or, below nothing, less), and stand by this rate from now on; the years since
    begin with it."""
    added = ZERO
    for row in since(uow, person_id, None):
        more = given.get(row.year, ZERO)
        row.opening, row.interest = row.opening + added, row.interest + more
        added += more
        row.closing += added
        if row.year in given:
            row.rate = rate
    uow.session.flush()


def draw_in(uow: Uow, person_id: int, booked: Month, fen: int) -> int:
    """So many fen more (below nothing: less) are drawn in a month, as far as every year since then holds them. How many."""
    open_year(uow, Account.person_id == person_id)
    rows = since(uow, person_id, booked.year)
    if not rows:
        return 0
    more = max(0, min(fen, *(row.closing.fen for row in rows))) if fen > 0 else fen
    _pay(uow, rows, Money(more), {booked.month: more})
    return more


def draw_again(
    uow: Uow, person_id: int, part: Money, booked: Sequence[Month], books: Books = EMPLOYEES
) -> Money:
    """The account's part of months booked in one year that are due after all is drawn in them once more."""
    rows = since(uow, person_id, booked[0].year, books)
    if not rows:
        return ZERO
    again = drawn_again(part.fen, len(booked), [row.closing.fen for row in rows])
    _pay(uow, rows, Money(again), _by_month(booked, part.fen, again, 1))
    return Money(again)


def take(uow: Uow, parts: Mapping[int, int]) -> dict[int, int]:
    """So much (fen, by person) comes out of each account now, as far as it holds it; how much that was."""
    open_year(uow, Account.person_id.in_(parts))
    held = uow.session.scalars(
        select(AccountYear)
        .where(AccountYear.year == uow.today.year, AccountYear.person_id.in_(parts))
        .order_by(AccountYear.person_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    taken = {}
    for row in held:
        taken[row.person_id] = fen = min(parts[row.person_id], row.closing.fen)
        _pay(uow, [row], Money(fen), {uow.today.month: fen})
    return taken


def put_back(uow: Uow, person_id: int, fen: int) -> int:
    """So much was taken out of an account too much: it is back at the end of the newest year that paid so much (of this
    one: this month). The first year that has changed comes back."""
    first = uow.today.year
    open_year(uow, Account.person_id == person_id, empty=True)
    rows = since(uow, person_id, None)
    for n, row in reversed(list(enumerate(rows))):
        back = min(fen, row.paid.fen)
        month = uow.today.month if row.year == uow.today.year else 12
        if back:
            _pay(uow, rows[n:], Money(-back), {month: -back})
            first = row.year
        fen -= back
    return first


def since(uow: Uow, person_id: int, year: int | None, books: Books = EMPLOYEES) -> Sequence[Yearly]:
    """An account's years from one on, locked (None: all); nothing where it has not that year."""
    rows = uow.session.scalars(
        select(books.year)
        .where(books.year.person_id == person_id, books.year.year >= (year or 0))
        .order_by(books.year.year)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    return rows if year is None or (rows and rows[0].year == year) else ()


def _pay(uow: Uow, rows: Sequence[Yearly], more: Money, by_month: Mapping[int, int]) -> None:
    """So much more was paid in the first of these years (`by_month`: in which months of it), and the years since began
    with so much less."""
    rows[0].paid += more
    rows[0].closing -= more
    rows[0].moved = [fen - by_month.get(month, 0) for month, fen in enumerate(rows[0].moved, 1)]
    for later in rows[1:]:
        later.opening -= more
        later.closing -= more
    uow.session.flush()


def _by_month(booked: Sequence[Month], part: int, fen: int, sign: int) -> Mapping[int, int]:
    """So many fen over the months in which they were booked: the earliest had their part first, so what goes back or
    is drawn again is theirs before it is a later one's."""
    found: Counter[int] = Counter()
    for month in sorted(booked):
        found[month.month] += sign * min(part, fen)
        fen -= min(part, fen)
    return found
