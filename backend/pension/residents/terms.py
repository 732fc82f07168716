"""Terms 政策口径: tiers, ages and lengths of payment as the area has them on a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from backend.kernel.money import Money
from backend.kernel.params import Lookup
from backend.kernel.period import Month, add_months
from backend.kernel.settings import settings
from backend.pension.rules.residents import required_months

PREFIX = "resident"


def look(day: date) -> Lookup:
    return Lookup(day, settings().area)


def tiers(at: Lookup) -> Mapping[int, Money]:
    """缴费档次: what may be paid a year, in yuan, and what the government adds; the lowest first."""
    known = at.value(f"{PREFIX}.contribution.subsidy")
    return {int(tier): known[tier] for tier in sorted(known, key=int)}


@dataclass(frozen=True)
class Span:
    """From when somebody may pay, when they reach the age, and how many months they must have paid by then."""

    first_year: int
    reached: Month
    minimum: int
    required: int


def span(birth: date, at: Lookup) -> Span:
    began = at.value(f"{PREFIX}.scheme.began")
    reached = Month.of(add_months(birth, 12 * at.value(f"{PREFIX}.benefit.age")))
    minimum = at.value(f"{PREFIX}.benefit.minimum")
    grown = add_months(birth, 12 * at.value(f"{PREFIX}.contribution.lowest_age"))
    return Span(
        first_year=max(began.year, grown.year),
        reached=reached,
        minimum=minimum,
        required=required_months(reached.number, began.number, minimum),
    )
