"""Careers of the demo city: bases within the limits, accounts that add up, working lives that could be."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from statistics import mean, median

import pytest

from backend.demo.careers import Career, careers, contributions, share_fen
from backend.demo.city import City
from backend.demo.companies import Employer
from backend.demo.people import Person
from backend.demo.series import MILLIONTHS, Shares, Terms, base_limits, terms
from backend.kernel.period import Month
from backend.pension.rules.interest import monthly_product_fen
from tests.backend.demo.given import PUBLISHED, TODAY, Table

THIS_MONTH = "2026-11"


def test_every_base_lies_within_the_limits_of_its_month(told: list[Career], known_terms: Terms) -> None:
    for career in told:
        for one in career.stretches:
            for month in Month.parse(one.started).until(Month.parse(one.ended)):
                floor, ceiling = known_terms.base_limits(month)
                assert floor <= one.base_fen <= ceiling, (career.person, month)


def test_limits_that_change_within_a_year_hold_from_that_month(
    residents: list[Person], employers: tuple[Employer, ...], city: City
) -> None:
    """A published floor far above the demo's own, from an odd month on, binds everybody in that month."""
    published = Month(2024, 3), Month(2024, 9)

    def limits(month: Month) -> tuple[int, int] | None:
        return (2_000_000, 2_100_000) if published[0] <= month <= published[1] else None

    known = terms(PUBLISHED, limits)
    for career in careers(1, residents[:120], employers, city.occupations, known, TODAY):
        for one in contributions(career, known):
            inside = "2024-03" <= one.month <= "2024-09"
            floor, ceiling = known.base_limits(Month.parse(one.month))
            assert floor <= one.base_fen <= ceiling
            assert not inside or 2_000_000 <= one.base_fen <= 2_100_000, one


def test_published_figures_of_shanghai_come_out_of_the_series() -> None:
    assert base_limits(Month(2025, 7)) == base_limits(Month(2026, 6)) == (746_000, 3_730_200)
    assert base_limits(Month(2026, 7)) == (754_600, 3_773_100)


def test_every_year_adds_up_and_follows_the_one_before(told: list[Career]) -> None:
    for career in told:
        opening = 0
        for n, year in enumerate(career.years):
            assert year.opening_fen == opening
            assert (
                year.closing_fen == year.opening_fen + year.credited_fen + year.interest_fen - year.paid_fen
            )
            assert 0 <= year.months <= 12
            assert year.year == career.years[0].year + n
            opening = year.closing_fen
        assert career.balance_fen == opening
        assert career.months_paid == sum(year.months for year in career.years)


def test_contributions_are_the_account(told: list[Career], known_terms: Terms) -> None:
    for career in told[:200]:
        credited: dict[int, int] = defaultdict(int)
        months = []
        for one in contributions(career, known_terms):
            credited[int(one.month[:4])] += one.credited_fen
            months.append(one.month)
            if one.employer is None:
                assert one.person_fen == one.credited_fen, "the rest is the pooled fund's"
        assert months == sorted(set(months)), "no month is paid twice"
        assert len(months) == career.months_paid
        assert {y.year: y.credited_fen for y in career.years if y.credited_fen} == dict(credited)
        assert career.opened == (months[0] if months else "")


def test_interest_is_what_the_years_rate_gives(told: list[Career], known_terms: Terms) -> None:
    for career in told[:200]:
        monthly: dict[int, list[int]] = defaultdict(lambda: [0] * 12)
        for one in contributions(career, known_terms):
            monthly[int(one.month[:4])][int(one.month[5:]) - 1] = one.credited_fen
        for year in career.years:
            last = year.year == career.years[-1].year
            if last and not career.retired:
                assert year.interest_fen == 0, "a year that has not ended bears no interest yet"
                continue
            until = int(career.retired[5:]) if last else 12
            rate = known_terms.interest.get(year.year, 150)  # not published: the last known
            found = monthly_product_fen(year.opening_fen, monthly[year.year], rate * MILLIONTHS, until)
            assert year.interest_fen == found


def test_retirees_have_the_months_the_law_asks_and_stop_at_retirement(
    told: list[Career], residents: list[Person]
) -> None:
    by_key = {person.key: person for person in residents}
    retired = [career for career in told if career.retired]
    assert retired
    for career in retired:
        assert career.months_paid + career.deemed_months >= 180
        assert career.retired == by_key[career.person].retired
        assert career.spells[-1].ended == career.retired
        if career.years:
            assert career.years[-1].year == int(career.retired[:4])
            assert career.stretches[-1].ended == career.retired


def test_those_at_work_are_paid_up_to_last_month(told: list[Career], residents: list[Person]) -> None:
    by_key = {person.key: person for person in residents}
    for career in told:
        life = by_key[career.person].life
        if life in {"working", "flexible"}:
            assert career.spells[-1].ended == ""
            assert career.stretches[-1].ended == "2026-10"
        if life == "unemployed":
            assert career.spells[-1].ended < "2026-10"
        if life == "flexible":
            assert career.spells[-1].employer is None


def test_children_and_students_have_no_career(told: list[Career], residents: list[Person]) -> None:
    working = {career.person for career in told}
    for person in residents:
        assert (person.key in working) == (person.life not in {"child", "student"})


def test_nobody_works_twice_at_once_or_before_sixteen(told: list[Career], residents: list[Person]) -> None:
    by_key = {person.key: person for person in residents}
    for career in told:
        birth = by_key[career.person].birth
        assert career.spells[0].started >= f"{birth.year + 16}-{birth.month:02d}"
        ends = [spell.ended or THIS_MONTH for spell in career.spells]
        assert all(s.started <= end for s, end in zip(career.spells, ends, strict=True))
        assert all(end < s.started for end, s in zip(ends, career.spells[1:], strict=False))


def test_every_spell_is_with_an_employer_of_the_city_in_an_occupation_of_the_table(
    told: list[Career], employers: tuple[Employer, ...], table: Table
) -> None:
    codes = {code for code, _, _ in table}
    for career in told:
        for spell in career.spells:
            assert (spell.employer is None) == (spell.occupation == "")
            assert spell.employer is None or 0 <= spell.employer < len(employers)
            assert not spell.occupation or spell.occupation in codes


def test_indices_are_those_of_a_city(told: list[Career]) -> None:
    indices = [career.average_index for career in told]
    assert min(indices) >= 5_990
    assert max(indices) <= 30_010
    assert 6_000 < median(indices) < 9_000
    assert mean(indices) > median(indices), "a few earn much"


def test_an_index_is_the_mean_of_the_months(told: list[Career], known_terms: Terms) -> None:
    for career in told[:200]:
        total = sum(
            (2 * one.base_fen * 10_000 + wage) // (2 * wage)
            for one in contributions(career, known_terms)
            for wage in [known_terms.average_wage(Month.parse(one.month))]
        )
        assert total == career.index_sum == sum(one.wage_index for one in contributions(career, known_terms))


def test_work_before_accounts_is_deemed(told: list[Career]) -> None:
    old = [career for career in told if career.retired and career.retired < "1993-01"]
    assert all(career.months_paid == 0 and career.average_index == 10_000 for career in old)
    assert all(career.years == () and career.balance_fen == 0 for career in old)
    assert any(career.deemed_months and career.months_paid for career in told)
    young = [career for career in told if career.spells[0].started >= "1993-01"]
    assert all(career.deemed_months == 0 for career in young)


def test_a_career_does_not_depend_on_who_else_is_told(
    city: City, residents: list[Person], told: list[Career], known_terms: Terms
) -> None:
    some = {career.person: career for career in city.careers(known_terms, reversed(residents[:400]))}
    assert some == {career.person: career for career in told if career.person < 400}


def test_the_same_seed_gives_the_same_careers(
    city: City, table: Table, residents: list[Person], told: list[Career], known_terms: Terms
) -> None:
    other = replace(city, seed=2)
    few = residents[:150]
    again = list(City(1, TODAY, city.size, table).careers(known_terms, few))
    assert again == told[: len(again)]
    assert len(again) > 100
    assert list(other.careers(known_terms, few)) != list(city.careers(known_terms, few))


@pytest.mark.parametrize(
    ("base_fen", "rate", "share"),
    [(754_600, 800, 60_368), (754_655, 800, 60_372), (50, 100, 1), (49, 100, 0)],
)
def test_a_share_is_half_up_to_the_fen(base_fen: int, rate: int, share: int) -> None:
    assert share_fen(base_fen, rate) == share


def test_rates_change_with_the_law(known_terms: Terms) -> None:
    assert known_terms.shares(Month(2005, 12)).credited == 1_100
    assert known_terms.shares(Month(2006, 1)) == Shares(800, 2_000, 800, 2_400)
    assert known_terms.shares(Month(2019, 5)).employer == 1_600
    assert known_terms.shares(Month(2024, 2)).flexible == 2_400
    assert known_terms.shares(Month(2024, 3)).flexible == 2_000


def test_published_rates_stand_before_the_demos_own() -> None:
    assert terms({2015: 999}).interest[2015] == 999
    assert terms({}).interest[2015] == 275


def test_a_city_may_be_told_on_any_day(table: Table) -> None:
    for today in (date(2024, 2, 29), date(2027, 1, 1), date(2031, 12, 31)):
        known = terms(PUBLISHED)
        for career in City(1, today, 120, table).careers(known):
            assert career.balance_fen >= 0
            assert career.months_paid + career.deemed_months > 0
