"""The facts of an award as whole numbers, and how an area reads a time of service as years."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from backend.kernel import params
from backend.kernel.money import Money
from backend.kernel.params import Evidence, Found, Lookup
from backend.kernel.rules import Steps, shown
from backend.pension.rules.benefit import INDEX, TWO_BASES
from backend.pension.rules.years import READINGS

BASE, BASIC_FORMULA = "pension.benefit.base", "pension.formula.basic"
READING = "pension.formula.years_reading"
APART = "year_and_months"  # odd months count apart
CONVERTING = {APART, "counted"}  # readings that count months even where the notice prints years
TWO_PLACES = {"hundredth", "hundredth_down"}  # the other readings are finer


@dataclass(frozen=True)
class Service:
    """A time of contribution: months counted, or years as a notice prints them."""

    months: int
    years: int = 0
    scale: int = 0  # 0: only months were counted

    @classmethod
    def of_months(cls, months: int) -> Service:
        return cls(months)

    @property
    def printed(self) -> bool:
        return self.scale > 0


@dataclass(frozen=True)
class Facts:
    """Everything an award depends on, besides the law."""

    base_fen: int
    provincial_fen: int
    index: int  # millionths
    worked: Service
    deemed: Service
    account_fen: int
    addition_rate: int | None  # ten-thousandths

    @property
    def base(self) -> str:
        return Money(self.base_fen).text

    @property
    def provincial(self) -> str:
        return Money(self.provincial_fen).text

    @property
    def index_text(self) -> str:
        return shown(Decimal(self.index) / INDEX)


@dataclass(frozen=True)
class YearsRead:
    """Years as a fraction, and how they stand in a formula."""

    years: int
    scale: int
    text: str


def provincial_base(area: str, on: date) -> Found | None:
    """全省计发基数, where the area's formula takes it beside the place's own; refused where it is not published."""
    if params.value(BASIC_FORMULA, on, area) not in TWO_BASES:
        return None
    return params.found(BASE, on, area[:2] + "0000")


def read_deemed_years(service: Service, look: Lookup, steps: Steps) -> YearsRead:
    """视同缴费年限, read as all years are, except that odd months count apart only in 全部年限."""
    if params.value(READING, look.on, look.area) != APART:
        return read_years(service, "视同缴费年限", look, steps)
    if service.printed:
        return YearsRead(service.years, service.scale, _decimal(service.years, service.scale))
    return YearsRead(service.months, 12, f"{service.months}÷12")


def taken_as_printed(service: Service, reading: Found) -> bool:
    """Where the area's reading is known, a figure finer than its own is only another way to write the months."""
    if not service.printed or reading.value in CONVERTING:
        return False
    if reading.evidence is Evidence.UNVERIFIED:
        return True
    if reading.value == "half_year_up":
        return service.years * 2 % service.scale == 0
    finer = service.years * 100 % service.scale != 0  # than two decimals
    return not (finer and reading.value in TWO_PLACES)


def read_years(service: Service, name: str, look: Lookup, steps: Steps) -> YearsRead:
    """A printed figure is taken as it is printed; months are read as the area reads them."""
    reading = look.found(READING)
    if taken_as_printed(service, reading):
        return YearsRead(service.years, service.scale, _decimal(service.years, service.scale))
    odd_month = 0
    if reading.value == APART:
        odd_month = int(look.value("pension.formula.odd_month") * 1000)
    read = READINGS[reading.value]
    years, scale = read(service.months, odd_month)
    if scale == 12:
        return YearsRead(years, scale, f"{years}÷12")
    text = _decimal(years, scale)
    if reading.value == APART:
        whole, odd = divmod(service.months, 12)
        formula = f"{whole} 年 + {odd} 个月 × {shown(Decimal(odd_month) / 1000)}"
    else:
        formula = f"{service.months} 个月：{read.__doc__}"
    steps.add(name, formula, text, reading.source)
    return YearsRead(years, scale, text)


def _decimal(years: int, scale: int) -> str:
    return shown(Decimal(years) / scale)
