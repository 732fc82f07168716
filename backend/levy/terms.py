"""Terms 缴费条件: floor, ceiling and rates of one month in whole numbers, for every insurance billed together.

Maternity is paid with medical since 2019 (国办发〔2019〕10号), so five insurances make four lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement

from backend.kernel import params
from backend.kernel.funds import Fund
from backend.kernel.period import Month
from backend.kernel.rules import Steps, millionths
from backend.levy.calculators.injury import WHOLE, levels_of, rate_of
from backend.levy.calculators.limits import limits_of

PENSION, UNEMPLOYMENT, MEDICAL, INJURY = "110", "210", "310", "410"
FUNDS = {
    PENSION: Fund.PENSION,
    UNEMPLOYMENT: Fund.UNEMPLOYMENT,
    MEDICAL: Fund.MEDICAL,
    INJURY: Fund.INJURY,
}
NAMES = {PENSION: "pension", UNEMPLOYMENT: "unemployment", MEDICAL: "medical"}
STEP = 1000  # between two classes; no level is as high
CLASSES = range(1, 9)  # of industries, for injury
DECLARED_MONTH = "declared_month"  # of the parameter levy.undeclared.repeated
FLEXIBLE = 0  # where a class stands of who has no employer


T = TypeVar("T", int, ColumnElement[int])


@dataclass(frozen=True)
class Terms:
    """Of one insurance, for employers of one injury class and level (FLEXIBLE: for flexible workers). Fen; millionths."""

    insurance: str
    injury_class: int
    floating: int  # per cent; of other insurances than injury always WHOLE
    floor_fen: int
    ceiling_fen: int
    employer_rate: int
    person_rate: int

    @property
    def standing(self) -> int:
        return standing(self.injury_class, self.floating)


def standing(injury_class: T, floating: T) -> T:
    """Class and level as one number: what a join of whole sets compares once."""
    return injury_class * STEP + floating


def terms(area: str, month: Month) -> tuple[Terms, ...]:
    """Everything in force in a month; params.Missing names what no law has set."""
    at = params.Lookup(month.first, area)
    return tuple(one for part in PARTS for one in part(at))


def flexible_terms(area: str, month: Month) -> Terms:
    """Of who insures themselves, in pension; params.Missing names what no law has set."""
    return next(_of_flexible(params.Lookup(month.first, area)))


def opened(area: str, month: Month) -> tuple[Terms, ...]:
    """Of every insurance that is open to who insures themselves; pension stands first."""
    return tuple(_of_flexible(params.Lookup(month.first, area)))


def open_alone(known: Iterable[Terms]) -> list[str]:
    """Of these terms, in which insurances somebody can insure themselves."""
    return sorted({one.insurance for one in known if one.injury_class == FLEXIBLE})


def known_terms(area: str, month: Month) -> tuple[Terms, ...]:
    """What is in force in a month, as far as law has set it; params.Missing where it has set nothing at all."""
    at = params.Lookup(month.first, area)
    found, missing = list[Terms](), list[params.Missing]()
    for part in PARTS:
        try:
            found += list(part(at))
        except params.Missing as refusal:
            missing.append(refusal)
    if not found:
        raise missing[0]
    return tuple(found)


def compounds(area: str, month: Month) -> bool:
    """Whether who does not declare month after month owes more each month."""
    return bool(params.value("levy.undeclared.repeated", month.first, area) != DECLARED_MONTH)


def _of_employees(insurance: str) -> Callable[[params.Lookup], Iterator[Terms]]:
    """Everywhere the same, whatever the industry."""
    name = NAMES[insurance]

    def part(at: params.Lookup) -> Iterator[Terms]:
        limits = limits_of(name, at)
        employer, person = (
            millionths(at.value(f"{name}.contribution.{rate}")) for rate in ("employer_rate", "person_rate")
        )
        for injury_class in CLASSES:
            yield Terms(
                insurance, injury_class, WHOLE, limits.floor_fen, limits.ceiling_fen, employer, person
            )

    return part


def _of_injury(at: params.Lookup) -> Iterator[Terms]:
    limits = limits_of("injury", at)
    for injury_class in CLASSES:
        for level in levels_of(injury_class, at):
            rate = millionths(rate_of(injury_class, level, None, at, Steps()).value)
            yield Terms(INJURY, injury_class, level, limits.floor_fen, limits.ceiling_fen, rate, 0)


def _of_flexible(at: params.Lookup) -> Iterator[Terms]:
    limits = limits_of(NAMES[PENSION], at)
    whole, own = (
        millionths(at.value(f"pension.contribution.{name}")) for name in ("flexible_rate", "account_rate")
    )
    yield Terms(PENSION, FLEXIBLE, WHOLE, limits.floor_fen, limits.ceiling_fen, whole - own, own)
    for insurance in (
        MEDICAL,
        UNEMPLOYMENT,
    ):  # by a rate of the base chosen; fixed amounts are not billed here
        if known := at.optional(f"{NAMES[insurance]}.flexible.rate"):
            rate = millionths(known.value)
            yield Terms(insurance, FLEXIBLE, WHOLE, limits.floor_fen, limits.ceiling_fen, rate, 0)


PARTS = (*map(_of_employees, NAMES), _of_injury, _of_flexible)
