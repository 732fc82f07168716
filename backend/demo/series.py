"""Contribution terms 缴费口径: published figures first, the demo's own series where there are none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from backend.demo.names import told
from backend.kernel.period import Month
from backend.kernel.rules import MILLION

WHOLE = 10_000  # rates and indices are ten-thousandths
MILLIONTHS = MILLION // WHOLE  # in one of these
T = TypeVar("T")


@dataclass(frozen=True)
class Shares:
    """Ten-thousandths of the base, of one month."""

    person: int
    employer: int
    credited: int  # to the individual account
    flexible: int  # all that a flexible worker pays


@dataclass(frozen=True)
class Terms:
    """What a city sets, by month: everything a career needs to know of the law."""

    since: Month  # the first month of individual accounts
    base_limits: Callable[[Month], tuple[int, int]]  # floor and ceiling, fen a month
    average_wage: Callable[[Month], int]  # fen a month; a base's index is its share of this
    shares: Callable[[Month], Shares]
    interest: Mapping[int, int]  # 记账利率 by year, ten-thousandths


@cache
def _steps(name: str) -> tuple[tuple[Month, str], ...]:
    return tuple(sorted((Month.parse(start), value) for start, value in told("series")[name].items()))


def _in_force(name: str, month: Month) -> str:
    """The step that holds in a month; before the first step, the first."""
    steps = _steps(name)
    return next((value for start, value in reversed(steps) if start <= month), steps[0][1])


@cache
def average_wage(month: Month) -> int:
    """演示: the wage on which a contribution month's limits rest, in fen."""
    return int(_in_force("average_wage_yuan", month)) * 100


@cache
def base_limits(month: Month) -> tuple[int, int]:
    """演示: floor and ceiling of a month, in whole yuan as they are published, in fen."""
    wage_yuan = average_wage(month) // 100
    floor, ceiling = (int(told("series")[name]) for name in ("floor_percent", "ceiling_percent"))
    return (wage_yuan * floor + 50) // 100 * 100, (wage_yuan * ceiling + 50) // 100 * 100


@cache
def shares(month: Month) -> Shares:
    """演示: the rates of a month."""
    return Shares(*(int(part) for part in _in_force("shares", month).split()))


def interest() -> dict[int, int]:
    """演示: the rates before the nation set one, ten-thousandths by year."""
    return {int(year): int(rate) for year, rate in told("series")["interest"].items()}


def terms(
    published_interest: Mapping[int, int],
    published_limits: Callable[[Month], tuple[int, int] | None] = lambda month: None,
    published_wage: Callable[[Month], int | None] = lambda month: None,
    published_shares: Callable[[Month], Shares | None] = lambda month: None,
) -> Terms:
    """A city's terms: what was published, and the demo's series for the months in which nothing was found."""
    return Terms(
        since=Month.parse(told("series")["accounts_since"]),
        base_limits=_first(published_limits, base_limits),
        average_wage=_first(published_wage, average_wage),
        shares=_first(published_shares, shares),
        interest={**interest(), **published_interest},
    )


def _first(published: Callable[[Month], T | None], otherwise: Callable[[Month], T]) -> Callable[[Month], T]:
    def known(month: Month) -> T:
        found = published(month)
        return otherwise(month) if found is None else found

    return known
