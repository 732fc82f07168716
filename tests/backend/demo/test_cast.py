"""The cast: the same people in every city, with numbers, cards and accounts that are valid."""

from __future__ import annotations

from datetime import date
from itertools import islice

import pytest

from backend.demo import cards, cast
from backend.demo.careers import Career
from backend.demo.cast import CAST, CITIZENS, OFFICERS, citizens, company
from backend.demo.city import City
from backend.demo.people import Person
from backend.demo.series import Terms
from backend.kernel.auth import ROLES
from tests.backend.demo import checks
from tests.backend.demo.given import TODAY, Table


@pytest.mark.parametrize(("seed", "size"), [(1, 10), (7, 2_000), (42, 100_000)])
def test_the_cast_stands_first_in_every_city(seed: int, size: int, table: Table, known_terms: Terms) -> None:
    one, other = City(seed, TODAY, size, table), City(1, TODAY, 500, table)
    few = len(CITIZENS)
    assert tuple(islice(one.persons(), few)) == citizens(TODAY)
    assert one.employers[0] == other.employers[0] == company(TODAY)
    assert list(one.careers(known_terms, [])) == list(other.careers(known_terms, []))
    assert len(list(one.careers(known_terms, []))) == few


def test_a_city_has_as_many_persons_as_were_asked_for(table: Table) -> None:
    for size in (5, 50, 777):
        persons = list(City(1, TODAY, size, table).persons())
        assert [person.key for person in persons] == list(range(size))
        assert len({person.ident for person in persons}) == size


def test_everybody_the_story_needs_is_there() -> None:
    woman, man, seeker, worker, alone = citizens(TODAY)
    ages = [TODAY.year - person.birth.year for person in (woman, man, seeker, worker)]
    assert ages == [68, 72, 28, 40]
    assert (woman.name, woman.sex, woman.life, woman.drawn) == ("张秀英", "2", "retired", "card")
    assert (man.sex, man.life, man.drawn) == ("1", "retired", "bank")
    assert seeker.life == "unemployed"
    assert worker.life == "working"
    assert alone.life == "flexible"
    assert "䶮" in worker.name, "a rare character goes through the whole story"


def test_numbers_of_the_cast_are_valid_and_their_own() -> None:
    for person in citizens(TODAY):
        assert checks.citizen_number(person.ident)
        assert checks.birth(person.ident) == person.birth
        assert (int(person.ident[16]) % 2 == 1) == (person.sex == "1")
        assert int(person.ident[14:17]) >= 980
    assert checks.credit_code(cast.COMPANY_USCC)
    assert len({member.login for member in CAST}) == len({member.key for member in CAST}) == len(CAST)


def test_everybody_can_sign_in() -> None:
    for member in CAST:
        assert 3 <= len(member.login) <= 18
        assert len(member.password) >= 8
        assert {"citizen": 18, "employer": 18, "officer": 6}[member.kind] == len(member.login)
    assert [member.login for member in CITIZENS] == [person.ident for person in citizens(TODAY)]


def test_officers_have_roles_that_exist_and_nobody_reviews_alone() -> None:
    assert all(set(member.roles) <= set(ROLES) for member in OFFICERS)
    counter, reviewer, director, accountant = OFFICERS
    assert "经办" in counter.roles
    assert "复核" in reviewer.roles
    assert not set(counter.roles) & set(reviewer.roles)
    assert "审计" in director.roles
    assert accountant.roles == ("财务",)


def test_cards_of_the_cast_fit_the_layout_of_a_card() -> None:
    for member in CITIZENS:
        assert checks.organisation(member.card_no)
        assert len(member.card_code) == 32
        assert member.card_code.startswith("310000D156000005")
        assert set(member.card_code) <= set("0123456789ABCDEF")
        assert len(member.pin) == 6
        assert member.pin.isdigit()
        assert len(member.name.encode("gb18030")) <= 30
        assert member.card is not None
        assert member.card.issued < TODAY < member.card.expires
    assert len({member.card_no for member in CITIZENS}) == len({member.pin for member in CITIZENS}) == 5
    assert all((member.card_no, member.card_code, member.pin) == ("", "", "") for member in OFFICERS)


def test_everybody_has_one_card_that_serves(city: City, residents: list[Person]) -> None:
    known = list(city.cards(residents))
    assert [card.person for card in known] == [person.key for person in residents]
    assert [card.card_no for card in known[:5]] == [member.card_no for member in CITIZENS]
    assert len({card.card_no for card in known}) == len({card.card_code for card in known}) == len(residents)
    for card, person in zip(known, residents, strict=True):
        assert checks.organisation(card.card_no)
        assert person.birth <= card.issued <= TODAY < card.expires
        assert card.version == ("3.00" if card.issued.year >= 2020 else "2.00")


def test_retirees_have_an_account_that_the_bank_takes(residents: list[Person]) -> None:
    numbers = []
    for person in residents:
        account = cards.account(person)
        assert (account is not None) == (person.life == "retired")
        if account:
            assert checks.luhn(account.number)
            assert len(account.number) == 19
            assert account.number.startswith("620000")
            assert account.standing == (person.drawn == "bank")
            assert account.holder == person.name
            numbers.append(account.number)
    assert len(numbers) == len(set(numbers))


def test_the_cast_have_worked_for_their_own_company(told: list[Career]) -> None:
    for career in told[: len(CITIZENS)]:
        assert {spell.employer for spell in career.spells} <= {0, None}
        assert career.months_paid > 60
    assert told[4].spells[-1].employer is None
    assert told[3].spells[-1] == told[3].spells[-1]._replace(employer=0, ended="")


def test_on_an_earlier_day_a_retiree_of_the_cast_still_works() -> None:
    woman, man, *_ = citizens(date(2010, 1, 1))
    assert (woman.life, woman.retired, woman.drawn) == ("retired", "2008-03", "card")
    assert (man.life, man.retired, man.drawn) == ("working", "", "")
