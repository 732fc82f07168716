"""Handing out 发卡、启用、注销: the card goes to its holder or an agent, and begins to serve when its holder says so."""

from __future__ import annotations

from sqlalchemy import select

from backend.cards import applying
from backend.cards.model import Application, Line, Production
from backend.cards.refusals import (
    AgentIsHolder,
    AgentUnknown,
    HolderActivates,
    NothingToActivate,
    NotMade,
    OtherCard,
)
from backend.cards.rules import expires
from backend.cards.schema import ActivateCard, CancelCard, HandedOut, HandOut
from backend.kernel import files, ident, params
from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow, seeing_everybody
from backend.kernel.items import Guide, item
from backend.registry import service as registry
from backend.registry.rules import CARD_LIVES
from backend.registry.schema import CARD_STATUS, CardChanged

VERSION = "3.00"  # third generation: what is made now
PROFILE = "collect"  # its production file loads LK and TK; what is out already stays what it is registered as


@item(
    "CRD-26",
    "社会保障卡发卡",
    may=Permission.CARD_MANAGE,
    guide=Guide(
        what="领取做好的社会保障卡。本人来的可以当场启用；代领的，本人以后在网上或者柜台启用。启用以前旧卡照常能用。",
        who="持卡人本人，或者带委托材料的代领人",
        bring=("居民身份证", "代领的：委托书和双方的居民身份证"),
        law=applying.LAW,
    ),
)
def hand_out(uow: Uow, cmd: HandOut) -> HandedOut:
    who = _holder(uow, cmd.ident)
    registry.require_alive(who)
    evidence = _agent(uow, who, cmd)
    row = applying.under_way(uow, who.id)
    if row is None:
        raise NotMade(name=who.name)
    applying.require_state(row, ("made",), "发卡")
    line, production = _made(uow, row)
    if line.card_no != cmd.card_no:
        raise OtherCard(given=cmd.card_no[-4:], name=who.name)
    card = registry.add_card(
        uow,
        who.id,
        registry.Card(
            card_no=line.card_no,
            card_code=line.card_code,
            area=production.area,
            version=VERSION,
            issued=production.made_on,
            expires=expires(production.made_on, lasts_years(production)),
            key_version=production.key_version,
            profile=PROFILE,
        ),
        "hand_out",
        note=f"{cmd.agent_name} {ident.masked(cmd.agent_ident)}" if cmd.agent_ident else "",
        evidence=evidence,
    )
    applying.close(uow, row, "handed")
    if cmd.activate:
        _activate(uow, card)
    return HandedOut(
        card_no=card.card_no, status=card.status, status_name=CARD_STATUS[card.status], expires=card.expires
    )


def _holder(uow: Uow, number: str) -> registry.Person:
    """A person within reach; or one who chose to fetch the card there, wherever they are registered."""
    with seeing_everybody(uow):
        here = (
            select(Application.id)
            .join(registry.Person, registry.Person.id == Application.person_id)
            .where(registry.Person.ident == number, applying.fetched_here(uow))
        )
        if uow.session.scalar(here):
            return registry.person(uow, number, lock=True)
    return registry.person(uow, number, lock=True)


def _agent(uow: Uow, who: registry.Person, cmd: HandOut) -> str | None:
    """By which document whoever came was let take it."""
    evidence = files.handed_in(uow, cmd.evidence)
    if cmd.taken_by == "holder":
        return evidence
    if not (cmd.agent_name and cmd.agent_ident and evidence):
        raise AgentUnknown
    if cmd.agent_ident == who.ident:
        raise AgentIsHolder
    if cmd.activate:
        raise HolderActivates
    return evidence


def _made(uow: Uow, row: Application) -> tuple[Line, Production]:
    found = uow.session.execute(
        select(Line, Production)
        .join(Production, Production.id == Line.production_id)
        .where(Line.application_id == row.id, Line.result == "00")
    ).one()
    return found[0], found[1]


def lasts_years(production: Production) -> int:
    return int(params.value("cards.card.lasts_years", production.made_on))


@item(
    "CRD-07",
    "社会保障卡启用",
    may=Permission.CARD_MANAGE,
    by=(Kind.CITIZEN,),
    guide=Guide(
        what="新卡领到以后启用，才能使用；启用的同时旧卡作废。",
        who="持卡人本人",
        bring=("居民身份证", "社会保障卡"),
        law=applying.LAW,
    ),
)
def activate(uow: Uow, cmd: ActivateCard) -> CardChanged:
    who = registry.person(uow, cmd.ident, lock=True)
    registry.require_alive(who)
    card = registry.numbered_card(uow, who.id, cmd.card_no)
    if card.status != "inactive":
        raise NothingToActivate(tail=card.card_no[-4:], status=CARD_STATUS[card.status])
    _activate(uow, card)
    return registry.card_changed(card)


def _activate(uow: Uow, card: registry.Card) -> None:
    """The old card is dead before the new one serves."""
    for other in registry.cards_of(uow, card.person_id, lock=True):
        if other.id != card.id and other.status in CARD_LIVES:
            registry.move_card(uow, other, "replace", note=card.card_no)
    registry.move_card(uow, card, "activate")


@item(
    "CRD-08",
    "社会保障卡注销",
    may=Permission.CARD_MANAGE,
    guide=Guide(
        what="不再用卡的（社会保险关系转走、出国定居等）注销；账户和待遇不受影响。",
        who="持卡人本人",
        bring=("居民身份证", "社会保障卡"),
        law=applying.LAW,
    ),
)
def cancel(uow: Uow, cmd: CancelCard) -> CardChanged:
    who = registry.person(uow, cmd.ident, lock=True)
    card = registry.numbered_card(uow, who.id, cmd.card_no)
    registry.move_card(uow, card, "cancel", note=cmd.note)
    return registry.card_changed(card)
