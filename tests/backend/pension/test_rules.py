"""The law of basic pension: cases a policy officer can read, and what must hold for everybody."""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from backend.kernel import params
from backend.kernel.calculators import run
from backend.kernel.params import Missing
from backend.kernel.period import AgeYM, Month
from backend.kernel.rules import FEN, JIAO
from backend.pension.calculators import AskPension, pension
from backend.pension.rules import benefit, survivor
from backend.pension.rules.adjustment import Pensioner, Scheme, increase
from backend.pension.rules.divisor import divisor_tenths
from backend.pension.rules.interest import annual_fen, monthly_product_fen, monthly_products
from backend.pension.rules.retirement import Reform, ages
from backend.pension.rules.years import READINGS, exact, hundredth, months_of
from tests.examples.test_examples import same

CASES = Path(__file__).parent / "cases"
REFORM_STARTS = Month(2025, 1)
SURVIVORS = params.load(
    survivor.Terms, "pension.survivor", params.history("pension.survivor.least_months")[0].since
)
REFORM = params.load(Reform, "pension.retirement", REFORM_STARTS.first)
TABLE = {
    int(age): months for age, months in params.value("pension.divisor.months", REFORM_STARTS.first).items()
}
BIRTHS = st.builds(Month, st.integers(1930, 2020), st.integers(1, 12))
TRACKS = st.sampled_from([60, 55, 50])
BASE = st.integers(100_000, 3_000_000)
INDEX = st.integers(0, 3_000_000)
MONTHS = st.integers(1, 600)


def cases(name: str) -> list[Any]:
    return list(yaml.load((CASES / f"{name}.yaml").read_text("utf-8"), yaml.BaseLoader))


@pytest.mark.parametrize("case", cases("retirement_age"), ids="-".join)
def test_retirement_age(case: list[str]) -> None:
    sex, track, birth, delay, age, day = case
    got = run("retirement-age", {"sex": sex, "track": int(track), "birth": birth})
    assert (got["delay_months"], str(AgeYM(**got["age"])), got["date"]) == (int(delay), age, day)


@pytest.mark.parametrize("case", cases("divisor_months"), ids="-".join)
def test_divisor_months(case: list[str]) -> None:
    years, months, retired, want = case
    got = run("divisor-months", {"age": {"years": years, "months": months}, "retired": retired})
    assert got["months"] == want


@pytest.mark.parametrize("case", cases("pension_adjustment"), ids="-".join)
def test_pension_adjustment(case: list[str]) -> None:
    pension, months, age, group, *want = case
    asked = {"area": "110000", "year": 2014, "pension": pension, "months": months, "age": age, "group": group}
    got = run("pension-adjustment", asked)
    assert [got[name] for name in ("fixed", "linked", "tilted", "top_up", "pension")] == want
    assert not got["warnings"], "京人社养发〔2014〕48号 was read in full"
    assert got["steps"][-1]["value"] == want[-1]


@pytest.mark.parametrize(
    ("area", "year"), [("310000", 2026), ("310000", 2023), ("110000", 2015), ("440000", 2025)]
)
def test_a_year_without_a_notice_is_refused_and_never_taken_from_another(area: str, year: int) -> None:
    asked = {"area": area, "year": year, "pension": "3000", "months": 360, "age": 70}
    with pytest.raises(Missing, match="年度养老金调整办法") as refused:
        run("pension-adjustment", asked)
    assert f"{year}-01-01" in refused.value.message


def test_an_adjustment_that_nobody_has_verified_says_so() -> None:
    got = run(
        "pension-adjustment", {"area": "310115", "year": 2025, "pension": "5012.34", "months": 366, "age": 81}
    )
    assert (got["fixed"], got["linked"], got["tilted"]) == ("40.00", "60.10", "40.00")
    assert sum("没有核实过" in one for one in got["warnings"]) >= 5


TIERS = st.lists(
    st.tuples(st.integers(0, 600_000), st.integers(0, 30_000)), max_size=4, unique_by=lambda one: one[0]
)
SCHEMES = st.builds(
    Scheme,
    fixed=TIERS.map(lambda found: tuple(sorted(found))),
    guarded=st.just(True),
    years=st.integers(0, 500).map(lambda fen: ((0, fen),)),
    rate=st.integers(0, 100_000),
    ages=st.lists(st.integers(0, 20_000), max_size=3).map(
        lambda fen: tuple(zip((65, 70, 80), sorted(fen), strict=False))
    ),
    favoured_least=st.integers(0, 500_000),
    least=st.integers(0, 500_000),
    unit=st.sampled_from([FEN, JIAO]),
)


@given(SCHEMES, st.integers(1, 700_000), MONTHS, st.integers(50, 100), st.integers(0, 12))
def test_more_months_or_years_of_age_never_gain_less_and_nobody_is_overtaken_by_the_tier_below(
    scheme: Scheme, pension: int, months: int, age: int, more: int
) -> None:
    one = increase(Pensioner(pension, months, age), scheme)
    assert min(one.fixed, one.linked, one.tilted, one.top_up) >= 0
    assert increase(Pensioner(pension, months + more, age), scheme).total >= one.total - one.top_up
    assert increase(Pensioner(pension, months, age + more), scheme).total >= one.total
    assert pension + one.total >= scheme.least
    below = [bound for bound, _ in scheme.fixed if bound <= pension]
    for bound in below[1:]:
        under = increase(Pensioner(bound - 1, months, age), scheme)
        assert pension + one.fixed >= bound - 1 + under.fixed


@pytest.mark.parametrize("case", cases("pension"), ids=lambda case: case["name"])
def test_pension(case: Mapping[str, Any]) -> None:
    got = run("pension", case["ask"])
    assert same(case["expect"], got), got


@pytest.mark.parametrize(
    ("year", "months"),
    [(1998, 180), (2029, 180), (2030, 186), (2034, 210), (2038, 234), (2039, 240), (2060, 240)],
)
def test_minimum_contribution(year: int, months: int) -> None:
    assert run("minimum-contribution", {"year": year})["months"] == months


@pytest.mark.parametrize("case", cases("survivor"), ids=lambda case: case["name"])
def test_survivors_money(case: Mapping[str, Any]) -> None:
    got = run("survivor", case["ask"])
    assert {name: got[name] for name in case["expect"]} == case["expect"]


@given(MONTHS, st.integers(0, 480), BASE)
def test_survivors_of_who_paid_longer_get_no_less_and_of_who_received_longer_no_more(
    paid: int, received: int, base: int
) -> None:
    def fen(paid: int, received: int | None) -> int:
        twelfths = survivor.most_twelfths(paid, SURVIVORS)
        if received is not None:
            twelfths = survivor.retired_twelfths(twelfths, received, SURVIVORS)
        return survivor.pension_fen(base, twelfths)

    assert fen(paid, None) <= fen(paid + 1, None) <= 24 * base
    assert 9 * base <= fen(paid, received + 1) <= fen(paid, received) <= fen(paid + 1, received)


@given(st.integers(0, 10**10), st.lists(st.integers(1, 1_000), min_size=1, max_size=6))
def test_the_parts_of_a_sum_add_up_to_it_and_none_is_a_fen_off(fen: int, shares: list[int]) -> None:
    found = survivor.parts(fen, tuple(shares))
    assert sum(found) == fen
    assert all(
        abs(part * sum(shares) - fen * share) < sum(shares) for part, share in zip(found, shares, strict=True)
    )


def test_a_step_says_how_the_months_came_about() -> None:
    got = run("survivor", {"contribution_months": 400, "retired_months": 30, "monthly_base": "4708.50"})
    assert [step["formula"] for step in got["steps"]] == [
        "4708.50 × 2",
        "9 + (360 - 180) ÷ 12，最多按 30 年",
        "24 - 30 ÷ 12，最少 9",
        "4708.50 × 21.5，四舍五入到分",
    ]
    assert got["warnings"] == []
    odd = run("survivor", {"contribution_months": 181, "monthly_base": "4708.50"})
    assert "没有核实" in odd["warnings"][0]


@pytest.mark.parametrize("case", cases("account_interest"), ids=lambda case: case["name"])
def test_interest_by_the_monthly_product_method(case: Mapping[str, Any]) -> None:
    opening, rate, months = (int(case[name]) for name in ("opening_fen", "rate", "months"))
    found = monthly_product_fen(opening, [int(one) for one in case["credits_fen"]], rate, months)
    assert found == int(case["interest_fen"])


@pytest.mark.parametrize(
    ("year", "interest"),
    [
        *((2016, "831.00"), (2017, "712.00"), (2018, "829.00"), (2019, "761.00"), (2020, "604.00")),
        *((2021, "669.00"), (2022, "612.00"), (2023, "397.00"), (2024, "262.00"), (2025, "150.00")),
    ],
)
@pytest.mark.parametrize("method", ["monthly-product", "annual"])
def test_the_national_rate_of_a_year_is_what_an_untouched_account_bears(
    year: int, interest: str, method: str
) -> None:
    asked = {"year": year, "opening": "10000", "monthly": [0] * 12, "method": method}
    got = run("account-interest", asked)
    assert (got["interest"], got["credited"]) == (interest, "0.00")


@pytest.mark.parametrize("year", [1998, 2015, 2026, 2099])
def test_a_year_without_a_national_rate_is_refused(year: int) -> None:
    asked = {"year": year, "opening": "10000", "monthly": [0] * 12, "method": "annual"}
    with pytest.raises(Missing) as refused:
        run("account-interest", asked)
    assert refused.value.facts["parameter"] == "pension.account.interest_rate"
    assert refused.value.facts["day"] == f"{year}-01-01"


def test_the_two_methods_differ_by_what_came_when() -> None:
    asked = {"year": 2025, "opening": "50000", "monthly": ["640"] * 12}
    assert run("account-interest", asked | {"method": "monthly-product"})["interest"] == "812.40"
    annual = run("account-interest", asked | {"method": "annual"})
    assert (annual["interest"], annual["closing"]) == ("812.38", "58492.38")
    assert "年度计算法的系数" in annual["warnings"][0]


# ---- what holds for everybody ----


CREDITS = st.lists(st.integers(0, 500_000), min_size=12, max_size=12)
RATES = st.integers(0, 100_000)


@given(st.integers(0, 10**8), CREDITS, RATES, st.integers(0, 11))
def test_what_comes_earlier_or_is_more_never_bears_less(
    opening: int, credits: list[int], rate: int, month: int
) -> None:
    bears = monthly_product_fen(opening, credits, rate)
    more = [credit + 100 * (n == month) for n, credit in enumerate(credits)]
    assert monthly_product_fen(opening, more, rate) >= bears
    assert monthly_product_fen(opening, sorted(credits, reverse=True), rate) >= bears
    assert monthly_product_fen(opening, sorted(credits), rate) <= bears
    assert monthly_product_fen(opening, credits, rate + 1) >= bears
    assert monthly_products(credits) <= 12 * sum(credits)


@given(st.integers(0, 10**8), st.integers(0, 500_000), RATES)
def test_for_equal_months_the_methods_agree_to_a_thousandth_of_the_credits_interest(
    opening: int, credit: int, rate: int
) -> None:
    """78 ÷ 12 = 6.5 months, and 12 × 1.083 × ½ = 6.498."""
    by_products = monthly_product_fen(opening, [credit] * 12, rate)
    by_year = annual_fen(opening, 12 * credit, rate, 1_083)
    assert 0 <= by_products - by_year <= 12 * credit * rate // (1_000 * 1_000_000) + 1


@given(TRACKS, BIRTHS)
def test_nobody_born_later_retires_earlier(track: int, birth: Month) -> None:
    this, following = (ages(track, month, REFORM, REFORM_STARTS) for month in (birth, birth + 1))
    assert this.legal <= following.legal <= this.legal + 1
    assert birth + this.legal < birth + 1 + following.legal


@given(TRACKS, BIRTHS)
def test_flexible_retirement_lies_around_the_legal_age(track: int, birth: Month) -> None:
    found = ages(track, birth, REFORM, REFORM_STARTS)
    assert found.original <= found.earliest <= found.legal <= found.latest
    assert found.legal - found.earliest <= 36
    assert found.latest - found.legal in {0, 36}
    assert (found.latest == found.legal) == (birth + track * 12 < REFORM_STARTS)


def test_the_delay_ends_where_the_law_says() -> None:
    for track, cap in ((60, 36), (55, 36), (50, 60)):
        assert ages(track, Month(2000, 1), REFORM, REFORM_STARTS).delay == cap


def test_divisor_months_fall_with_every_month_of_age() -> None:
    known = [divisor_tenths(age, TABLE, by_month=True) for age in range(40 * 12, 70 * 12 + 1)]
    assert all(later < earlier for earlier, later in pairwise(known))
    assert (known[0], known[-1]) == (2330, 560)


@given(BASE, INDEX, MONTHS, st.integers(1, 1000))
def test_more_index_or_more_months_never_lower_the_pension(
    base: int, index: int, months: int, more: int
) -> None:
    years, scale = exact(months)
    now = benefit.basic_fen(base, base, index, years, scale, FEN)
    assert benefit.basic_fen(base, base, index + more, years, scale, FEN) >= now
    assert benefit.basic_fen(base, base, index, years + 1, scale, FEN) >= now
    assert benefit.discounted_basic_fen(base, index, 600_000, years, scale, FEN) <= now


@given(BASE, st.integers(600_000, 3_000_000), MONTHS)
def test_the_guangdong_discount_ends_at_the_floor_without_a_jump(base: int, index: int, months: int) -> None:
    assert benefit.discounted_basic_fen(base, index, 600_000, months, 12, FEN) == benefit.basic_fen(
        base, base, index, months, 12, FEN
    )
    just_below = benefit.discounted_basic_fen(base, 599_999, 600_000, months, 12, FEN)
    assert 0 <= benefit.basic_fen(base, base, 600_000, months, 12, FEN) - just_below <= 10


@given(st.integers(0, 10**9), st.integers(560, 2330))
def test_an_account_is_paid_back_to_within_half_a_fen_a_month(balance: int, tenths: int) -> None:
    paid = benefit.account_fen(balance, tenths, FEN)
    assert abs(paid * tenths - balance * 10) * 2 <= tenths
    assert benefit.account_fen(balance, tenths, JIAO) % 10 == 0


@given(MONTHS)
def test_every_reading_of_months_is_near_the_exact_one(months: int) -> None:
    for name, read in READINGS.items():
        years, scale = read(months, 83)
        assert abs(years / scale - months / 12) < (0.5 if name == "half_year_up" else 0.0101), name
    assert months_of(*hundredth(months)) == months


@pytest.mark.parametrize(
    "area", ["310000", "440000", "440300", "510000", "420000", "220000", "330000", "540000"]
)
def test_the_steps_add_up_to_the_total(area: str) -> None:
    ask = {"area": area, "retired": "2025-11", "base": "8000", "index": "0.55", "months": "371"}
    estimate = pension(AskPension.model_validate(ask | {"account": "100000", "divisor_months": "137.3"}))
    by_name = {step.name: step for step in estimate.steps}
    assert by_name["合计"].value == estimate.total
    assert by_name["基础养老金"].value == estimate.basic
    assert all(step.formula and step.law for step in estimate.steps)
