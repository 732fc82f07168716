"""Home: the standards shown are those of the day, and an empty city is no broken page."""

from __future__ import annotations

from datetime import date

from backend.kernel.params import Evidence
from portal.pages.public import districts, standards

DAY = date(2026, 11, 24)


def test_the_standards_are_those_of_the_day_and_somebody_has_verified_them() -> None:
    shown = standards(DAY)
    assert shown
    assert all(one.since <= DAY and one.evidence is not Evidence.UNVERIFIED for one in shown)


def test_a_year_earlier_the_standards_were_others() -> None:
    now, earlier = ({one.path: one.value for one in standards(on)} for on in (DAY, date(2025, 11, 24)))
    assert now["pension.contribution.floor"] != earlier["pension.contribution.floor"]


def test_districts_stand_by_size_and_what_is_no_district_is_left_out() -> None:
    seen = districts({"310112": 3, "310115": 12_480, "310000": 9})
    assert seen.rows == (("浦东新区", "12,480"), ("闵行区", "3"))
    assert seen.picture is not None


def test_a_city_without_work_has_no_picture() -> None:
    assert districts({}).picture is None
