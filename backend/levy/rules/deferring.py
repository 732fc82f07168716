"""Deferral 缓缴: an agreement's parts, whether they were kept, and which days it spares of late fees.

社会保险法 第六十三条: with a guarantee, what is owed may be paid later by agreement. A part that is short at the end of
its day ends the agreement on that day: the days it lasted stay spared, from the next one late fees run again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

Spared = tuple[date, date]  # the first day and the last


@dataclass(frozen=True)
class Part:
    """What is to be paid by a day."""

    due_day: date
    fen: int


@dataclass
class Plan:
    """An agreement, what has come for the bills it covers since (with the day it came), and what of them is open."""

    since: date
    parts: tuple[Part, ...]
    paid: list[tuple[date, int]]
    open_fen: int
    waived: bool = True
    ended: date | None = None  # terminated before its time

    def take(self, day: date, fen: int) -> None:
        """More money has come."""
        self.paid.append((day, fen))
        self.open_fen -= fen

    def broken_on(self, day: date) -> date | None:
        """The day of the first part that was short, as known on `day`. What was lowered or written off since is
        asked for no longer: the last parts are less by it.

        >>> plan = Plan(date(2026, 9, 1), (Part(date(2026, 9, 25), 60), Part(date(2026, 10, 25), 40)), [], 100)
        >>> plan.broken_on(date(2026, 9, 25)), plan.broken_on(date(2026, 9, 26))
        (None, datetime.date(2026, 9, 25))
        >>> plan.take(date(2026, 9, 20), 60)
        >>> plan.broken_on(date(2026, 10, 25)), plan.broken_on(date(2026, 10, 26))
        (None, datetime.date(2026, 10, 25))
        """
        whole = self.paid_fen + self.open_fen
        wanted = 0
        for part in self.parts:
            wanted = min(wanted + part.fen, whole)
            if part.due_day >= day:
                return None
            if sum(fen for came, fen in self.paid if came <= part.due_day) < wanted:
                return part.due_day
        return None

    @property
    def paid_fen(self) -> int:
        return sum(fen for _, fen in self.paid)

    def spares(self, day: date) -> Spared | None:
        """The days without a late fee, of what is paid on `day`."""
        if not self.waived:
            return None
        stops = (self.ended, self.broken_on(day), self.parts[-1].due_day)
        return self.since, min(stop for stop in stops if stop)

    def state(self, today: date) -> str:
        """kept, broken, ended or running."""
        if self.broken_on(today):
            return "broken"
        if not self.open_fen:
            return "kept"
        return "ended" if self.ended and self.ended <= today else "running"


def spared(plan: Plan | None, day: date) -> Spared | None:
    """The days without a late fee, of what is paid on `day` and may be put off by an agreement."""
    return plan.spares(day) if plan else None
