"""My card 我的社保卡: its state and how it came to it, what is applied for, whether the telephone knows its holder."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import select

from backend.cards import applying, losing
from backend.cards.model import Event, PhoneCode
from backend.cards.schema import AskCard, Happened, MyCard, MyCards
from backend.kernel import params
from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow
from backend.kernel.items import question
from backend.registry import service as registry
from backend.registry.rules import DEEDS
from backend.registry.schema import CARD_STATUS

MOST = 20  # events shown of a card


@question("CRD-Q1", "我的社会保障卡", may=Permission.CARD_MANAGE, by=(Kind.CITIZEN,))
def my_cards(uow: Uow, ask: AskCard) -> MyCards:
    who = registry.person(uow, ask.ident)
    applications = applying.of_person(uow, who.id)
    open_ones = [one for one in applications if one.closed_on is None]
    return MyCards(
        name=who.name,
        area=who.area,
        cards=tuple(_card(uow, row) for row in registry.cards_of(uow, who.id)),
        application=open_ones[0] if open_ones else None,
        earlier=tuple(one for one in applications if one.closed_on),
        photo_known=bool(applications),
        telephone=_telephone(uow, who.id),
        temporary_days=losing.temporary_days(uow),
    )


def _card(uow: Uow, row: registry.Card) -> MyCard:
    events = select(Event).where(Event.card_id == row.id).order_by(Event.id.desc()).limit(MOST)
    return MyCard(
        card_no=row.card_no,
        status=row.status,
        status_name=CARD_STATUS[row.status],
        issued=row.issued,
        expires=row.expires,
        expired=row.expires < uow.today,
        suspended_until=row.suspended_until,
        key_version=row.key_version,
        history=tuple(_happened(one) for one in uow.session.scalars(events)),
    )


def _happened(one: Event) -> Happened:
    return Happened(
        at=one.at,
        deed=one.deed,
        deed_name=DEEDS[one.deed],
        after=one.after,
        after_name=CARD_STATUS[one.after],
        until=one.until,
    )


def _telephone(uow: Uow, person_id: int) -> Literal["none", "set", "locked"]:
    known = uow.session.get(PhoneCode, person_id)
    if known is None:
        return "none"
    return "locked" if known.wrong >= int(params.value("cards.telephone.tries", uow.today)) else "set"
