"""Years of an account 年度记账: the newest year's closing is what the account holds; there is no second figure.

Whoever draws on or credits a year opens it first (`open_year`): it begins with what the year before left.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, FromClause, func, insert, literal, select, true, update

from backend.kernel.db import Uow
from backend.kernel.money import ZERO, Money
from backend.kernel.period import Month
from backend.pension.model import Account, AccountYear
from backend.pension.model import Award as AwardRow
from backend.pension.rules.drawing import Drawn, drawn_again, given_back

IN_PAYMENT = Account.status == "4"


def balance(uow: Uow, person_id: int) -> Money:
    """个人账户储存额."""
    newest = (
        select(AccountYear.closing)
        .where(AccountYear.person_id == person_id)
        .order_by(AccountYear.year.desc())
        .limit(1)
    )
    return uow.session.scalar(newest) or ZERO


def open_year(uow: Uow, which: ColumnElement[bool], *, empty: bool = False) -> None:
    """This year's row of each such account that has none yet and still holds something (or, `empty`, nothing)."""
    newest = (
        select(AccountYear.year, AccountYear.closing)
        .where(AccountYear.person_id == Account.person_id)
        .order_by(AccountYear.year.desc())
        .limit(1)
        .lateral("newest")
    )
    this, nought = uow.today.year, literal(0)
    left = func.coalesce(newest.c.closing, 0)
    fresh = (
        select(Account.person_id, literal(this), nought, left, nought, nought, nought, left)
        .outerjoin(newest, true())
        .where(which, func.coalesce(newest.c.year, 0) < this)
    )
    if not empty:
        fresh = fresh.where(newest.c.closing > ZERO)
    columns = ["person_id", "year", "months", "opening", "credited", "interest", "paid", "closing"]
    uow.session.execute(insert(AccountYear).from_select(columns, fresh))


def draw(uow: Uow, posted: FromClause) -> None:
    """The account's part of so many months a person (`posted`: person_id, months) comes out of each account while
    it lasts, in this year; then the pooled fund pays it."""
    part = func.least(AccountYear.closing, AwardRow.account * posted.c.months)
    uow.session.execute(
        update(AccountYear)
        .where(
            AccountYear.year == uow.today.year,
            AccountYear.person_id == posted.c.person_id,
            AccountYear.closing > ZERO,
            AwardRow.person_id == posted.c.person_id,
            AwardRow.state != "replaced",
            AwardRow.account > ZERO,
        )
        .values(paid=AccountYear.paid + part, closing=AccountYear.closing - part)
        .execution_options(synchronize_session=False)
    )


def give_back(
    uow: Uow, award: AwardRow, year: int, *, undone: int, due: int, for_debts: Money = ZERO
) -> Money:
    """The account's part of months booked in a year that were not due after all goes back into that year, and into
    what the years since began with. `due`: how many months of that year stay; `for_debts`: what of that year's
    payments was for no month. How much came back."""
    rows = _since(uow, award.person_id, year)
    if not rows:
        return ZERO
    elsewhere = max(0, min(award.pays_from, Month(year + 1, 1)) - max(award.first_month, Month(year, 1)))
    back = Money(
        given_back(
            Drawn(award.account.fen, rows[0].closing.fen, (rows[0].paid - for_debts).fen),
            undone=undone,
            due=due,
            elsewhere=elsewhere,
        )
    )
    _pay(uow, rows, ZERO - back)
    return back


def pay_debt(uow: Uow, person_id: int, amount: Money) -> bool:
    """This year's account gives so much for a debt, or (below nothing) gets it back; False where it does not hold it."""
    open_year(uow, Account.person_id == person_id, empty=True)
    rows = _since(uow, person_id, uow.today.year)
    if not rows or rows[0].closing < amount:
        return False
    _pay(uow, rows, amount)
    return True


def draw_again(uow: Uow, award: AwardRow, year: int, months: int) -> Money:
    """The account's part of months booked in a year that are due after all is drawn in that year once more."""
    rows = _since(uow, award.person_id, year)
    if not rows:
        return ZERO
    part = Money(drawn_again(award.account.fen, months, [row.closing.fen for row in rows]))
    _pay(uow, rows, part)
    return part


def _since(uow: Uow, person_id: int, year: int) -> Sequence[AccountYear]:
    """An account's years from one on, locked; nothing where it has not that year."""
    rows = uow.session.scalars(
        select(AccountYear)
        .where(AccountYear.person_id == person_id, AccountYear.year >= year)
        .order_by(AccountYear.year)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    return rows if rows and rows[0].year == year else ()


def _pay(uow: Uow, rows: Sequence[AccountYear], more: Money) -> None:
    """So much more was paid in the first of these years, and the years since began with so much less."""
    rows[0].paid += more
    rows[0].closing -= more
    for later in rows[1:]:
        later.opening -= more
        later.closing -= more
    uow.session.flush()
