"""The information table 信息表 as a data file: what one place writes, another reads, month by month and year by year.

One sheet, one kind a line: 月份 are months in a row in one place on one base, 年度 are years of the account.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import groupby
from typing import Any

from backend.kernel import codes, params, sheets
from backend.kernel.errors import Refusal
from backend.kernel.fields import a_month
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.pension.transferred import TransferMonth, TransferYear

MONTHS, YEARS = "月份", "年度"
HEADS = (
    "类别",
    "起",
    "止",
    "参保地",
    "月缴费基数（元）",
    "月记账额（元）",
    "缴费指数",
    "年初（元）",
    "本金（元）",
    "利息（元）",
    "支出（元）",
    "年末（元）",
)
MONTHS_A_YEAR = 12
MOST_LINES = 1_200
LARGEST = Decimal(100_000_000)
INDEX = 10_000
NAME = "养老保险关系转移信息表"


class LineWrong(Refusal):
    """信息表第 {line} 行的“{head}”填得不对，没有登记。请照原表核对；对方填错的，请对方重发。"""

    status = 422


class MonthTwice(Refusal):
    """信息表第 {line} 行：{month} 在前面已经有了，一个月只能有一行，没有登记。"""

    status = 422


class MonthAhead(Refusal):
    """信息表里的 {month} 还没有到，没有登记。请对方核对以后重发。"""

    status = 422


class TooYoungThen(Refusal):
    """信息表里的 {month} 本人还不满 {age} 周岁，没有登记。请对方核对以后重发。"""

    status = 422


class NoMonths(Refusal):
    """信息表里没有缴费的月份，没有登记。请核对是不是传错了文件。"""

    status = 422


class YearsPart(Refusal):
    """信息表里 {year} 年的个人账户对不上：{told}，没有登记。请对方核对以后重发。"""

    status = 422


@dataclass(frozen=True)
class ToldMonth:
    """A month that was paid."""

    month: Month
    area: str
    base: Money
    credited: Money
    index: int | None  # ten-thousandths


@dataclass(frozen=True)
class ToldYear:
    """A year of the account."""

    year: int
    opening: Money
    credited: Money
    interest: Money
    paid: Money
    closing: Money


@dataclass(frozen=True)
class Told:
    """Everything a table says."""

    months: tuple[ToldMonth, ...]
    years: tuple[ToldYear, ...]


# ---- writing ----


def written(months: Sequence[TransferMonth], years: Sequence[TransferYear], own: str) -> bytes:
    """As CSV, with the mark that spreadsheets want."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\r\n")
    write.writerow(HEADS)
    write.writerows(_span(span, own) for span in spans(months, own))
    write.writerows(_year(one) for one in years)
    return out.getvalue().encode("utf-8-sig")


@dataclass(frozen=True)
class Span:
    """Months in a row in one place, on one base."""

    first: Month
    last: Month
    area: str
    base: Money
    credited: Money
    index: int | None

    @property
    def months(self) -> int:
        return self.last - self.first + 1


def spans(months: Sequence[TransferMonth], own: str) -> Iterator[Span]:
    """Alike and in a row, within a year; `own` is the area of who says none."""
    numbered = enumerate(months)

    def alike(one: tuple[int, TransferMonth]) -> tuple[Any, ...]:
        at, row = one
        return (
            row.month.number - at,
            row.month.year,
            row.area or own,
            row.base,
            row.person_share,
            row.wage_index,
        )

    for (_, _, area, base, share, index), rows in groupby(numbered, key=alike):
        run = [row.month for _, row in rows]
        yield Span(run[0], run[-1], area, base, share, index)


def _span(one: Span, own: str) -> list[str]:
    index = f"{Decimal(one.index) / INDEX}" if one.index else ""
    return [
        MONTHS,
        str(one.first),
        str(one.last),
        one.area,
        one.base.text,
        one.credited.text,
        index,
        *[""] * 5,
    ]


def _year(one: TransferYear) -> list[str]:
    amounts = (one.opening, one.credited, one.interest, one.paid, one.closing)
    return [YEARS, str(one.year), "", "", "", "", "", *(amount.text for amount in amounts)]


# ---- reading ----


def read(content: bytes, other: str, birth: date, today: date) -> Told:
    """What a table says, or a refusal that names the line."""
    given = sheets.rows(content, MOST_LINES)
    places = sheets.places(next(given, []), [(head,) for head in HEADS])
    months: dict[Month, ToldMonth] = {}
    years: dict[int, ToldYear] = {}
    for no, row in enumerate(given, 2):
        cells = {head: row[at] if at < len(row) else "" for head, at in zip(HEADS, places, strict=True)}
        if not any(cells.values()):
            continue
        if cells["类别"] == MONTHS:
            _add_months(months, cells, no, other)
        elif cells["类别"] == YEARS:
            _add_year(years, cells, no)
        else:
            raise LineWrong(line=no, head="类别")
    _require_lived(months, birth, today)
    told = tuple(years[year] for year in sorted(years))
    _require_whole(told)
    return Told(tuple(months[month] for month in sorted(months)), told)


def _add_months(months: dict[Month, ToldMonth], cells: Mapping[str, str], no: int, other: str) -> None:
    first, last = _month(cells, "起", no), _month(cells, "止", no)
    if last < first or last.year != first.year:
        raise LineWrong(line=no, head="止")
    area = cells["参保地"] or other
    if not codes.known("area", area):
        raise LineWrong(line=no, head="参保地")
    base, credited = _money(cells, "月缴费基数（元）", no), _money(cells, "月记账额（元）", no)
    if not base.fen or credited > base:
        raise LineWrong(line=no, head="月缴费基数（元）" if not base.fen else "月记账额（元）")
    index = _index(cells, no)
    for month in first.until(last):
        if month in months:
            raise MonthTwice(line=no, month=month)
        months[month] = ToldMonth(month, area, base, credited, index)


def _add_year(years: dict[int, ToldYear], cells: Mapping[str, str], no: int) -> None:
    text = cells["起"]
    if not (text.isdecimal() and text.isascii() and 1990 <= int(text) <= 2099) or int(text) in years:
        raise LineWrong(line=no, head="起")
    amounts = [_money(cells, head, no) for head in HEADS[7:]]
    years[int(text)] = ToldYear(int(text), *amounts)


def _month(cells: Mapping[str, str], head: str, no: int) -> Month:
    try:
        return Month.parse(a_month(cells[head]))
    except ValueError:
        raise LineWrong(line=no, head=head) from None


def _money(cells: Mapping[str, str], head: str, no: int) -> Money:
    try:
        amount = Decimal(cells[head].replace(",", "") or "0")
    except InvalidOperation:
        raise LineWrong(line=no, head=head) from None
    if not amount.is_finite() or not 0 <= amount <= LARGEST or amount != amount.quantize(Decimal("0.01")):
        raise LineWrong(line=no, head=head)
    return Money.yuan(amount)


def _index(cells: Mapping[str, str], no: int) -> int | None:
    if not cells["缴费指数"]:
        return None
    try:
        index = Decimal(cells["缴费指数"])
    except InvalidOperation:
        raise LineWrong(line=no, head="缴费指数") from None
    if not index.is_finite() or not 0 < index <= 10 or index != index.quantize(Decimal("0.0001")):
        raise LineWrong(line=no, head="缴费指数")
    return int(index * INDEX)


def _require_lived(months: Iterable[Month], birth: date, today: date) -> None:
    known = sorted(months)
    if not known:
        raise NoMonths
    if known[-1] > Month.of(today):
        raise MonthAhead(month=known[-1])
    lowest = int(params.value("employment.age.lowest", today))
    if known[0] < Month.of(birth) + lowest * MONTHS_A_YEAR:
        raise TooYoungThen(month=known[0], age=lowest)


def _require_whole(years: Sequence[ToldYear]) -> None:
    """Each year adds up, and begins with what the one before it left."""
    left: ToldYear | None = None
    for one in years:
        if one.opening + one.credited + one.interest - one.paid != one.closing:
            raise YearsPart(year=one.year, told="年初 + 本金 + 利息 - 支出 不等于年末")
        if left is not None and (one.opening != left.closing or one.year != left.year + 1):
            raise YearsPart(year=one.year, told="年初不等于上一年的年末")
        left = one
