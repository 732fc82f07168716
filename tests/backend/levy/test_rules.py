"""The law of levy: cases a policy officer can read, and what must hold for everybody."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from backend.kernel import params
from backend.kernel.calculators import run
from backend.kernel.rules import MILLION, half_up, millionths, share_fen
from backend.levy.rules.contribution import base_fen, injury_rate
from backend.levy.rules.overdue import days_late, days_within, late_fee_fen
from backend.systems import levy
from tests.examples.test_examples import same

assert levy, "the catalogue is filled by importing the systems"
CASES = Path(__file__).parent / "cases"
FEN = st.integers(0, 10**10)
RATES = st.integers(0, 300_000)
DAYS = st.integers(730_000, 760_000)


def cases(name: str) -> list[Any]:
    return list(yaml.load((CASES / f"{name}.yaml").read_text("utf-8"), yaml.BaseLoader))


@pytest.mark.parametrize("case", cases("contribution"), ids=lambda case: case["name"])
def test_contribution(case: Mapping[str, Any]) -> None:
    got = run("contribution", case["ask"])
    assert same(case["expect"], got), got


@pytest.mark.parametrize("case", cases("flexible"), ids=lambda case: case["name"])
def test_flexible_contribution(case: Mapping[str, Any]) -> None:
    got = run("flexible-contribution", case["ask"])
    assert same(case["expect"], got), got


@pytest.mark.parametrize("case", cases("late_fee"), ids="-".join)
def test_late_fee(case: list[str]) -> None:
    amount, due, paid, days, fee = case
    got = run("late-fee", {"amount": amount, "due": due, "paid": paid})
    assert (got["days"], got["fee"]) == (int(days), fee)


@pytest.mark.parametrize(
    ("last_month", "amount"), [("38500.00", "42350.00"), ("0", "0.00"), ("0.05", "0.06"), ("0.04", "0.04")]
)
def test_undeclared(last_month: str, amount: str) -> None:
    assert run("undeclared", {"last_month": last_month})["amount"] == amount


def test_the_parts_of_the_unemployment_rate_are_its_whole() -> None:
    for whole in params.history("unemployment.contribution.total_rate"):
        parts = (
            params.value(f"unemployment.contribution.{name}_rate", whole.since)
            for name in ("employer", "person")
        )
        assert sum(parts) == whole.value, whole.since


def test_the_nations_own_limits_are_nowhere_made_up() -> None:
    places = {one.area for one in params.everything() if one.path == "pension.contribution.floor"}
    assert params.NATION not in places
    assert places == {one.area for one in params.everything() if one.path == "pension.contribution.ceiling"}


# ---- what holds for everybody ----


@given(FEN, FEN, FEN, st.integers(0, 10**6))
def test_a_base_is_held_between_its_limits_and_never_falls_with_the_wage(
    wage: int, one: int, two: int, more: int
) -> None:
    floor, ceiling = sorted((one, two))
    base = base_fen(wage, floor, ceiling)
    assert floor <= base <= ceiling
    assert base_fen(wage + more, floor, ceiling) >= base
    assert base == wage or (base == floor > wage) or (base == ceiling < wage)


@given(FEN, RATES, st.integers(0, 1000))
def test_a_share_is_right_to_half_a_fen_and_grows_with_base_and_rate(base: int, rate: int, more: int) -> None:
    share = share_fen(base, rate)
    assert abs(share * MILLION - base * rate) * 2 <= MILLION
    assert share_fen(base + more, rate) >= share
    assert share_fen(base, rate + more) >= share


@given(FEN, RATES, RATES)
def test_two_shares_are_within_a_fen_of_the_share_of_both(base: int, one: int, two: int) -> None:
    assert abs(share_fen(base, one) + share_fen(base, two) - share_fen(base, one + two)) <= 1


@given(
    st.sampled_from(sorted(params.value("injury.contribution.class_rate", date(2025, 1, 1)).values())),
    st.sampled_from([500_000, 800_000, 1_000_000, 1_200_000, 1_500_000]),
    st.sampled_from([0, 200_000, 500_000]),
)
def test_every_injury_rate_is_whole_millionths(base: Decimal, floating: int, cut: int) -> None:
    exact = base * floating / MILLION * (MILLION - cut) / MILLION
    assert Decimal(injury_rate(millionths(base), floating, cut)) / MILLION == exact


@given(DAYS, DAYS, st.integers(0, 2), DAYS)
def test_a_delay_cut_anywhere_has_as_many_days(due: int, paid: int, first_day: int, cut: int) -> None:
    days, start = days_late(due, paid, first_day), due + first_day
    assert days == days_within(start, paid, 0, cut) + days_within(start, paid, cut, 10**6)
    assert days_late(due, paid + 1, first_day) in {0, days + 1}


@given(FEN, st.integers(0, 10_000), st.integers(0, 10_000), st.integers(0, 1000))
def test_a_fee_grows_with_amount_and_days_and_a_higher_rate_before_costs_more(
    amount: int, before: int, since: int, more: int
) -> None:
    fee = late_fee_fen(amount, 2_000 * before + 500 * since)
    assert fee == half_up(amount * (4 * before + since), 2_000)
    assert late_fee_fen(amount + more, 2_000 * before + 500 * since) >= fee
    assert late_fee_fen(amount, 2_000 * before + 500 * (since + more)) >= fee
    assert fee >= late_fee_fen(amount, 500 * (before + since))


@given(st.dates(date(1999, 1, 22), date(2070, 1, 1)), st.integers(0, 8000), st.integers(0, 10**9))
def test_the_public_answer_is_the_sum_a_citizen_makes_day_by_day(due: date, late: int, amount: int) -> None:
    paid = date.fromordinal(due.toordinal() + late)
    known = {"amount": f"{amount // 100}.{amount % 100:02}", "due": str(due), "paid": str(paid)}
    got = run("late-fee", known)
    rates = params.history("levy.overdue.late_fee_rate")
    change = rates[1].since.toordinal()
    old = max(min(change - 1, paid.toordinal()) - due.toordinal(), 0)
    numerator = amount * (millionths(rates[0].value) * old + millionths(rates[1].value) * (late - old))
    assert got["days"] == late
    assert got["fee"].replace(".", "").lstrip("0") == str(half_up(numerator, MILLION)).lstrip("0")
