"""Code tables 代码表: the national standards' codes, each valid from a day to a day.

One CSV a table in backend/codes: `code,name,from,to` (a blank day: no limit), and where the table
has them `parent`, `level`, `aliases` (separated by |). A code that was cancelled stays in its table
with its last day, so what was recorded with it can still be read.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from backend.kernel.errors import Refusal, Wrong

HOME = Path(__file__).parent.parent / "codes"
SHOWN = 12  # characters of a wrong code that an error repeats


@dataclass(frozen=True, slots=True)
class Code:
    """One line of a table."""

    code: str
    name: str
    since: date | None
    until: date | None
    parent: str
    level: int
    aliases: tuple[str, ...]

    def valid(self, on: date | None) -> bool:
        """Whether in force on a day (no day: ever)."""
        return on is None or (
            (self.since is None or self.since <= on) and (self.until is None or on <= self.until)
        )


@dataclass(frozen=True, slots=True)
class Table:
    """A code table: what it is called, where it comes from, and its lines in order."""

    key: str
    title: str
    source: str
    evidence: str  # as in the parameter files: S, O, T, K, C
    codes: Mapping[str, Code]


class UnknownCode(Refusal):
    """代码 {code} 不在《{table}》里，请核对后重填。"""

    status = 422


class NotInTable(Wrong):
    """代码 {code} 不在《{table}》里，请从列表里选择"""


class NoTable(Refusal):
    """没有叫 {key} 的代码表，请核对名称。"""

    status = 404


def tables() -> tuple[str, ...]:
    """The keys of all tables."""
    return tuple(_register())


@cache
def table(key: str) -> Table:
    try:
        title, source, evidence = _register()[key]
    except KeyError:
        raise NoTable(key=key[:SHOWN]) from None
    with (HOME / f"{key}.csv").open(encoding="utf-8", newline="") as file:
        codes = {row["code"]: _code(row) for row in csv.DictReader(file)}
    return Table(key, title, source, evidence, codes)


@cache
def _register() -> dict[str, tuple[str, str, str]]:
    with (HOME / "tables.csv").open(encoding="utf-8", newline="") as file:
        return {row["key"]: (row["title"], row["source"], row["evidence"]) for row in csv.DictReader(file)}


def _code(row: Mapping[str, str]) -> Code:
    return Code(
        code=row["code"],
        name=row["name"],
        since=date.fromisoformat(row["from"]) if row["from"] else None,
        until=date.fromisoformat(row["to"]) if row["to"] else None,
        parent=row.get("parent") or "",
        level=int(row.get("level") or 1),
        aliases=tuple(alias for alias in (row.get("aliases") or "").split("|") if alias),
    )


def find(key: str, code: str, on: date | None = None) -> Code:
    """The line of a code, in force on a day; refuses by the table's name where there is none."""
    one = table(key).codes.get(code)
    if one is None or not one.valid(on):
        raise UnknownCode(code=code[:SHOWN], table=table(key).title)
    return one


def name(key: str, code: str, on: date | None = None) -> str:
    return find(key, code, on).name


def known(key: str, code: str, on: date | None = None) -> bool:
    one = table(key).codes.get(code)
    return one is not None and one.valid(on)


def choices(key: str, on: date | None = None, *, parent: str | None = None) -> list[Code]:
    """The lines in force, all of them or those under one."""
    return [
        one for one in table(key).codes.values() if one.valid(on) and (parent is None or one.parent == parent)
    ]


def ancestors(key: str, code: str) -> list[Code]:
    """From the line itself up to the top."""
    lines: list[Code] = []
    while code and (one := table(key).codes.get(code)) and one not in lines:
        lines.append(one)
        code = one.parent
    return lines


def checked(key: str) -> Callable[[str], str]:
    """A validator for a schema's field: the code stands in the table."""

    def check(code: str) -> str:
        if not known(key, code):
            raise NotInTable(code=code[:SHOWN], table=table(key).title)
        return code

    return check


FILLERS = {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划", "全国"}


@cache
def full_name(area: str) -> str:
    """A division with what it lies in: 上海市浦东新区.

    >>> full_name("310115"), full_name("000000"), full_name("441900")
    ('上海市浦东新区', '全国', '广东省东莞市')
    """
    names = [one.name for one in reversed(ancestors("area", area))]
    return "".join(one for one in names if one not in FILLERS) or find("area", area).name
