"""Fixtures: one demo city of a fixed day, told once for all its tests."""

from __future__ import annotations

import pytest

from backend.demo.careers import Career
from backend.demo.city import City
from backend.demo.companies import Employer
from backend.demo.people import Person, people
from backend.demo.series import Terms, terms
from backend.demo.vacancies import Vacancy
from tests.backend.demo.given import MANY, MINIMUM_WAGE_FEN, PUBLISHED, SEED, TODAY, Table, read_table


@pytest.fixture(scope="session")
def table() -> Table:
    return read_table()


@pytest.fixture(scope="session")
def many() -> list[Person]:
    return list(people(SEED, MANY, TODAY))


@pytest.fixture(scope="session")
def city(table: Table) -> City:
    return City(SEED, TODAY, 1_200, table)


@pytest.fixture(scope="session")
def known_terms() -> Terms:
    return terms(PUBLISHED)


@pytest.fixture(scope="session")
def residents(city: City) -> list[Person]:
    return list(city.persons())


@pytest.fixture(scope="session")
def employers(city: City) -> tuple[Employer, ...]:
    return city.employers


@pytest.fixture(scope="session")
def told(city: City, residents: list[Person], known_terms: Terms) -> list[Career]:
    return list(city.careers(known_terms, residents))


@pytest.fixture(scope="session")
def market(table: Table) -> City:
    """A larger city, of which only employers and vacancies are told."""
    return City(SEED, TODAY, 60_000, table)


@pytest.fixture(scope="session")
def adverts(market: City) -> list[Vacancy]:
    return list(market.vacancies(5_000, MINIMUM_WAGE_FEN))
