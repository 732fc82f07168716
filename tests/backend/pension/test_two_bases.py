"""Henan and Jilin work a pension out of two bases: an award, an estimate, an allowance and whole columns take the
province's as it is published, and are refused where it is not."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from backend.kernel.calculators import run as calculated
from backend.kernel.db import Runner, Uow
from backend.kernel.money import Money
from backend.kernel.params import Missing
from backend.kernel.period import Month
from backend.pension import columns
from backend.pension.awarding.facts import Facts, told, work_out
from backend.pension.calculators.facts import provincial_base
from backend.pension.living.rating import Facts as Sick
from backend.pension.living.rating import worked_out
from backend.pension.model import Account
from backend.pension.scenarios import estimates
from backend.pension.schema import FACTS, AskMine
from backend.registry import service as registry
from tests.backend.levy.conftest import another_law, forget
from tests.backend.pension.test_columns import MILLION, people, row
from tests.backend.pension.test_scenarios import a_career
from tests.backend.people import LI

__all__ = ["another_law"]
OCTOBER = Month(2025, 10)
UNFILLED = "没有填全省基数时"


@pytest.fixture
def law(another_law: Path) -> Iterator[Path]:
    """Zhengzhou's and Changchun's base is 8000; neither province has published its own."""
    columns._law.cache_clear()
    for city in ("410100", "220100"):
        publish(another_law, city, {2025: 8000})
    yield another_law
    columns._law.cache_clear()


@pytest.fixture
def both(law: Path) -> Path:
    """The provinces have published theirs, too: 7000."""
    for province in ("410000", "220000"):
        publish(law, province, {2025: 7000})
    return law


def publish(law: Path, area: str, bases: dict[int, int]) -> None:
    file = law / area / "pension.yaml"
    file.parent.mkdir(exist_ok=True)
    known = file.read_text("utf-8") if file.exists() else ""
    dated = "".join(
        f"      {year}-01-01: {{value: {base}, source: 假设公布的, evidence: T}}\n"
        for year, base in bases.items()
    )
    group = f"benefit:\n  base:\n    label: 养老金计发基数（月）\n    unit: yuan\n    values:\n{dated}"
    file.write_text(known.partition("benefit:\n")[0] + group, "utf-8")
    forget()


def facts(area: str, months: int = 240, **more: object) -> Facts:
    given = {
        "area": area,
        "retired": OCTOBER,
        "base": Money(800_000),
        "index": Decimal("1.2"),
        "months": months,
        "deemed_months": 0,
        "account": Money(0),
        "age": 720,
        "base_year": 2025,
    }
    return Facts(**given | more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("area", "months", "basic", "added"),
    [
        ("410100", 240, "1660.00", []),  # (7000 + 8000 × 1.2) ÷ 2 × 20 %
        ("410105", 240, "1660.00", []),
        ("220100", 384, "2624.00", ["168.75"]),  # (8000 + 7000 × 1.2) ÷ 2 × 32 %
    ],
)
@pytest.mark.usefixtures("both")
def test_an_award_is_worked_out_of_both_bases(area: str, months: int, basic: str, added: list[str]) -> None:
    award = facts(area, months)
    estimate = work_out(award)
    assert (estimate.basic, [one.amount for one in estimate.additions]) == (basic, added)
    assert not any(UNFILLED in one for one in told(estimate, award)["warnings"])
    assert award.view()["provincial_base"] == "7000.00"
    assert award.view()["provincial_base_year"] == 2025
    assert award.view().keys() <= FACTS.keys()
    assert not award.provisional
    assert award.warnings() == ()


@pytest.mark.parametrize(("area", "name"), [("410100", "河南省"), ("220100", "吉林省")])
@pytest.mark.usefixtures("law")
def test_a_province_that_has_published_none_is_refused_by_name(area: str, name: str) -> None:
    for told_so in (lambda: work_out(facts(area)), lambda: columns.awards(area, careers(area, 5))):
        with pytest.raises(Missing) as refused:
            told_so()
        assert refused.value.facts["parameter"] == "pension.benefit.base"
        assert (refused.value.facts["area"], refused.value.facts["day"]) == (name, "2025-10-01")


def test_a_provinces_base_of_an_earlier_year_makes_the_award_provisional(law: Path) -> None:
    publish(law, "410000", {2024: 7000})
    award = facts("410100")
    assert award.provisional
    [said] = award.warnings()
    assert said.startswith("2025 年的全省计发基数还没有公布，先按 2024 年的 7000.00 元预核定")
    publish(law, "410000", {2024: 7000, 2025: 7000})
    assert not facts("410100").provisional


def test_elsewhere_there_is_one_base_and_nothing_of_the_province_is_told() -> None:
    for area in ("310115", "440305", "370102"):
        assert provincial_base(area, OCTOBER.first) is None
        assert "provincial_base" not in facts(area).view()


@pytest.mark.usefixtures("both")
def test_the_public_calculator_takes_the_provinces_base_or_does_without() -> None:
    asked = {"area": "410100", "retired": "2025-10", "base": "8000", "index": "1.2", "months": 240}
    asked |= {"account": "0", "divisor_months": "139"}
    alone, told_both = calculated("pension", asked), calculated("pension", asked | {"provincial_base": 7000})
    assert (alone["basic"], told_both["basic"]) == ("1760.00", "1660.00")
    assert any(UNFILLED in one for one in alone["warnings"])
    assert not any(UNFILLED in one for one in told_both["warnings"])


def careers(area: str, count: int) -> columns.Careers:
    everyone = people(count, area)
    return dataclasses.replace(everyone, retired=np.full(count, OCTOBER.number))


@pytest.mark.parametrize("area", ["410100", "410105", "220100"])
@pytest.mark.usefixtures("both")
def test_a_column_gives_what_the_calculator_gives_with_both_bases(area: str) -> None:
    everyone = careers(area[:4] + "00", 40)
    got = columns.awards(area, everyone)
    for at in range(40):
        of = row(everyone, at)
        said = calculated(
            "pension",
            {
                "area": area,
                "retired": str(OCTOBER),
                "provincial_base": "7000",
                "index": f"{of['index'] / MILLION:.6f}",
                "months": of["months"],
                "deemed_months": of["deemed"],
                "account": Money(of["account_fen"]).text,
                "age": {"years": of["age"] // 12, "months": of["age"] % 12},
            },
        )
        added = sum(Money.yuan(one["amount"]).fen for one in said["additions"])
        assert int(got.basic[at]) == Money.yuan(said["basic"]).fen
        assert (int(got.additions[at]), int(got.total[at])) == (added, Money.yuan(said["total"]).fen)


def moved(uow: Uow, area: str) -> None:
    registry.person(uow, LI).area = area


def test_an_estimate_takes_both_bases_and_says_so(run: Runner, both: Path) -> None:
    a_career(run, LI, months=240, balance="90000", index=12_000)
    run.system(moved, "410105")
    found = run.system(estimates, AskMine(ident=LI))
    stop = found.outcomes[0]
    assert stop.basic_fen == 166_000
    assert any("全省计发基数 7000.00" in step.formula for step in stop.steps)
    assert any(one.startswith("全省计发基数一直按 2025 年公布的 7,000.00 元算") for one in found.assumptions)
    assert not any(UNFILLED in one for one in found.warnings)


def test_an_estimate_without_the_provinces_base_says_what_is_missing(run: Runner, law: Path) -> None:
    a_career(run, LI, months=240, balance="90000", index=12_000)
    run.system(moved, "410105")
    found = run.system(estimates, AskMine(ident=LI))
    assert all("河南省（410000）" in one.obstacle for one in found.outcomes)
    assert [one.total_fen for one in found.outcomes] == [0] * len(found.outcomes)


@pytest.mark.parametrize("whole", [True, False])
def test_a_disability_allowance_takes_both_bases(run: Runner, law: Path, whole: bool) -> None:
    person_id = a_career(run, LI, months=240, balance="90000", index=12_000)
    run.system(moved, "410105")

    def rate(uow: Uow) -> tuple[Money, dict[str, str], list[str]]:
        who, account = registry.person(uow, LI), uow.session.get_one(Account, person_id)
        found = worked_out(uow, Sick(who, account, Month(2026, 11), whole), Month(2026, 12))
        return found.basic, found.facts, found.steps["warnings"]

    with pytest.raises(Missing, match="河南省"):
        run.system(rate)
    publish(law, "410000", {2025: 7000})
    basic, kept, warnings = run.system(rate)
    assert (basic, kept["base"], kept["provincial_base"]) == (Money(166_000), "8000.00", "7000.00")
    assert kept.keys() <= FACTS.keys()
    assert "2026 年的全省计发基数没有公布，按 2025 年的 7000.00 元算。" in warnings
    assert not any(UNFILLED in one for one in warnings)
