"""Registering a person: what the number says, and whom another office has registered already."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from backend.kernel import ident, items
from backend.kernel.db import Runner
from backend.kernel.sentences import Invalid, read
from backend.registry import service as registry
from backend.registry.persons import AlreadyRegistered, NotBorn, SexUnknown
from backend.registry.schema import AskPerson, RegisterPerson
from backend.systems import CATALOGUE
from tests.backend.people import LI, ZHANG, a_person, officer

OLD_CARD = "ABC110088010112"


def test_an_older_foreigners_card_does_not_say_the_sex_so_it_is_asked(run: Runner) -> None:
    with pytest.raises(SexUnknown):
        a_person(run, OLD_CARD)
    a_person(run, OLD_CARD, sex="2")
    seen = run.system(registry.view_person, AskPerson(ident=OLD_CARD))
    assert (seen.sex, str(seen.birth)) == ("女", "1988-01-01")


def test_what_the_number_says_of_the_sex_stands(run: Runner) -> None:
    a_person(run, ZHANG, sex="1")
    assert run.system(registry.view_person, AskPerson(ident=ZHANG)).sex == "女"


def test_nobody_is_registered_before_they_are_born(run: Runner) -> None:
    body = "31010120261225001"
    with pytest.raises(NotBorn, match="2026-12-25"):
        a_person(run, body + ident.check_character(body))


def test_who_is_registered_in_another_area_is_refused_with_the_same_sentence(run: Runner) -> None:
    a_person(run, LI, area="310101")
    given = {
        "ident": LI,
        "name": "李四",
        "area": "310115",
        "phone": "13800000000",
        "address": "示例路 1 号",
    }
    with pytest.raises(AlreadyRegistered):
        items.perform(run.by(officer(area="310115")), CATALOGUE["REG-01"], read(RegisterPerson, given))


@pytest.mark.parametrize(
    ("field", "value"),
    [("phone", "１３８００００００００"), ("area", "３１０１０１"), ("phone", "138٠٠٠٠٠٠٠٠")],
)
def test_digits_are_these_ten(field: str, value: str) -> None:
    given = {"ident": ZHANG, "name": "张三", "area": "310101", "phone": "13800000000", "address": "示例路"}
    with pytest.raises(Invalid):
        read(RegisterPerson, given | {field: value})
    with pytest.raises(ValidationError):
        RegisterPerson.model_validate(given | {field: value})
