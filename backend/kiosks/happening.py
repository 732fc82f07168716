"""Happening 事记: what changed at a kiosk, written once."""

from __future__ import annotations

from backend.kernel import auth
from backend.kernel.actor import Kind
from backend.kernel.db import Uow
from backend.kernel.pooling import within_reach
from backend.kiosks.model import Happening
from backend.payout.settling import NoKiosk


def note(uow: Uow, kiosk: str, what: str, detail: str, who: str = "") -> None:
    """A kiosk speaks for itself; an officer by their name."""
    name = who or ("" if uow.actor.kind is Kind.KIOSK else uow.actor.name)
    uow.session.add(Happening(kiosk=kiosk, at=uow.now, what=what, detail=detail, who=name))
    uow.session.flush()


def within(uow: Uow, kiosk: str) -> auth.Device:
    """The kiosk, where the officer's area reaches it."""
    device = uow.session.get(auth.Device, kiosk)
    if device is None or not within_reach(uow, device.area):
        raise NoKiosk(kiosk=kiosk)
    return device
