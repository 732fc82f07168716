"""Ending 因去世注销: with its holder's death a card is dead; where the death was a mistake, it is what it was."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from backend.cards import applying
from backend.cards.model import Event
from backend.kernel.db import Uow
from backend.registry import service as registry
from backend.registry.rules import CARD_LIVES

ENDED = "持卡人已经登记去世"


def on_died(uow: Uow, fact: registry.Died) -> None:
    """Cards, and what is under way: what lies made at the counter is not handed out any more."""
    for card in registry.cards_of(uow, fact.person_id, lock=True):
        if card.status in CARD_LIVES:
            registry.move_card(uow, card, "die", note=fact.document)
    if row := applying.under_way(uow, fact.person_id):
        applying.close(uow, row, "ended", ENDED)


def on_lives(uow: Uow, fact: registry.Lives) -> None:
    """Whoever lives has the card again that this death had stopped; a rest whose days are over is over. Where another
    serves by now, that one has taken its place."""
    for card, before in _stopped(uow, fact):
        until = _rested_until(uow, card.id) if before == "suspended" else None
        after = before
        if before == "suspended" and (until is None or until < uow.today):
            after, until = "active", None
        if after == "active" and registry.serving_card(uow, fact.person_id):
            after = "replaced"
        registry.put_back(uow, card, after, "live", until=until, note=fact.because)


def _stopped(uow: Uow, fact: registry.Lives) -> list[tuple[registry.Card, str]]:
    """The cards that a death stopped and what they had been, the one that served first."""
    found = []
    for card in registry.cards_of(uow, fact.person_id, lock=True):
        last = uow.session.scalar(
            select(Event).where(Event.card_id == card.id).order_by(Event.id.desc()).limit(1)
        )
        if last and last.deed == "die" and last.note == fact.document:
            found.append((card, last.before))
    return sorted(found, key=lambda one: one[1] != "active")


def _rested_until(uow: Uow, card_id: int) -> date | None:
    """The last day of the temporary loss that a death cut short."""
    found = select(Event.until).where(Event.card_id == card_id, Event.until.is_not(None))
    return uow.session.scalar(found.order_by(Event.id.desc()).limit(1))
