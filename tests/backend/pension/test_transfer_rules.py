"""The law of transfers: where a pension is paid, how much goes along, and the terms of each step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from backend.kernel import workdays
from backend.kernel.calculators import run
from backend.pension.rules.transfer import Places, Stay, benefit_place, pooled_fen, refund_fen

PLACES = yaml.load(
    (Path(__file__).parent / "cases" / "benefit_place.yaml").read_text("utf-8"), yaml.BaseLoader
)
STAYS = st.lists(
    st.builds(Stay, st.sampled_from("ABCD"), st.integers(0, 300), st.booleans()), min_size=1, max_size=6
)


@pytest.mark.parametrize(("stays", "area"), PLACES)
def test_the_place_of_benefit(stays: str, area: str) -> None:
    places = [_place(one) for one in stays.split(", ")]
    assert run("benefit-place", {"hukou": "A", "places": places})["area"] == area


def _place(text: str) -> dict[str, Any]:
    name, months = text.split()
    marks = {"*": "current", "~": "temporary"}
    return {"area": name[0], "months": int(months)} | {marks[mark]: True for mark in name[1:]}


def test_a_form_sends_a_place_a_line_and_says_which_it_cannot_read() -> None:
    typed = "A 20\n上海市： 130个月 \n　Ｃ ９６ 当前\n\n"
    found = run("benefit-place", {"hukou": "A", "places": typed})
    assert found["area"] == "上海市"


@pytest.mark.parametrize(
    ("hukou", "stays", "area"),
    [
        ("310115", "440000 130, 310000 20", "310000"),  # the relation is at home
        ("310000", "440100 70, 440300 60", "440000"),  # ten years in one province
        ("310000", "440100 60, 320100 10, 440300 60, 320200 50", "440000"),
        ("310000", "440100 130, 320100 60, 320200 59", "440100"),
        ("310000", "440300 130", "440300"),  # the only code of its province stays as it was written
        ("310115", "440100 50", "310115"),
        ("310115", "310104 60, 440100 50", "310000"),
        ("110000", "310115* 1, 440100 130, 310000~ 200", "440100"),
        ("110000", "310115* 1, 440100 70, 310000 119, 440300 50", "310000"),
        ("上海", "440000 130, 310000 20", "440000"),  # a name is not a code
        ("999999", "999900 60, 999901 60", "999999"),
    ],
)
def test_codes_of_one_province_are_one_place(hukou: str, stays: str, area: str) -> None:
    """人社部规〔2016〕5号: by province."""
    found = run("benefit-place", {"hukou": hukou, "places": [_coded(one) for one in stays.split(", ")]})
    assert found["area"] == area


def _coded(text: str) -> dict[str, Any]:
    name, months = text.split()
    given = {"area": name.rstrip("*~"), "months": int(months)}
    return given | {"current": "*" in name, "temporary": "~" in name}


def test_the_steps_say_where_somebody_was_and_add_up_by_province() -> None:
    places = [_coded("440100 70"), _coded("440300 60")]
    steps = run("benefit-place", {"hukou": "310000", "places": places})["steps"]
    assert [(one["formula"], one["value"]) for one in steps][:2] == [
        ("广东省", "130个月"),
        ("广东省广州市 → 广东省深圳市", "广东省"),
    ]


CODES = st.sampled_from(["310000", "310115", "440000", "440100", "440305", "320100", "320000"])


@given(CODES, st.lists(st.tuples(CODES, st.integers(0, 150), st.booleans()), min_size=1, max_size=6))
def test_how_closely_a_place_is_written_changes_no_province(
    hukou: str, stays: list[tuple[str, int, bool]]
) -> None:
    def asked(of: Callable[[str], str]) -> str:
        places = [{"area": of(area), "months": n, "temporary": only} for area, n, only in stays]
        return str(run("benefit-place", {"hukou": of(hukou), "places": places})["area"])

    close, wide = asked(str), asked(lambda code: code[:2] + "0000")
    assert close[:2] + "0000" == wide


@given(STAYS)
def test_it_is_home_or_a_place_with_ten_years_or_where_the_relation_is_at_home(stays: list[Stay]) -> None:
    area, why = benefit_place(Places("A", stays), 120)
    sums = Places("A", stays).sums
    assert area == "A" or sums[area] >= 120
    assert (why in {"hukou", "gathered"}) <= (area == "A")
    assert benefit_place(Places("A", [*stays, Stay("A", 0)]), 120)[0] == "A", "who goes home draws there"


@given(st.integers(0, 10**10), st.integers(0, 10**10))
def test_twelve_per_cent_of_two_parts_is_that_of_the_whole_but_for_a_fen(one: int, other: int) -> None:
    parts = pooled_fen(one, 120_000) + pooled_fen(other, 120_000)
    assert abs(parts - pooled_fen(one + other, 120_000)) <= 1


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=40), st.integers(0, 10**9))
def test_refunds_month_by_month_come_to_the_whole_account(credits: list[int], account: int) -> None:
    total = sum(credits)
    upto = [refund_fen(account, sum(credits[: n + 1]), total) for n in range(len(credits))]
    assert upto == sorted(upto)
    assert upto[-1] == (account if total else 0)


def test_terms_count_working_days_by_the_published_holidays() -> None:
    assert workdays.after(date(2026, 9, 30), 1).day == date(2026, 10, 8)
    assert workdays.after(date(2026, 9, 18), 1).day == date(2026, 9, 20), "a Sunday that is worked"
    beyond = workdays.after(date(2026, 12, 31), 1)
    assert (beyond.sure, beyond.day) == (False, date(2027, 1, 4))


@given(st.dates(date(2004, 1, 1), date(2026, 11, 1)), st.integers(0, 15))
def test_a_longer_term_never_ends_earlier(start: date, days: int) -> None:
    assert (
        start + timedelta(days=days) <= workdays.after(start, days).day < workdays.after(start, days + 1).day
    )
