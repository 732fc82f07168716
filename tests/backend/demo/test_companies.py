"""Employers of the demo city: codes, names, sizes, and who may recruit for others."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from backend.demo.companies import Employer, companies, employers_for, trades
from backend.demo.places import districts
from backend.kernel import codes, ident
from tests.backend.demo import checks
from tests.backend.demo.given import SEED, TODAY

MANY = 5_000


@pytest.fixture(scope="module")
def register() -> list[Employer]:
    return list(companies(SEED, MANY, TODAY))


def test_every_credit_code_is_valid_and_its_own(register: list[Employer]) -> None:
    assert all(checks.credit_code(one.uscc) for one in register)
    assert all(ident.credit_code(one.uscc) == one.uscc for one in register)
    assert len({one.uscc for one in register}) == MANY


def test_every_name_is_its_own_and_says_that_it_is_an_example(register: list[Employer]) -> None:
    assert len({one.name for one in register}) == MANY
    assert all(one.name.startswith("示例市") and len(one.name) <= 40 for one in register)


def test_a_company_is_named_after_its_district(register: list[Employer]) -> None:
    shorts = {district.code: district.short for district in districts()}
    for one in register:
        if one.kind != "body":
            assert one.name.startswith(f"示例市{shorts[one.area]}")
            assert one.name.endswith("有限公司")
        assert one.uscc[2:8] == one.area


def test_industries_carry_the_injury_class_of_their_trade(register: list[Employer]) -> None:
    known = {trade.division: (trade.section, trade.injury_class) for trade in trades()}
    for one in register:
        if one.kind == "company":
            assert known[one.division] == (one.section, one.injury_class)
        assert 1 <= one.injury_class <= 8
        assert codes.find("industry", one.division).parent == one.section


def test_sizes_follow_zipf(register: list[Employer]) -> None:
    sizes = sorted((one.size for one in register if one.kind == "company"), reverse=True)
    assert sizes[-1] >= 1
    assert 0.4 < sum(size == 1 for size in sizes) / len(sizes) < 0.6
    assert sum(sizes[: len(sizes) // 10]) > sum(sizes) / 2, "a tenth of the employers employs most"


def test_public_bodies_have_codes_of_public_bodies(register: list[Employer]) -> None:
    bodies = [one for one in register if one.kind == "body"]
    assert len(bodies) > 30
    assert {one.uscc[:2] for one in bodies} <= {"11", "12", "52"}
    assert {one.uscc[:2] for one in register if one.kind != "body"} == {"91"}


def test_only_a_labour_agency_has_a_licence(register: list[Employer]) -> None:
    assert any(one.kind == "agency" for one in register)
    for one in register:
        assert bool(one.licence) == (one.kind == "agency")
        assert len(one.licence) <= 40


def test_every_employer_has_proved_who_it_is_within_six_months(register: list[Employer]) -> None:
    assert all(TODAY - timedelta(days=180) < one.verified_on <= TODAY for one in register)


def test_the_same_seed_gives_the_same_register(register: list[Employer]) -> None:
    assert list(companies(SEED, MANY, TODAY)) == register
    assert list(companies(SEED, 100, TODAY)) == register[:100]
    assert list(companies(2, 100, TODAY)) != register[:100]


def test_contacts_can_be_reached(register: list[Employer]) -> None:
    assert all(one.phone.startswith("121") and len(one.phone) == 11 for one in register)
    assert len({one.phone for one in register}) == MANY
    assert all(2 <= len(one.contact) <= 20 and one.address.startswith("示例市") for one in register)


def test_industries_are_as_varied_as_a_city(register: list[Employer]) -> None:
    sections = Counter(one.section for one in register)
    assert len(sections) >= 17
    assert sections["C"] > sections["A"]


@pytest.mark.parametrize(("persons", "employers"), [(100, 40), (2_200, 100), (1_000_000, 45_454)])
def test_a_larger_city_has_more_employers(persons: int, employers: int) -> None:
    assert employers_for(persons) == employers
