"""Agreeing 约定: a collect card's part in an order — asked, answered by the office, proved by its TAC, told the end.

A card counts its collections itself. One card never gives one number to two orders, nor shows a smaller number
than it has proved before: where that happens there are two cards, and neither serves any more.
"""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy import bindparam, exists, select

from backend.kernel.agreements import MOST_FEN, NOT_PAID, PAID, Agreement, Ended, KeyIndex
from backend.kernel.db import Uow
from backend.kernel.period import Month
from backend.kernel.vault import LOAD_KEY
from backend.payout.copies.freezing import freeze
from backend.payout.model import Order, Payable, Visit
from backend.payout.refusals import ProofWrong
from backend.payout.schema import CardTerms, Closing, OpenOrder
from backend.registry import service as registry

ENDED: dict[str, Ended] = {"paid": PAID, "released": NOT_PAID, "cancelled": NOT_PAID}
RECENT = 6  # orders of one card among which the newest that it committed is looked for
COUNTED = (
    select(Order)
    .where(Order.card_id == bindparam("card"), Order.tac.is_not(None))
    .order_by(Order.ctc.desc())
    .limit(1)
)
MONTH = select(Payable.month).where(Payable.id == bindparam("payable"))
LATEST = (
    select(Order, Payable.month)
    .join(Payable, Payable.id == Order.payable_id)
    .where(Order.card_id == bindparam("card"), Order.ctc.is_not(None))
    .order_by(Order.opened_at.desc(), Order.ctc.desc(), Order.id.desc())
    .limit(RECENT)
)


def begin(uow: Uow, cmd: OpenOrder, order: Order, month: Month, visit: Visit) -> CardTerms | None:
    """The card was asked just this: note its number, answer with the terms. None: the card may be a copy."""
    if cmd.begun is None:
        return None
    card = registry.card_by_id(uow, order.card_id).card
    if card.profile != "collect" or order.amount.fen > MOST_FEN:
        raise ProofWrong
    order.profile, order.ctc = "collect", cmd.begun.count + 1
    order.card_rnd, order.key_version = cmd.begun.rnd, cmd.begun.key_version
    agreed = agreement(order, month)
    if not uow.vault.asked(agreed, card.area, card.card_code, card.key_version, cmd.begun.mac1):
        raise ProofWrong
    known, since = _counted(uow, card.id)
    if cmd.begun.count >= known:
        return _terms(uow, agreed, card)
    if since is None or since > visit.begun_at:  # an old request, come late
        raise ProofWrong
    freeze(uow, card.id, order, known)
    return None


def terms(uow: Uow, order: Order) -> CardTerms | None:
    """What the office has answered to a collect card; the same again."""
    if order.profile == "field":
        return None
    card = registry.card_by_id(uow, order.card_id).card
    return _terms(
        uow, agreement(order, uow.session.scalars(MONTH, {"payable": order.payable_id}).one()), card
    )


def prove(uow: Uow, order: Order, card: registry.Card, tac: str) -> bool:
    """The TAC under the card's own key; False: its number was given before, there must be two such cards."""
    if order.ctc is None:
        raise ProofWrong
    month = uow.session.scalars(MONTH, {"payable": order.payable_id}).one()
    if not uow.vault.agreed(agreement(order, month), card.area, card.card_code, card.key_version, tac):
        raise ProofWrong
    known, _ = _counted(uow, card.id)
    if known >= order.ctc:
        given = exists().where(Order.card_id == card.id, Order.ctc == order.ctc, Order.tac.is_not(None))
        if not uow.session.scalar(select(given)):  # a confirmation come late
            raise ProofWrong
        freeze(uow, card.id, order, known)
        return False
    order.tac = tac
    return True


def agreement(order: Order, month: Month) -> Agreement:
    if order.ctc is None or order.card_rnd is None:
        raise ValueError(f"{order.id} is of a card that keeps no count")
    return Agreement(
        order=order.id,
        amount_fen=order.amount.fen,
        kiosk=order.kiosk,
        month=month,
        at=order.opened_at,
        count=order.ctc - 1,
        rnd=order.card_rnd,
        key_index=cast(KeyIndex, order.key_version),
    )


def _terms(uow: Uow, agreed: Agreement, card: registry.Card) -> CardTerms:
    mac2 = uow.vault.reserved(agreed, card.area, card.card_code, card.key_version)
    return CardTerms(moment=agreed.moment, month=str(agreed.month), mac2=mac2)


def _counted(uow: Uow, card_id: int) -> tuple[int, datetime | None]:
    """The highest number a card has proved, and when."""
    newest = uow.session.scalar(COUNTED, {"card": card_id})
    return (newest.ctc or 0, newest.authorised_at) if newest else (0, None)


# ---- at the next visit ----


def collect_key(card: registry.Card) -> KeyIndex | None:
    """Which of its keys a collect card is to be asked under."""
    return LOAD_KEY if card.profile == "collect" else None


def closings(uow: Uow, card: registry.Card) -> tuple[Closing, ...]:
    """How the card's newest collection ended: of the newest order, which it may not have committed, and of the
    newest that it proved. It knows itself which of them is its last."""
    if card.profile != "collect":
        return ()
    rows = [(row[0], row[1]) for row in uow.session.execute(LATEST, {"card": card.id})]
    newest, proved = rows[:1], [row for row in rows if row[0].tac][:1]
    wanted = newest if newest == proved else newest + proved
    return tuple(
        _closing(uow, agreement(order, month), card, ENDED[order.state])
        for order, month in wanted
        if order.state in ENDED
    )


def _closing(uow: Uow, agreed: Agreement, card: registry.Card, ended: Ended) -> Closing:
    mac3 = uow.vault.closing(agreed, card.area, card.card_code, card.key_version, ended)
    return Closing(order=agreed.order, ended=ended, mac3=mac3)
