"""Freezing 停用待核查: two cards with one count — neither serves any more, and staff see which."""

from __future__ import annotations

import structlog
from sqlalchemy import select

from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.ident import masked_name
from backend.kernel.items import question
from backend.payout.copies.model import Copied
from backend.payout.copies.schema import AskCopied, CopiedCards, CopiedView
from backend.payout.model import Order
from backend.registry import service as registry
from backend.registry.schema import CARD_STATUS

log = structlog.get_logger()
SHOWN = 200


def freeze(uow: Uow, card_id: int, order: Order, known: int) -> None:
    """What is in doubt stays in doubt: only the dispenser's word or a count ends it."""
    said = (order.ctc or 1) - 1
    log.error("card.copied", card=card_id, order=order.id, said=said, known=known)
    registry.freeze_card(uow, card_id)
    uow.session.add(
        Copied(card_id=card_id, kiosk=order.kiosk, order=order.id, count=said, known=known, at=uow.now)
    )
    uow.session.flush()


@question("PAY-Q9", "停用待核查的卡", may=Permission.CARD_MANAGE)
def copied(uow: Uow, ask: AskCopied) -> CopiedCards:
    """Cards that may have been copied, the newest first; of persons within the officer's reach."""
    rows = uow.session.execute(
        select(Copied, registry.Card, registry.Person)
        .join(registry.Card, registry.Card.id == Copied.card_id)
        .join(registry.Person, registry.Person.id == registry.Card.person_id)
        .order_by(Copied.id.desc())
        .limit(SHOWN)
    )
    return CopiedCards(
        cards=tuple(
            CopiedView(
                card_no=card.card_no,
                name=masked_name(person.name),
                status_name=CARD_STATUS[card.status],
                at=row.at,
                kiosk=row.kiosk,
                order=row.order,
                count=row.count,
                known=row.known,
            )
            for row, card, person in rows
        )
    )
