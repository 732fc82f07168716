"""PIN block: a PIN on its way from a pin pad to a security module, which nothing between the two can read.

The layout is that of ISO 9564-1 format 4 as publicly described: control nibble 4, number of digits, the digits,
filled with A, eight random bytes; enciphered, tied to the account, enciphered again. The text of the standard was
not read. Ours in it: SM4 in place of AES (blocks of both have 16 bytes), the card's identification code of 16
bytes in place of the account number, and a key that serves one entry only.
"""

from __future__ import annotations

import secrets
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from cardio.keys import BLOCK, sm4
from cardio.tlv import Malformed

CONTROL: Final = 0x40
SHORTEST, LONGEST = 4, 12
FILL: Final = "a"
DIGITS: Final = 16  # nibbles of the first half


def session_key(shared: bytes, challenge: bytes) -> bytes:
    """The key of one entry: the module's challenge under the key that pad and module share."""
    if len(challenge) != BLOCK:
        raise ValueError(f"a challenge has {BLOCK} bytes, not {len(challenge)}")
    return sm4(shared, challenge)


def seal(key: bytes, pin: str, card_code: bytes, *, salt: bytes = b"") -> bytes:
    """
    >>> seal(bytes(16), "123456", bytes(16), salt=bytes(8)) == seal(bytes(16), "123456", bytes(16))
    False
    >>> unseal(bytes(16), seal(bytes(16), "123456", bytes(16)), bytes(16))
    '123456'
    """
    if not (pin.isascii() and pin.isdigit() and SHORTEST <= len(pin) <= LONGEST):
        raise ValueError("a PIN is four to twelve digits")
    digits = bytes.fromhex(f"4{len(pin):x}{pin}".ljust(DIGITS, FILL))
    field = digits + (salt or secrets.token_bytes(BLOCK - len(digits)))
    return sm4(key, _mixed(sm4(key, field), card_code))


def unseal(key: bytes, block: bytes, card_code: bytes) -> str:
    """What was typed; a block for another card, of another entry or altered is refused."""
    if len(block) != BLOCK:
        raise Malformed("密码块的长度不对")
    field = _back(key, _mixed(_back(key, block), card_code))
    length, told = field[0] & 0x0F, field.hex()[2:DIGITS]
    pin, fill = told[:length], told[length:]
    if (
        field[0] & 0xF0 != CONTROL
        or not SHORTEST <= length <= LONGEST
        or not pin.isdigit()
        or fill.strip(FILL)
    ):
        raise Malformed("密码块打不开")
    return pin


def _mixed(block: bytes, card_code: bytes) -> bytes:
    if len(card_code) != BLOCK:
        raise ValueError(f"a card's code has {BLOCK} bytes, not {len(card_code)}")
    return bytes(a ^ b for a, b in zip(block, card_code, strict=True))


def _back(key: bytes, block: bytes) -> bytes:
    decryptor = Cipher(algorithms.SM4(key), modes.ECB()).decryptor()  # noqa: S305 - one block, as the format has it
    return decryptor.update(block) + decryptor.finalize()
