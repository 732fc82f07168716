"""Published figures 公布的数字 for the demo city's careers; the demo's own series fills what was not found."""

from __future__ import annotations

from datetime import date

from backend.demo.places import city as city_code
from backend.demo.series import WHOLE, Terms, terms
from backend.kernel import params
from backend.kernel.money import Money
from backend.kernel.params import Missing
from backend.kernel.period import Month


def terms_of(area: str) -> Terms:
    """Interest rates of the nation and base limits of the area as published, month by month."""

    def limits(month: Month) -> tuple[int, int] | None:
        try:
            floor, ceiling = (
                params.value(f"pension.contribution.{name}", month.first, area)
                for name in ("floor", "ceiling")
            )
        except Missing:
            return None
        return floor.fen, ceiling.fen

    def average_wage(month: Month) -> int | None:
        """The limits rest on it: the ceiling is three times the average wage."""
        found = limits(month)
        return found[1] // 3 if found else None

    rates = {
        one.since.year: int(one.value * WHOLE)
        for one in params.history("pension.account.interest_rate")
        if one.value != params.ENDED
    }
    return terms(rates, limits, average_wage)


def base(month: Month, area: str, told: Terms) -> tuple[Money, str]:
    """计发基数 of a month and on whose word it stands."""
    try:
        found = params.found("pension.benefit.base", month.first, area)
    except Missing:
        return Money(told.average_wage(max(month, told.since))), "演示数列"
    return found.value, found.source


def minimum_wage(today: date) -> Money:
    wage: Money = params.value("employment.pay.minimum_month", today, city_code()[0])
    return wage
