"""Cards of the demo city 卡的来历: what each went through, blank cards, and a few applications under way."""

from __future__ import annotations

from dataclasses import replace

import vl_convert
from sqlalchemy import select, text

from backend.cards import service as cards
from backend.cards.produced import MakeProduction, ReceiveBlanks, SendBlanks
from backend.cards.schema import ApplyForCard, DecideApplication
from backend.demo import cast
from backend.demo.places import city
from backend.kernel import files
from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.registry import service as registry

BLANKS, GIVEN_OUT = 20_000, 500
BRANCHES = ("310101", "310115")
APPLY = 9  # of the city's own people; the first three wait, three are approved, three are made
HISTORY = """
insert into cards.event (card_id, deed, before, after, note, maker, at)
select c.id, 'register', '', c.status, '', 'system', c.issued from registry.card c
where not exists (select from cards.event e where e.card_id = c.id)
"""
FACE = """<svg xmlns="http://www.w3.org/2000/svg" width="358" height="441">
<rect width="358" height="441" fill="#fff"/><circle cx="179" cy="165" r="80" fill="#e3c4a8"/>
<path d="M99 150a80 82 0 0 1 160 0c-30-30-130-30-160 0z" fill="#3a3a3a"/>
<path d="M39 441c0-120 60-180 140-180s140 60 140 180z" fill="#3b5f8a"/></svg>"""


def open_lives(uow: Uow) -> None:
    uow.session.execute(text(HISTORY))
    place = city()[0]
    cards.stocking.receive(
        uow, ReceiveBlanks(place=place, n=BLANKS, document="演示送货单 1", note="第三代空白卡")
    )
    for branch in BRANCHES:
        cards.stocking.send(uow, SendBlanks(place=place, other=branch, n=GIVEN_OUT, document="演示调拨单 1"))
    photo = files.keep(
        replace(uow, actor=replace(uow.actor, area=place)),  # the city's counters may see it
        name="演示照片.jpg",
        content=bytes(vl_convert.svg_to_jpeg(FACE, quality=85)),
        may=Permission.CARD_MANAGE,
    ).file
    _applications(uow, photo)


def _applications(uow: Uow, photo: str) -> None:
    """Cards that were damaged; the oldest applications are with the factory already."""
    known = [member.login for member in cast.CAST]
    rows = (
        select(registry.Person.id, registry.Person.ident, registry.Person.area)
        .join(registry.Card, registry.Card.person_id == registry.Person.id)
        .where(
            registry.Card.status == "active",
            registry.Person.died.is_(None),
            registry.Person.ident.not_in(known),
        )
        .order_by(registry.Person.id)
        .limit(APPLY)
    )
    asked = [
        cards.apply(
            replace(uow, actor=replace(uow.actor, id=f"citizen:{id}")),  # themselves: who decides is another
            ApplyForCard(ident=ident, reason="damaged", photo=photo, area=area),
        )
        for id, ident, area in uow.session.execute(rows).all()
    ]
    made, approved = asked[: APPLY // 3], asked[APPLY // 3 : 2 * APPLY // 3]
    for one in made:
        cards.decide(uow, DecideApplication(no=one.no, approve=True))
    cards.make_production(uow, MakeProduction(area=city()[0], most=len(made)))
    for one in approved:
        cards.decide(uow, DecideApplication(no=one.no, approve=True))
