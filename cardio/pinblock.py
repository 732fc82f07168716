"""PIN block: a PIN on its way from a pin pad to the security module, so that no program between reads it.

The format is ours, after the manner of ISO 9564 format 4 (which was not read): one block of SM4 under a key for
this one number, and the module takes each number once.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from cardio.codecs import PIN_DIGITS, pin_block
from cardio.keys import BLOCK, cmac, sm4
from cardio.tlv import Malformed

CONTROL: Final = 0x40 | PIN_DIGITS
FILL: Final = b"\xaa" * 4
NOISE: Final = BLOCK - 1 - PIN_DIGITS // 2 - len(FILL)


@dataclass(frozen=True)
class PinBlock:
    """What leaves the pad: the module's number, and the PIN under a key that only pad and module can make."""

    number: bytes
    sealed: bytes = field(repr=False)


def seal_pin(pad_key: bytes, number: bytes, pin: str) -> PinBlock:
    """In the pad.

    >>> open_pin(bytes(16), seal_pin(bytes(16), b"0123456789abcdef", "135790"))
    '135790'
    """
    plain = bytes([CONTROL]) + pin_block(pin) + FILL + secrets.token_bytes(NOISE)
    return PinBlock(number, sm4(_key(pad_key, number), plain))


def open_pin(pad_key: bytes, block: PinBlock) -> str:
    """In the module."""
    if len(block.sealed) != BLOCK:
        raise Malformed("密码键盘送来的密码块不对")
    decryptor = Cipher(algorithms.SM4(_key(pad_key, block.number)), modes.ECB()).decryptor()  # noqa: S305 - one block
    plain = decryptor.update(block.sealed) + decryptor.finalize()
    digits = plain[1 : 1 + PIN_DIGITS // 2]
    if plain[0] != CONTROL or plain[1 + len(digits) : 1 + len(digits) + len(FILL)] != FILL:
        raise Malformed("密码键盘送来的密码块不对")
    if not digits.hex().isdecimal():
        raise Malformed("密码键盘送来的密码块不对")
    return digits.hex()


def _key(pad_key: bytes, number: bytes) -> bytes:
    return cmac(pad_key, b"P" + number)
