"""Periods 会计期间: months of the books, opened and closed."""

from __future__ import annotations

from sqlalchemy import text

from backend.kernel.db import Uow
from backend.kernel.ledger.refusals import PeriodNotOpen, refusing
from backend.kernel.period import Month

OPEN = text("select ledger.open_period(:ym, :at)")
CLOSE = text("select ledger.close_period(:ym, :at)")


def ym(month: Month) -> int:
    """A month as the ledger writes it: 202611."""
    return month.year * 100 + month.month


def month_of(ym: int) -> Month:
    return Month(*divmod(ym, 100))


def this_month(uow: Uow) -> Month:
    return Month(uow.today.year, uow.today.month)


def open_period(uow: Uow, month: Month) -> None:
    """Open the books of a month; open already is well.

    PeriodNotOpen where it is closed, LaterClosed where a month after it is: books do not go back.
    """
    with refusing(month=month):
        status = uow.session.scalar(OPEN, {"ym": ym(month), "at": uow.now})
    if status != "open":
        raise PeriodNotOpen(month=month)


def close_period(uow: Uow, month: Month) -> None:
    """Close the books of a month for good; it waits for postings on their way.

    PeriodNotOpen where it was never opened, EarlierOpen where a month before it still is. What is held stays
    held, and is booked in the month in which it is settled.
    """
    with refusing(month=month):
        uow.session.execute(CLOSE, {"ym": ym(month), "at": uow.now})


def opened(uow: Uow, month: Month) -> int:
    """The month as a number, ready for postings: the current month opens itself."""
    number = ym(month)
    if month == this_month(uow):
        uow.session.execute(OPEN, {"ym": number, "at": uow.now})
    return number
