"""PcscSam: a SAM card in a second reader. Reading keys by the commands of public terminal code, the rest by ours."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from threading import Lock
from typing import Final

from cardio.apdu import Command, exchange, select_application
from cardio.environment import PSAM, READ
from cardio.faults import CardOfOtherArea, PinTooSimple
from cardio.keys import BLOCK, FACTOR
from cardio.link import OK, Answer, CardFault, Link
from cardio.sam import orders
from cardio.sam.port import Pin, PinBlockUsed, SamFault
from cardio.sam.ring import KeyNotHeld, Purpose

MAC_WRONG: Final = 0x6988
SAYS: Final[dict[int, type[CardFault]]] = {
    0x6A88: KeyNotHeld,
    0x6A82: CardOfOtherArea,
    0x6985: PinBlockUsed,
    orders.TOO_SIMPLE: PinTooSimple,
}


class PcscSam:
    """Keeps the SAM's reader for as long as the machine runs; after a fault it begins anew. One question at a time."""

    def __init__(self, connect: Callable[[], Link]) -> None:
        self._connect = connect
        self._link: Link | None = None
        self._lock = Lock()
        told = self.ask(orders.TELL, purpose="")
        self.area = told[:6].decode("ascii").strip("\0")
        pairs = zip(told[6::2], told[7::2], strict=True)
        self._held = [(orders.PURPOSES[purpose], version) for purpose, version in pairs]

    def versions(self, purpose: Purpose) -> tuple[int, ...]:
        return tuple(version for held, version in self._held if held is purpose)

    def cryptogram(self, area: str, card_code: str, challenge: bytes, version: int | None = None) -> bytes:
        """Derive the card's key, then encipher one block with it: two commands that belong together.

        A module of one version is asked as public terminal code asks; where it holds several, the version is told, too.
        """
        held, own = self.versions(Purpose.RK), secrets.token_bytes(FACTOR)
        if version not in (None, *held):
            raise KeyNotHeld(purpose=Purpose.RK.value)
        deliver = Command(
            orders.DELIVER,
            orders.TWO_LEVELS_ENCIPHER,
            READ,
            orders.factors(area, card_code) + (bytes([version]) if version and len(held) > 1 else b""),
            cla=orders.DELIVER_CLASS,
        )
        encipher = Command(orders.CIPHER, data=challenge + own, le=BLOCK, cla=orders.OURS)
        with self._lock:
            self._done(deliver, Purpose.RK)
            return self._done(encipher, Purpose.RK)[:FACTOR] + own

    def genuine(
        self, area: str, card_code: str, challenge: bytes, answer: bytes, version: int | None = None
    ) -> bool:
        asked = orders.card_of(area, card_code) + challenge + answer
        with self._lock:
            _, sw = self._said(Command(orders.GENUINE, version or orders.NEWEST, data=asked, cla=orders.OURS))
        if sw not in (OK, MAC_WRONG):
            raise _fault(sw, Purpose.IRK)
        return sw == OK

    def meet(self, area: str, card_code: str, card_random: bytes, version: int) -> CardMeeting:
        asked = orders.card_of(area, card_code) + card_random
        return CardMeeting(self, self.ask(orders.MEET, version, data=asked, purpose=Purpose.STK))

    def unblock_command(
        self, area: str, card_code: str, card_random: bytes, new: Pin, version: int | None = None
    ) -> Command:
        asked = orders.card_of(area, card_code) + card_random + orders.pin_out(new)
        return made(self.ask(orders.UNBLOCK, version or orders.NEWEST, asked, purpose=Purpose.PUK))

    def mac(
        self, purpose: Purpose, area: str, card_code: str, data: bytes, version: int | None = None
    ) -> bytes:
        asked = orders.card_of(area, card_code) + bytes([version or orders.NEWEST]) + data
        return self.ask(orders.MAC, orders.PURPOSES.index(purpose), data=asked, purpose=purpose)

    def number(self) -> bytes:
        return self.ask(orders.NUMBER, purpose=Purpose.PAD)

    def close(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None

    def ask(self, ins: int, p1: int = 0, data: bytes = b"\0", *, purpose: str) -> bytes:
        """One of our own commands; all of them bring data and fetch an answer."""
        with self._lock:
            return self._done(Command(ins, p1, data=data, le=256, cla=orders.OURS), purpose)

    def _done(self, command: Command, purpose: str) -> bytes:
        data, sw = self._said(command)
        if sw != OK:
            raise _fault(sw, purpose)
        return data

    def _said(self, command: Command) -> Answer:
        """Whatever goes wrong on the way ends this link; the next question opens another."""
        try:
            if self._link is None:
                self._link = self._connect()
                self._link.atr()
                _, sw = exchange(self._link, select_application(PSAM))
                if sw != OK:
                    raise SamFault(f"no PSAM application: {sw:04X}")
            return exchange(self._link, command)
        except CardFault as fault:
            self.close()
            raise SamFault(f"{fault.code}: {fault.detail}") from fault


class CardMeeting:
    """Secure messaging whose keys are in the SAM card; it keeps one meeting, the newest."""

    def __init__(self, sam: PcscSam, hello: bytes) -> None:
        self._sam = sam
        self.hello: Final = hello

    def confirm(self, greeting: bytes) -> bool:
        return self._sam.ask(orders.CONFIRM, data=greeting or b"\0", purpose=Purpose.STK) == b"\x01"

    def verify_command(self, pin: Pin) -> Command:
        return made(self._sam.ask(orders.PIN, 0, orders.pin_out(pin), purpose=Purpose.STK))

    def change_command(self, old: Pin, new: Pin) -> Command:
        asked = orders.pin_out(old) + orders.pin_out(new)
        return made(self._sam.ask(orders.PIN, 1, asked, purpose=Purpose.STK))


def made(encoded: bytes) -> Command:
    """A command as the module wrapped it."""
    cla, ins, p1, p2, size = encoded[:5]
    if size != len(encoded) - 5:
        raise SamFault("a command of another length")
    return Command(ins, p1, p2, encoded[5:], cla=cla)


def _fault(sw: int, purpose: str) -> CardFault:
    kind = SAYS.get(sw, SamFault)
    return KeyNotHeld(purpose=purpose) if kind is KeyNotHeld else kind(f"{sw:04X}")
