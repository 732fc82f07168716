"""Years of contribution 缴费年限: how an area reads a number of months as years.

A reading gives years as a fraction of whole numbers. Which area reads how stands in
backend/params/<area>/pension.yaml, `formula.years_reading`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from backend.kernel.rules import half_up, up

Years = tuple[int, int]  # numerator, denominator
Reading = Callable[[int, int], Years]  # months, thousandths of a year that an odd month counts


def exact(months: int, odd_month: int = 0) -> Years:
    """月数 ÷ 12，不舍入"""
    return months, 12


def counted(months: int, odd_month: int = 0) -> Years:
    """月数 ÷ 12，不舍入，核定表上印的年限只是近似数"""
    return months, 12


def hundredth(months: int, odd_month: int = 0) -> Years:
    """月数 ÷ 12，四舍五入到两位小数"""
    return half_up(months * 100, 12), 100


def hundredth_down(months: int, odd_month: int = 0) -> Years:
    """月数 ÷ 12，两位小数以后舍去"""
    return months * 100 // 12, 100


def ten_thousandth(months: int, odd_month: int = 0) -> Years:
    """月数 ÷ 12，四舍五入到四位小数"""
    return half_up(months * 10_000, 12), 10_000


def half_year_up(months: int, odd_month: int = 0) -> Years:
    """不满半年的按半年，超过半年的按一年"""
    return up(months, 6), 2


def year_and_months(months: int, odd_month: int) -> Years:
    """整年数 + 不满一年的月数 × 每月折算的年数"""
    return months // 12 * 1000 + months % 12 * odd_month, 1000


READINGS: Final[Mapping[str, Reading]] = {
    reading.__name__: reading
    for reading in (exact, counted, hundredth, hundredth_down, ten_thousandth, half_year_up, year_and_months)
}


def months_of(years: int, scale: int) -> int:
    """The whole months that printed years stand for: 30.67 are 368.

    >>> months_of(3067, 100), months_of(410833, 10_000)
    (368, 493)
    """
    return half_up(years * 12, scale)
