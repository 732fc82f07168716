"""Parameters: the right day's, the nearest area's, or a refusal that names what is missing."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest

from backend.kernel import codes, params
from backend.kernel.money import Money
from backend.kernel.params import Evidence, Lookup, Missing

DAY = date(2025, 8, 1)


@dataclass(frozen=True)
class Contribution:
    employer_rate: Decimal
    floor: Money
    ceiling: Money


def test_every_parameter_can_be_read_and_belongs_to_a_known_area() -> None:
    known = list(params.everything())
    assert len(known) > 200
    for one in known:
        assert codes.known("area", one.area), one
        assert one.label
        assert one.source


def test_the_areas_own_value_comes_before_the_provinces_and_the_nations() -> None:
    assert params.value("pension.contribution.floor", DAY, "440100") == Money.yuan("5510")
    assert params.value("pension.contribution.floor", DAY, "440106") == Money.yuan("5510")
    assert params.value("pension.contribution.floor", DAY, "441900") == Money.yuan("4775")
    assert params.found("pension.contribution.employer_rate", DAY, "440100").area == "000000"


def test_a_value_begins_on_its_day() -> None:
    path = "pension.contribution.ceiling"
    assert params.value(path, date(2026, 6, 30), "310115") == Money.yuan("37302")
    assert params.value(path, date(2026, 7, 1), "310115") == Money.yuan("37731")


def test_what_no_law_has_set_is_refused_by_name_area_and_day() -> None:
    with pytest.raises(Missing) as refused:
        params.value("pension.contribution.ceiling", date(2026, 7, 1), "540000")
    assert refused.value.status == 409
    assert refused.value.facts == {
        "parameter": "pension.contribution.ceiling",
        "label": "缴费基数上限（月）",
        "area": "西藏自治区",
        "code": "540000",
        "day": "2026-07-01",
    }


def test_a_number_that_ended_is_missing_not_old() -> None:
    assert params.value("pension.account.interest_rate", date(2025, 12, 31)) == Decimal("0.0150")
    with pytest.raises(Missing):
        params.value("pension.account.interest_rate", date(2026, 1, 1))


def test_wrong_numbers_in_circulation_are_not_ours() -> None:
    assert params.value("pension.account.interest_rate", date(2021, 6, 1)) == Decimal("0.0669")
    table = params.value("pension.divisor.months", DAY)
    assert (table["47"], table["66"], table["67"], table["70"]) == (208, 93, 84, 56)


def test_a_dataclass_names_the_numbers_it_needs() -> None:
    loaded = params.load(Contribution, "pension.contribution", DAY, "310000")
    assert loaded == Contribution(Decimal("0.16"), Money.yuan("7460"), Money.yuan("37302"))


def test_a_lookup_remembers_what_nobody_has_verified() -> None:
    look = Lookup(date(2024, 5, 1), "310000")
    assert look.value("pension.contribution.person_rate") == Decimal("0.08")
    assert look.warnings() == ()
    look.value("pension.benefit.base")
    (warning,) = look.warnings()
    assert "上海市养老金计发基数" in warning
    assert "pension.benefit.base" not in warning, "what it is called in the programs says nothing"
    assert [one.evidence for one in look.used()] == [Evidence.TRANSCRIBED, Evidence.UNVERIFIED]


def test_a_name_that_is_no_area_code_finds_no_file() -> None:
    assert params.fallbacks("../../x") == ["000000"]
    assert params.fallbacks("") == ["000000"]
