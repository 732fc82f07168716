"""Reciting: figures, months and numbers in words, as they are said aloud; pure.

A voice that is put together from recordings has no figures, only words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from backend.kernel.language import EN

DIGITS: Final = "零一二三四五六七八九"
PLACES: Final = ("", "十", "百", "千")
GROUPS: Final = ("", "万", "亿")
ONES: Final = (
    *(
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
    ),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
TENS: Final = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
SCALES: Final = ("", " thousand", " million", " billion")
MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)
AMOUNT: Final = re.compile(r"¥?\s*(\d[\d,]*)\.(\d)(\d)(?!\d)(?:\s*(?:元|yuan))?")
CODE: Final = re.compile(
    r"(?<![0-9A-Za-z])(?=[0-9A-Fa-f]*\d)[0-9A-Fa-f]{5,}(?![0-9A-Za-z])"
)  # named, not counted
TAIL: Final = re.compile(r"(?<=尾号 )\d+|(?<=ending in )\d+")  # of a card; named too, short as it is
YEAR: Final = re.compile(r"(?<!\d)(\d{4})\s*年")
ENGLISH_YEAR: Final = re.compile(rf"({'|'.join(MONTHS)}) (\d\d)(\d\d)")
NUMBER: Final = re.compile(r"\d+")


def recited(text: str, language: str) -> str:
    """
    >>> recited("2026年10月 ¥4,580.37", "zh-CN"), recited("缴费 28 年 4 个月", "zh-CN")
    ('二零二六年十月 四千五百八十元三角七分', '缴费 二十八 年 四 个月')
    >>> recited("October 2026: ¥4,580.37", "en"), recited("You can try 2 more times", "en")
    ('October twenty twenty-six: four thousand five hundred eighty yuan thirty-seven fen', 'You can try two more times')
    >>> recited("0000000100010001", "zh-CN")[:8], recited("00a1f", "en")
    ('零 零 零 零 ', 'zero zero A one F')
    >>> recited("尾号 0042 的卡", "zh-CN"), recited("The card ending in 6217", "en")
    ('尾号 零 零 四 二 的卡', 'The card ending in six two one seven')
    """
    rules = IN_ENGLISH if language == EN else IN_CHINESE
    for pattern, put in rules.items():
        text = pattern.sub(put, text)
    return text


def chinese(n: int) -> str:
    """
    >>> [chinese(n) for n in (0, 10, 12, 20, 101, 110, 1010, 2026, 10_000, 100_010_005)]
    ['零', '十', '十二', '二十', '一百零一', '一百一十', '一千零一十', '二千零二十六', '一万', '一亿零一万零五']
    """
    said, gap = "", False
    for place, low in reversed([(place, n // 10_000**place % 10_000) for place in range(len(GROUPS))]):
        if low:
            said += (DIGITS[0] if said and (gap or low < 1000) else "") + _below_myriad(low) + GROUPS[place]
        gap = not low
    return (said.removeprefix("一") if said.startswith("一十") else said) or DIGITS[0]


def _below_myriad(n: int) -> str:
    said = ""
    for place, digit in zip(reversed(PLACES), map(int, f"{n:04d}"), strict=True):
        if digit:
            said += DIGITS[digit] + place
        elif said and not said.endswith(DIGITS[0]):
            said += DIGITS[0]
    return said.rstrip(DIGITS[0])


def english(n: int) -> str:
    """
    >>> [english(n) for n in (0, 13, 40, 87, 100, 4580, 1_000_020)]
    ['zero', 'thirteen', 'forty', 'eighty-seven', 'one hundred', 'four thousand five hundred eighty', 'one million twenty']
    """
    said: list[str] = []
    for scale in SCALES:
        n, low = divmod(n, 1000)
        if low:
            said.insert(0, _below_thousand(low) + scale)
    return " ".join(said) or ONES[0]


def _below_thousand(n: int) -> str:
    hundreds, rest = divmod(n, 100)
    said = [f"{ONES[hundreds]} hundred"] if hundreds else []
    if 0 < rest < len(ONES):
        said.append(ONES[rest])
    elif rest:
        ten, one = divmod(rest, 10)
        said.append(TENS[ten - 2] + (f"-{ONES[one]}" if one else ""))
    return " ".join(said)


def _yuan(found: re.Match[str]) -> str:
    whole, jiao, fen = found.groups()
    said = chinese(int(whole.replace(",", ""))) + "元"
    if jiao != "0" or fen != "0":
        said += f"{DIGITS[int(jiao)]}角" if jiao != "0" else DIGITS[0]
        said += f"{DIGITS[int(fen)]}分" if fen != "0" else ""
    return said


def _yuan_in_english(found: re.Match[str]) -> str:
    whole, jiao, fen = found.groups()
    said = english(int(whole.replace(",", ""))) + " yuan"
    return said + (f" {english(int(jiao + fen))} fen" if jiao + fen != "00" else "")


def _year(found: re.Match[str]) -> str:
    return "".join(DIGITS[int(digit)] for digit in found[1]) + "年"


def _year_in_english(found: re.Match[str]) -> str:
    month, century, rest = found.groups()
    return f"{month} {english(int(century))} {english(int(rest)) if rest != '00' else 'hundred'}"


def _spelled(found: re.Match[str]) -> str:
    return " ".join(DIGITS[int(sign)] if sign.isdigit() else sign.upper() for sign in found[0])


def _spelled_in_english(found: re.Match[str]) -> str:
    return " ".join(ONES[int(sign)] if sign.isdigit() else sign.upper() for sign in found[0])


Put = Callable[[re.Match[str]], str]
IN_CHINESE: Final[Mapping[re.Pattern[str], Put]] = {
    AMOUNT: _yuan,
    CODE: _spelled,
    TAIL: _spelled,
    YEAR: _year,
    NUMBER: lambda found: chinese(int(found[0])),
}
IN_ENGLISH: Final[Mapping[re.Pattern[str], Put]] = {
    AMOUNT: _yuan_in_english,
    CODE: _spelled_in_english,
    TAIL: _spelled_in_english,
    ENGLISH_YEAR: _year_in_english,
    NUMBER: lambda found: english(int(found[0])),
}
