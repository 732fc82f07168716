"""Typed: what people write, as the schemas take it. 1965年5月 is 1965-05, ８，８８０元 is 8880, 浦东新区 is 310115.

Whatever cannot be understood is handed on as it was typed: the schema refuses it with its own sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache

from backend.kernel import codes
from backend.kernel.money import Money
from backend.kernel.text import plain

MONTH = re.compile(r"(\d{4})[-年./\s]*(\d{1,2})月?")
DAY = re.compile(r"(\d{4})[-年./\s]*(\d{1,2})[-月./\s]*(\d{1,2})日?")
PACKED_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
NOISE = re.compile(r"[,，¥￥元\s]")


def as_month(text: str) -> str:
    """
    >>> [as_month(text) for text in ("1965年5月", "1965.5", "196505", "１９６５／０５", "五月")]
    ['1965-05', '1965-05', '1965-05', '1965-05', '五月']
    """
    found = MONTH.fullmatch(plain(text))
    return f"{found[1]}-{int(found[2]):02}" if found else plain(text)


def as_day(text: str) -> str:
    """
    >>> [as_day(text) for text in ("1965年5月12日", "1965/5/12", "19650512", "1965-05-12", "明天")]
    ['1965-05-12', '1965-05-12', '1965-05-12', '1965-05-12', '明天']
    """
    said = plain(text)
    found = PACKED_DAY.fullmatch(said) or DAY.fullmatch(said)
    return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}" if found else said


def as_month_or_day(text: str) -> str:
    """
    >>> as_month_or_day("1965年5月"), as_month_or_day("1965年5月12日"), as_month_or_day("196505")
    ('1965-05', '1965-05-12', '1965-05')
    """
    month = as_month(text)
    return month if month != plain(text) or len(month) == 7 else as_day(text)


def as_number(text: str) -> str:
    """
    >>> as_number("８，８８０ 元"), as_number("¥5,019.25"), as_number("很多")
    ('8880', '5019.25', '很多')
    """
    return NOISE.sub("", plain(text))


def as_fen(text: str) -> str:
    """Yuan as typed, in the whole fen that some commands count.

    >>> as_fen("5,019.25元"), as_fen("0.001"), as_fen("很多")
    ('501925', '0.001', '很多')
    """
    number = as_number(text)
    try:
        return str(Money.yuan(number).fen)
    except ValueError:
        return number


def as_code(table: str) -> Callable[[str], str]:
    """A code, or the name that only one code has; 浦东新区 for 上海市浦东新区 where nothing else is called so.

    >>> as_code("area")("310115"), as_code("area")("上海市浦东新区"), as_code("area")("浦东新区")
    ('310115', '310115', '310115')
    >>> as_code("area")("朝阳区"), as_code("occupation")("仓库管理员 4-02-06-01")
    ('朝阳区', '4-02-06-01')
    """

    def read(text: str) -> str:
        said = plain(text)
        if codes.known(table, said):
            return said
        last = said.split(" ")[-1]
        if codes.known(table, last):
            return last
        found = _by_name(table).get(said, ())
        return found[0] if len(found) == 1 else said

    return read


@cache
def _by_name(table: str) -> dict[str, tuple[str, ...]]:
    """Full name and short name → the codes called so."""
    found: dict[str, tuple[str, ...]] = {}
    for one in codes.choices(table):
        for name in {full_name(table, one.code), one.name}:
            found[name] = (*found.get(name, ()), one.code)
    return found


def full_name(table: str, code: str) -> str:
    return codes.full_name(code) if table == "area" else codes.name(table, code)


def shown(table: str, code: str) -> str:
    """A code as a field shows it: name and code.

    >>> shown("area", "310115"), shown("occupation", "4-02-06-01")
    ('上海市浦东新区 310115', '仓储管理员 4-02-06-01')
    """
    return f"{full_name(table, code)} {code}"


def suggest(table: str, text: str, most: int = 20) -> list[str]:
    """The lines that the typed text may mean: what begins so first, then what holds it.

    >>> suggest("area", "浦东")[0]
    '上海市浦东新区 310115'
    """
    said = plain(text)
    if not said or table not in codes.tables():
        return []
    begins = (one for one in codes.choices(table) if one.name.startswith(said) or one.code.startswith(said))
    holds = (one for one in codes.choices(table) if said in full_name(table, one.code))
    found = dict.fromkeys(one.code for part in (begins, holds) for one in _first(part, most))
    return [shown(table, code) for code in list(found)[:most]]


def _first(lines: Iterable[codes.Code], most: int) -> list[codes.Code]:
    return [one for one, _ in zip(lines, range(most), strict=False)]
