"""Reading: who is there — the card identified, its holder's PIN checked by the card, the account fetched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import structlog

from backend.kernel.errors import Refusal
from backend.kernel.language import ZH, day_in, month_in
from backend.kernel.period import Month
from backend.payout.refusals import AlreadyCollected, HeldElsewhere, SentToBank
from backend.payout.schema import BeginVisit, Payable, ProveVisit
from cardio.card import CardSession
from cardio.link import CardFault
from kiosk import pin, recover, signing
from kiosk.case import Case, Kiosk, Said
from kiosk.client import NoAnswer, Refused
from kiosk.flow import Do, Event
from kiosk.matter import Matter
from kiosk.told import CardListed, NothingDue, PinBlocked, PinWrong

log = structlog.get_logger()
Effect = Callable[[Kiosk], Event | None]


def read_card(at: Kiosk) -> Event:
    """Who issued it, whose it is, how many tries are left. A card we reject must not keep the reader."""
    session = None
    try:
        session = CardSession(at.slot.link(), at.terminal, at.sam, at.accepted)
        at.case = Case(session, *session.read())
    except CardFault as fault:
        if session is not None:
            session.close()
        return _bad(at, fault)
    if at.case.tries == 0:
        at.say(PinBlocked())
        return Event.PIN_BLOCKED
    return Event.CARD_READ


def _bad(at: Kiosk, fault: CardFault) -> Event:
    at.fault = Said.of(fault)
    log.warning("card.fault", kind=type(fault).__name__, detail=fault.detail)
    at.say(fault)
    return Event.CARD_BAD


def begin(at: Kiosk) -> Event:
    """Register the visit; the backend says whether this card is in use and asks it a question. Of one that is on the
    list of stopped cards it is not asked.

    What it does not know yet of earlier orders goes first: who comes back after a lost answer must not be told
    that their money is held.
    """
    card, holder = at.person.identity, at.person.holder
    if at.refuses(card):
        log.info("card.listed")
        at.say(CardListed())
        return Event.REFUSED
    recover.deliver(at, at.caller.once)
    try:
        begun = at.caller.begin(
            BeginVisit(
                card_no=card.card_no, card_code=card.card_code.lower(), area=card.area, ident=holder.ident
            )
        )
    except Refused as refused:
        return _refused(at, refused)
    except NoAnswer as unknown:
        return _no_answer(at, unknown)
    at.person.visit, at.person.challenge = begun.visit, begun.challenge
    at.person.masked_name = begun.masked_name
    return Event.BEGUN


def _refused(at: Kiosk, refused: Refused) -> Event:
    log.info("backend.refused", code=refused.code)
    at.say(refused)
    return Event.REFUSED


def _no_answer(at: Kiosk, unknown: NoAnswer) -> Event:
    at.say(unknown)
    return Event.NO_ANSWER


def verify(at: Kiosk) -> Event:
    """The card compares the PIN."""
    try:
        result = pin.compare(at)
    except CardFault as fault:
        return _bad(at, fault)
    if isinstance(result, Event):
        return result
    at.person.tries = result.tries_left
    if result.ok:
        at.said = None
        return Event.PIN_OK
    if result.blocked:
        at.say(PinBlocked())
        return Event.PIN_BLOCKED
    at.say(PinWrong())
    return Event.PIN_WRONG


def prove_visit(at: Kiosk) -> Event:
    """The card answers the backend's question; from here the holder may see their account."""
    try:
        response = at.person.session.prove(bytes.fromhex(at.person.challenge))
    except CardFault as fault:
        return _bad(at, fault)
    try:
        at.person.account = at.caller.prove(ProveVisit(visit=at.person.visit, response=response.hex()))
    except Refused as refused:
        return _refused(at, refused)
    except NoAnswer as unknown:
        return _no_answer(at, unknown)
    signing.settle_card(at)
    return Event.VISITED


def due(at: Kiosk) -> tuple[Payable, ...]:
    """What can be collected now, the oldest first, at most four."""
    account = at.case.account if at.case and at.case.signed_in else None
    ready = [p for p in account.payables if p.state == "payable"] if account else []
    return tuple(sorted(ready, key=lambda p: (p.month, p.item))[:4])


def note_sent_to_bank(at: Kiosk, entitlement: str) -> None:
    """What the backend has just said of one payment: it is not offered again in this visit."""
    account = at.person.account
    if account is not None:
        payables = tuple(
            p.model_copy(update={"state": "sent_to_bank"}) if p.entitlement == entitlement else p
            for p in account.payables
        )
        at.person.account = account.model_copy(update={"payables": payables})


def look_for_due(at: Kiosk) -> Event:
    found = due(at)
    if not found:
        return Event.NONE_DUE
    if len(found) > 1:
        return Event.SEVERAL_DUE
    at.person.payable = found[0]
    return Event.ONE_DUE


EXPLANATIONS: Final[Mapping[str, type[Refusal]]] = {
    "collected": AlreadyCollected,
    "held": HeldElsewhere,
    "sent_to_bank": SentToBank,
}


def explain_none(at: Kiosk) -> None:
    """Say kindly why there is nothing, as the backend would: the newest payment tells."""
    account = at.person.account
    newest = max(account.payables, key=lambda p: p.month, default=None) if account else None
    if newest is None:
        at.say(NothingDue())
    else:
        day = day_in(newest.collected_on, ZH) if newest.collected_on else ""
        month = month_in(Month.parse(newest.month), ZH)
        at.say(EXPLANATIONS[newest.state](month=month, item=newest.item, day=day))


def close_card(at: Kiosk) -> None:
    """End the session; the card may be taken."""
    if at.case is not None:
        at.case.session.close()
        at.case.signed_in = False


def wipe(at: Kiosk) -> None:
    at.case, at.matter = None, Matter()


EFFECTS: Final[Mapping[Do, Effect]] = {
    Do.READ_CARD: read_card,
    Do.BEGIN: begin,
    Do.VERIFY: verify,
    Do.PROVE_VISIT: prove_visit,
    Do.LOOK_FOR_DUE: look_for_due,
    Do.EXPLAIN_NONE: explain_none,
    Do.CLOSE_CARD: close_card,
    Do.WIPE: wipe,
}
