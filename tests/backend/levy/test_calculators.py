"""The calculators of levy: what they refuse and how, what they warn of, and that both languages have it all."""

import re
from pathlib import Path
from typing import Any

import pytest

from backend.kernel.calculators import run
from backend.kernel.language import EN, translate
from backend.kernel.params import Missing, everything
from backend.kernel.sentences import Invalid
from backend.kernel.telling import said, said_fields
from backend.levy.calculators.contribution import MaternityMerged
from backend.systems import levy

assert levy, "the catalogue is filled by importing the systems"
CHINESE = re.compile("[\u3400-\u9fff]")
PLACES = re.compile("重庆市|广东省深圳市")
INJURY = {"area": "510000", "month": "2025-10", "wage": "10000", "insurance": "injury", "industry_class": 2}
PENSION = {"area": "310000", "month": "2026-08", "wage": "7000", "insurance": "pension"}
FLEXIBLE = {"area": "110000", "month": "2025-08", "base": "7162"}
DELAY = {"amount": "100", "due": "2026-01-25", "paid": "2026-03-10"}


@pytest.mark.parametrize(
    ("name", "ask", "parameter", "area", "day"),
    [
        ("contribution", PENSION | {"area": "540000"}, "pension.contribution.floor", "540000", "2026-08-01"),
        (
            "contribution",
            PENSION | {"month": "2020-06"},
            "pension.contribution.floor",
            "310000",
            "2020-06-01",
        ),
        (
            "contribution",
            PENSION | {"month": "1999-01"},
            "pension.contribution.floor",
            "310000",
            "1999-01-01",
        ),
        (
            "contribution",
            PENSION | {"area": "510100", "insurance": "medical"},
            "medical.contribution.employer_rate",
            "510100",
            "2026-08-01",
        ),
        (
            "contribution",
            PENSION | {"insurance": "medical", "month": "2018-01"},
            "levy.base.limits",
            "310000",
            "2018-01-01",
        ),
        (
            "contribution",
            PENSION | {"insurance": "maternity", "month": "2019-12"},
            "pension.contribution.floor",
            "310000",
            "2019-12-01",
        ),
        (
            "flexible-contribution",
            FLEXIBLE | {"area": "650000"},
            "pension.contribution.floor",
            "650000",
            "2025-08-01",
        ),
        ("late-fee", DELAY | {"due": "1998-12-31"}, "levy.overdue.first_day", "000000", "1998-12-31"),
    ],
)
def test_what_no_law_has_set_is_refused_by_parameter_area_and_day(
    name: str, ask: dict[str, Any], parameter: str, area: str, day: str
) -> None:
    with pytest.raises(Missing) as refused:
        run(name, ask)
    facts = refused.value.facts
    assert refused.value.status == 409
    assert (facts["parameter"], facts["code"], facts["day"]) == (parameter, area, day)


def test_who_asks_for_maternity_is_told_where_it_went() -> None:
    with pytest.raises(MaternityMerged) as refused:
        run("contribution", PENSION | {"insurance": "maternity"})
    assert refused.value.status == 409
    told = said(refused.value, EN)
    for fact in ("310000", "2026-08-01", "medical.contribution.maternity_rate", "2020-01-01"):
        assert fact in refused.value.message
        assert fact in told


@pytest.mark.parametrize(
    ("name", "ask", "chinese", "english"),
    [
        (
            "flexible-contribution",
            FLEXIBLE | {"base": "100"},
            "要在下限 7162.00 元和上限 35811.00 元之间",
            "between the floor of 7162.00 yuan and the ceiling of 35811.00 yuan",
        ),
        (
            "contribution",
            INJURY | {"industry_class": 1, "floating": 50},
            "一类行业只能是 100% / 120% / 150%",
            "class 1",
        ),
        (
            "contribution",
            INJURY | {"industry_class": None},
            "测算工伤保险请填写“行业类别”",
            "fill in “Industry class”",
        ),
        ("late-fee", DELAY | {"paid": "明天"}, "请写成年-月-日", "as a day that exists"),
    ],
)
def test_a_refusal_says_what_is_allowed_in_both_languages(
    name: str, ask: dict[str, Any], chinese: str, english: str
) -> None:
    with pytest.raises(Invalid) as refused:
        run(name, ask)
    assert chinese in refused.value.message
    (told,) = said_fields(refused.value, EN).values()
    assert english in told
    assert not CHINESE.search(told)


@pytest.mark.parametrize(
    ("ask", "named"),
    [
        (PENSION | {"area": "110000"}, ["pension.contribution.floor", "pension.contribution.ceiling"]),
        (PENSION | {"insurance": "unemployment"}, []),
        (PENSION | {"insurance": "medical"}, []),
        (
            INJURY | {"floating": 80, "cut": 0},
            ["levy.base.limits", "injury.contribution.class_rate", "injury.contribution.floating_other"],
        ),
        (
            INJURY | {"insurance": "unemployment"},
            [
                "levy.base.limits",
                *(f"unemployment.contribution.{one}_rate" for one in ("employer", "person")),
            ],
        ),
    ],
)
def test_every_parameter_that_nobody_verified_is_named_and_no_other(
    ask: dict[str, Any], named: list[str]
) -> None:
    warnings = run("contribution", ask)["warnings"]
    assert len(warnings) == len(named)
    for parameter, warning in zip(named, warnings, strict=True):
        assert any(one.label in warning for one in everything() if one.path == parameter)


@pytest.mark.parametrize("said", [120, 120.0, 1.2, "120", "1.2", "１２０％", "120%", "1.20", " 120 "])
def test_a_floating_step_is_read_as_people_write_it(said: Any) -> None:
    got = run("contribution", INJURY | {"floating": said})
    assert got == run("contribution", INJURY | {"floating": 120})
    assert got["employer"] == "48.00"


@pytest.mark.parametrize(
    "said",
    [
        "1.2%",
        "9e9999999",
        "1e-9999999",
        "sNaN",
        "NaN",
        "%",
        "",
        10**9,
        -1,
        float("inf"),
        [120],
        True,
        None,
    ],
)
def test_what_is_no_floating_step_is_refused(said: Any) -> None:
    with pytest.raises(Invalid) as refused:
        run("contribution", INJURY | {"floating": said})
    assert list(refused.value.fields) == ["floating"]
    assert "只能是 50, 80, 100, 120 或 150" in refused.value.message


def test_limits_older_than_a_year_are_said_to_be_old() -> None:
    fresh = run("contribution", PENSION | {"area": "510000", "month": "2025-12"})["warnings"]
    assert fresh == []
    (warning,) = run("contribution", PENSION | {"area": "510000", "month": "2026-01"})["warnings"]
    assert warning.startswith("缴费基数上下限从 2025-01-01 起执行")


def test_a_cut_that_nobody_knows_of_is_asked_for() -> None:
    unknown = run("contribution", INJURY)["warnings"][-1]
    assert unknown.startswith("没有查到当地这个月有没有阶段性下调")
    for known in (INJURY | {"cut": 0}, INJURY | {"area": "310000"}):
        assert all(not said.startswith("没有查到") for said in run("contribution", known)["warnings"])


def test_what_a_flexible_worker_cannot_be_told_is_left_out_and_said() -> None:
    got = run("flexible-contribution", {"area": "510300", "month": "2025-06", "base": "5000"})
    assert "medical" not in got
    assert "unemployment" not in got
    assert [said[:12] for said in got["warnings"]] == ["四川省自贡市灵活就业人员", "没有查到四川省自贡市让灵"]
    old = run("flexible-contribution", FLEXIBLE | {"month": "2026-07", "base": "8000"})["warnings"]
    assert any("医疗保险的定额从 2025-07-01 起执行" in said for said in old)


def test_a_fee_above_what_is_owed_is_told_of_the_open_question() -> None:
    (warning,) = run("late-fee", DELAY | {"due": "2015-01-01"})["warnings"]
    assert "滞纳金的上限" in warning
    assert run("late-fee", DELAY)["warnings"] == []


def test_a_place_with_a_cap_asks_no_more_than_what_is_owed(another_law: Path) -> None:
    """No place has one on record; the rule is there for one that has."""
    file = another_law / "levy.yaml"
    file.write_text(file.read_text("utf-8").replace("value: none", "value: principal"), "utf-8")
    got = run("late-fee", DELAY | {"due": "2015-01-01"})
    assert got["fee"] == "100.00"
    assert got["steps"][-1]["name"] == "滞纳金上限"


def test_a_place_that_still_has_a_maternity_contribution_is_worked_out(another_law: Path) -> None:
    file = another_law / "310000/medical.yaml"
    own = "  maternity_rate:\n    label: 生育保险单位缴费比例\n    unit: rate\n    values:\n"
    own += "      2026-01-01: {value: 0.01, source: 假设, evidence: T}\n"
    file.write_text(file.read_text("utf-8").replace("contribution:\n", f"contribution:\n{own}"), "utf-8")
    got = run("contribution", PENSION | {"insurance": "maternity"})
    assert (got["employer"], got["person"], got["total"]) == ("75.46", "0.00", "75.46")


@pytest.mark.parametrize(
    ("name", "ask"),
    [
        ("contribution", PENSION),
        ("contribution", PENSION | {"wage": "99999"}),
        ("contribution", PENSION | {"wage": "9999"}),
        ("contribution", INJURY | {"area": "310000", "floating": 120}),
        ("flexible-contribution", FLEXIBLE),
        ("flexible-contribution", {"area": "500000", "month": "2025-06", "base": "5000"}),
        ("flexible-contribution", {"area": "440300", "month": "2025-12", "base": "5000"}),
        ("late-fee", DELAY),
        ("late-fee", DELAY | {"due": "2026-03-10"}),
        ("late-fee", DELAY | {"due": "2011-06-01"}),
        ("undeclared", {"last_month": "1"}),
        ("account-interest", {"year": 2025, "opening": 1, "monthly": [1] * 12, "method": "monthly-product"}),
        ("account-interest", {"year": 2025, "opening": 1, "monthly": [*range(12)], "method": "annual"}),
    ],
)
def test_every_step_and_warning_is_told_in_english_too(name: str, ask: dict[str, Any]) -> None:
    got = run(name, ask)
    for warning in got["warnings"]:
        assert not CHINESE.search(PLACES.sub("", translate(warning, EN))), warning
    for step in got["steps"]:
        assert step["law"]
        for part in (step["name"], step["formula"], step["value"]):
            told = translate(part, EN)
            assert not CHINESE.search(told), (part, told)


@pytest.mark.parametrize(
    "ask", [PENSION, PENSION | {"insurance": "medical"}, INJURY, INJURY | {"insurance": "unemployment"}]
)
def test_the_parts_add_up_to_the_total(ask: dict[str, Any]) -> None:
    got = run("contribution", ask)
    fen = {name: int(got[name].replace(".", "")) for name in ("employer", "person", "total")}
    assert fen["employer"] + fen["person"] == fen["total"]
    values = {step["name"]: step["value"] for step in got["steps"]}
    assert (values["单位缴费"], values["个人缴费"], values["合计"]) == (
        got["employer"],
        got["person"],
        got["total"],
    )
