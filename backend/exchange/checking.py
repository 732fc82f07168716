"""Checking 校验: a record held against the standard: its structure, forms, codes, and that its figures add up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from backend.exchange.standard import Element, Table, code_lists
from backend.exchange.values import DECIMAL, well_formed

Fields = Sequence[tuple[str, str]]


class Kind(StrEnum):
    """What is wrong with a field."""

    STRUCTURE = "structure"
    REQUIRED = "required"
    LENGTH = "length"
    FORM = "form"
    CODE = "code"
    SUM = "sum"


LABELS = {
    Kind.STRUCTURE: "不在标准规定的位置上",
    Kind.REQUIRED: "应填没有填",
    Kind.LENGTH: "长度不符合标准",
    Kind.FORM: "类型或者格式不符合标准",
    Kind.CODE: "代码不在标准的代码表里",
    Kind.SUM: "和同一条的其他金额对不上",
}


@dataclass(frozen=True, slots=True)
class Breach:
    """One thing in one field that is not as the standard says."""

    kind: Kind
    name: str  # of the element, in Chinese
    text: str


def breaches(table: Table, fields: Fields) -> Iterator[Breach]:
    """Everything that is wrong with a record (names of its elements and their texts, in order)."""
    names = [name for name, _ in fields]
    if names == [one.name for one in table.elements]:
        yield from found_in(table, [text for _, text in fields])
        return
    yield Breach(Kind.STRUCTURE, *_first_difference(table, names))
    known = dict(fields)
    for element in table.elements:
        if element.name in known:
            yield from _of_field(element, known[element.name])


def found_in(table: Table, texts: Sequence[str]) -> Iterator[Breach]:
    """What is wrong with the texts of a record that has every element in its place."""
    for element, text in zip(table.elements, texts, strict=True):
        if text or element.required:
            yield from _of_field(element, text)
    if table.adds_up:
        yield from _sums(table, texts)


def _first_difference(table: Table, names: Sequence[str]) -> tuple[str, str]:
    """Where a record leaves the standard's order: what should stand there, and what does."""
    expected = [one.name for one in table.elements]
    for place in range(max(len(expected), len(names))):
        wanted, found = ("".join(of[place : place + 1]) for of in (expected, names))
        if wanted != found:
            return wanted or found, found if wanted else ""
    raise AssertionError("unreachable")


def _of_field(element: Element, text: str) -> Iterator[Breach]:
    if not text:
        if element.required:
            yield Breach(Kind.REQUIRED, element.name, text)
    elif _too_long(element, text):
        yield Breach(Kind.LENGTH, element.name, text)
    elif not well_formed(element, text):
        yield Breach(Kind.FORM, element.name, text)
    elif element.coded and not _listed(element.code, text):
        yield Breach(Kind.CODE, element.name, text)


def _listed(code: str, text: str) -> bool:
    """Whether a code stands in its list; of lists that we know in part only, nothing is said."""
    known = code_lists().get(code)
    return known is None or not known.whole or text in known.codes


def _too_long(element: Element, text: str) -> bool:
    """
    >>> from backend.exchange.standard import elements
    >>> _too_long(elements()["AAE003"], "20181201"), _too_long(elements()["AAB119"], "-123456")
    (True, False)
    """
    if element.kind == "whole":
        return len(text.lstrip("-")) > element.length
    return len(text) != element.length if element.exact else len(text) > element.length


def _sums(table: Table, texts: Sequence[str]) -> Iterator[Breach]:
    """Only where all that belongs to a sum is given."""
    places = {one.code: place for place, one in enumerate(table.elements)}
    for one in table.adds_up:
        if one.when and not texts[places["EAD011"]].startswith(one.when):
            continue
        total = texts[places[one.total]]
        terms = [(sign, texts[places[code]]) for sign, code in one.terms]
        given = all(DECIMAL.fullmatch(text) for text in (total, *(text for _, text in terms)))
        if given and Decimal(total) != sum(sign * Decimal(text) for sign, text in terms):
            yield Breach(Kind.SUM, table.elements[places[one.total]].name, total)
