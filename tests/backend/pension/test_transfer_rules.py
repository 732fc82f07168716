"""The law of transfers: where a pension is paid, how much goes along, and the terms of each step."""

from __future__ import annotations

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
