"""Retirement age 法定退休年龄: the reform of 2025, and how many months must have been paid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backend.kernel.period import Month


@dataclass(frozen=True)
class Reform:
    """Filled from backend/params/pension.yaml `retirement`; by the retirement age of before (60, 55, 50)."""

    first_birth: Mapping[str, Month]
    step_months: Mapping[str, int]
    delay_cap_months: Mapping[str, int]
    flexible_months: int


def delay_months(born: int, first_birth: int, step: int, cap: int) -> int:
    """延迟月数: one month for every `step` months of birth after the first, up to the cap.

    Months of birth are counted since year 0.

    >>> delay_months(Month(1976, 9).number, Month(1965, 1).number, 4, 36)
    36
    """
    if born < first_birth:
        return 0
    return min((born - first_birth) // step + 1, cap)


def earliest_months(legal: int, original: int, flexible: int) -> int:
    """弹性提前: up to so many months before the legal age, never below the age of before."""
    return max(legal - flexible, original)


@dataclass(frozen=True)
class Ages:
    """Ages at retirement, in months."""

    original: int
    delay: int
    legal: int
    earliest: int
    latest: int


def ages(track: int, birth: Month, reform: Reform, reform_starts: Month) -> Ages:
    """The legal age of one born in a month, and the span of flexible retirement.

    Who reached the age before the reform began retires at it: there is nothing to choose.
    """
    key, original = str(track), track * 12
    if birth + original < reform_starts:
        return Ages(original, 0, original, original, original)
    delay = delay_months(
        birth.number, reform.first_birth[key].number, reform.step_months[key], reform.delay_cap_months[key]
    )
    legal = original + delay
    return Ages(
        original,
        delay,
        legal,
        earliest_months(legal, original, reform.flexible_months),
        legal + reform.flexible_months,
    )
