"""What a SAM card is told, as both ends know it: BF DE and 80 FA by public terminal code, the rest ours."""

from __future__ import annotations

from typing import Final

from cardio.codecs import PIN_DIGITS, pin_block
from cardio.keys import FACTOR, area_factor, card_factor
from cardio.sam.port import Pin, PinBlock
from cardio.sam.ring import Purpose
from cardio.secure import RANDOM

DELIVER: Final = (
    0xDE  # BF DE usage key-id 10 factors: derive a card's key into the working place; 11: and its version
)
DELIVER_CLASS: Final = 0xBF
CIPHER: Final = 0xFA  # 80 FA: encipher a block with it
TWO_LEVELS_ENCIPHER: Final = 2 << 5 | 7  # the top three bits are the levels, the low five the type of key
OURS: Final = 0x80
TELL: Final = 0xD0  # area and versions
MEET: Final = 0xD1  # P1: the version of the card's keys, as in UNBLOCK and GENUINE
CONFIRM: Final = 0xD2
PIN: Final = 0xD3  # P1: 00 VERIFY, 01 CHANGE PIN
UNBLOCK: Final = 0xD4
MAC: Final = 0xD5  # P1: the purpose; the version stands before what is signed
GENUINE: Final = 0xD6
NUMBER: Final = 0xD7
TOO_SIMPLE: Final = 0x9F01  # ours: the new PIN is what a thief tries first
NEWEST: Final = 0  # of no version: the newest it holds
PURPOSES: Final = tuple(Purpose)
PIN_SIZE: Final = PIN_DIGITS // 2
TYPED, SEALED = 0, 1  # the first byte of a PIN on its way


CARD: Final = FACTOR + 16
FACTORS: Final = 2 * FACTOR


def card_of(area: str, card_code: str) -> bytes:
    """Which card: its area as a factor, and its whole code."""
    return area_factor(area) + bytes.fromhex(card_code)


def told_card(data: bytes) -> tuple[str, str]:
    """
    >>> told_card(card_of("310000", "310000D1560000050000000000000001"))
    ('310000', '310000D1560000050000000000000001')
    """
    return data[:6].decode("ascii", "replace"), data[FACTOR:CARD].hex().upper()


def factors(area: str, card_code: str) -> bytes:
    """The two levels of DELIVER."""
    return area_factor(area) + card_factor(card_code)


def told_factors(data: bytes) -> tuple[str, str]:
    """
    >>> told_factors(factors("310000", "310000D1560000050000000000000001"))
    ('310000', '0000000000000001')
    """
    return data[:6].decode("ascii", "replace"), data[FACTOR:FACTORS].hex().upper()


def pin_out(pin: Pin) -> bytes:
    if isinstance(pin, PinBlock):
        return bytes([SEALED]) + pin.number + pin.sealed
    return bytes([TYPED]) + pin_block(pin)


def pins_in(data: bytes) -> list[Pin]:
    """The PINs one after the other; raises ValueError where they are none."""
    found: list[Pin] = []
    while data:
        if data[0] == SEALED and len(data) > 2 * RANDOM:
            found.append(PinBlock(data[1 : 1 + RANDOM], data[1 + RANDOM : 1 + 2 * RANDOM]))
            data = data[1 + 2 * RANDOM :]
        elif data[0] == TYPED and len(data) > PIN_SIZE and data[1 : 1 + PIN_SIZE].hex().isdecimal():
            found.append(data[1 : 1 + PIN_SIZE].hex())
            data = data[1 + PIN_SIZE :]
        else:
            raise ValueError("no PIN")
    return found
