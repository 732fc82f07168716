"""Closing 结清: what an individual account holds when its owner has died — interest to the month of death, by the rate
of each year; where that is not published yet, by the newest one, to be made good later (补差).

Nothing here writes: `worked_out` says what would be, `inheriting` books it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from backend.kernel.money import Money
from backend.kernel.rules import Steps
from backend.pension import interest
from backend.pension.model import Yearly
from backend.pension.rules.interest import YEAR, Booked, year_fen

LAW = "社会保险法 第十四条；劳办发〔1997〕116号"
FIRST_YEAR = 1998
EARLY = "{year} 年的记账利率还没有公布，先按 {of} 年的 {rate} 计息；公布以后办“个人账户继承补差”（PEN-53）补给继承人。"


@dataclass(frozen=True)
class Bearing:
    """A year that has had no interest yet: what moved in it, and what it bears by which year's rate (`of` None: it
    bears nothing, whatever the rate)."""

    year: int
    booked: Booked
    fen: int
    of: int | None

    @property
    def early(self) -> bool:
        return self.of not in (None, self.year)

    def kept(self) -> dict[str, Any]:
        return {
            "year": self.year,
            "fen": self.fen,
            "of": self.of,
            "booked": asdict(self.booked) | {"moved": list(self.booked.moved)},
        }

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Bearing:
        return cls(kept["year"], Booked(**kept["booked"]), kept["fen"], kept["of"])


@dataclass(frozen=True)
class Closed:
    """The years that bear, oldest first, and how that is explained."""

    years: tuple[Bearing, ...]
    steps: Steps
    warnings: tuple[str, ...]

    @property
    def interest(self) -> Money:
        return Money(sum(one.fen for one in self.years))

    @property
    def early_year(self) -> int | None:
        """The first year that did not have its own rate."""
        return next((one.year for one in self.years if one.early), None)


def worked_out(rows: Iterable[Yearly], died: date) -> Closed:
    """Every year without interest bears to the month of death; what it bears is in what the next one begins with."""
    carried, bears = 0, list[Bearing]()
    for row in rows:
        booked = Booked(row.opening.fen + carried, row.moved, row.credited.fen, row.paid.fen)
        if row.rate is None:
            bears.append(_bears(row.year, booked, died))
            carried += bears[-1].fen
    return _told(bears, died)


def again(years: Iterable[Bearing], died: date) -> Closed:
    """The same years by what is published now; what was paid out of the account since is no part of them."""
    carried, bears = 0, list[Bearing]()
    for one in years:
        booked = replace(one.booked, opening=one.booked.opening + carried)
        bears.append(_bears(one.year, booked, died))
        carried += bears[-1].fen - one.fen
    return _told(bears, died)


def published(year: int) -> bool:
    """Whether a year has a rate of its own."""
    try:
        interest.terms(year)
    except interest.RateNotPublished:
        return False
    return True


def _bears(year: int, booked: Booked, died: date) -> Bearing:
    """By the year's own rate, else by the newest one before it."""
    months = _months(year, died)
    if not months or not (booked.opening or any(booked.moved)):
        return Bearing(year, booked, 0, None)
    of = next((one for one in range(year, FIRST_YEAR - 1, -1) if published(one)), None)
    if of is None:
        raise interest.RateNotPublished(year=year)
    return Bearing(year, booked, max(0, year_fen(interest.terms(of).by, booked, months)), of)


def _told(bears: list[Bearing], died: date) -> Closed:
    steps, warnings = Steps(), list[str]()
    for one in bears:
        if one.of is None:
            continue
        known = interest.terms(one.of)
        opening, months = Money(one.booked.opening).text, _months(one.year, died)
        formula = f"{one.year} 年：年初 {opening}，{known.name}，{known.rate}，计到 {months} 月"
        steps.add("账户利息", formula, Money(one.fen).text, LAW)
        early = [EARLY.format(year=one.year, of=one.of, rate=known.rate)] if one.early else []
        warnings += [said for said in (*early, *known.warnings) if said not in warnings]
    return Closed(tuple(bears), steps, tuple(warnings))


def _months(year: int, died: date) -> int:
    return max(0, min(YEAR, (died.year - year) * YEAR + died.month))
