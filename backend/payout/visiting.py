"""Visits 来访: a card in a kiosk, asked a question only it can answer; from there its holder may see their account."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import bindparam, select

from backend.kernel import ident
from backend.kernel.db import Uow
from backend.kernel.language import ZH, day_in
from backend.payout.model import Visit
from backend.payout.refusals import (
    CardExpired,
    CardStopped,
    CardUnknown,
    HolderDied,
    ProofWrong,
    VisitExpired,
)
from backend.payout.schema import BeginVisit, ProveVisit, VisitBegun
from backend.registry import service as registry


@dataclass(frozen=True)
class Presented:
    """Fact: a card that serves is in a kiosk. Who keeps its keys may still refuse it."""

    card_id: int
    key_version: int


VISIT_LASTS = timedelta(minutes=10)
STOPPED = {
    "inactive": "领到、但还没有启用",
    "suspended": "临时停用",
    "lost": "登记挂失",
    "replaced": "换成新卡",
    "cancelled": "登记注销",
    "frozen": "暂停使用，等待核查",
}
VISIT = select(Visit).where(Visit.id == bindparam("id"))


def begin(uow: Uow, cmd: BeginVisit) -> VisitBegun:
    """A card is in a kiosk: check it is one of ours and in use, and ask it a question only it can answer."""
    held = registry.card(uow, cmd.card_no, cmd.card_code)
    if held is None or held.holder.ident != cmd.ident:
        raise CardUnknown
    card, person = held.card, held.holder
    if person.died is not None:
        raise HolderDied
    require_in_use(card)
    if card.expires < uow.today:
        raise CardExpired(expires=day_in(card.expires, ZH))
    uow.emit(Presented(card.id, card.key_version))
    visit = Visit(
        id=secrets.token_hex(16),
        kiosk=uow.actor.id,
        card_id=card.id,
        person_id=person.id,
        challenge=secrets.token_hex(16),
        begun_at=uow.now,
        proved_at=None,
    )
    uow.session.add(visit)
    uow.session.flush()
    return VisitBegun(visit=visit.id, challenge=visit.challenge, masked_name=ident.masked_name(person.name))


def require_in_use(card: registry.Card) -> None:
    """A card may be reported lost while it is in the kiosk: asked at the beginning and before any token."""
    if card.status != "active":
        raise CardStopped(status=STOPPED[card.status])


def prove(uow: Uow, cmd: ProveVisit) -> tuple[Visit, registry.Held]:
    """The card has answered: from here the holder may see their own account."""
    visit = current(uow, cmd.visit)
    held = registry.card_by_id(uow, visit.card_id)
    require_in_use(held.card)
    challenge, response = bytes.fromhex(visit.challenge), bytes.fromhex(cmd.response)
    if not uow.vault.answers(held.card.area, held.card.card_code, challenge, response, held.card.key_version):
        raise ProofWrong
    visit.proved_at = visit.proved_at or uow.now
    return visit, held


def proved(uow: Uow, id: str) -> Visit:
    """A visit whose card has answered and still serves: whoever reports it lost stops it at every kiosk at once."""
    visit = answered(uow, id)
    require_in_use(registry.card_by_id(uow, visit.card_id).card)
    return visit


def answered(uow: Uow, id: str) -> Visit:
    """A visit whose card has answered, so that its holder is known to stand there."""
    visit = current(uow, id)
    if visit.proved_at is None:
        raise ProofWrong
    return visit


def current(uow: Uow, id: str) -> Visit:
    visit = uow.session.scalar(VISIT, {"id": id})
    if visit is None or visit.kiosk != uow.actor.id or visit.begun_at < uow.now - VISIT_LASTS:
        raise VisitExpired
    return visit
