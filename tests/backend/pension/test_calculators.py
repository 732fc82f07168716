"""The public calculators answer, or refuse with a sentence that says what is wrong; they never crash."""

import json
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.kernel import codes, params
from backend.kernel.calculators import CATALOGUE, run, schemas
from backend.kernel.clock import FixedClock
from backend.kernel.errors import NotFound, Refusal
from backend.kernel.params import Evidence, Missing
from backend.kernel.period import Month
from backend.kernel.sentences import Invalid
from backend.systems import calculators

assert calculators, "the catalogue is filled by importing the systems"
CLOCK = FixedClock(datetime(2026, 11, 24, 2, 0, tzinfo=UTC))
GOOD: dict[str, dict[str, Any]] = {
    "identity-number": {"number": "11010519491231002X"},
    "credit-code": {"code": "91350100M000100Y43"},
    "retirement-age": {"sex": "male", "track": 60, "birth": "1967-05-12"},
    "minimum-contribution": {"year": 2030},
    "divisor-months": {"age": {"years": 60, "months": 2}, "retired": "2025-10"},
    "pension": {
        "area": "310000",
        "retired": "2026-02",
        "base": "12434",
        "index": "0.7986",
        "months": 386,
        "account": "76228",
        "divisor_months": "170",
    },
    "account-interest": {
        "year": 2025,
        "opening": "50000",
        "monthly": ["640"] * 12,
        "method": "monthly-product",
    },
    "pension-adjustment": {"area": "110000", "year": 2014, "pension": "2800.00", "months": 366, "age": 71},
    "survivor": {"contribution_months": 345, "retired_months": 42, "monthly_base": "2818.5"},
    "transfer": {"account": "33000", "wages_since_1998": "360000"},
    "benefit-place": {"hukou": "A", "places": [{"area": "A", "months": 20}, {"area": "B", "months": 130}]},
    "contribution": {"area": "310000", "month": "2026-08", "wage": "7000", "insurance": "pension"},
    "flexible-contribution": {"area": "110000", "month": "2025-08", "base": "7162"},
    "late-fee": {"amount": "100000.00", "due": "2026-01-25", "paid": "2026-03-10"},
    "undeclared": {"last_month": "38500.00"},
    "resident-pension": {"area": "110000", "month": "2024-06", "account": "15000", "years": 14},
}
STRANGE = ["NaN", "Infinity", "1e999", "-1", "0", "١٢٣", "1_000", "000000", "1E+8", "1e-30"]
STRANGE_TIMES = ["99999-01", "0000-00", "2025-02-29", "2025-13", "2026-02\n"]
NASTY = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(10**15, 10**400),
    st.floats(),
    st.text(max_size=30),
    st.sampled_from(STRANGE + STRANGE_TIMES),
    st.sampled_from(["x" * 10_000, "9" * 10_000, "\x00", "\ud83d", 10**5000]),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.one_of(st.text(max_size=5), st.just("\ud83d")), st.integers(), max_size=3),
)


def answers_or_refuses(name: str, given: Any) -> None:
    """An answer that is JSON, or a Refusal with a sentence; anything else is a bug and comes through."""
    said: Any
    try:
        status, said = 200, run(name, given, CLOCK)
    except Refusal as refusal:
        status, said = refusal.status, refusal.message
    assert status in {200, 409, 422}
    assert said
    json.dumps(said, allow_nan=False, ensure_ascii=False).encode()


@pytest.mark.parametrize("name", GOOD)
@given(data=st.data())
@settings(max_examples=250, deadline=None)
def test_whatever_comes_in_comes_out_as_an_answer_or_a_sentence(name: str, data: st.DataObject) -> None:
    given = deepcopy(GOOD[name])
    for field in data.draw(st.lists(st.sampled_from(sorted(CATALOGUE[name].asks.model_fields)), max_size=4)):
        given[field] = data.draw(NASTY)
    answers_or_refuses(name, given)


@pytest.mark.parametrize("name", GOOD)
@given(given=NASTY)
@settings(max_examples=60, deadline=None)
def test_what_is_no_form_at_all_is_refused(name: str, given: Any) -> None:
    answers_or_refuses(name, given)


@pytest.mark.parametrize("name", GOOD)
def test_the_good_ones_are_good(name: str) -> None:
    got = run(name, GOOD[name], CLOCK)
    assert (
        got["steps"]
        == [step for step in got["steps"] if step.keys() == {"name", "formula", "value", "law"}]
        != []
    )
    assert got["warnings"] == []


@pytest.mark.parametrize(
    ("name", "changed", "field"),
    [
        ("pension", {"area": "999999"}, "area"),
        ("pension", {"retired": "2026-13"}, "retired"),
        ("pension", {"retired": "99999-01"}, "retired"),
        ("pension", {"base": "0"}, "base"),
        ("pension", {"base": "-1"}, "base"),
        ("pension", {"base": "1.001"}, "base"),
        ("pension", {"base": float("nan")}, "base"),
        ("pension", {"base": True}, "base"),
        ("pension", {"index": None}, "index"),
        ("pension", {"index": "11"}, "index"),
        ("pension", {"account": "-0.01"}, "account"),
        ("pension", {"months": 1e300}, "months"),
        ("pension", {"months": None}, "years"),
        ("pension", {"years": "32"}, "years"),
        ("pension", {"divisor_months": None}, "divisor_months"),
        ("pension", {"divisor_months": "0"}, "divisor_months"),
        ("pension", {"age": {"years": 60, "months": 0}}, "divisor_months"),
        ("pension", {"divisor_months": None, "age": {"years": 60, "months": 12}}, "age.months"),
        ("pension", {"deemed_months": 387}, "deemed_years"),
        ("pension", {"wage": "1"}, "wage"),
        ("retirement-age", {"track": 55}, "track"),
        ("retirement-age", {"track": 58}, "track"),
        ("retirement-age", {"sex": "1"}, "sex"),
        ("retirement-age", {"birth": "1967-02-29"}, "birth"),
        ("retirement-age", {"birth": "2026-12"}, "birth"),
        ("retirement-age", {"birth": "2026-11-25"}, "birth"),
        ("retirement-age", {"birth": "0000-01"}, "birth"),
        ("retirement-age", {"birth": 1967}, "birth"),
        ("minimum-contribution", {"year": 0}, "year"),
        ("minimum-contribution", {"year": 99999}, "year"),
        ("minimum-contribution", {"year": "2030年"}, "year"),
        ("divisor-months", {"age": 60}, "age"),
        ("account-interest", {"year": 1997}, "year"),
        ("account-interest", {"opening": "-1"}, "opening"),
        ("account-interest", {"method": "monthly"}, "method"),
        ("account-interest", {"monthly": ["640"] * 11}, "monthly"),
        ("account-interest", {"monthly": ["640"] * 13}, "monthly"),
        ("account-interest", {"monthly": "640"}, "monthly"),
        ("account-interest", {"monthly": [*["640"] * 11, "x"]}, "monthly.11"),
        ("account-interest", {"monthly": [*["640"] * 11, "0.001"]}, "monthly.11"),
        ("survivor", {"contribution_months": -1}, "contribution_months"),
        ("survivor", {"contribution_months": 20.5}, "contribution_months"),
        ("survivor", {"retired_months": 961}, "retired_months"),
        ("survivor", {"monthly_base": "0"}, "monthly_base"),
        ("contribution", {"area": "000001"}, "area"),
        ("contribution", {"month": "2026-13"}, "month"),
        ("contribution", {"wage": "0"}, "wage"),
        ("contribution", {"insurance": "housing"}, "insurance"),
        ("contribution", {"insurance": "injury"}, "industry_class"),
        ("contribution", {"insurance": "injury", "industry_class": 9}, "industry_class"),
        ("contribution", {"insurance": "injury", "industry_class": 1, "floating": 50}, "floating"),
        ("contribution", {"insurance": "injury", "industry_class": 1, "floating": "0.8"}, "floating"),
        ("contribution", {"insurance": "injury", "industry_class": 2, "floating": 110}, "floating"),
        ("contribution", {"insurance": "injury", "industry_class": 2, "floating": True}, "floating"),
        ("contribution", {"cut": 30}, "cut"),
        ("flexible-contribution", {"base": "7161.99"}, "base"),
        ("flexible-contribution", {"base": "35811.01"}, "base"),
        ("flexible-contribution", {"medical_tier": 3}, "medical_tier"),
        ("late-fee", {"amount": "-1"}, "amount"),
        ("late-fee", {"due": "2026-02-29"}, "due"),
        ("late-fee", {"due": 0}, "due"),
        ("late-fee", {"due": "2026-01"}, "due"),
        ("late-fee", {"paid": "20260310"}, "paid"),
        ("late-fee", {"paid": "2026-03-10T00:00"}, "paid"),
        ("undeclared", {"last_month": None}, "last_month"),
        ("transfer", {"account": "-0.01"}, "account"),
        ("transfer", {"wages_since_1998": "1.005"}, "wages_since_1998"),
        ("benefit-place", {"hukou": " "}, "hukou"),
        ("benefit-place", {"places": []}, "places"),
        ("benefit-place", {"places": "A 很久"}, "places"),
        ("benefit-place", {"places": [{"area": "A", "months": -1}]}, "places.0.months"),
        ("benefit-place", {"places": "A 20 当前\nB 30 当前"}, "places"),
        ("identity-number", {"number": None}, "number"),
        ("identity-number", {"number": "1" * 10_000}, "number"),
        ("credit-code", {"code": 91}, "code"),
    ],
)
def test_a_refusal_names_the_field(name: str, changed: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        run(name, GOOD[name] | changed, CLOCK)
    assert list(refused.value.fields) == [field]
    assert refused.value.fields[field]
    assert refused.value.status == 422


@pytest.mark.parametrize(
    ("changed", "parameter", "area"),
    [
        ({"area": "500000", "deemed_months": 12}, "pension.transitional.rate", "重庆市"),
        ({"area": "440000", "deemed_months": 12}, "pension.transitional.rate", "广东省"),
        ({"area": "540000", "base": None}, "pension.benefit.base", "西藏自治区"),
        ({"retired": "1999-02"}, "pension.formula.item_rounding", "上海市"),
        ({"addition_rate": "0.1"}, "pension.addition.own_rate", "上海市"),
    ],
)
def test_what_no_law_has_set_is_refused_never_guessed(
    changed: dict[str, Any], parameter: str, area: str
) -> None:
    with pytest.raises(Missing) as refused:
        run("pension", GOOD["pension"] | changed, CLOCK)
    assert refused.value.status == 409
    facts = refused.value.facts
    if parameter != "pension.formula.item_rounding":
        assert facts["parameter"] == parameter
    assert facts["area"] == area
    assert facts["day"] in refused.value.message


def test_a_number_is_taken_as_a_number_and_as_text() -> None:
    as_text = run("pension", GOOD["pension"])
    as_numbers = run(
        "pension", GOOD["pension"] | {"base": 12434, "index": 0.7986, "account": 76228.0, "months": "386"}
    )
    with_commas = run("pension", GOOD["pension"] | {"base": "12,434.00", "divisor_months": 170})
    assert as_text == as_numbers == with_commas


def test_what_nobody_has_verified_is_said() -> None:
    got = run("pension", GOOD["pension"] | {"deemed_months": 60})
    assert any("过渡性养老金计发系数" in warning for warning in got["warnings"])
    got = run("pension", GOOD["pension"] | {"area": "450000"})
    assert any("缴费月数折算成年限的口径" in warning for warning in got["warnings"])


PRINTED = {key: value for key, value in GOOD["pension"].items() if key != "months"} | {"years": "30.67"}
COUNTED = GOOD["pension"] | {"months": 368}
PROVINCES = [one.code for one in codes.choices("area") if one.code.endswith("0000")]
UNKNOWN = "没有收集到"


@pytest.mark.parametrize("area", ["110000", "130000", "140000", "350000", "450000", "450103"])
def test_a_province_of_which_nothing_that_counts_is_verified_says_so(area: str) -> None:
    printed, counted = (run("pension", asked | {"area": area})["warnings"] for asked in (PRINTED, COUNTED))
    assert any("“缴费月数折算成年限的口径”没有核实过" in one for one in printed)
    assert any(one.startswith(UNKNOWN) for one in printed)
    assert printed == counted
    deemed = run("pension", PRINTED | {"area": area, "deemed_months": 12})["warnings"]
    assert any("过渡性养老金计发系数”没有核实过" in one for one in deemed)
    assert not any(one.startswith(UNKNOWN) for one in deemed), "what is known of it is used, and warned of"


@pytest.mark.parametrize("area", PROVINCES)
def test_who_prints_years_is_warned_as_who_counts_months(area: str) -> None:
    """Nowhere is an unverified reading silent, and nowhere is a verified one warned of."""
    day = Month(2026, 2).first
    reading = params.found("pension.formula.years_reading", day, area)
    for asked in (PRINTED, COUNTED):
        warnings = run("pension", asked | {"area": area})["warnings"]
        doubtful = reading.evidence is Evidence.UNVERIFIED
        assert any("折算成年限的口径" in one for one in warnings) == doubtful
        if reading.area != params.NATION:
            assert not any(one.startswith(UNKNOWN) for one in warnings)


def test_zhejiang_is_not_unknown_where_its_own_additions_are_in_the_sum() -> None:
    got = run("pension", PRINTED | {"area": "330106"})
    assert [one["name"] for one in got["additions"]] == ["基本养老金补贴", "过渡调节金"]
    assert not any(one.startswith(UNKNOWN) for one in got["warnings"])
    for doubtful in ("缴费月数折算成年限的口径", "过渡调节金的基准", "过渡调节金每年每一指数的数额"):
        assert any(doubtful in one for one in got["warnings"])


@pytest.mark.parametrize("area", ["310115", "440305", "500000"])
def test_a_provincial_base_that_no_formula_takes_is_said(area: str) -> None:
    asked = GOOD["pension"] | {"area": area}
    [said] = set(run("pension", asked | {"provincial_base": "9000"})["warnings"]) - set(
        run("pension", asked)["warnings"]
    )
    assert said.startswith("填写的全省计发基数没有用到")
    assert codes.full_name(area) in said
    for two in ("410100", "220100"):
        got = run("pension", asked | {"area": two, "provincial_base": "9000"})["warnings"]
        assert not any("没有用到" in one for one in got)


def test_a_base_of_an_earlier_year_makes_the_answer_provisional() -> None:
    asked = {key: value for key, value in GOOD["pension"].items() if key != "base"}
    (warning,) = run("pension", asked)["warnings"]
    assert "先按 2025 年的 12434.00 元算" in warning
    assert run("pension", asked)["basic"] == "3596.80"
    assert (
        params.found("pension.benefit.base", datetime(2026, 2, 1, tzinfo=UTC).date(), "310115").since.year
        == 2025
    )


def test_a_wrong_identity_number_says_why() -> None:
    got = run("identity-number", {"number": "110105194912310021"})
    assert got["valid"] is False
    assert "校验码" in got["reason"]
    assert "birth" not in got
    assert run("identity-number", {"number": "110105202702280011"}, CLOCK)["reason"].startswith(
        "号码里的出生日期还没有到"
    )


def test_a_right_identity_number_is_read() -> None:
    got = run("identity-number", {"number": "440524188001010014"})
    assert (got["valid"], got["birth"], got["sex"], got["area"]) == (True, "1880-01-01", "male", "440524")
    assert "撤销" in got["reason"]


def test_every_calculator_describes_itself() -> None:
    known = {one["name"]: one for one in schemas()}
    assert set(GOOD) <= set(known)
    for one in known.values():
        assert one["title"]
        assert one["law"]
        shapes = [one["input"], one["output"], *one["input"].get("$defs", {}).values()]
        for shape in shapes:
            for name, field in shape["properties"].items():
                assert field.get("title"), f"{one['name']}.{name}"
        json.dumps(one)


def test_a_calculator_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound):
        run("horoscope", {})
