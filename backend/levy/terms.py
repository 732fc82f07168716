"""Terms 缴费条件: floor, ceiling and rates of one month in whole numbers, for every insurance billed together.

Maternity is paid with medical since 2019 (国办发〔2019〕10号), so five insurances make four lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from backend.kernel import params
from backend.kernel.funds import Fund
from backend.kernel.period import Month

PENSION, UNEMPLOYMENT, MEDICAL, INJURY = "110", "210", "310", "410"
FUNDS = {
    PENSION: Fund.PENSION,
    UNEMPLOYMENT: Fund.UNEMPLOYMENT,
    MEDICAL: Fund.MEDICAL,
    INJURY: Fund.INJURY,
}
NAMES = {PENSION: "pension", UNEMPLOYMENT: "unemployment", MEDICAL: "medical"}
MILLION = 1_000_000
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
    floor, ceiling = (at.value(f"pension.contribution.{name}").fen for name in ("floor", "ceiling"))
    injury = at.value("injury.contribution.class_rate")
    shared = {
        insurance: (
            _rate(at.value(f"{name}.contribution.employer_rate")),
            _rate(at.value(f"{name}.contribution.person_rate")),
        )
        for insurance, name in NAMES.items()
    }
    for injury_class in CLASSES:
        for insurance, (employer, person) in shared.items():
            yield Terms(insurance, injury_class, floor, ceiling, employer, person)
        yield Terms(INJURY, injury_class, floor, ceiling, _rate(injury[str(injury_class)]), 0)
    whole, own = (
        _rate(at.value(f"pension.contribution.{name}")) for name in ("flexible_rate", "account_rate")
    )
    yield Terms(PENSION, FLEXIBLE, floor, ceiling, whole - own, own)


def _rate(rate: Decimal) -> int:
    return int(rate * MILLION)
