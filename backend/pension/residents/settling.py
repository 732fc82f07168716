"""Settling 结息: a year's interest of every resident's account; and what a closing account bears to its last month."""

from __future__ import annotations

from sqlalchemy import func, select

from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.items import Guide, item
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.pension import interest, years
from backend.pension.residents.books import RESIDENTS
from backend.pension.residents.model import ResidentYear
from backend.pension.residents.schema import SettleYear
from backend.pension.rules.interest import YEAR, Booked, year_fen
from backend.pension.schema import YearSettled


@item(
    "RES-11",
    "居民养老保险个人账户年度结息",
    may=Permission.PENSION_DECIDE,
    review=1,
    guide=Guide(
        what="一年过完、记账利率公布以后，给全部居民养老个人账户结上一年的利息。可以重复办理，已经结过的不会再结。",
        who="经办机构",
        days="复核后当场办结",
        law="国发〔2014〕8号 第五条",
    ),
)
def settle_year(uow: Uow, cmd: SettleYear) -> YearSettled:
    return interest.settle(uow, cmd.year, RESIDENTS)


def bear_until(uow: Uow, person_id: int, last: Month) -> None:
    """A closing account bears to its last month, by the newest rate where that year's is not published yet (K)."""
    rows = years.since(uow, person_id, _first_year(uow, person_id), RESIDENTS)
    for n, row in enumerate(rows):
        months = max(0, min(YEAR, (last.year - row.year) * YEAR + last.month))
        known = interest.terms_or_last(row.year, RESIDENTS)
        if row.rate is not None or known is None:
            continue
        booked = Booked(row.opening.fen, row.moved, row.credited.fen, row.paid.fen)
        added = Money(max(0, year_fen(known.by, booked, months)) - row.interest.fen)
        row.interest, row.closing = row.interest + added, row.closing + added
        for later in rows[n + 1 :]:
            later.opening, later.closing = later.opening + added, later.closing + added
    uow.session.flush()


def _first_year(uow: Uow, person_id: int) -> int:
    """The account's oldest year that has not had its interest, or this one."""
    unsettled = select(func.min(ResidentYear.year)).where(
        ResidentYear.person_id == person_id, ResidentYear.rate.is_(None)
    )
    return uow.session.scalar(unsettled) or uow.today.year
