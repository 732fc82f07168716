"""Residents 城乡居民 of the demo city: some pay by the year, some have reached sixty, some are paid; one of the cast.

What lies before the books is loaded; this year's payments and pensions are made by the real commands.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import NamedTuple

from backend.demo import cast, numbers
from backend.demo.names import Names
from backend.demo.people import FEMALE, MALE
from backend.demo.places import districts, street
from backend.kernel.db import Uow
from backend.kernel.money import Money
from backend.kernel.period import Month, add_months
from backend.payout import service as payout
from backend.pension.residents import service as residents
from backend.registry import service as registry

FUND, FUND_FEN = "resident_pension", 10**11  # 演示: what the residents' fund holds at the start
HOW_MANY = 40  # 演示: with the one of the cast
BEGAN = 2011  # 演示: the first year that anybody paid
TIERS = (300, 500, 500, 800, 1000, 1000, 1500, 2000)
RURAL = {"310114", "310115", "310116", "310117", "310118", "310120", "310151"}
SIXTY = 60 * 12
YEARS_NEEDED = 15
COMMAND_EVERY = 2  # 演示: one in so many has paid this year already
PHONES = 5_000  # 演示: where the residents' numbers begin


class Resident(NamedTuple):
    """Somebody in a village of the city."""

    ident: str
    name: str
    sex: str
    birth: date
    area: str
    address: str
    tier: int
    since: int  # the first year they paid


def residents_of(seed: int, today: date, n: int) -> Iterator[Resident]:
    """Born so that a third is at work, a third near sixty and a third beyond it."""
    rng = Random(f"residents:{seed}")  # noqa: S311 - a demo city is drawn, not guarded
    names, homes = Names(rng), [one for one in districts() if one.code in RURAL]
    for index in range(n):
        age = (24 + index, 52 + index // 3, 61 + index // 3)[index % 3]
        birth = add_months(today.replace(day=15), -12 * age - index % 12 - 1)
        sex, home = (FEMALE, MALE)[index % 2], homes[index % len(homes)]
        yield Resident(
            ident=numbers.citizen_number(home.code, f"{birth:%Y%m%d}", 981 + (sex == FEMALE)),
            name=names.name(sex, birth.year),
            sex=sex,
            birth=birth,
            area=home.code,
            address=street(home, rng),
            tier=TIERS[rng.randrange(len(TIERS))],
            since=max(BEGAN, birth.year + 16, birth.year + 60 - YEARS_NEEDED - index % 4),
        )


def open_village(uow: Uow) -> None:
    """The residents' fund, everybody's past, this year's payments of some, and this month's pensions."""
    payout.open_books(uow, FUND_FEN, FUND_FEN, maker="demo/maker", checker="demo/checker", fund=FUND)
    someone = cast.RESIDENT.citizen
    if someone is None or cast.RESIDENT.card is None:
        raise ValueError("the cast's resident has neither a birthday nor a card")
    known = Resident(
        someone.ident,
        cast.RESIDENT.name,
        someone.sex,
        someone.birth,
        someone.area,
        someone.address,
        1000,
        BEGAN + 1,
    )
    everyone = [known, *residents_of(cast.RESIDENTS_SEED, uow.today, HOW_MANY - 1)]
    for index, one in enumerate(everyone):
        _settle_in(uow, one, index)
    _give_card(uow)
    for one in everyone[1::COMMAND_EVERY]:
        if add_months(one.birth, SIXTY) > uow.today:
            _pay(uow, one)
    residents.pay_month(uow, Month.of(uow.today), checker="demo/checker")


def _settle_in(uow: Uow, one: Resident, index: int) -> None:
    registry.register_person(
        uow,
        registry.RegisterPerson(
            ident=one.ident,
            name=one.name,
            area=one.area,
            phone=numbers.phone("120", PHONES + index),
            address=one.address,
        ),
    )
    sixty = add_months(one.birth, SIXTY)
    receiving = sixty < uow.today.replace(day=1) and index % 4 != 1  # some have not come yet
    last = min(uow.today.year - 1, sixty.year - 1)
    residents.load(
        uow,
        residents.Loaded(
            ident=one.ident,
            opened=Month(min(one.since, last + 1), 1),
            tier=one.tier,
            paid=[
                residents.Paid(
                    year, one.tier if year >= 2015 else min(one.tier, 500), date(year, 5 + index % 6, 20)
                )
                for year in range(one.since, last + 1)
            ],
            receiving=receiving,
        ),
    )


def _give_card(uow: Uow) -> None:
    card = cast.RESIDENT.card
    if card is not None:
        registry.issue_card(
            uow,
            registry.IssueCard(
                ident=cast.RESIDENT.login,
                card_no=card.card_no,
                card_code=card.card_code,
                version=card.version,
                issued=card.issued,
                expires=card.expires,
            ),
        )


def _pay(uow: Uow, one: Resident) -> None:
    residents.pay(
        uow,
        residents.Pay(
            ident=one.ident,
            year=uow.today.year,
            amount_fen=Money.yuan(str(one.tier)).fen,
            channel="tax",
            reference=f"DEMO-{one.ident[-8:]}",
            received_on=uow.today,
        ),
    )
