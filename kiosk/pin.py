"""The PIN: typed on the screen, or on a pin pad that keeps it to itself and says only how many digits there are."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Final

import structlog

from cardio.card import PinResult, PinTooSimple
from cardio.codecs import is_simple_pin
from cardio.link import CardFault
from cardio.sam import PinBlock, Sam
from kiosk import told
from kiosk.case import Kiosk
from kiosk.devices.port import DeviceDead, DeviceFailed, PinEntry
from kiosk.moves import Event, State
from kiosk.told import PinBlocked

log = structlog.get_logger()
KEYS = {"confirm": Event.PIN_TYPED, "cancel": Event.BACK}
ENTRIES: Final[Mapping[State, PinEntry]] = {
    State.PIN: "pin",
    State.PIN_OLD: "old",
    State.PIN_NEW: "new",
    State.PIN_AGAIN: "again",
}


def ask(at: Kiosk, state: State) -> None:
    """A new entry on the pad; that it cannot take one is heard at the next look."""
    if at.pad is not None:
        if at.case is not None:
            at.case.hidden = 0
        with suppress(DeviceFailed, DeviceDead):
            at.pad.ask(ENTRIES[state])


def drop(at: Kiosk) -> None:
    """Nobody finishes what was begun."""
    if at.pad is not None:
        at.pad.drop()


def heard(at: Kiosk) -> Event | None:
    """What the pad has to say: a key that is no digit, or that it takes no PIN."""
    if at.pad is None or at.case is None:
        return None
    try:
        entry = at.pad.heard()
    except (DeviceFailed, DeviceDead) as why:
        return _failed(at, why, Event.LEAVE)
    at.case.hidden = entry.digits
    return KEYS.get(entry.key)


def compare(at: Kiosk) -> PinResult | Event:
    """The card compares what was typed; it leaves this machine's memory, or the pad's, at once.

    Where pad, module and card can, it goes sealed from the pad to the module and under secure messaging from the
    module to the card. Other cards are shown it by the pad itself.
    """
    case = at.person
    typed, case.typed, case.hidden = case.typed, "", 0
    if at.pad is None:
        return case.session.verify(typed)
    try:
        if (sam := _module(at)) is not None:
            number = sam.number()
            sealed = at.pad.block(bytes.fromhex(case.identity.card_code), number)
            return case.session.verify(PinBlock(number, sealed))
        return at.pad.verify(case.session)
    except (DeviceFailed, DeviceDead) as why:
        return _failed(at, why, Event.CARD_BAD)


def _module(at: Kiosk) -> Sam | None:
    """The security module that opens what the pad seals for this card; None where one of the three cannot."""
    seals = at.pad is not None and at.pad.shares and at.person.session.secret
    return at.sam if seals else None


# ---- a new one ----


def keep_old(at: Kiosk) -> None:
    at.said = None
    at.person.old, at.person.typed = at.person.typed, ""


def keep_new(at: Kiosk) -> Event | None:
    """The card would refuse it too; it is told before it has to be typed again."""
    at.said = None
    case = at.person
    case.new, case.typed = case.typed, ""
    if at.pad.fits() if at.pad is not None else case.new != case.old and not is_simple_pin(case.new):
        return None
    case.new = ""
    at.say(PinTooSimple())
    return Event.PIN_UNFIT


def change(at: Kiosk) -> Event:
    """The card changes it, and has the last word; the PINs leave this machine's memory, or the pad's, at once."""
    at.said = None
    try:
        result = _changed(at)
    except CardFault as fault:
        log.warning("card.fault", kind=type(fault).__name__, detail=fault.detail)
        at.say(fault)
        return Event.CARD_BAD
    except (DeviceFailed, DeviceDead) as why:
        return _failed(at, why, Event.CARD_BAD)
    if result is None:
        at.say(told.PinsDiffer())
        return Event.PIN_UNFIT
    at.person.tries, at.person.signed_in = result.tries_left, result.ok
    if result.ok:
        at.say(told.PinChanged())
        return Event.DONE
    at.say(PinBlocked() if result.blocked else told.OldPinWrong())
    return Event.PIN_BLOCKED if result.blocked else Event.PIN_WRONG


def _changed(at: Kiosk) -> PinResult | None:
    """None: the new one was not the same twice."""
    case = at.person
    old, new, again = case.old, case.new, case.typed
    case.typed, case.new, case.hidden = "", "", 0
    if at.pad is not None and (sam := _module(at)) is not None:
        numbers = sam.number(), sam.number()
        sealed = at.pad.change_blocks(bytes.fromhex(case.identity.card_code), *numbers)
        return case.session.change_pin(*map(PinBlock, numbers, sealed)) if sealed else None
    if at.pad is not None:
        return at.pad.change(case.session)
    if new != again:
        return None
    case.old = ""
    return case.session.change_pin(old, new)


def _failed(at: Kiosk, why: DeviceFailed | DeviceDead, event: Event) -> Event:
    log.error("pinpad.failed", why=str(why))
    at.say(told.pad(why))
    return event
