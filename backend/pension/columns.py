"""Awards over columns: what a million persons get, by the rules that one person's award is worked out with.

The law's values are looked up once for each month of retirement; a column of months then picks its own. What a rule
needs of a table (计发月数, 缴费年限) is worked out once for every age and every number of months there can be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Final

import numpy as np

from backend.kernel.columns import Column, Kernel, compiled, run
from backend.kernel.params import Lookup
from backend.kernel.period import Month
from backend.kernel.rules import FEN, JIAO, up_to_unit
from backend.pension.calculators.facts import BASE, BASIC_FORMULA, provincial_base
from backend.pension.rules import benefit
from backend.pension.rules.benefit import INDEX, RATE
from backend.pension.rules.divisor import divisor_tenths
from backend.pension.rules.years import READINGS, exact

# up to here the rules stay within 64 bits (tests/backend/pension/test_columns.py)
LARGEST_INDEX = 10 * INDEX
LARGEST_ACCOUNT_FEN = 10**15
LARGEST_BASE_FEN = 10_000_000
LONGEST_MONTHS = 960
OLDEST_MONTHS = 12 * 150
UNITS: Final[Mapping[str, int]] = {"fen": FEN, "jiao": JIAO}
READ_APART = "year_and_months"  # odd months count apart, but not in 视同缴费年限


@dataclass(frozen=True)
class Careers:
    """Columns of facts, one row a person.

    `retired`: the month, counted since year 0 (Month.number). `index`: 平均缴费指数 in millionths. `months`: all that
    count, `deemed` among them. `age`: months, at retirement.
    """

    retired: Column
    index: Column
    months: Column
    deemed: Column
    account_fen: Column
    age: Column


@dataclass(frozen=True)
class Amounts:
    """Columns of fen, one row a person, in the order of the facts."""

    basic: Column
    account: Column
    transitional: Column
    additions: Column
    total: Column


@dataclass(frozen=True)
class Shape:
    """How an area's formula is built, for those who retire in some month: what a kernel is compiled for."""

    basic: str
    floor: int
    scale: int
    deemed_scale: int
    unit: int
    raised: bool
    averaged: bool
    own_index: bool


@dataclass(frozen=True)
class Law:
    """The numbers of one month of retirement: of every age and every number of months there can be."""

    shape: Shape
    base_fen: int
    first_fen: int  # the two bases of 基础养老金 in the order of its formula; nearly everywhere the same
    second_fen: int
    years: Column
    deemed_years: Column
    divisors: Column
    rates: Column  # by months actually paid; below nothing where nobody knows the coefficient
    long: Column  # by all months: the sum of the tiers of 长缴增发
    long_over: int  # only where so many months were actually paid
    fixed_fen: int
    yearly_fen: int


def room(persons: int) -> Amounts:
    """Columns to be filled, in one piece: new memory costs as much as the formula, and pages of its own cost more."""
    return Amounts(*np.empty((len(fields(Amounts)), persons), np.int64))


def awards(area: str, careers: Careers, into: Amounts | None = None) -> Amounts:
    """What everybody gets a month who retires in the area. Who works the same persons out again and again, under one
    law after another, hands in the `room` of the time before.

    A month with no published base (the place's, or the province's where the formula takes that, too), or a coefficient
    that nobody knows where somebody has deemed years, is refused as for one person (params.Missing); a row that no career
    can be, by RowRefused.
    """
    whole = into or room(len(careers.retired))
    if not len(careers.retired):
        return whole
    first = int(careers.retired.min())
    there = [int(at) for at in np.flatnonzero(np.bincount(careers.retired - first))]
    laws = {at: _law(Month.numbered(first + at), area) for at in there}
    _require_rates(laws, first, area, careers)
    shapes = list(dict.fromkeys(law.shape for law in laws.values()))
    tables = [_by_month(laws, name) for name in TABLES]
    rows = [getattr(careers, each.name) for each in fields(Careers)]
    filled = [getattr(whole, each.name) for each in fields(Amounts)]
    for shape in shapes:
        mine = np.array([at in laws and laws[at].shape == shape for at in range(there[-1] + 1)], np.int64)
        run(_kernel(shape), rows, [np.array([first]), mine, *tables], filled)
    return whole


TABLES = (
    "base_fen",
    "first_fen",
    "second_fen",
    "years",
    "deemed_years",
    "divisors",
    "rates",
    "long",
    "long_over",
    "fixed_fen",
    "yearly_fen",
)


def _by_month(laws: Mapping[int, Law], name: str) -> Column:
    """One of the law's numbers or tables for every month from the first to the last."""
    known = {at: np.asarray(getattr(law, name), np.int64) for at, law in laws.items()}
    nothing = np.zeros_like(next(iter(known.values())))
    return np.stack([known.get(at, nothing) for at in range(max(laws) + 1)])


def _require_rates(laws: Mapping[int, Law], first: int, area: str, careers: Careers) -> None:
    unknown = [first + at for at, law in laws.items() if law.rates[0] < 0]
    if unknown and (deemed := careers.retired[np.isin(careers.retired, unknown) & (careers.deemed > 0)]).size:
        Lookup(Month.numbered(int(deemed[0])).first, area).found("pension.transitional.rate")


@cache
def _kernel(shape: Shape) -> Kernel:
    """The formula row by row. What is the same for everybody is fixed when it is compiled."""
    floor, scale, deemed_scale, unit = shape.floor, shape.scale, shape.deemed_scale, shape.unit
    discounted, own, raised = shape.basic == "guangdong", shape.own_index, shape.raised
    basic_fen, discounted_fen = compiled(benefit.basic_fen), compiled(benefit.discounted_basic_fen)
    transitional_fen = compiled(benefit.averaged_fen if shape.averaged else benefit.indexed_fen)
    account_fen, raised_fen = compiled(benefit.account_fen), compiled(up_to_unit)
    share_fen, yearly_fen = compiled(benefit.share_fen), compiled(benefit.yearly_fen)

    def kernel(  # type: ignore[no-untyped-def]
        retired, index, months, deemed, balance, age,
        first, mine, base_fen, one_base, other_base, years, deemed_years, divisors, rates, long, long_over, fixed, yearly,
        basic, account, transitional, added, total,
    ):  # fmt: skip
        for i in range(len(retired)):
            m = retired[i] - first[0]
            if not mine[m]:
                continue
            if not (
                0 <= index[i] <= LARGEST_INDEX
                and 0 <= deemed[i] <= months[i] <= LONGEST_MONTHS
                and 0 <= balance[i] <= LARGEST_ACCOUNT_FEN
                and 0 <= age[i] <= OLDEST_MONTHS
            ):
                return i + 1
            base, n = base_fen[m], years[m, months[i]]
            if discounted:
                basic[i] = discounted_fen(base, index[i], floor, n, scale, unit)
            else:
                basic[i] = basic_fen(one_base[m], other_base[m], index[i], n, scale, unit)
            account[i] = account_fen(balance[i], divisors[m, age[i]], unit)
            paid = months[i] - deemed[i]
            transitional[i] = 0
            if deemed[i] > 0:
                of = index[i] if own else INDEX
                transitional[i] = transitional_fen(
                    base, of, deemed_years[m, deemed[i]], deemed_scale, rates[m, paid], unit
                )
            added[i] = fixed[m]
            if yearly[m] > 0:
                added[i] += yearly_fen(yearly[m], index[i], n, scale, unit)
            if long_over[m] > 0 and paid > long_over[m]:
                added[i] += share_fen(one_base[m] + other_base[m], long[m, months[i]], 2 * scale * RATE, unit)
            whole = basic[i] + account[i] + transitional[i] + added[i]
            total[i] = raised_fen(whole, JIAO) if raised else whole
        return 0

    return kernel


@cache
def _law(month: Month, area: str) -> Law:
    """The law of a month as numbers."""
    look = Lookup(month.first, area)
    reading = look.value("pension.formula.years_reading")
    apart = reading == READ_APART
    odd = int(look.value("pension.formula.odd_month") * 1000) if apart else 0
    years, scale = _years(reading, odd)
    deemed_years, deemed_scale = _years(exact.__name__ if apart else reading, 0)
    long_rates = _tiers(look, "pension.addition.long_rates", RATE)
    basic, own = look.value(BASIC_FORMULA), look.value(BASE).fen
    province = provincial_base(area, month.first)
    provincial = province.value.fen if province else own
    for base in (own, provincial):
        if base > LARGEST_BASE_FEN:
            raise OverflowError(f"计发基数 {base} 分超过了整列计算的上限")
    first, second = (provincial, own) if basic == "henan" else (own, provincial)
    return Law(
        shape=Shape(
            basic=basic,
            floor=int((_said(look, "pension.formula.index_floor") or 0) * INDEX),
            scale=scale,
            deemed_scale=deemed_scale,
            unit=UNITS[look.value("pension.formula.item_rounding")],
            raised=look.value("pension.formula.total_rounding") == "jiao_up",
            averaged=_said(look, "pension.transitional.shape") == "averaged",
            own_index=look.value("pension.transitional.index") == "own",
        ),
        base_fen=own,
        first_fen=first,
        second_fen=second,
        years=years,
        deemed_years=deemed_years,
        divisors=_divisors(look),
        rates=_by_paid(_tiers(look, "pension.transitional.rate", RATE)),
        long=_long(long_rates, years, scale),
        long_over=long_rates[0][0] * 12 if long_rates else 0,
        fixed_fen=_fen(look, "pension.addition.subsidy") + _fen(look, "pension.addition.adjustment"),
        yearly_fen=_fen(look, "pension.addition.adjustment_year"),
    )


def _said(look: Lookup, path: str) -> Any:
    known = look.optional(path)
    return known.value if known else None


def _fen(look: Lookup, path: str) -> int:
    known = _said(look, path)
    return known.fen if known else 0


def _tiers(look: Lookup, path: str, scale: int) -> tuple[tuple[int, int], ...]:
    """One value, or one from so many years on, smallest first; nothing where no law has set it."""
    known = _said(look, path)
    if known is None:
        return ()
    tiers = known if isinstance(known, Mapping) else {0: known}
    return tuple(sorted((int(over), int(rate * scale)) for over, rate in tiers.items()))


def _column(numbers: Iterable[int]) -> Column:
    return np.fromiter(numbers, np.int64)


def _years(reading: str, odd_month: int) -> tuple[Column, int]:
    """年限 of every number of months, over one scale."""
    read = [READINGS[reading](months, odd_month) for months in range(LONGEST_MONTHS + 1)]
    return _column(years for years, _ in read), read[0][1]


def _divisors(look: Lookup) -> Column:
    """计发月数 in tenths, of every age in months."""
    table = {int(age): months for age, months in look.value("pension.divisor.months").items()}
    by_month = look.value("pension.divisor.age_reading") == "month"
    return _column(divisor_tenths(age, table, by_month) for age in range(OLDEST_MONTHS + 1))


def _by_paid(tiers: tuple[tuple[int, int], ...]) -> Column:
    """The coefficient of every number of months actually paid."""
    if not tiers:
        return np.full(LONGEST_MONTHS + 1, -1, np.int64)
    above = [[rate for over, rate in tiers if paid > over * 12] for paid in range(LONGEST_MONTHS + 1)]
    return _column(rates[-1] if rates else tiers[0][1] for rates in above)


def _long(tiers: tuple[tuple[int, int], ...], years: Column, scale: int) -> Column:
    """The sum of all tiers of 长缴增发, of every number of months."""
    until = [over for over, _ in tiers[1:]] + [0]
    return _column(
        sum(
            benefit.long_service_rate(int(n), scale, low, high, rate)
            for (low, rate), high in zip(tiers, until, strict=False)
        )
        for n in years
    )
