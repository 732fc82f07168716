"""Awards: a million pensions worked out from columns of facts, beside openfisca-core doing the same three components.

Both have the same facts in memory (index, months, deemed months, account, age) of people who retire in one month in one
place, with the place's parameters, and leave three columns. OpenFisca is used as it is meant to be: a simulation of so
many persons, whose facts are set and whose variables are asked for; its formulas are whole-column sums of NumPy in its
usual floats of 32 bits. Built, set and asked is the yardstick, since it keeps what it has worked out; how long the
asking alone took is in the note, and how far its amounts are from ours, which are exact to the fen. Our result columns
are those of the time before, as when one law after another is tried on the same persons; OpenFisca makes its own, which
is part of how it is used, and what ours cost made anew is in the note, too. Measured once more
without a yardstick: the same with months of retirement on both sides of the reform, whose law differs.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
from openfisca_core import entities, periods
from openfisca_core.parameters import ParameterNode
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from backend.kernel import params
from backend.kernel.columns import Column
from backend.kernel.period import Month
from backend.pension.columns import Amounts, Careers, awards
from backend.pension.rules.divisor import divisor_tenths
from loadtests.bench import frame
from loadtests.bench.frame import Bar, Figure, Sizes

FULL = {"persons": 1_000_000, "runs": 9}
QUICK = {"persons": 10_000, "runs": 1}
AREA, RETIRED = "420100", Month(2025, 6)
FIRST, LAST = Month(2024, 1), Month(2026, 6)
ITEMS = ("basic", "account", "transitional")
FACTS = ("index", "months", "deemed", "balance", "age")


def measure(asked: Sizes) -> list[Figure]:
    one_month = careers(asked.persons, RETIRED, RETIRED)
    across = careers(asked.persons, FIRST, LAST)
    ours = awards(AREA, one_month)  # compiled here, once a process
    into = awards(AREA, across)
    theirs = OpenFisca(one_month)
    mine, anew, whole, alone, wide = [], [], [], [], []
    for _ in range(asked.runs):
        mine.append(seconds(lambda: awards(AREA, one_month, into)))
        anew.append(seconds(lambda: awards(AREA, one_month)))
        wide.append(seconds(lambda: awards(AREA, across, into)))
        with frame.timed() as watch:
            alone.append(theirs.work_out())
        whole.append(watch.seconds)
    took, beside = statistics.median(mine), statistics.median(whole)
    name = f"{asked.persons:,} 份养老金核定（整列）"
    return [
        Figure(
            name,
            took,
            "秒",
            bar=Bar("value", "≤", 0.2),
            note=f"结果列每次新建 {statistics.median(anew):.4f} 秒",
        ),
        Figure(
            "openfisca-core 算同样的三项",
            beside,
            "秒",
            "我们的整列核定",
            took,
            Bar("ratio", "≥", 3),
            f"只算各项（不建模拟、不填数）{statistics.median(alone):.3f} 秒；{theirs.error(ours)}",
        ),
        Figure(f"同上，{FIRST} 到 {LAST} 退休", statistics.median(wide), "秒"),
    ]


def seconds(work: Callable[[], object]) -> float:
    with frame.timed() as watch:
        work()
    return watch.seconds


def careers(count: int, first: Month, last: Month) -> Careers:
    random = np.random.default_rng(1)
    months = random.integers(180, 541, count)
    return Careers(
        retired=random.integers(first.number, last.number + 1, count),
        index=random.integers(4_000, 30_001, count) * 100,
        months=months,
        deemed=np.minimum(months, random.integers(0, 241, count)),
        account_fen=random.integers(0, 60_000_000, count),
        age=random.integers(50 * 12, 66 * 12, count),
    )


class OpenFisca:
    """The three components as variables of openfisca-core."""

    def __init__(self, of: Careers) -> None:
        self.count, self.period = len(of.index), str(RETIRED)
        self.facts: dict[str, Any] = {
            "index": of.index / 1_000_000,
            "months": of.months,
            "deemed": of.deemed,
            "balance": of.account_fen / 100,
            "age": of.age,
        }
        person = entities.build_entity(key="person", plural="persons", label="Person", is_person=True)
        self.system = TaxBenefitSystem([person])
        self.system.parameters = ParameterNode(
            "", data={"pension": {"base": _dated(_base()), "rate": _dated(_rate())}}
        )
        self.system.add_variables(
            *(
                _variable(person, name, int if name in ("months", "deemed", "age") else float)
                for name in FACTS
            ),
            *(_variable(person, name, float, formula) for name, formula in _formulas().items()),
        )
        self.found: dict[str, Any] = {}

    def work_out(self) -> float:
        """All of it; how long the asking alone took."""
        simulation = SimulationBuilder().build_default_simulation(self.system, count=self.count)
        for name, column in self.facts.items():
            simulation.set_input(name, self.period, column)
        with frame.timed() as watch:
            self.found = {name: simulation.calculate(name, self.period) for name in ITEMS}
        return watch.seconds

    def error(self, ours: Amounts) -> str:
        """How far its sums of the three are from ours."""
        fen = np.rint(sum(self.found[name].astype(np.float64) for name in ITEMS) * 100).astype(np.int64)
        away = np.abs(fen - (ours.basic + ours.account + ours.transitional))
        return f"它有 {np.count_nonzero(away) / len(away):.1%} 的人差了 1 分以上，最多差 {away.max()} 分"


def _variable(person: Any, name: str, kind: type, formula: Any = None) -> type:
    said = {"value_type": kind, "entity": person, "definition_period": periods.MONTH, "label": name}
    return type(name, (Variable,), said | ({"formula": formula} if formula else {}))


def _formulas() -> dict[str, Any]:
    divisors = _divisors()

    def years(person: Any, period: Any, name: str) -> Any:
        return np.floor(person(name, period) * 100 / 12 + 0.5) / 100

    def cents(amount: Any) -> Any:
        return np.floor(amount * 100 + 0.5) / 100

    def basic(person: Any, period: Any, parameters: Any) -> Any:
        base = parameters(period).pension.base
        return cents((base + base * person("index", period)) / 2 * years(person, period, "months") * 0.01)

    def account(person: Any, period: Any, parameters: Any) -> Any:
        return cents(person("balance", period) / divisors[person("age", period)])

    def transitional(person: Any, period: Any, parameters: Any) -> Any:
        law = parameters(period).pension
        return cents(law.base * person("index", period) * years(person, period, "deemed") * law.rate)

    return {"basic": basic, "account": account, "transitional": transitional}


def _dated(value: float) -> dict[str, Any]:
    return {"values": {"2024-01-01": {"value": value}}}


def _base() -> float:
    return float(params.value("pension.benefit.base", RETIRED.first, AREA).fen / 100)


def _rate() -> float:
    return float(params.value("pension.transitional.rate", RETIRED.first, AREA))


def _divisors() -> Any:
    table: dict[int, int] = {
        int(age): months for age, months in params.value("pension.divisor.months", date(2025, 1, 1)).items()
    }
    tenths: Column = np.array([divisor_tenths(age, table, True) for age in range(100 * 12)])
    return (tenths / 10).astype(np.float32)


if __name__ == "__main__":
    frame.main(measure, __doc__, FULL, QUICK)
