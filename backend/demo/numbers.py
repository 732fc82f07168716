"""Numbers of the demo city 号码: each valid by its standard, none given to anybody real.

The k-th number of a series is worked out from k alone, so a series of a million needs no memory
of what it has already given, and never gives a number twice.
"""

from __future__ import annotations

from operator import mul

from backend.kernel import ident

ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"  # GB 11714—1997
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
STRIDE = (
    104_729  # a prime above every factor of the ranges it walks: it visits all of a range before repeating
)
ORDERS = 489  # 顺序码 002 to 979; the cast has those from 980
BANK = "示例市城市银行"
BANK_PREFIX = "620000"  # no bank has this issuer number


def citizen_weight(digits: str, at: int) -> int:
    """What some digits of a citizen number, from a place on, add to its weighted sum."""
    return sum(map(mul, ident.WEIGHTS[at:], map(int, digits)))


def organisation_check(body: str) -> str:
    """The 9th character of an organisation code 组织机构代码 and of a card number.

    >>> organisation_check("D2143569")
    'X'
    """
    total = sum(ORGANISATION_ALPHABET.index(c) * w for c, w in zip(body, ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X"[-total % 11]


def luhn_check(body: str) -> str:
    """The last digit of a bank account's number.

    >>> luhn_check("620000000000000001")
    '8'
    """
    digits = [int(digit) for digit in reversed(body)]
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[::2])
    return str(-(doubled + sum(digits[1::2])) % 10)


def citizen_number(area: str, day: str, order: int) -> str:
    """From the six digits of a division, a birth day YYYYMMDD and an order number (odd: male)."""
    body = f"{area}{day}{order:03d}"
    return body + ident.check_character(body)


def credit_code(k: int, area: str, kind: str) -> str:
    """The k-th credit code; `kind` is two characters: the registering department and the sort of body."""
    size = len(ident.CREDIT_ALPHABET)
    rest = k * STRIDE % size**6
    serial = ""
    for _ in range(6):
        rest, digit = divmod(rest, size)
        serial = ident.CREDIT_ALPHABET[digit] + serial
    organisation = f"MA{serial}"
    check = organisation_check(organisation)
    body = f"{kind}{area}{organisation}{check}"
    return body + ident.credit_check_character(body)


def phone(prefix: str, k: int) -> str:
    """The k-th telephone number of a segment no operator has (12x), eight digits after the prefix."""
    return f"{prefix}{(k + 1) * STRIDE % 10**8:08d}"


def card_number(k: int) -> str:
    """The k-th card number 卡号: eight characters and their check character.

    >>> card_number(1)
    'D00000013'
    """
    body = f"D{k:07d}"
    return body + organisation_check(body)


def card_code(area: str, k: int) -> str:
    """The k-th card identification code 卡识别码: division, application provider, serial number.

    >>> card_code("310000", 1)
    '310000D1560000050000000000000001'
    """
    return f"{area}D156000005{k:016X}"


def bank_account(k: int) -> str:
    """The k-th account of the city's bank.

    >>> bank_account(0)
    '6200000000000000000'
    """
    body = f"{BANK_PREFIX}{k * STRIDE % 10**12:012d}"
    return body + luhn_check(body)
