"""Checking 对账: every account holds what came in and what it bore, less what it paid; and it bore what the rule says.

That each year adds up, with its months, the database itself refuses to be otherwise (`model`).
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from backend.kernel import ledger
from backend.kernel.db import MoneyType, Uow
from backend.pension.awarding import settled
from backend.pension.interest import owed, terms
from backend.pension.model import AccountYear

QUESTION = "个人账户"


def check(uow: Uow) -> list[ledger.Difference]:
    """Where an account's years do not follow from each other or its interest not from the rule; [] if all is well."""
    return [*_years_part(uow), *_interest_differs(uow), *settled.check(uow)]


def _years_part(uow: Uow) -> Iterator[ledger.Difference]:
    """A year begins with what the one before it left."""
    before = func.lag(AccountYear.closing, type_=MoneyType()).over(
        partition_by=AccountYear.person_id, order_by=AccountYear.year
    )
    rows = select(
        AccountYear.person_id, AccountYear.year, AccountYear.opening, before.label("left")
    ).subquery()
    wrong = select(rows).where(rows.c.opening != rows.c.left).order_by(rows.c.person_id, rows.c.year)
    for person_id, year, opening, left in uow.session.execute(wrong):
        where = f"人员 {person_id} 的 {year} 年年初"
        yield ledger.Difference(QUESTION, where, f"{left.fen} 分", f"{opening.fen} 分")


def _interest_differs(uow: Uow) -> Iterator[ledger.Difference]:
    """Of the years that were settled here."""
    settled = select(AccountYear.year).where(AccountYear.rate > 0).distinct().order_by(AccountYear.year)
    for year in uow.session.scalars(settled):
        wrong = owed(terms(year), fresh=False).order_by("person_id")
        for person_id, fen, change, _fresh in uow.session.execute(wrong):
            where = f"人员 {person_id} 的 {year} 年利息"
            yield ledger.Difference(QUESTION, where, f"{fen} 分", f"{fen - change} 分")
