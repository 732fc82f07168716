"""SoftSam: a security module in memory, its keys from one sealed file."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cardio import apdu, secure
from cardio.apdu import Command
from cardio.codecs import pin_block
from cardio.faults import hard_to_guess
from cardio.keys import FACTOR, cmac, response, terminal_cryptogram
from cardio.pinblock import session_key
from cardio.pinblock import unseal as unsealed
from cardio.sam.port import Pin, PinBlockUsed, SamFault
from cardio.sam.ring import KeyNotHeld, KeyRing, Purpose
from cardio.sealing import Opener, seal, unseal
from cardio.secure import Channel
from cardio.tlv import Malformed

SIGNS: Final = (Purpose.LK, Purpose.TK)
MOST_NUMBERS: Final = 16  # given out and not used yet


class SoftSam:
    """Everything a module does, done here. It can be copied with the machine's memory; a SAM card cannot."""

    def __init__(self, ring: KeyRing) -> None:
        self.__ring = ring
        self._numbers: list[bytes] = []

    @classmethod
    def open(cls, path: Path, opener: Opener) -> SoftSam:
        return cls(KeyRing.of(unseal(path, opener)))

    def __repr__(self) -> str:
        return f"SoftSam(area={self.area!r})"

    @property
    def area(self) -> str:
        """The only area it serves; empty: every one."""
        return self.__ring.area

    def versions(self, purpose: Purpose) -> tuple[int, ...]:
        return self.__ring.versions(purpose)

    def cryptogram(self, area: str, card_code: str, challenge: bytes, version: int | None = None) -> bytes:
        key = self.__ring.card(Purpose.RK, area, card_code, version)
        return terminal_cryptogram(key, challenge, secrets.token_bytes(FACTOR))

    def genuine(
        self, area: str, card_code: str, challenge: bytes, answer: bytes, version: int | None = None
    ) -> bool:
        key = self.__ring.card(Purpose.IRK, area, card_code, version)
        return hmac.compare_digest(response(key, challenge), answer)

    def meet(self, area: str, card_code: str, card_random: bytes, version: int) -> SoftMeeting:
        key = self.__ring.card(Purpose.STK, area, card_code, version)
        return SoftMeeting(lambda pin: self._digits(pin, card_code), key, card_random)

    def unblock_command(
        self, area: str, card_code: str, card_random: bytes, new: Pin, version: int | None = None
    ) -> Command:
        key = self.__ring.card(Purpose.PUK, area, card_code, version)
        return secure.unblock_command(key, card_random, hard_to_guess(self._digits(new, card_code)))

    def mac(
        self, purpose: Purpose, area: str, card_code: str, data: bytes, version: int | None = None
    ) -> bytes:
        if purpose not in SIGNS:
            raise KeyNotHeld(purpose=purpose.value)
        return cmac(self.__ring.card(purpose, area, card_code, version), data)

    def number(self) -> bytes:
        fresh = secrets.token_bytes(secure.RANDOM)
        self._numbers = [*self._numbers, fresh][-MOST_NUMBERS:]
        return fresh

    def _digits(self, pin: Pin, card_code: str) -> str:
        """The PIN in a block, once; what was sealed for another number or card is recorded or made up."""
        if isinstance(pin, str):
            return pin
        if pin.number not in self._numbers:
            raise PinBlockUsed
        self._numbers.remove(pin.number)
        try:
            key = session_key(self.__ring.master(Purpose.PAD), pin.number)
            digits = unsealed(key, pin.sealed, bytes.fromhex(card_code))
            pin_block(digits)
            return digits
        except Malformed as why:
            raise PinBlockUsed(str(why)) from why


class SoftMeeting:
    """The module's end of secure messaging with one card. `digits` reads the pin pad's blocks."""

    def __init__(self, digits: Callable[[Pin], str], key: bytes, card_random: bytes) -> None:
        own = secrets.token_bytes(secure.RANDOM)
        self.hello: Final = secure.hello(key, card_random, own)
        self._digits = digits
        self._expected = secure.greeting(key, card_random, own)
        self._waits: Channel | None = Channel.between(key, card_random, own)
        self._channel: Channel | None = None

    def confirm(self, greeting: bytes) -> bool:
        """One answer only: whoever guesses must meet again."""
        genuine = hmac.compare_digest(self._expected, greeting)
        self._channel, self._waits = self._waits if genuine else None, None
        return self._channel is not None

    def verify_command(self, pin: Pin) -> Command:
        return self._wrapped(apdu.verify(self._digits(pin)))

    def change_command(self, old: Pin, new: Pin) -> Command:
        before, after = self._digits(old), self._digits(new)
        return self._wrapped(apdu.change_pin(before, hard_to_guess(after, before)))

    def _wrapped(self, command: Command) -> Command:
        if self._channel is None:
            raise SamFault("no card has answered")
        return self._channel.wrap(command)


def create(path: Path, ring: KeyRing, opener: Opener) -> None:
    """A module's file."""
    seal(ring.plain(), opener, path)
