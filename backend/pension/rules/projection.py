"""What an account comes to if somebody goes on paying 估算: whole numbers, a base and a rate that stay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from backend.kernel.period import Month
from backend.pension.rules.interest import YEAR, Booked, Method, year_fen


@dataclass(frozen=True)
class Credits:
    """The same credit every month, from one month to another; none where it ends before it begins."""

    fen: int
    start: Month
    last: Month

    @property
    def months(self) -> int:
        return max(0, self.last - self.start + 1)

    def of(self, year: int) -> list[int]:
        """Of each month of a year."""
        return [self.fen if self.start <= Month(year, month) <= self.last else 0 for month in range(1, 13)]


def held_fen(
    opening: int,
    booked: Mapping[int, Booked],
    credits: Credits,
    by: Callable[[int], Method],
    since: int,
    until: Month,
) -> int:
    """What an account that began a year with `opening` holds in a later month: every year bears interest, the last to
    that month. `booked` is what has moved already (its openings do not count: the years before give them)."""
    for year in range(since, until.year + 1):
        more, was = credits.of(year), booked.get(year, NOTHING)
        moved = [a + b for a, b in zip(was.moved, more, strict=True)]
        now = Booked(opening, moved, was.credited + sum(more), was.paid)
        months = YEAR if year < until.year else until.month
        opening += now.credited - now.paid + year_fen(by(year), now, months)
    return opening


NOTHING = Booked(0, [0] * YEAR, 0, 0)


def months_until_even(later: int, without_fen: int, more_fen: int) -> int | None:
    """Who waits so many months forgoes as many pensions; after how many larger ones it is made good.

    >>> months_until_even(36, 400_000, 100_000), months_until_even(36, 400_000, 0)
    (144, None)
    """
    return -(-later * without_fen // more_fen) if more_fen > 0 else None
