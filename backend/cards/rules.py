"""What is said of a card's numbers, photograph and codes: pure functions."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from operator import mul
from typing import NamedTuple

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"  # GB 11714—1997, whose check character a card number has
WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
LETTER, DIGITS = "R", 7  # ours: every city numbers its own cards
PROVIDER = "D156000005"  # registered application provider, after the division in a card code
CODES_FROM = 1 << 40  # ours: serials in the codes of the cards made here begin beyond those loaded
CODE_LENGTH = 6


class Size(NamedTuple):
    width: int
    height: int


def card_number(serial: int) -> str:
    """The card number 卡号 of a serial: eight characters and their check character.

    >>> card_number(1), card_number(9_999_999)[0], card_number(10_000_000)[0]
    ('R00000015', 'R', 'S')
    """
    letter = ALPHABET[ALPHABET.index(LETTER) + serial // 10**DIGITS]
    body = f"{letter}{serial % 10**DIGITS:0{DIGITS}d}"
    total = sum(map(mul, WEIGHTS, map(ALPHABET.index, body)))
    return body + "0123456789X"[-total % 11]


def card_code(area: str, serial: int) -> str:
    """The card identification code 卡识别码 of a serial: division, application provider, number.

    >>> card_code("310000", 1)
    '310000D1560000050000010000000001'
    """
    return f"{area}{PROVIDER}{CODES_FROM + serial:016X}"


def expires(issued: date, years: int) -> date:
    """The last day on which a card serves.

    >>> expires(date(2026, 11, 24), 10), expires(date(2024, 2, 29), 1)
    (datetime.date(2036, 11, 23), datetime.date(2025, 2, 28))
    """
    try:
        return issued.replace(year=issued.year + years) - timedelta(days=1)
    except ValueError:  # a 29 February
        return date(issued.year + years, 2, 28)


def too_simple(code: str, ident: str) -> bool:
    """Whether a six-digit code is what anybody tries first: equal or running digits, or out of the person's number.

    >>> [too_simple(code, "11010519491231002X") for code in ("111111", "123456", "987654", "491231", "274913")]
    [True, True, True, True, False]
    """
    steps = {int(b) - int(a) for a, b in pairwise(code)}
    return steps in ({0}, {1}, {-1}) or code in ident


def jpeg_size(content: bytes) -> Size | None:
    """How large a JPEG picture is, by its frame header; none where this is no such picture.

    >>> jpeg_size(b"GIF89a")
    """
    at = 2
    if content[:3] != b"\xff\xd8\xff":
        return None
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = content[at + 5 : at + 7], content[at + 7 : at + 9]
            return Size(int.from_bytes(width, "big"), int.from_bytes(height, "big"))
        length = int.from_bytes(content[at + 2 : at + 4], "big")
        if length < 2:
            return None
        at += 2 + length
    return None
