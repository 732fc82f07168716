"""Amounts 待遇标准: what a month of a pension is worth. The one place that says it; a month is paid at its own amount.

The newest amount is on the award (decided, and what adjustments added since); an earlier month's is that less the
adjustments of later years.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    SQLColumnExpression,
    case,
    cast,
    func,
    select,
    type_coerce,
)

from backend.kernel.db import MoneyType
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.pension.model import Adjustment, Award


def amount_of(month: Month | SQLColumnExpression[Month]) -> ColumnElement[Money]:
    """What an award is worth in a month (or in the month of its row). Rows of adjustments are looked at only where the
    month is of a year before the newest that was adjusted, so the newest month costs a million nothing."""
    year: Any = month.year if isinstance(month, Month) else cast(func.extract("year", month), Integer)
    later = (
        select(func.coalesce(func.sum(_fen(Adjustment.increase)), 0))
        .where(Adjustment.award_id == Award.id, Adjustment.undone_at.is_(None), Adjustment.year > year)
        .scalar_subquery()
    )
    newest = present()
    return type_coerce(
        case((func.coalesce(Award.adjusted, 0) <= year, newest), else_=newest - later), MoneyType()
    )


def present() -> ColumnElement[int]:
    """The newest amount of an award, in fen."""
    whole: ColumnElement[int] = _fen(Award.total) + _fen(Award.increase)
    return whole


def present_of(award: Award) -> Money:
    return award.total + award.increase


def contains() -> ColumnElement[int]:
    """The newest year whose adjustment an award's amount contains. Until it was adjusted here, that is the year of
    retirement; or, where it was paid elsewhere before, the year before it was taken over."""

    def year(month: Any) -> ColumnElement[int]:
        return cast(func.extract("year", month), Integer)

    taken_over = case((Award.pays_from > Award.first_month, year(Award.pays_from) - 1), else_=0)
    return func.coalesce(Award.adjusted, func.greatest(year(Award.retired), taken_over), type_=Integer())


def _fen(column: Any) -> Any:
    """A column of money as whole numbers."""
    return type_coerce(column, BigInteger())
