"""The average index 平均缴费指数: how an area averages what a person paid against the wages of the time.

A month's index is its base over the average wage, in ten-thousandths, half up. The averages come as whole numbers
of 10^-places, rounded once. Months of which only the sum is known (`rest`: total, months) count as full years of twelve.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from backend.kernel.rules import half_up

PARTS = 10_000  # what a month's index is counted in
YEAR = 12
TWELFTHS = 27_720  # a multiple of 1 to 12: a year's mean of so many months stays whole
Sums = Sequence[tuple[int, int]]  # of each calendar year: the sum of its months' indices, how many months
Rest = tuple[int, int]
Mode = Callable[[Sums, Rest, int], int]


def month_index(base_fen: int, wage_fen: int) -> int:
    """一个月的缴费指数 = 缴费基数 ÷ 平均工资.

    >>> month_index(746_000, 1_243_400), month_index(3_730_200, 1_243_400)
    (6000, 30000)
    """
    return half_up(base_fen * PARTS, wage_fen)


def month(years: Sums, rest: Rest, places: int) -> int:
    """按月平均：各月缴费指数之和 ÷ 月数

    >>> month([(7_630 * 12, 12), (7_630 * 10, 10)], (0, 0), 3)
    763
    """
    total, months = _sum(years, rest)
    return half_up(total * 10**places, PARTS * months)


def year_mean(years: Sums, rest: Rest, places: int) -> int:
    """按年平均：先求每一年的平均指数，再求各年的平均数

    >>> year_mean([(10_000 * 12, 12), (7_000 * 2, 2)], (0, 0), 4), month([(10_000 * 12, 12), (7_000 * 2, 2)], (0, 0), 4)
    (8500, 9571)
    """
    means = sum(total * (TWELFTHS // months) for total, months in years)
    top = YEAR * means + TWELFTHS * rest[0]
    return half_up(top * 10**places, PARTS * TWELFTHS * (YEAR * len(years) + rest[1]))


def year_count(years: Sums, rest: Rest, places: int) -> int:
    """按自然年数平均：各月缴费指数之和 ÷ 12 ÷ 有缴费的自然年数，缴费不满一年的年份也算一年

    >>> year_count([(7_630 * 12, 12), (7_630 * 10, 10)], (0, 0), 3)
    699
    """
    total, _ = _sum(years, rest)
    return half_up(total * 10**places, PARTS * (YEAR * len(years) + rest[1]))


def _sum(years: Sums, rest: Rest) -> tuple[int, int]:
    return rest[0] + sum(total for total, _ in years), rest[1] + sum(months for _, months in years)


MODES: Final[Mapping[str, Mode]] = {mode.__name__: mode for mode in (month, year_mean, year_count)}
