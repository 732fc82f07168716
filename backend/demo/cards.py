"""Cards and bank accounts 社会保障卡和银行账户: a card for everybody, an account for retirees."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from backend.demo import numbers
from backend.demo.people import Person
from backend.demo.places import city

LASTS_YEARS = 10
THIRD, SECOND = "3.00", "2.00"
THIRD_SINCE = 2020  # 第三代社会保障卡


class Card(NamedTuple):
    """One card, ready to be copied into a table."""

    person: int
    card_no: str
    card_code: str
    area: str
    version: str
    issued: date
    expires: date


class Account(NamedTuple):
    """Where a person's benefits go when they go to a bank."""

    person: int
    bank: str
    number: str
    holder: str
    standing: bool  # every month goes there; otherwise the person draws by card


def issued_on(person: int, day: date) -> Card:
    """The card of the person with an index, issued on a day; it serves for ten years."""
    area = city()[0]
    return Card(
        person,
        numbers.card_number(person + 1),
        numbers.card_code(area, person + 1),
        area,
        THIRD if day.year >= THIRD_SINCE else SECOND,
        day,
        date(day.year + LASTS_YEARS, day.month, 1) - timedelta(days=1),
    )


def card(person: Person, today: date) -> Card:
    """A person's card: issued within the last eight years, after birth, and still serving."""
    ago = person.key * numbers.STRIDE % (8 * 365)
    return issued_on(person.key, max(person.birth, today - timedelta(days=ago)))


def account(person: Person) -> Account | None:
    """A retiree's account at the city's bank."""
    if not person.drawn:
        return None
    return Account(
        person.key, numbers.BANK, numbers.bank_account(person.key), person.name, person.drawn == "bank"
    )
