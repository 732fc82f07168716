"""Bad cards: whatever else is put into a slot, each made from a good card, to be served and tested."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any, Final, Protocol

from cardio.environment import PAYMENT, PROVIDER
from cardio.layout import HOLDER, ISSUER
from cardio.link import Answer, CardPulled, Link
from cardio.sam.ring import KeyRing
from cardio.sim.card import SimCard
from cardio.sim.luck import Faults
from cardio.sim.memory import Memory
from cardio.sim.persona import Persona
from cardio.sim.psam import SimSam
from cardio.sim.t0 import OK

BANK: Final = (PAYMENT, bytes.fromhex("A000000333010101"))
ANOTHER_TRADE: Final = (PROVIDER + b"\x99",)  # the same provider's, but no social-security card


class InSlot(Link, Protocol):
    """What a slot can hold."""

    def insert(self) -> None: ...
    def pull(self) -> None: ...


class OtherCard:
    """A chip card of another trade: it knows its own applications, and nothing of ours."""

    def __init__(self, atr: str, *aids: bytes) -> None:
        self._atr, self._aids = bytes.fromhex(atr), aids
        self._inside, self._powered = True, False
        self.commands = 0

    def insert(self) -> None:
        self._inside = True

    def pull(self) -> None:
        self._inside = self._powered = False

    def atr(self) -> bytes:
        if not self._inside:
            raise CardPulled("no card in the simulated reader")
        self._powered = True
        return self._atr

    def send(self, apdu: bytes) -> Answer:
        if not self._powered:
            raise CardPulled("the simulated card has no power")
        self.commands += 1
        if not self._aids:
            return Answer(b"", 0x6E00)
        if apdu[:3] != b"\0\xa4\x04":
            return Answer(b"", 0x6D00)
        return Answer(b"", OK if apdu[5:] in self._aids else 0x6A82)

    def close(self) -> None:
        self._powered = False


def cloned(good: Persona) -> SimCard:
    """All that can be read was copied; keys cannot be read."""
    keys = Random(good.card_code)  # noqa: S311 - keys that are no keys
    wrong: dict[str, Any] = {
        name: keys.randbytes(16)
        for name in ("key", "read_key", "channel_key", "puk")
        if getattr(good, name) is not None
    }
    return SimCard(replace(good, **wrong))


def foreign(good: Persona) -> SimCard:
    area = "110000" if not good.area.startswith("11") else "310000"
    return SimCard(replace(good, area=area, card_code=area + good.card_code[6:]))


def expired(good: Persona) -> SimCard:
    return SimCard(replace(good, issued=date(2009, 6, 1), expires=date(2019, 6, 1)))


def locked(good: Persona) -> SimCard:
    """The application was stopped by its issuer, for good."""
    return SimCard(replace(good, stopped=True))


def pin_blocked(good: Persona) -> SimCard:
    """Three wrong PINs were given."""
    memory = Memory()
    memory.write_tries(0)
    return SimCard(good, nv=memory.image + SimCard(good).nv[len(memory.image) :])


def unfinished(good: Persona) -> SimCard:
    """The factory stopped after the application was made: nobody's name is in it."""
    return SimCard(replace(good, missing=(HOLDER.path,)))


def empty(good: Persona) -> SimCard:
    """Earlier still: not even its issuer."""
    return SimCard(replace(good, missing=(ISSUER.path, HOLDER.path)))


def old(good: Persona) -> SimCard:
    """Of the first generation, under 3DES: it can be read, and prove nothing."""
    plain = replace(good, read_key=None, channel_key=None, puk=None, version="1.00", algorithm="3DES")
    return SimCard(plain)


def dirty(good: Persona) -> SimCard:
    """Now and then its contacts fail: it says nothing, though it is in."""
    return SimCard(good, Faults(dirty=8))


def wrong_way(good: Persona) -> SimCard:
    """No contact at all: upside down, or the other end first."""
    return SimCard(good, Faults(mute=True))


def bank_card(good: Persona) -> OtherCard:
    return OtherCard("3B6800000073C84013009000", *BANK)


def door_card(good: Persona) -> OtherCard:
    """A card of a gate or a canteen: a chip that knows no command of ours."""
    return OtherCard("3B0214 50")


def other_application(good: Persona) -> OtherCard:
    """Another card by the same provider, without the social-security application."""
    return OtherCard("3B6D00000081543141 8660 000000000001", *ANOTHER_TRADE)


def sam_card(good: Persona) -> SimSam:
    """A machine's own security module in the holders' slot."""
    return SimSam(KeyRing({}))


CARDS: Final[Mapping[str, Callable[[Persona], InSlot]]] = {
    one.__name__.replace("_", "-"): one
    for one in (
        cloned,
        foreign,
        expired,
        locked,
        pin_blocked,
        unfinished,
        empty,
        old,
        dirty,
        wrong_way,
        bank_card,
        door_card,
        other_application,
        sam_card,
    )
}
