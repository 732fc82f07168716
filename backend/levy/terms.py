"""Terms 缴费条件: floor, ceiling and rates of one month in whole numbers, for every insurance billed together.

Maternity is paid with medical since 2019 (国办发〔2019〕10号), so five insurances make four lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backend.kernel import params
from backend.kernel.funds import Fund
from backend.kernel.period import Month
from backend.kernel.rules import Steps, millionths
from backend.levy.calculators.injury import WHOLE, rate_of
from backend.levy.calculators.limits import limits_of

PENSION, UNEMPLOYMENT, MEDICAL, INJURY = "110", "210", "310", "410"
FUNDS = {
    PENSION: Fund.PENSION,
    UNEMPLOYMENT: Fund.UNEMPLOYMENT,
    MEDICAL: Fund.MEDICAL,
    INJURY: Fund.INJURY,
}
NAMES = {PENSION: "pension", UNEMPLOYMENT: "unemployment", MEDICAL: "medical"}
CLASSES = range(1, 9)  # of industries, for injury
FLEXIBLE = 0  # where a class stands of who has no employer


@dataclass(frozen=True)
class Terms:
    """Of one insurance, for employers of one injury class (FLEXIBLE: for flexible workers). Fen; millionths."""

    insurance: str
    injury_class: int
    floor_fen: int
    ceiling_fen: int
    employer_rate: int
    person_rate: int


def terms(area: str, month: Month) -> tuple[Terms, ...]:
    """Everything in force in a month; params.Missing names what no law has set."""
    return tuple(_terms(params.Lookup(month.first, area)))


def _terms(at: params.Lookup) -> Iterator[Terms]:
    shared = {
        insurance: (
            limits_of(name, at),
            millionths(at.value(f"{name}.contribution.employer_rate")),
            millionths(at.value(f"{name}.contribution.person_rate")),
        )
        for insurance, name in NAMES.items()
    }
    injury = limits_of("injury", at)
    for injury_class in CLASSES:
        for insurance, (limits, employer, person) in shared.items():
            yield Terms(insurance, injury_class, limits.floor_fen, limits.ceiling_fen, employer, person)
        rate = millionths(rate_of(injury_class, WHOLE, None, at, Steps()).value)
        yield Terms(INJURY, injury_class, injury.floor_fen, injury.ceiling_fen, rate, 0)
    limits, _, _ = shared[PENSION]
    whole, own = (
        millionths(at.value(f"pension.contribution.{name}")) for name in ("flexible_rate", "account_rate")
    )
    yield Terms(PENSION, FLEXIBLE, limits.floor_fen, limits.ceiling_fen, whole - own, own)
