"""Checking 对账: every account holds what came in and what it bore, less what it paid; and it bore what the rule says.

That each year adds up, with its months, the database itself refuses to be otherwise (`model`).
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from backend.kernel import ledger
from backend.kernel.db import MoneyType, Uow
from backend.pension.books import EMPLOYEES, Books
from backend.pension.interest import owed, terms

QUESTION = "个人账户"


def check(uow: Uow, books: Books = EMPLOYEES, question: str = QUESTION) -> list[ledger.Difference]:
    """Where an account's years do not follow from each other or its interest not from the rule; [] if all is well."""
    return [*_years_part(uow, books, question), *_interest_differs(uow, books, question)]


def _years_part(uow: Uow, books: Books, question: str) -> Iterator[ledger.Difference]:
    """A year begins with what the one before it left."""
    before = func.lag(books.year.closing, type_=MoneyType()).over(
        partition_by=books.year.person_id, order_by=books.year.year
    )
    rows = select(books.year.person_id, books.year.year, books.year.opening, before.label("left")).subquery()
    wrong = select(rows).where(rows.c.opening != rows.c.left).order_by(rows.c.person_id, rows.c.year)
    for person_id, year, opening, left in uow.session.execute(wrong):
        where = f"人员 {person_id} 的 {year} 年年初"
        yield ledger.Difference(question, where, f"{left.fen} 分", f"{opening.fen} 分")


def _interest_differs(uow: Uow, books: Books, question: str) -> Iterator[ledger.Difference]:
    """Of the years that were settled here."""
    settled = select(books.year.year).where(books.year.rate > 0).distinct().order_by(books.year.year)
    for year in uow.session.scalars(settled):
        wrong = owed(terms(year, books), fresh=False, books=books).order_by("person_id")
        for person_id, fen, change, _fresh in uow.session.execute(wrong):
            where = f"人员 {person_id} 的 {year} 年利息"
            yield ledger.Difference(question, where, f"{fen} 分", f"{fen - change} 分")
