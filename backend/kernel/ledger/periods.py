"""Periods 会计期间: months of the books, opened and closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from backend.kernel.db import Uow
from backend.kernel.ledger.refusals import PeriodNotOpen, refusing
from backend.kernel.period import Month

OPEN = text("select ledger.open_period(:ym, :at)")
CLOSE = text("select ledger.close_period(:ym, :at, :maker, :checkers)")
REOPEN = text("select ledger.reopen_period(:ym, :at, :maker, :checkers, :reason)")
PERIODS = text("select ym, status, opened_at, closed_at from ledger.period order by ym")
STEPS = text("select ym, what, maker, checkers, reason, at from ledger.step order by id")
# what opens, closes and reopens takes this lock (sql/ledger.sql)
STAND_STILL = text("select pg_advisory_xact_lock(1279542098, 0)")


@dataclass(frozen=True)
class Period:
    """A month of the books, `open` or `closed`."""

    month: Month
    status: str
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True)
class Step:
    """That a month was `closed` or `reopened`: by whom, approved by whom, and why it was opened again."""

    month: Month
    what: str
    maker: str
    checkers: tuple[str, ...]
    reason: str
    at: datetime


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
    """Close the books of a month; it waits for postings on their way. Who closed it stays on record,
    and what it moved is kept by account, so that statements need not read its lines.

    PeriodNotOpen where it was never opened, EarlierOpen where a month before it still is. What is held stays
    held, and is booked in the month in which it is settled.
    """
    with refusing(month=month):
        uow.session.execute(CLOSE, _signed(uow, month))


def reopen_period(uow: Uow, month: Month, reason: str) -> None:
    """Open the newest closed month again 反月结. Who, why and when stays on record.

    NotNewest where it is not the newest closed one, ReopenNotChecked where fewer than two others have approved,
    YearCarried where its year was carried to the fund's balance.
    """
    with refusing(month=month, year=month.year):
        uow.session.execute(REOPEN, _signed(uow, month) | {"reason": reason})


def _signed(uow: Uow, month: Month) -> dict[str, object]:
    return {"ym": ym(month), "at": uow.now, "maker": uow.actor.id, "checkers": list(uow.approvers)}


def calendar(uow: Uow) -> tuple[Period, ...]:
    """Every month that was ever opened, the oldest first."""
    rows = uow.session.execute(PERIODS)
    return tuple(Period(month_of(row.ym), row.status, row.opened_at, row.closed_at) for row in rows)


def steps(uow: Uow) -> tuple[Step, ...]:
    """Every closing and reopening, in the order in which they happened."""
    return tuple(
        Step(month_of(row.ym), row.what, row.maker, tuple(row.checkers), row.reason, row.at)
        for row in uow.session.execute(STEPS)
    )


def stand_still(uow: Uow) -> None:
    """Until this transaction ends no month is opened, closed or reopened by another."""
    uow.session.execute(STAND_STILL)


def opened(uow: Uow, month: Month) -> int:
    """The month as a number, ready for postings: the current month opens itself."""
    number = ym(month)
    if month == this_month(uow):
        uow.session.execute(OPEN, {"ym": number, "at": uow.now})
    return number
