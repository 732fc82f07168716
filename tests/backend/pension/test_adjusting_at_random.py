"""Months, adjustments, reversals, awards worked out anew, stops, deaths and their mistakes in whatever order: everybody
has what their months are worth, and all books agree after each."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date

import pytest

from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.kernel.errors import Refusal
from backend.pension import service as pension
from backend.pension.schema import Award, Resume, Suspend
from tests.backend.pension.test_adjusting import (
    DOC,
    HE,
    OTHER,
    adjust,
    agree,
    die,
    draw,
    live,
    man,
    pay,
    recalculate,
    reverse,
)
from tests.backend.pension.test_service import with_account

__all__ = ["man"]
STEPS = 14
SLOW = [pytest.param(seed, marks=pytest.mark.slow) for seed in (292, *range(100, 120))]


class Year:
    """Two pensioners and what may happen to them in a year; to one of them more than to the other."""

    def __init__(self, run: Runner, clock: FixedClock, person: int, seed: int) -> None:
        self.run, self.clock, self.person, self.chance = run, clock, person, random.Random(seed)
        self.month, self.numbers = 1, list[int]()
        self.does: tuple[Callable[[], object], ...] = (
            self.pay,
            self.pay,
            self.adjust,
            self.reverse,
            self.draw,
            self.suspend,
            self.resume,
            self.die,
            self.live,
            self.recalculate,
        )

    def pay(self) -> None:
        self.month = min(self.month + 1, 12)
        pay(self.run, self.clock, self.month)

    def adjust(self) -> None:
        self.numbers.append(adjust(self.run).number)

    def reverse(self) -> None:
        if self.numbers:
            reverse(self.run, self.chance.choice(self.numbers))

    def draw(self) -> None:
        draw(self.run)

    def suspend(self) -> None:
        command = Suspend(
            ident=HE,
            since=f"2025-{self.chance.randint(1, self.month):02}",
            reason="02",
            document=DOC,
            claims=self.chance.random() < 0.5,
        )
        self.run.system(pension.stopping.suspend, command)

    def resume(self) -> None:
        self.run.system(pension.stopping.resume, Resume(ident=HE, document=DOC))

    def die(self) -> None:
        die(self.run, date(2025, self.chance.randint(1, self.month), 3))

    def live(self) -> None:
        live(self.run)

    def recalculate(self) -> None:
        recalculate(self.run, self.person, self.chance.choice((12, 24, -12, -6)))


@pytest.mark.parametrize("seed", [5, *SLOW])
def test_whatever_happens_everybody_has_what_their_months_are_worth(
    run: Runner, man: int, clock: FixedClock, seed: int
) -> None:
    year, told = Year(run, clock, man, seed), list[str]()
    with_account(run, OTHER, months=240, balance="90000", index=8_000)
    run.system(pension.award, Award(ident=OTHER, retired="2024-06"))
    for _ in range(STEPS):
        does = year.chance.choice(year.does)
        try:
            does()
            told.append(does.__name__)
        except Refusal as refusal:
            told.append(f"{does.__name__}: {refusal.message}")
        assert agree(run), told
