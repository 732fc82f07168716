"""Card fields as bytes and back: an, cn, b, dec and dates; names in GB 18030; PIN and card numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from operator import mul
from typing import Any, Final, NamedTuple

from cardio.tlv import Malformed

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS: Final = ALPHABET[:10]
CARD_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)  # GB 11714
CITIZEN_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643
PIN_DIGITS: Final = 6
PIN: Final = re.compile(rf"[0-9]{{{PIN_DIGITS}}}")
CARD_NUMBER: Final = re.compile(r"[0-9A-Z]{8}[0-9X]")
CITIZEN_NUMBER: Final = re.compile(r"[0-9]{17}[0-9X]")
# Eight characters (FE59, FE61, FE66, FE67, FE6D, FE7E, FE90, FEA0) were private in GB 18030—2000, the edition
# Python knows; later ones give them their place in Unicode. A person may bear one of them in the name.
PRIVATE: Final = str.maketrans(
    "\ue81e\ue826\ue82b\ue82c\ue832\ue843\ue854\ue864", "\u9fb4\u9fb5\u9fb6\u9fb7\u9fb8\u9fb9\u9fba\u9fbb"
)
TO_PRIVATE: Final = {to: private for private, to in PRIVATE.items()}
BLANKS: Final = "\0 \u3000"


def gb18030(text: str) -> bytes:
    """
    >>> gb18030("社会保障").hex(), gb18030("䶮").hex(), gb18030("𬭎").hex()
    ('c9e7bbe1b1a3d5cf', 'fe9f', '9933a932')
    """
    return text.translate(TO_PRIVATE).encode("gb18030")


def encode_an(value: str, length: int) -> bytes:
    """Text, zero padded. The length counts bytes, not characters."""
    data = gb18030(value)
    if len(data) > length:
        raise Malformed(f"“{value}”有 {len(data)} 个字节，这一项最多 {length} 个")
    return data.ljust(length, b"\0")


def decode_an(data: bytes) -> str:
    try:
        if data.isascii():  # the same in GB 18030, and nearly all that a card holds
            return data.decode("ascii").strip(BLANKS)
        return data.decode("gb18030").strip(BLANKS).translate(PRIVATE)
    except UnicodeDecodeError as why:
        raise Malformed(f"不是 GB 18030 文字：{why.reason}") from why


def encode_cn(value: str, length: int) -> bytes:
    """Digits, two in a byte."""
    if not re.fullmatch(r"[0-9]*", value) or len(value) != 2 * length:
        raise Malformed(f"要 {2 * length} 位数字")
    return bytes.fromhex(value)


def decode_cn(data: bytes) -> str:
    digits = data.hex()
    if digits and not digits.isdecimal():
        raise Malformed("有不是数字的内容")
    return digits


def encode_b(value: str, length: int) -> bytes:
    """Bytes, written as hexadecimal digits; zero padded."""
    try:
        data = bytes.fromhex(value)
    except ValueError as why:
        raise Malformed("不是十六进制") from why
    if len(data) > length:
        raise Malformed(f"最多 {length} 个字节")
    return data.ljust(length, b"\0")


def decode_b(data: bytes) -> str:
    return data.hex().upper()


def encode_dec(value: int, length: int) -> bytes:
    """A whole number, the highest byte first."""
    try:
        return value.to_bytes(length)
    except OverflowError as why:
        raise Malformed(f"数字 {value} 放不进 {length} 个字节") from why


def decode_dec(data: bytes) -> int:
    return int.from_bytes(data)


def encode_date(value: date, length: int) -> bytes:
    """Year, month, day as eight digits."""
    return encode_cn(f"{value:%Y%m%d}".zfill(8), length)


def decode_date(data: bytes) -> date:
    digits = decode_cn(data)
    try:
        return date.fromisoformat(digits)
    except ValueError as why:
        raise Malformed(f"“{digits}”不是日期") from why


class Codec(NamedTuple):
    encode: Callable[[Any, int], bytes]
    decode: Callable[[bytes], Any]


CODECS: Final = {
    "an": Codec(encode_an, decode_an),
    "cn": Codec(encode_cn, decode_cn),
    "b": Codec(encode_b, decode_b),
    "dec": Codec(encode_dec, decode_dec),
    "date": Codec(encode_date, decode_date),
}


def split_name(name: str, first: int, second: int) -> tuple[str, str]:
    """A name over its field and the extension field; no character is cut in two.

    >>> split_name("阿卜杜热西提·艾尔肯江·买买提", 30, 20)
    ('阿卜杜热西提·艾尔肯江·买买提', '')
    >>> split_name("䶮𬭎" * 6, 30, 20)
    ('䶮𬭎䶮𬭎䶮𬭎䶮𬭎䶮𬭎', '䶮𬭎')
    """
    if not name or "\0" in name or name != name.strip(BLANKS):
        raise Malformed("姓名不能为空，前后不能有空白")
    at = 0
    while at < len(name) and len(gb18030(name[: at + 1])) <= first:
        at += 1
    while at < len(name) and (name[at] in BLANKS or name[at - 1] in BLANKS):
        at -= 1  # blanks at the end of a field are padding: a name must not be cut beside one
    rest = name[at:]
    if len(gb18030(rest)) > second:
        raise Malformed(f"姓名有 {len(gb18030(name))} 个字节，卡上放不下")
    return name[:at], rest


def pin_block(pin: str) -> bytes:
    """
    >>> pin_block("123456").hex()
    '123456'
    """
    if not PIN.fullmatch(pin):
        raise Malformed(f"密码是 {PIN_DIGITS} 位数字")
    return bytes.fromhex(pin)


def is_simple_pin(pin: str) -> bool:
    """What is guessed first: one digit six times, or digits in a row up or down.

    >>> [is_simple_pin(pin) for pin in ("888888", "123456", "654321", "135790", "112233")]
    [True, True, True, False, False]
    """
    return pin in {*(digit * PIN_DIGITS for digit in DIGITS), *_runs(DIGITS), *_runs(DIGITS[::-1])}


def _runs(digits: str) -> list[str]:
    return [digits[at : at + PIN_DIGITS] for at in range(len(digits) - PIN_DIGITS + 1)]


def card_check(body: str) -> str:
    """The 9th character of a card number.

    >>> card_check("D2143569"), card_check("D0000001")
    ('X', '3')
    """
    total = sum(map(mul, map(ALPHABET.index, body), CARD_WEIGHTS))
    return "0123456789X"[-total % 11]


def is_card_number(text: str) -> bool:
    """
    >>> is_card_number("D00000013"), is_card_number("D00000014"), is_card_number("D0000001")
    (True, False, False)
    """
    return bool(CARD_NUMBER.fullmatch(text)) and card_check(text[:8]) == text[8]


def is_citizen_number(text: str) -> bool:
    """
    >>> is_citizen_number("11010519491231002X"), is_citizen_number("440524188001010014")
    (True, True)
    """
    if not CITIZEN_NUMBER.fullmatch(text):
        return False
    total = sum(map(mul, map(int, text[:17]), CITIZEN_WEIGHTS))
    return "10X98765432"[total % 11] == text[17]
