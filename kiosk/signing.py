"""Signing: a collect card's part in an order, and what it is told of earlier ones; where an answer is lost, it decides.

INIT before the office is asked, COLLECT under the office's terms, GET PROOF where the card went silent: it gives
the same TAC however often. SIGNING stands in the journal before COLLECT is sent and SIGNED, with the TAC, after it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import structlog

from backend.payout.schema import CardBegun, CardTerms, Closing
from cardio.card import CardGarbled, CardSession
from cardio.collect import CollectCard, Done, Outcome, Proof, Refused, Terms, Unknown
from cardio.link import CardFault
from cardio.tac import MOST_FEN, Asked, Result
from kiosk.case import Errand, Kiosk
from kiosk.flow import Event
from kiosk.journal import Course, Stage
from kiosk.told import NotDone

log = structlog.get_logger()
MOMENT: Final = "%Y%m%d%H%M%S"


def begin(at: Kiosk) -> Event | None:
    """Ask a collect card for this order; nothing is written on it. Of another card nothing is asked yet."""
    order, account = at.order, at.person.account
    if account is None or account.collect_key is None:
        return None
    if order.amount_fen > MOST_FEN:
        at.say(NotDone())
        return Event.REFUSED
    order.asked = Asked(order.order, order.amount_fen, at.id, account.collect_key)
    try:
        order.begun = CollectCard(at.person.session).init_collect(order.asked)
    except CardFault as fault:
        return _bad(at, fault)
    return None


def _bad(at: Kiosk, fault: CardFault) -> Event:
    log.warning("card.fault", kind=type(fault).__name__, detail=fault.detail)
    at.person.signed_in = False
    at.say(fault)
    return Event.CARD_BAD


def answered(order: Errand) -> CardBegun | None:
    """What the card answered, for the office."""
    begun = order.begun
    if begun is None:
        return None
    return CardBegun(
        count=begun.ctc, rnd=begun.rnd.hex(), mac1=begun.mac1.hex(), key_version=begun.key_version
    )


def collect(at: Kiosk, terms: CardTerms) -> Event:
    """The holder agrees; the TAC is on the disk before anybody is told of it."""
    order = at.order
    if order.begun is None or order.asked is None:
        raise RuntimeError("the card was not asked")
    count, inserted = order.begun.ctc + 1, at.slot.insertion()
    signed = Terms(datetime.strptime(terms.moment, MOMENT), terms.month, bytes.fromhex(terms.mac2))  # noqa: DTZ007
    at.journal.append(Stage.SIGNING, order.order, count=count)
    outcome = CollectCard(at.person.session).collect(order.asked, order.begun, signed)
    if isinstance(outcome, Unknown):
        outcome = _asked_again(at, inserted, count, outcome)
    match outcome:
        case Done(proof):
            order.proof = order.tac = proof.tac.hex()
            at.journal.append(Stage.SIGNED, order.order, count=count, tac=order.tac)
            return Event.CARD_PROVED
        case Refused():
            at.journal.append(Stage.SIGNED, order.order, count=count, tac=None)
            return _bad(at, CardGarbled(outcome.told))
        case Unknown(fault):
            return _bad(at, fault)


def _asked_again(at: Kiosk, inserted: int | None, count: int, lost: Unknown) -> Outcome[Proof]:
    """R2: a card that lies where it lay is powered up again and asked for its proof; the person sees nothing."""
    if inserted is None or at.slot.insertion() != inserted:
        return lost
    at.person.session.close()  # a reader is held by one session at a time
    session = None
    try:
        session = CardSession(at.slot.link(), at.terminal)
        same = session.identify().card_code == at.person.identity.card_code
    except CardFault:
        same = False
    if session is None or not same:
        if session is not None:
            session.close()
        return lost
    at.person.session, at.person.signed_in = session, False
    match found := CollectCard(session).proof(count):
        case Done(proof) if (proof.order, proof.amount_fen) == (at.order.order, at.order.amount_fen):
            log.info("card.proof_recovered", order=proof.order)
            return found
        case Refused():  # it says itself that it has not agreed
            at.journal.append(Stage.SIGNED, at.order.order, count=count, tac=None)
    return lost


def settle_card(at: Kiosk) -> None:
    """A collect card is back: what it proved unheard is written down, how its last collection ended it is told.

    Neither moves money; what goes wrong here is not the person's business.
    """
    account = at.person.account
    if account is None or account.collect_key is None:
        return
    card = CollectCard(at.person.session)
    try:
        if unheard := at.journal.unheard():
            _hear(at, card, unheard)
    except CardFault as fault:
        log.warning("card.fault", kind=type(fault).__name__, detail=fault.detail)
        return
    for closing in account.closings:
        if not isinstance(_close(card, closing), Refused):
            return


def _hear(at: Kiosk, card: CollectCard, unheard: dict[str, Course]) -> None:
    """GET PROOF of its newest collection: perhaps one of ours that was cut off."""
    match card.proof(count := card.ctc()):
        case Done(proof) if proof.order in unheard:
            log.info("card.proof_recovered", order=proof.order)
            at.journal.append(Stage.SIGNED, proof.order, count=count, tac=proof.tac.hex())


def _close(card: CollectCard, closing: Closing) -> Outcome[None]:
    told = card.close_order(closing.order, Result(closing.ended), bytes.fromhex(closing.mac3))
    if isinstance(told, Unknown):
        log.warning("card.fault", kind=type(told.fault).__name__, detail=told.fault.detail)
    return told
