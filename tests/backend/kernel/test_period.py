"""Months and ages count the way people do."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kernel.period import AgeYM, Month, add_months, age_on, full_months

MONTHS = st.builds(Month, st.integers(1900, 2100), st.integers(1, 12))
DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@given(MONTHS, st.integers(-1200, 1200))
def test_a_month_and_back(month: Month, months: int) -> None:
    assert (month + months) - month == months
    assert (month + months) - months == month
    assert Month.parse(str(month)) == month == Month.numbered(month.number)


@pytest.mark.parametrize(
    "text",
    [
        "2026-13",
        "2026-00",
        "0000-01",
        "2026-1",
        "26-01",
        "2026-W1",
        "2026-01-01",
        "２０２６-01",
        "",
        " 2026-01",
    ],
)
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="month"):
        Month.parse(text)


def test_the_29th_of_february_becomes_the_28th_and_stays_a_birthday() -> None:
    born = date(1968, 2, 29)
    assert add_months(born, 12 * 61) == date(2029, 2, 28)
    assert age_on(born, date(2029, 2, 27)) == AgeYM(60, 11)
    assert age_on(born, date(2029, 2, 28)) == AgeYM(61)


@given(DAYS, st.integers(0, 1200))
def test_months_added_are_months_counted(day: date, months: int) -> None:
    assert full_months(day, add_months(day, months)) == months


def test_every_month_of_a_span_both_ends_included() -> None:
    assert [str(month) for month in Month(2025, 11).until(Month(2026, 2))] == [
        "2025-11",
        "2025-12",
        "2026-01",
        "2026-02",
    ]
    assert list(Month(2026, 2).until(Month(2026, 1))) == []


def test_a_month_knows_its_days() -> None:
    assert Month(2024, 2).last == date(2024, 2, 29)
    assert Month.of(date(2024, 2, 29)).first == date(2024, 2, 1)


def test_no_age_of_twelve_months() -> None:
    with pytest.raises(ValueError, match="age"):
        AgeYM(60, 12)
    assert str(AgeYM(60)) == "60岁"
