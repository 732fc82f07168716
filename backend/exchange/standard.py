"""The standard GB/T 40217—2021 as data: elements, tables, files, code lists (gbt40217/)."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from backend.kernel import codes as code_tables

HOME = Path(__file__).parent / "gbt40217"
NUMBER = "GB/T 40217—2021"
NAMESPACE = "http://sxbw.audit.gov.cn/AppsDataInterfaceStandard/2019/Pension/XMLSchema"
ENCODING = "GB18030"
FORM = re.compile(
    r"(?:C(?P<exactly>\d+)|C\.\.(?P<most>\d+)|I\.\.(?P<digits>\d+)|D(?P<width>\d+)\.(?P<places>\d))"
)
STOCKS = {"AAD087", "AAD092"}  # balances of a month: over accounts and months they add up to nothing that is
TERM = re.compile(r"([+-]?) ?([A-Z]{3}\d{3})")


class Unmapped(RuntimeError):
    """A word of ours that gbt40217/codes.yaml does not know: write there what it means to the auditor."""


@dataclass(frozen=True, slots=True)
class Element:
    """数据元. `length` counts characters (a decimal's with its point), `places` are after the point.

    kind: text, whole or decimal; written: span, day, month or year where a text is a time.
    """

    identifier: str
    code: str
    name: str
    form: str
    kind: str
    length: int
    exact: bool
    places: int
    coded: bool
    required: bool
    written: str


@dataclass(frozen=True, slots=True)
class CodeList:
    """What we know of the codes of an element."""

    element: str
    source: str
    evidence: str
    whole: bool
    codes: Mapping[str, str]
    ours: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Table:
    """数据表: its elements in order. `why_not`: why the system never writes it; empty: it does."""

    number: int
    name: str
    elements: tuple[Element, ...]
    adds_up: tuple[Sum, ...]
    why_not: str

    @property
    def amounts(self) -> tuple[Element, ...]:
        """What a manifest totals."""
        return tuple(
            one
            for one in self.elements
            if one.kind == "decimal" and one.places == 2 and one.code not in STOCKS
        )


@dataclass(frozen=True, slots=True)
class Sum:
    """`total` is the signed sum of `terms`; `when`: only in records of that balance direction."""

    total: str
    terms: tuple[tuple[int, str], ...]
    when: str


@dataclass(frozen=True, slots=True)
class File:
    """文件: one kind of data, one root element, some tables."""

    mark: str
    name: str
    tables: tuple[Table, ...]


@cache
def elements() -> dict[str, Element]:
    """By code, in the order of the standard."""
    with (HOME / "elements.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: _element(row) for row in csv.DictReader(file)}


def _element(row: Mapping[str, str]) -> Element:
    found = FORM.fullmatch(row["form"])
    if found is None:
        raise ValueError(f"{row['code']} has no known form: {row['form']}")
    sizes = {name: int(size) for name, size in found.groupdict().items() if size}
    kind = "whole" if "digits" in sizes else "decimal" if "width" in sizes else "text"
    return Element(
        identifier=row["identifier"],
        code=row["code"],
        name=row["name"],
        form=row["form"],
        kind=kind,
        length=next(iter(sizes.values())),
        exact="exactly" in sizes,
        places=sizes.get("places", 0),
        coded=row["coded"] == "Y",
        required=row["required"] == "Y",
        written=row["written"],
    )


@cache
def _written() -> Any:
    return yaml.load((HOME / "tables.yaml").read_text("utf-8"), yaml.BaseLoader)


@cache
def tables() -> dict[int, Table]:
    known = elements()
    head = _written()["head"].split()
    return {
        int(number): Table(
            number=int(number),
            name=told["name"],
            elements=tuple(
                replace(known[code], required=False) if code in told.get("may_be_empty", "") else known[code]
                for code in (*head, *told["elements"].split())
            ),
            adds_up=tuple(map(_sum, told.get("adds_up", ()))),
            why_not=told.get("not_written", ""),
        )
        for number, told in _written()["tables"].items()
    }


def _sum(text: str) -> Sum:
    """
    >>> _sum("借 AAD092 = AAD087 - AAD089")
    Sum(total='AAD092', terms=((1, 'AAD087'), (-1, 'AAD089')), when='借')
    """
    total, _, terms = text.partition(" = ")
    when, _, total = total.rpartition(" ")
    signed = tuple((-1 if sign == "-" else 1, code) for sign, code in TERM.findall(terms))
    return Sum(total, signed, when)


@cache
def files() -> tuple[File, ...]:
    known = tables()
    return tuple(
        File(mark, told["name"], tuple(known[int(number)] for number in told["tables"].split()))
        for mark, told in _written()["files"].items()
    )


@cache
def code_lists() -> dict[str, CodeList]:
    told = yaml.load((HOME / "codes.yaml").read_text("utf-8"), yaml.BaseLoader)
    return {element: _code_list(element, one) for element, one in told.items()}


def _code_list(element: str, told: Mapping[str, Any]) -> CodeList:
    known = dict(told.get("codes", {}))
    if "table" in told:
        known = {code: one.name for code, one in code_tables.table(told["table"]).codes.items()}
    ours = told.get("ours", {code: code for code in known})
    return CodeList(
        element=element,
        source=told["source"],
        evidence=told["evidence"],
        whole=told["whole"] == "true",
        codes=known,
        ours={
            word: ("", meant[1:]) if meant.startswith("=") else (meant, known[meant])
            for word, meant in ours.items()
        },
    )


def meaning(element: str, word: object) -> tuple[str, str]:
    """The code and the name that a word of ours has in a list of the standard.

    >>> meaning("AAC004", "2"), meaning("AAC016", "retired")
    (('2', '女性'), ('', '退休'))
    """
    try:
        return code_lists()[element].ours[str(word)]
    except KeyError:
        raise Unmapped(f"{element} {word}") from None
