"""Calculators 待遇测算: one definition, three faces (API, command line, page); nothing is stored.

`@calculator` puts `def divisor_months(ask: AskDivisorMonths) -> DivisorMonths` in the catalogue; its
schemas are its form, its checks and its documentation. A calculator that needs the day takes `today`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from inspect import signature
from typing import Annotated, Any, TypeVar, get_type_hints

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.config import JsonDict

from backend.kernel import codes
from backend.kernel.clock import Clock, SystemClock
from backend.kernel.errors import NotFound, Wrong
from backend.kernel.fields import MonthText as MonthText
from backend.kernel.fields import Shape
from backend.kernel.period import AgeYM, Month
from backend.kernel.rules import Step
from backend.kernel.sentences import Invalid, read
from backend.kernel.text import plain

F = TypeVar("F", bound=Callable[..., BaseModel])
LARGEST_YUAN = 100_000_000
MONTHS = 12  # of a year
LONGEST = 40  # characters of a number that somebody types


class NotNumber(Wrong):
    """“{title}”应该是数字"""


class NumberTooLarge(Wrong):
    """“{title}”的数太大了"""


class DayFormat(Wrong):
    """“{title}”请写成年-月或者年-月-日，例如 1967-05 或 1967-05-12，而且要是真实的日期"""


class DayOnly(Wrong):
    """“{title}”请写成年-月-日，例如 2026-11-24，而且要是真实的日期"""


class OneAMonth(Wrong):
    """“{title}”要有十二个数，一个月一个，从一月起"""


class OnlyOne(Wrong):
    """“{title}”和“{other}”对不上，请只填一项"""


class OneOfTwo(Wrong):
    """请填写“{title}”或者“{other}”"""


def _number(given: Any) -> Any:
    """A number as a person or a program writes it: 5,019.25 too, never a truth value."""
    if isinstance(given, bool):
        raise NotNumber
    if isinstance(given, int) and abs(given) > 10**18:
        raise NumberTooLarge
    if isinstance(given, str):
        if len(given) > LONGEST:
            raise NumberTooLarge
        return plain(given).replace(",", "")
    return given


def _month_or_day(given: Any) -> Any:
    if not isinstance(given, str) or len(given) not in {len("1967-05"), len("1967-05-12")}:
        raise DayFormat
    return _real(given, DayFormat)


def _day(given: Any) -> Any:
    """A day as text: a number would be read as seconds."""
    if not isinstance(given, str) or len(given) != len("2026-11-24"):
        raise DayOnly
    return _real(given, DayOnly)


def _real(given: str, otherwise: type[Wrong]) -> str:
    """The text of a month or day that there is, in a year that anybody alive can mean."""
    try:
        day = date.fromisoformat(given if len(given) > 7 else str(Month.parse(given).first))
    except ValueError:
        raise otherwise from None
    if not 1900 <= day.year <= 2099 or given != day.isoformat()[: len(given)]:
        raise otherwise
    return given


def _year(given: Any) -> Any:
    if isinstance(given, list | tuple) and len(given) != MONTHS:
        raise OneAMonth
    return given


NUMBER = BeforeValidator(_number)  # after the limits, so that they stay limits of a number in the schema
AMOUNT: JsonDict = {"widget": "amount"}
Amount = Annotated[
    Decimal,
    Field(ge=0, le=LARGEST_YUAN, decimal_places=2, examples=["5019.25"], json_schema_extra=AMOUNT),
    NUMBER,
]
Wage = Annotated[
    Decimal,
    Field(gt=0, le=LARGEST_YUAN, decimal_places=2, examples=["8880"], json_schema_extra=AMOUNT),
    NUMBER,
]
MonthOrDay = Annotated[
    str,
    BeforeValidator(_month_or_day),
    Field(examples=["1967-05-12"], json_schema_extra={"widget": "month-or-day"}),
]
Day = Annotated[
    date, BeforeValidator(_day), Field(examples=["2026-01-25"], json_schema_extra={"widget": "day"})
]
AmountsOfYear = Annotated[
    tuple[Amount, ...],
    BeforeValidator(_year),
    Field(json_schema_extra={"widget": "year", "minItems": MONTHS, "maxItems": MONTHS}),
]
AreaCode = Annotated[
    str,
    AfterValidator(codes.checked("area")),
    Field(title="参保地", max_length=6, examples=["310000"], json_schema_extra={"widget": "code:area"}),
]


class Ask(Shape):
    """What a calculator is asked."""


class Answer(Shape):
    """What a calculator answers: how it was worked out, and what nobody has verified."""

    steps: tuple[Step, ...] = Field(default=(), title="怎么算的")
    warnings: tuple[str, ...] = Field(default=(), title="请注意")


class Age(BaseModel):
    """几岁几个月。"""

    model_config = ConfigDict(frozen=True, extra="forbid")

    years: Annotated[int, Field(ge=0, le=150), NUMBER] = Field(title="岁")
    months: Annotated[int, Field(ge=0, le=11), NUMBER] = Field(default=0, title="个月")

    @classmethod
    def of_months(cls, months: int) -> Age:
        return cls(years=months // 12, months=months % 12)

    @property
    def exact(self) -> AgeYM:
        return AgeYM(self.years, self.months)


@dataclass(frozen=True)
class Calculator:
    """One rule as a public calculator."""

    name: str
    title: str
    law: str
    hint: str
    work: Callable[..., BaseModel]
    asks: type[BaseModel]
    answers: type[BaseModel]
    needs_today: bool


CATALOGUE: dict[str, Calculator] = {}


def calculator(name: str, *, title: str, law: str, hint: str = "") -> Callable[[F], F]:
    """Put a rule in the catalogue under its public name."""

    def enter(work: F) -> F:
        if name in CATALOGUE:
            raise ValueError(f"{name} is in the catalogue already: {CATALOGUE[name].title}")
        hints = get_type_hints(work)
        asked = next(iter(signature(work).parameters))
        CATALOGUE[name] = Calculator(
            name, title, law, hint, work, hints[asked], hints["return"], "today" in hints
        )
        return work

    return enter


def find(name: str) -> Calculator:
    try:
        return CATALOGUE[name]
    except KeyError:
        raise NotFound(what=f"名称是 {name[:LONGEST]} 的测算") from None


def work_out(known: Calculator, ask: BaseModel, clock: Clock) -> BaseModel:
    """The answer to what has been read already."""
    return known.work(ask, clock.today()) if known.needs_today else known.work(ask)


def run(name: str, given: Any, clock: Clock | None = None) -> dict[str, Any]:
    """JSON in, JSON out; a Refusal with a sentence for whatever cannot be worked out."""
    known = find(name)
    answer = work_out(known, read(known.asks, given), clock or SystemClock())
    return answer.model_dump(mode="json", exclude_none=True)


def schemas() -> list[dict[str, Any]]:
    """Every calculator: name, title, law, and the JSON schemas of what it asks and answers."""
    return [
        {
            "name": known.name,
            "title": known.title,
            "law": known.law,
            "hint": known.hint,
            "input": known.asks.model_json_schema(),
            "output": known.answers.model_json_schema(mode="serialization"),
        }
        for known in CATALOGUE.values()
    ]


def wrong(field: str, found: Wrong, shape: type[BaseModel]) -> Invalid:
    """What only shows when fields are seen together, said of one of them."""
    facts: Mapping[str, Any] = {"title": shape.model_fields[field].title or field}
    return Invalid({field: (found.template, {**facts, **found.facts})})
