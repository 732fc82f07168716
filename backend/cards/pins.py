"""PIN services 密码服务: the counter lets a card take a new PIN; which card, who and why is kept.

The new PIN never comes here: the counter's reader is given two keys, derived from the card's PUK for this one number
of the card, and makes the command of them (`renshe-card unblock`). No other card takes it, and this one not again.
"""

from __future__ import annotations

from sqlalchemy import select

from backend.cards import applying
from backend.cards.model import PinReset
from backend.cards.refusals import CardAtRest, ChallengeUsed
from backend.cards.schema import AuthorisePinReset, PinResetAuthorised
from backend.kernel import files
from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.items import Guide, item
from backend.registry import service as registry
from backend.registry.schema import CARD_STATUS


@item(
    "CRD-09",
    "社会保障卡密码重置",
    may=Permission.CARD_MANAGE,
    guide=Guide(
        what="忘了密码，或者密码连续输错锁住了，带身份证和卡到柜台重新设一个。原来的密码谁也看不到。",
        who="持卡人本人",
        bring=("居民身份证", "社会保障卡"),
        law=applying.LAW,
    ),
)
def authorise_pin_reset(uow: Uow, cmd: AuthorisePinReset) -> PinResetAuthorised:
    who = registry.person(uow, cmd.ident, lock=True)
    registry.require_alive(who)
    card = registry.numbered_card(uow, who.id, cmd.card_no)
    if card.status not in ("active", "inactive"):
        raise CardAtRest(tail=card.card_no[-4:], status=CARD_STATUS[card.status])
    used = select(PinReset.id).where(PinReset.card_id == card.id, PinReset.challenge == cmd.challenge)
    if uow.session.scalar(used):
        raise ChallengeUsed
    row = PinReset(
        card_id=card.id,
        challenge=cmd.challenge,
        reason=cmd.reason,
        note=cmd.note,
        evidence=files.handed_in(uow, cmd.evidence),
        maker=uow.actor.id,
        at=uow.now,
    )
    uow.session.add(row)
    uow.session.flush()
    cipher_key, mac_key = uow.vault.unblocking(
        card.area, card.card_code, card.key_version, bytes.fromhex(cmd.challenge)
    )
    return PinResetAuthorised(
        card_no=card.card_no, cipher_key=cipher_key.hex(), mac_key=mac_key.hex(), no=row.id
    )
