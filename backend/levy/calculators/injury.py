"""The injury rate 工伤保险费率: by industry class, floating with the employer's record, cut where funds are ample."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from backend.kernel.errors import Wrong
from backend.kernel.params import Lookup
from backend.kernel.rules import MILLION, Steps, millionths, percent
from backend.kernel.text import plain
from backend.levy.rules.contribution import injury_rate

FIRST = 1  # 一类行业 floats by steps of its own
WHOLE = 100
STEPS = (0, 20, 50, 80, 100, 120, 150)  # per cent that a rate may float to or be cut by
CUT = "injury.contribution.cut"


class NoSuchStep(Wrong):
    """“{title}”在{industry}行业只能是 {steps}"""


def _class(given: Any) -> Any:
    """A form and a command line send text."""
    return int(given) if isinstance(given, str) and given in set("12345678") else given


def _percent(given: Any) -> Any:
    """Per cent as people write them: 120, 1.2 and 120% are the same."""
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        return given
    text = plain(given) if isinstance(given, str) else ""
    try:
        number = (
            Decimal(text.rstrip("%")) if text else Decimal(given if isinstance(given, int) else str(given))
        )
        for step in STEPS:
            if number == step or (number == Decimal(step) / WHOLE and not text.endswith("%")):
                return step
    except InvalidOperation:
        return given
    return given


IndustryClass = Annotated[Literal[1, 2, 3, 4, 5, 6, 7, 8], BeforeValidator(_class)]
Floating = Annotated[Literal[50, 80, 100, 120, 150], BeforeValidator(_percent)]
Cut = Annotated[Literal[0, 20, 50], BeforeValidator(_percent)]
CLASSES = {
    "1": "一类",
    "2": "二类",
    "3": "三类",
    "4": "四类",
    "5": "五类",
    "6": "六类",
    "7": "七类",
    "8": "八类",
}


@dataclass(frozen=True)
class Share:
    """A part of a rate, and its law."""

    value: Decimal
    law: str


def rate_of(industry_class: int, floating: int, cut: int | None, look: Lookup, steps: Steps) -> Share:
    """The employer's rate; NoSuchStep where the class does not float like that."""
    known = look.found("injury.contribution.class_rate")
    base: Decimal = known.value[str(industry_class)]
    name = CLASSES[str(industry_class)]
    steps.add("行业基准费率", f"{name}行业", percent(base), known.source)
    floats = _floating(industry_class, floating, look)
    if floating != WHOLE:
        steps.add("浮动费率", f"{percent(base)} × {floating}%", percent(base * floats.value), floats.law)
    lowered = _cut(cut, look)
    rate = Decimal(injury_rate(*map(millionths, (base, floats.value, lowered.value)))) / MILLION
    if lowered.value:
        formula = f"{percent(base * floats.value)} × (1 - {percent(lowered.value)})"
        steps.add("阶段性下调", formula, percent(rate), lowered.law)
    return Share(rate, lowered.law or floats.law or known.source)


def levels_of(industry_class: int, look: Lookup) -> tuple[int, ...]:
    """At how many per cent of its rate a class may stand."""
    known = look.optional(_levels(industry_class))
    return tuple(map(int, known.value)) if known else (WHOLE,)


def _levels(industry_class: int) -> str:
    return f"injury.contribution.floating_{'first' if industry_class == FIRST else 'other'}"


def _floating(industry_class: int, floating: int, look: Lookup) -> Share:
    if floating == WHOLE:
        return Share(Decimal(1), "")
    known = look.found(_levels(industry_class))
    if str(floating) not in known.value:
        allowed = " / ".join(f"{step}%" for step in known.value)
        raise NoSuchStep(industry=CLASSES[str(industry_class)], steps=allowed)
    return Share(known.value[str(floating)], known.source)


def _cut(chosen: int | None, look: Lookup) -> Share:
    """What the employer says its place has cut, else what is on record there; nothing where nothing is."""
    own = look.optional(CUT) if chosen is None else None
    percentage = own.value if own else str(chosen or 0)
    if percentage == "0":
        return Share(Decimal(0), "")
    known = look.found("injury.contribution.cut_share")
    return Share(known.value[percentage], own.source if own else known.source)


def cut_unknown(look: Lookup) -> bool:
    """Whether rates may have been cut in that month, and nobody knows of it here."""
    aside = Lookup(look.on, look.area)
    return bool(aside.optional("injury.contribution.cut_share")) and aside.optional(CUT) is None
