"""Values 值: what a field holds, as the standard writes it and as it is read back."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

from backend.exchange.standard import Element
from backend.kernel.money import HALF_UP, Money
from backend.kernel.period import Month

Value = str | int | Decimal | Money | date | Month | None
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # XML 1.0, 2.2
DIGITS = re.compile(r"[0-9]+")
WHOLE = re.compile(r"-?[0-9]+")
DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")


class Unwritten(ValueError):
    """The text is not of the element's form."""


def text_of(element: Element, value: Value) -> str:
    """As the standard writes it; what is not known is empty.

    >>> from backend.exchange.standard import elements
    >>> text_of(elements()["AAE019"], Money(350_011)), text_of(elements()["AAA041"], Decimal("0.08"))
    ('3500.11', '0.0800')
    >>> text_of(elements()["AAE003"], Month(2018, 12)), text_of(elements()["AAE138"], date(2018, 1, 1))
    ('201812', '20180101')
    """
    match value:
        case None:
            return ""
        case Money():
            return value.text
        case Decimal():
            return str(value.quantize(Decimal(1).scaleb(-element.places), rounding=HALF_UP))
        case Month():
            return f"{value.year:04d}{value.month:02d}"
        case date():
            return f"{value:%Y%m%d}"
        case _:
            return str(value)


def value_of(element: Element, text: str) -> Value:
    """Read back, typed: whole numbers, money where there are two places, days, months; empty is None.

    Unwritten where the text is not of the element's form (its length is not looked at here).
    """
    if not text:
        return None
    if element.kind == "whole":
        return int(_matched(WHOLE, text))
    if element.kind == "decimal":
        if not _is_decimal(text, element.places):
            raise Unwritten(text)
        return Money.yuan(text) if element.places == 2 else Decimal(text)
    if NOT_XML.search(text):
        raise Unwritten(text)
    return _time(element.written, text) if element.written else text


def _is_decimal(text: str, places: int) -> bool:
    return bool(DECIMAL.fullmatch(text)) and len(text.partition(".")[2]) <= places


def well_formed(element: Element, text: str) -> bool:
    """Whether a text (not empty) is of the element's form."""
    if element.kind == "decimal":
        return _is_decimal(text, element.places)
    if element.kind == "text" and not element.written:
        return not NOT_XML.search(text)
    try:
        value_of(element, text)
    except Unwritten:
        return False
    return True


@lru_cache(maxsize=20_000)
def _time(written: str, text: str) -> Value:
    _matched(DIGITS, text)
    try:
        match written:
            case "day":
                return _day(text)
            case "month":
                return Month(int(text[:4]), int(text[4:]))
            case "year":
                return int(text)
            case _:
                if _day(text[:8]) > _day(text[8:]):
                    raise Unwritten(text)
                return text
    except ValueError:
        raise Unwritten(text) from None


def _day(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))


def _matched(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise Unwritten(text)
    return text
