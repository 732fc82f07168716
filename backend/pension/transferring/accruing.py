"""Interest to the month of a move: an account that leaves is settled up to the month, year by year (劳办发〔1997〕116号).

A year that is over and whose rate is published bears by its own rate, for good. Others bear by the newest rate that
is published: their `rate` is 0, so no later run gives them anything twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from sqlalchemy import select

from backend.kernel.db import Uow
from backend.kernel.money import ZERO, Money
from backend.pension import interest, years
from backend.pension.interest import RateNotPublished, Terms
from backend.pension.model import Account, AccountYear
from backend.pension.rules.interest import YEAR, Booked, year_fen

FIRST_RATE = 2016  # the first year with a rate for the whole country
NEWEST = "{year} 年的记账利率还没有公布，按 {by} 年的 {rate} 算；以后公布的不再补差，这一做法没有核实。"
Given = dict[str, int]  # year → fen of interest given beyond what a run may give later


def settle(uow: Uow, person_id: int) -> tuple[Given, tuple[str, ...]]:
    """Every year without interest bears it, the running one to this month; what was given by a rate that is not the
    year's own, and what the person is told of that."""
    years.open_year(uow, Account.person_id == person_id, empty=True)
    given: Given = {}
    told: list[str] = []
    carry = ZERO
    for row in _whole(uow, person_id):
        row.opening, row.closing = row.opening + carry, row.closing + carry
        if row.rate is None:
            carry += _bear(uow, row, given, told)
    uow.session.flush()
    return given, tuple(told)


def _bear(uow: Uow, row: AccountYear, given: Given, told: list[str]) -> Money:
    known, own = _terms(row.year)
    months = uow.today.month if row.year == uow.today.year else YEAR
    final = own and months == YEAR and row.year < uow.today.year
    booked = Booked(row.opening.fen, row.moved, row.credited.fen, row.paid.fen)
    more = Money(max(0, year_fen(known.by, booked, months)) - row.interest.fen)
    if (row.closing + more).fen < 0:
        more = ZERO - row.closing
    row.interest, row.closing = row.interest + more, row.closing + more
    row.rate = known.by.rate if final else 0
    if not final:
        given[str(row.year)] = more.fen
        if not own and more.fen:
            told.append(NEWEST.format(year=row.year, by=known.year, rate=known.rate))
    return more


def _terms(year: int) -> tuple[Terms, bool]:
    """The terms of a year, and whether they are its own; else the newest before it."""
    for asked in range(year, FIRST_RATE - 1, -1):
        try:
            return interest.terms(asked), asked == year
        except RateNotPublished:
            continue
    raise RateNotPublished(year=year)


def _whole(uow: Uow, person_id: int) -> Sequence[AccountYear]:
    """All years of an account in their order, locked, with those in between in which nothing moved."""
    rows = list(
        uow.session.scalars(
            select(AccountYear)
            .where(AccountYear.person_id == person_id)
            .order_by(AccountYear.year)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )
    for before, after in pairwise(list(rows)):
        for year in range(before.year + 1, after.year):
            quiet = AccountYear(
                person_id=person_id,
                year=year,
                months=0,
                opening=before.closing,
                credited=ZERO,
                interest=ZERO,
                paid=ZERO,
                closing=before.closing,
                moved=[0] * YEAR,
            )
            uow.session.add(quiet)
            rows.append(quiet)
    uow.session.flush()
    return sorted(rows, key=lambda row: row.year)


def undo(uow: Uow, person_id: int, given: Given) -> None:
    """What was given by a rate that was not the years' own is taken back; those years wait for their interest again."""
    rows = _whole(uow, person_id)
    carry = ZERO
    for row in rows:
        row.opening, row.closing = row.opening - carry, row.closing - carry
        if str(row.year) in given:
            fen = Money(given[str(row.year)])
            row.interest, row.closing, row.rate = row.interest - fen, row.closing - fen, None
            carry += fen
    uow.session.flush()
