"""Divisor months 计发月数: by how many months the individual account is divided."""

from __future__ import annotations

from collections.abc import Mapping

from backend.kernel.rules import half_up

YOUNGEST, OLDEST = 40, 70


def held(age_months: int) -> int:
    """The age, held between the youngest and the oldest of the table."""
    return min(max(age_months, YOUNGEST * 12), OLDEST * 12)


def between(at_year: int, next_year: int, months: int) -> int:
    """Tenths of a month, a number of months after a birthday: 按月线性折算，四舍五入到 0.1.

    >>> between(170, 164, 1), between(139, 132, 3)
    (1695, 1373)
    """
    return half_up((at_year * (12 - months) + next_year * months) * 10, 12)


def divisor_tenths(age_months: int, table: Mapping[int, int], by_month: bool) -> int:
    """计发月数 in tenths: by the whole age, or from 2025 by the month."""
    years, months = divmod(held(age_months), 12)
    if not by_month or not months:
        return table[years] * 10
    return between(table[years], table[years + 1], months)
