"""The PIN: typed on the screen, or on a pin pad that keeps it to itself and says only how many digits there are."""

from __future__ import annotations

from contextlib import suppress

import structlog

from cardio.card import PinResult
from cardio.sam import PinBlock
from kiosk import told
from kiosk.case import Kiosk
from kiosk.devices.port import DeviceDead, DeviceFailed
from kiosk.flow import Event

log = structlog.get_logger()
KEYS = {"confirm": Event.PIN_TYPED, "cancel": Event.BACK}


def ask(at: Kiosk) -> None:
    """A new entry on the pad; that it cannot take one is heard at the next look."""
    if at.pad is not None:
        with suppress(DeviceFailed, DeviceDead):
            at.pad.ask()


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
        if at.sam is not None and at.pad.shares and case.session.secret:
            number = at.sam.number()
            sealed = at.pad.block(bytes.fromhex(case.identity.card_code), number)
            return case.session.verify(PinBlock(number, sealed))
        return at.pad.verify(case.session)
    except (DeviceFailed, DeviceDead) as why:
        return _failed(at, why, Event.CARD_BAD)


def _failed(at: Kiosk, why: DeviceFailed | DeviceDead, event: Event) -> Event:
    log.error("pinpad.failed", why=str(why))
    at.say(told.pad(why))
    return event
