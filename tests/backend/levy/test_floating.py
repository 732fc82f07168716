"""The injury rate floats with the employer: one level a month, decided by two officers, in bills and differences."""

from __future__ import annotations

import pytest

from backend.kernel.calculators import run as calculate
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.kernel.period import Month
from backend.kernel.rules import share_fen
from backend.levy import service as levy
from backend.levy.decided import AskRates, DecideFloating, FloatingDecided
from backend.levy.floating import NoSuchLevel
from backend.levy.schema import Reassess
from backend.levy.terms import INJURY, terms
from tests.backend.levy.town import (
    WHOLE,
    a_town,
    at,
    bill,
    carried_out,
    declare_all,
    owed,
    receive,
    sound,
)
from tests.backend.people import USCC, an_employer

BASES = (754_600, 1_000_000, 3_773_100)
OTHER = "91350100M000100Y43"


def injury_at(millionths: int) -> int:
    return sum(share_fen(base, millionths) for base in BASES)


def injury(run: Runner, month: str) -> int:
    [due] = [one.due_fen for one in owed(run).bills if (one.insurance_name, one.month) == ("工伤保险", month)]
    return due


def decide(run: Runner, since: str, floating: int, uscc: str = USCC) -> FloatingDecided:
    given = DecideFloating(uscc=uscc, since=since, floating=floating, basis="示例社险〔2026〕1号")  # type: ignore[arg-type]
    return run.system(levy.decide_floating, given)


def test_each_month_is_billed_at_the_level_decided_for_it(run: Runner, clock: FixedClock) -> None:
    """Class 4 stands at 0.9 %; 120 % of it from September, 80 % from November; said again it is replaced."""
    a_town(run, clock)
    declare_all(run)
    decide(run, "2026-09", 150)
    decide(run, "2026-11", 80)
    assert decide(run, "2026-09", 120).rate == "1.08%"
    at(clock, 2026, 11, 5)
    for month, rate in (("2026-08", 9_000), ("2026-09", 10_800), ("2026-10", 10_800), ("2026-11", 7_200)):
        bill(run, month)
        assert injury(run, month) == injury_at(rate)


def test_a_level_decided_later_is_settled_month_by_month(run: Runner, clock: FixedClock) -> None:
    a_town(run, clock)
    declare_all(run)
    bill(run)
    receive(run, "B0001", WHOLE)
    at(clock, 2026, 9, 5)
    bill(run, "2026-09")
    receive(run, "B0002", WHOLE)
    assert decide(run, "2026-08", 50).billed == 2
    decide(run, "2026-09", 120)
    done = run.system(levy.reassess, Reassess(uscc=USCC, since="2026-08", until="2026-09"))
    assert done.reduction_fen == injury_at(9_000) - injury_at(4_500)
    assert done.difference_fen == injury_at(10_800) - injury_at(9_000)
    assert done.lines == 6
    assert owed(run).unallocated_fen + done.difference_fen == done.reduction_fen
    sound(run)


def test_another_officer_approves(run: Runner, clock: FixedClock) -> None:
    a_town(run, clock)
    carried_out(
        run, "LEV-17", DecideFloating(uscc=USCC, since="2026-09", floating=120, basis="示例社险〔2026〕1号")
    )
    at(clock, 2026, 9, 5)
    seen = run.system(levy.employer_rates, AskRates(uscc=USCC))
    assert (seen.floating, seen.since, seen.rate, seen.industry_name) == (120, "2026-09", "1.08%", "四类")
    assert [one.formula for one in seen.steps] == ["四类行业", "0.9% × 120%"]


def test_a_class_has_its_own_levels(run: Runner, clock: FixedClock) -> None:
    a_town(run, clock)
    an_employer(run, OTHER, injury_class=1)
    with pytest.raises(NoSuchLevel, match="一类行业，2026-09 的浮动档次只能是 100% / 120% / 150%"):
        decide(run, "2026-09", 80, OTHER)
    assert decide(run, "2026-09", 150, OTHER).rate == "0.3%"
    with pytest.raises(NoSuchLevel, match="只能是 100%"):  # before there were levels
        decide(run, "2015-09", 150, OTHER)


def test_bill_and_calculator_know_the_same_rates() -> None:
    asked = {"area": "310000", "month": "2026-08", "insurance": "injury", "wage": "10000"}
    known = [one for one in terms("310000", Month(2026, 8)) if one.insurance == INJURY]
    assert len(known) == 3 + 7 * 5
    for one in known:
        told = calculate(
            "contribution", asked | {"industry_class": one.injury_class, "floating": one.floating}
        )
        assert told["employer"] == f"{share_fen(1_000_000, one.employer_rate) / 100:.2f}"
