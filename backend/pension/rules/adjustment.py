"""Yearly adjustment 待遇调整: 定额 + 挂钩 + 倾斜, each by the year's own notice.

Whole numbers or columns of a database: `Speed` is the smaller and the larger of two in either, and everything else is
arithmetic, so one pensioner and a million get the same fen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from backend.kernel.rules import FEN, MILLION, half_up, to_unit

YEAR = 12
WHOLE, UP, BY_MONTH = "whole", "up", "month"  # 每满一年, 不满一年按一年, 按月折算
Tiers = tuple[tuple[int, int], ...]  # from which value on what holds, in ascending order


@dataclass(frozen=True)
class Speed:
    """The least and the most of two, of plain numbers or of a database's columns."""

    least: Callable[[Any, Any], Any]
    most: Callable[[Any, Any], Any]


PLAIN = Speed(min, max)


@dataclass(frozen=True)
class Scheme:
    """What a year's notice gives; amounts in fen a month, the rate in millionths."""

    fixed: Tiers = ()  # 定额, or 绝对额 by the pension before
    guarded: bool = False  # nobody is overtaken by who stood in the tier below
    years: Tiers = ()  # for each year of contribution, by how many there are
    short_years: int = 0  # who has fewer gets `short` whatever they have
    short: int = 0
    reading: str = WHOLE
    rate: int = 0  # of the pension before
    ages: Tiers = ()  # 高龄倾斜, by the age at the end of the year before
    favoured_least: int = 0  # to which protected persons are raised before 高龄倾斜
    least: int = 0  # to which everybody is raised
    unit: int = FEN  # what a share of the pension is rounded to


@dataclass(frozen=True)
class Pensioner:
    """Whom it is for. `favoured`: 1 of a protected group (企业退休军转干部 and the like), else 0."""

    pension: Any
    months: Any
    age: Any
    favoured: Any = 0


@dataclass(frozen=True)
class Increase:
    """What a month's pension gains, in fen."""

    fixed: Any
    by_years: Any
    by_pension: Any
    tilted: Any
    top_up: Any

    @property
    def linked(self) -> Any:
        return self.by_years + self.by_pension

    @property
    def total(self) -> Any:
        return self.fixed + self.linked + self.tilted + self.top_up


def reached(value: Any, bound: int, speed: Speed = PLAIN) -> Any:
    """1 from the bound on, else 0.

    >>> reached(64, 65), reached(65, 65), reached(90, 65)
    (0, 1, 1)
    """
    return speed.least(1, speed.most(0, value - (bound - 1)))


def tier(value: Any, tiers: Tiers, speed: Speed = PLAIN) -> Any:
    """What holds at a value; nothing below the first tier.

    >>> ages = ((65, 9_000), (70, 11_000))
    >>> tier(64, ages), tier(69, ages), tier(70, ages), tier(1, ())
    (0, 9000, 11000, 0)
    """
    found, before = 0, 0
    for bound, amount in tiers:
        found += (amount - before) * reached(value, bound, speed)
        before = amount
    return found


def fixed_fen(pension: Any, scheme: Scheme, speed: Speed = PLAIN) -> Any:
    """定额. Guarded: 上一档养老金水平低于下一档调整后上限的，按下一档调整后的上限确定.

    >>> beijing = Scheme(fixed=((0, 15_000), (277_300, 10_000)), guarded=True)
    >>> fixed_fen(277_299, beijing), fixed_fen(277_300, beijing), fixed_fen(280_000, beijing), fixed_fen(290_000, beijing)
    (15000, 15000, 12300, 10000)
    """
    found = tier(pension, scheme.fixed, speed)
    if scheme.guarded:
        for (_, below), (bound, _amount) in zip(scheme.fixed, scheme.fixed[1:], strict=False):
            found = speed.most(found, reached(pension, bound, speed) * (bound + below - pension))
    return found


def years_fen(months: Any, scheme: Scheme, speed: Speed = PLAIN) -> Any:
    """与缴费年限挂钩: so much for each year, each part of a career by its own tier; a flat sum for short ones.

    >>> beijing = Scheme(years=((0, 350),), short_years=10, short=3_500)
    >>> [years_fen(months, beijing) for months in (0, 119, 120, 131, 132, 366)]
    [3500, 3500, 3500, 3500, 3850, 10500]
    >>> tiered = Scheme(years=((0, 100), (15, 150)), reading=BY_MONTH)
    >>> years_fen(12 * 20 + 1, tiered), years_fen(12 * 20 + 1, Scheme(years=((0, 100),), reading=UP))
    (2263, 2100)
    """
    counted = months
    if scheme.reading != BY_MONTH:
        counted = (months + (YEAR - 1 if scheme.reading == UP else 0)) // YEAR * YEAR
    twelfths = 0
    bounds = [bound for bound, _ in scheme.years[1:]]
    for (bound, amount), until in zip(scheme.years, [*bounds, None], strict=True):
        within = speed.most(0, counted - bound * YEAR)
        if until is not None:
            within = speed.least(within, (until - bound) * YEAR)
        twelfths += amount * within
    found = half_up(twelfths, YEAR)
    if not scheme.short_years:
        return found
    return scheme.short + reached(months, scheme.short_years * YEAR, speed) * (found - scheme.short)


def increase(one: Pensioner, scheme: Scheme, speed: Speed = PLAIN) -> Increase:
    """What the year's notice gives a pensioner.

    >>> beijing = Scheme(fixed=((0, 15_000), (277_300, 10_000)), guarded=True, years=((0, 350),), short_years=10,
    ...     short=3_500, ages=((65, 9_000), (70, 11_000)), favoured_least=305_000, least=146_300)
    >>> given = increase(Pensioner(300_000, 366, 71), beijing)
    >>> (given.fixed, given.linked, given.tilted, given.total)
    (10000, 10500, 11000, 31500)
    >>> increase(Pensioner(250_000, 366, 71, favoured=1), beijing).top_up, increase(Pensioner(100_000, 60, 50), beijing).total
    (29500, 46300)
    """
    fixed = fixed_fen(one.pension, scheme, speed)
    by_years = years_fen(one.months, scheme, speed)
    by_pension = to_unit(one.pension * scheme.rate, MILLION, scheme.unit) if scheme.rate else 0
    tilted = tier(one.age, scheme.ages, speed)
    raised = one.pension + fixed + by_years + by_pension
    top_up = 0
    if scheme.favoured_least:
        top_up = one.favoured * speed.most(0, scheme.favoured_least - raised)
    if scheme.least:
        top_up += speed.most(0, scheme.least - (raised + top_up + tilted))
    return Increase(fixed, by_years, by_pension, tilted, top_up)
