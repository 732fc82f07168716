"""A million at once: column speed is plain speed to the fen, nothing overflows, and more never gives less."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date
from itertools import product
from typing import Any

import numpy as np
import pytest

from backend.kernel import columns as kernel
from backend.kernel import params
from backend.kernel.calculators import run
from backend.kernel.columns import RowRefused
from backend.kernel.money import Money
from backend.kernel.params import Missing
from backend.kernel.period import Month
from backend.kernel.rules import FEN, JIAO, up_to_unit
from backend.pension import columns
from backend.pension.columns import Careers, awards
from backend.pension.rules import benefit
from backend.pension.rules.divisor import divisor_tenths
from backend.pension.rules.years import READINGS

BASE = "pension.benefit.base"
AREAS = sorted({one.area for one in params.everything() if one.path == BASE})
MILLION = 1_000_000
TABLE = {int(age): months for age, months in params.value("pension.divisor.months", date(2025, 1, 1)).items()}


def people(count: int, area: str, seed: int = 1) -> Careers:
    """Random careers of those who retire in an area from the first base that it has, until the middle of 2026;
    deemed years only where the area's coefficient is known."""
    random = np.random.default_rng(seed)
    first = max(Month.of(params.history(BASE, area)[0].since), Month(2021, 1))
    months = random.integers(0, 541, count)
    known = params.history("pension.transitional.rate", area)
    deemed = random.integers(0, 241, count) if known else np.zeros(count, np.int64)
    return Careers(
        retired=random.integers(first.number, Month(2026, 7).number, count),
        index=random.integers(0, 3_000_001, count),
        months=months,
        deemed=np.minimum(months, deemed),
        account_fen=random.integers(0, 90_000_000, count),
        age=random.integers(39 * 12, 72 * 12, count),
    )


def row(careers: Careers, at: int) -> dict[str, int]:
    return {each.name: int(getattr(careers, each.name)[at]) for each in dataclasses.fields(Careers)}


def published(area: str, month: Month) -> int:
    base: Money = params.value(BASE, month.first, area)
    return base.fen


@pytest.mark.slow
@pytest.mark.parametrize(
    ("area", "basic_of", "transitional_of", "unit"),
    [
        ("420100", benefit.basic_fen, benefit.indexed_fen, FEN),
        ("510000", benefit.basic_fen, benefit.averaged_fen, FEN),
        ("310000", benefit.basic_fen, benefit.indexed_fen, JIAO),
        ("440000", benefit.discounted_basic_fen, None, FEN),
    ],
    ids=["hubei", "sichuan", "shanghai", "guangdong"],
)
def test_a_million_persons_get_the_same_fen_at_column_speed_and_at_plain_speed(
    area: str, basic_of: Callable[..., int], transitional_of: Callable[..., int] | None, unit: int
) -> None:
    """A quarter of a million in each of four provinces, whose formulas differ; plain: the rules, one by one."""
    careers = people(MILLION // 4, area)
    got = awards(area, careers)
    plain = [_plain(area, row_of, basic_of, transitional_of, unit) for row_of in _rows(careers)]
    basic, account, transitional = zip(*plain, strict=True)
    assert (got.basic == basic).all()
    assert (got.account == account).all()
    assert (got.transitional == transitional).all()
    assert (got.total == got.basic + got.account + got.transitional + got.additions).all()


def _rows(careers: Careers) -> list[tuple[int, ...]]:
    kept = (getattr(careers, each.name).tolist() for each in dataclasses.fields(Careers))
    return list(zip(*kept, strict=True))


def _plain(area: str, of: Any, basic_of: Any, transitional_of: Any, unit: int) -> tuple[int, int, int]:
    retired, index, months, deemed, account, age = of
    month = Month.numbered(retired)
    base, reading = published(area, month), params.value("pension.formula.years_reading", month.first, area)
    odd = 83 if reading == columns.READ_APART else 0
    years, scale = READINGS[reading](months, odd)
    bases = (base, index, 600_000) if basic_of is benefit.discounted_basic_fen else (base, base, index)
    basic = basic_of(*bases, years, scale, unit)
    drawn = benefit.account_fen(account, divisor_tenths(age, TABLE, month.year >= 2025), unit)
    if not deemed:
        return basic, drawn, 0
    rate = int(params.value("pension.transitional.rate", month.first, area) * 10_000)
    years, scale = (deemed, 12) if odd else READINGS[reading](deemed, 0)
    own = params.value("pension.transitional.index", month.first, area) == "own"
    return basic, drawn, transitional_of(base, index if own else 1_000_000, years, scale, rate, unit)


@pytest.mark.parametrize("area", AREAS)
def test_everybody_gets_at_column_speed_what_the_calculator_says(area: str) -> None:
    careers = people(25, area)
    got = awards(area, careers)
    for at in range(25):
        of = row(careers, at)
        said = run(
            "pension",
            {
                "area": area,
                "retired": str(Month.numbered(of["retired"])),
                "index": f"{of['index'] / MILLION:.6f}",
                "months": of["months"],
                "deemed_months": of["deemed"],
                "account": Money(of["account_fen"]).text,
                "age": {"years": of["age"] // 12, "months": of["age"] % 12},
            },
        )
        added = sum(Money.yuan(one["amount"]).fen for one in said["additions"])
        want = [Money.yuan(said[name]).fen for name in ("basic", "account", "transitional", "total")]
        found = [int(getattr(got, name)[at]) for name in ("basic", "account", "transitional", "total")]
        assert (found, int(got.additions[at])) == (want, added), (area, of)


def test_the_room_of_the_time_before_holds_nothing_of_it() -> None:
    careers = people(300, "310000")
    used = columns.room(300)
    for each in dataclasses.fields(columns.Amounts):
        getattr(used, each.name)[:] = -1
    again, fresh = awards("310000", careers, used), awards("310000", careers)
    for each in dataclasses.fields(columns.Amounts):
        assert getattr(again, each.name) is getattr(used, each.name)
        assert (getattr(again, each.name) == getattr(fresh, each.name)).all()


def test_without_the_compiler_the_same_functions_run_in_a_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    careers = people(300, "310000")
    compiled = awards("310000", careers)
    monkeypatch.setattr(kernel, "numba", None)
    kernel.compiled.cache_clear()
    columns._kernel.cache_clear()
    looped = awards("310000", careers)
    kernel.compiled.cache_clear()
    columns._kernel.cache_clear()
    for each in dataclasses.fields(columns.Amounts):
        assert (getattr(compiled, each.name) == getattr(looped, each.name)).all()


class Watched(int):
    """A whole number that fails where it, or anything made from it, leaves 64 bits."""

    def __new__(cls, value: int) -> Watched:
        assert abs(value) < 2**63, f"{value} 超过 64 位"
        return super().__new__(cls, value)


def _watch(name: str) -> None:
    def both(mine: int, other: int) -> Watched:
        return Watched(getattr(int, name)(mine, int(other)))

    setattr(Watched, name, both)


for each_name in (
    "__add__",
    "__radd__",
    "__sub__",
    "__rsub__",
    "__mul__",
    "__rmul__",
    "__floordiv__",
    "__mod__",
):
    _watch(each_name)


def test_up_to_the_largest_numbers_taken_nothing_leaves_64_bits() -> None:
    bases = (1, columns.LARGEST_BASE_FEN)
    indices = (0, 599_999, columns.LARGEST_INDEX)
    for base, index, scale, unit in product(bases, indices, (1, 2, 12, 100, 1000, 10_000), (FEN, JIAO)):
        most = columns.LONGEST_MONTHS // 12 * scale
        for years in (0, most - 1, most):
            b, i, n = Watched(base), Watched(index), Watched(years)
            benefit.basic_fen(b, b, i, n, scale, unit)
            benefit.discounted_basic_fen(b, i, 600_000, n, scale, unit)
            benefit.yearly_fen(b, i, n, scale, unit)
            for rate in (1, 140, 10_000):
                benefit.indexed_fen(b, i, n, scale, rate, unit)
                benefit.averaged_fen(b, i, n, scale, rate, unit)
            benefit.share_fen(Watched(2 * base), Watched(most * 100), 2 * scale * 10_000, unit)
    for tenths in (560, 2330):
        up_to_unit(benefit.account_fen(Watched(columns.LARGEST_ACCOUNT_FEN), tenths, JIAO), JIAO)


def test_a_number_that_64_bits_do_not_hold_is_noticed_by_that_very_test() -> None:
    with pytest.raises(AssertionError, match="超过 64 位"):
        benefit.basic_fen(Watched(10**13), Watched(10**13), Watched(1_000_000), 12, 12, FEN)


@pytest.mark.parametrize(
    "wrong",
    [
        {"index": -1},
        {"index": columns.LARGEST_INDEX + 1},
        {"months": columns.LONGEST_MONTHS + 1},
        {"deemed": 400},
        {"account_fen": -1},
        {"age": -1},
        {"age": columns.OLDEST_MONTHS + 1},
    ],
    ids=str,
)
def test_a_row_that_no_career_can_be_is_refused_by_its_number(wrong: dict[str, int]) -> None:
    count = 2 * kernel.SHARE + 5
    sound = dataclasses.replace(
        people(count, "310000"), months=np.full(count, 300), deemed=np.zeros(count, np.int64)
    )
    ((name, value),) = wrong.items()
    column = getattr(sound, name).copy()
    column[count - 2] = value
    with pytest.raises(RowRefused) as refused:
        awards("310000", dataclasses.replace(sound, **{name: column}))
    assert refused.value.row == count - 2


def test_a_month_without_a_base_and_deemed_years_without_a_coefficient_are_refused_by_name() -> None:
    early = dataclasses.replace(people(3, "510000"), retired=np.full(3, Month(1990, 1).number))
    with pytest.raises(Missing) as without:
        awards("510000", early)
    assert str(without.value.facts["parameter"]).startswith("pension.")
    deemed = dataclasses.replace(people(3, "440000"), months=np.full(3, 300), deemed=np.array([0, 60, 0]))
    with pytest.raises(Missing) as without:
        awards("440000", deemed)
    assert without.value.facts["parameter"] == "pension.transitional.rate"


def test_nobody_at_all_gets_nothing() -> None:
    none = np.zeros(0, np.int64)
    assert len(awards("310000", Careers(none, none, none, none, none, none)).total) == 0


MORE = {
    "one more month paid": {"months": 1},
    "a higher index": {"index": 100},
    "more in the account": {"account_fen": 1},
    "a month older": {"age": 1},
    "retired a month later, that month paid": {"retired": 1, "months": 1, "age": 1},
    "retired a year later, and paid until then": {"retired": 12, "months": 12, "age": 12},
}


@pytest.mark.parametrize("area", AREAS)
def test_more_never_gives_less(area: str) -> None:
    """No province's formula has a step down: neither the reform of 2025, when ages count by the month, nor a new base,
    nor a tier of the transitional coefficient. (What the law does take away with time is not in the formula: the
    minimum of months rises from 2030.)"""
    careers = people(20_000, area)
    now = awards(area, careers).total
    for what, more in MORE.items():
        moved = {name: getattr(careers, name) + by for name, by in more.items()}
        then = awards(area, dataclasses.replace(careers, **moved)).total
        assert (then >= now).all(), (area, what, row(careers, int(np.flatnonzero(then < now)[0])))
