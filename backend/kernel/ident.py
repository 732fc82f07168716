"""Numbers of persons and organisations 证件号码: checked, read, brought to one form, and masked.

Citizen numbers by GB 11643—1999 (the 15 digits of before are brought to 18), residence permits of
Hong Kong, Macao and Taiwan residents (81, 82, 83), foreigners' permanent residence cards (18 digits
beginning with 9, and the older 15 characters), and unified social credit codes by GB 32100—2015.
A division that was cancelled stays valid in the numbers that carry it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from backend.kernel import codes
from backend.kernel.errors import Wrong
from backend.kernel.text import plain

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_OFFICES = frozenset("123456789ANY")
PERMITS = {"81": "香港居民", "82": "澳门居民", "83": "台湾居民"}
EIGHTEEN = re.compile(r"[0-9]{17}[0-9X]")
FIFTEEN = re.compile(r"[0-9]{15}")
OLD_FOREIGN = re.compile(r"[A-Z]{3}[0-9]{12}")
OLD_FOREIGN_LAST = "23"  # the last year in which the 15-character cards were issued
MALE, FEMALE = "1", "2"  # GB/T 2261.1
Kind = Literal["citizen", "permit", "foreigner"]


class NumberLength(Wrong):
    """号码应该是 18 位：前 17 位是数字，最后一位是数字或者 X；请对照证件重填"""


class NumberDivision(Wrong):
    """号码开头的行政区划不存在，请对照证件重填"""


class NumberBirth(Wrong):
    """号码里的出生日期不是真实的日期，请对照证件重填"""


class NumberBirthAhead(Wrong):
    """号码里的出生日期还没有到，请对照证件重填"""


class NumberCheck(Wrong):
    """号码的最后一位（校验码）对不上，多半是输错了一位，请对照证件重填"""


class CodeLength(Wrong):
    """统一社会信用代码应该是 18 位，由数字和大写字母组成，不用 I、O、S、V、Z；请对照营业执照重填"""


class CodeOffice(Wrong):
    """统一社会信用代码的第一位（登记管理部门）不存在，请对照营业执照重填"""


class CodeDivision(Wrong):
    """统一社会信用代码的第 3 到 8 位（登记机关行政区划）不对，请对照营业执照重填"""


class CodeCheck(Wrong):
    """统一社会信用代码的最后一位（校验码）对不上，多半是输错了一位，请对照营业执照重填"""


@dataclass(frozen=True, slots=True)
class Ident:
    """What a number says of its holder."""

    number: str  # 18 characters (15 for the older cards of foreigners)
    kind: Kind
    birth: date
    sex: str | None  # "1" or "2"; an older card of a foreigner does not say
    area: str  # six digits, as they stand in the number


def check_character(body: str) -> str:
    """The 18th character.

    >>> check_character("11010519491231002")
    'X'
    """
    return CHECKS[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]


def read(text: str, today: date | None = None) -> Ident:
    """The number, checked; Wrong with a sentence where it cannot be one.

    >>> read("440524188001010014").birth, read("11010519491231002x").sex
    (datetime.date(1880, 1, 1), '2')
    """
    number = plain(text).upper()
    if OLD_FOREIGN.fullmatch(number):
        century = "20" if number[7:9] <= OLD_FOREIGN_LAST else "19"
        return Ident(number, "foreigner", _birth(century + number[7:13], today), None, number[3:5] + "0000")
    if FIFTEEN.fullmatch(number):
        body = f"{number[:6]}19{number[6:]}"
        number = body + check_character(body)
    if not EIGHTEEN.fullmatch(number):
        raise NumberLength
    kind, area = _whence(number)
    birth = _birth(number[6:14], today)
    if check_character(number[:17]) != number[17]:
        raise NumberCheck
    return Ident(number, kind, birth, MALE if int(number[16]) % 2 else FEMALE, area)


def _whence(number: str) -> tuple[Kind, str]:
    """What kind of number, and its division. Only the province is checked: divisions were cancelled."""
    if number[0] == "9":
        if not codes.known("area", number[1:3] + "0000"):
            raise NumberDivision
        return "foreigner", number[1:3] + "0000"
    if number[:2] in PERMITS and number[2:6] == "0000":
        return "permit", number[:6]
    if not codes.known("area", number[:2] + "0000") or number[:2] == "00":
        raise NumberDivision
    return "citizen", number[:6]


def _birth(digits: str, today: date | None) -> date:
    try:
        birth = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise NumberBirth from None
    if birth.year < 1800:
        raise NumberBirth
    if today and birth > today:
        raise NumberBirthAhead
    return birth


def citizen_number(text: str) -> str:
    """The number in its one form, for a schema's validator."""
    return read(text).number


def area_name(ident: Ident) -> str:
    """Where the number was first given; of a cancelled division the nearest that is still known."""
    if ident.kind == "permit":
        return PERMITS[ident.area[:2]]
    for code in (ident.area, ident.area[:4] + "00", ident.area[:2] + "0000"):
        if codes.known("area", code):
            return codes.full_name(code)
    return ident.area


def credit_check_character(body: str) -> str:
    """The 18th character of a unified social credit code.

    >>> credit_check_character("91350100M000100Y4")
    '3'
    """
    total = sum(CREDIT_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return CREDIT_ALPHABET[-total % 31]


def credit_code(text: str) -> str:
    """A unified social credit code in its one form; Wrong with a sentence where it cannot be one."""
    code = plain(text).upper()
    if len(code) != 18 or not set(code) <= set(CREDIT_ALPHABET):
        raise CodeLength
    if code[0] not in CREDIT_OFFICES:
        raise CodeOffice
    if not code[2:8].isdigit():
        raise CodeDivision
    if credit_check_character(code[:17]) != code[17]:
        raise CodeCheck
    return code


def masked(number: str) -> str:
    """For pages, receipts and logs.

    >>> masked("320106199001011234"), masked("AB12")
    ('320***********1234', '****')
    """
    if len(number) < 11:
        return "*" * len(number)
    return number[:3] + "*" * (len(number) - 7) + number[-4:]


def masked_name(name: str) -> str:
    """
    >>> masked_name("张建丰"), masked_name("李四"), masked_name("迪丽热巴·迪力木拉提")
    ('张*丰', '李*', '迪********提')
    """
    if len(name) < 3:
        return name[:1] + "*" * (len(name) - 1)
    return name[0] + "*" * (len(name) - 2) + name[-1]
