"""Visits 来访: a card in a kiosk, asked a question only it can answer; from there its holder may see their account."""

from __future__ import annotations

import secrets
from datetime import timedelta

from backend.kernel import ident
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.payout.model import Visit
from backend.payout.schema import BeginVisit, ProveVisit, VisitBegun
from backend.registry import service as registry

VISIT_LASTS = timedelta(minutes=10)


class CardUnknown(Refusal):
    """这张卡不是本市发出的社会保障卡，或者卡面信息和登记的不一样，请带身份证到柜台查询。"""

    status = 404


class CardStopped(Refusal):
    """这张社会保障卡已经{status}，不能办理业务。您的钱是安全的，请带身份证到柜台办理。"""


class CardExpired(Refusal):
    """这张社会保障卡已经过了有效期（{expires}），请带身份证到柜台换卡。"""


class HolderDied(Refusal):
    """持卡人已经登记去世，这张卡不能再用。还没有领的待遇，请亲属带证明到柜台办理。"""


class ProofWrong(Refusal):
    """卡片没有通过验证。请取出卡片擦一擦芯片再试一次，或者到柜台办理。"""

    status = 403


class VisitExpired(Refusal):
    """这次办理已经超过十分钟，为了安全请重新插卡。"""


def begin(uow: Uow, cmd: BeginVisit) -> VisitBegun:
    """A card is in a kiosk: check it is one of ours and in use, and ask it a question only it can answer."""
    card = registry.card(uow, cmd.card_no, cmd.card_code)
    if card is None:
        raise CardUnknown
    person = registry.person_by_id(uow, card.person_id)
    if person.ident != cmd.ident:
        raise CardUnknown
    if person.died is not None:
        raise HolderDied
    require_in_use(card)
    if card.expires < uow.today:
        raise CardExpired(expires=card.expires)
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
        raise CardStopped(status=registry.CARD_STATUS[card.status])


def prove(uow: Uow, cmd: ProveVisit) -> Visit:
    """The card has answered: from here the holder may see their own account."""
    visit = current(uow, cmd.visit)
    card = registry.card_by_id(uow, visit.card_id)
    challenge, response = bytes.fromhex(visit.challenge), bytes.fromhex(cmd.response)
    if not uow.vault.answers(card.area, card.card_code, challenge, response):
        raise ProofWrong
    visit.proved_at = visit.proved_at or uow.now
    return visit


def current(uow: Uow, id: str) -> Visit:
    visit = uow.session.get(Visit, id)
    if visit is None or visit.kiosk != uow.actor.id or visit.begun_at < uow.now - VISIT_LASTS:
        raise VisitExpired
    return visit
