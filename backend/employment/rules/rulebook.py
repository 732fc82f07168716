"""The rulebook of one day and place: clauses, word patterns and amounts, read from the parameters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from backend.kernel import params
from backend.kernel.params import Lookup

SYSTEM = "employment"
MARK = re.compile(r"<([a-z_]+)>")


@dataclass(frozen=True)
class Clause:
    """A clause in force: where it stands and what it says."""

    law: str
    text: str


@dataclass(frozen=True)
class Amounts:
    """The numbers a check needs; a minimum wage is None where the area has published none to us."""

    minimum_month_fen: int | None
    minimum_hour_fen: int | None
    day_hours: int
    month_days_hundredths: int
    part_week_hours: int
    widest: int
    longest_trial: int
    lowest_age: int
    adult_age: int
    free_age: int
    longest_valid: int
    verify_every: int


@dataclass(frozen=True)
class Rulebook:
    """Everything the law says about adverts on `day`."""

    day: date
    amounts: Amounts

    def clause(self, *names: str) -> Clause:
        """The first of these that is in force; the last is always."""
        return next(found for name in names if (found := _clause(self.day, name)) is not None)

    def patterns(self, name: str) -> tuple[re.Pattern[str], ...]:
        """What to look for; nothing where no law says so yet."""
        return _patterns(self.day, name)


@lru_cache(maxsize=256)
def rulebook(day: date, area: str) -> Rulebook:
    return Rulebook(day, _amounts(Lookup(day, area)))


@lru_cache(maxsize=256)
def _clause(day: date, name: str) -> Clause | None:
    found = Lookup(day).optional(f"{SYSTEM}.clauses.{name}")
    return None if found is None else Clause(found.label, found.value)


@lru_cache(maxsize=512)
def _patterns(day: date, name: str) -> tuple[re.Pattern[str], ...]:
    found = Lookup(day).optional(f"{SYSTEM}.patterns.{name}")
    if found is None:
        return ()
    lines = (MARK.sub(lambda mark: _words(day, mark[1]), line) for line in found.value.split("\n"))
    return tuple(re.compile(line, re.IGNORECASE) for line in lines if line.strip())


@lru_cache(maxsize=128)
def _words(day: date, name: str) -> str:
    return f"(?:{'|'.join(params.value(f'{SYSTEM}.vocabulary.{name}', day).split())})"


def _amounts(known: Lookup) -> Amounts:
    def number(path: str) -> int:
        return int(known.value(f"{SYSTEM}.{path}"))

    def wage_fen(name: str) -> int | None:
        found = known.optional(f"{SYSTEM}.pay.{name}")
        return None if found is None else int(found.value.fen)

    return Amounts(
        minimum_month_fen=wage_fen("minimum_month"),
        minimum_hour_fen=wage_fen("minimum_hour"),
        day_hours=number("pay.day_hours"),
        month_days_hundredths=int(known.value(f"{SYSTEM}.pay.month_days") * 100),
        part_week_hours=number("pay.part_week_hours"),
        widest=number("pay.widest"),
        longest_trial=number("pay.longest_trial"),
        lowest_age=number("age.lowest"),
        adult_age=number("age.adult"),
        free_age=number("age.free_from"),
        longest_valid=number("publication.longest_valid"),
        verify_every=number("publication.verify_every"),
    )
