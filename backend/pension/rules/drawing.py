"""Drawing 个人账户支出: how much of an account's part goes back when months that were posted turn out not to be due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Drawn:
    """An account in a year: its part of a month, what is left at the end, what was paid from it; all in fen."""

    part: int
    closing: int
    paid: int


def given_back(year: Drawn, *, undone: int, due: int, elsewhere: int) -> int:
    """What goes back for `undone` months where `due` stay; `elsewhere` months were paid before this system was.

    As long as the account lasts every month draws its whole part. An account that holds less than that may have lasted
    only for some of them (it was empty, and interest has come since): those that stay keep theirs, and what is over
    goes back.

    >>> given_back(Drawn(100, 700, 300), undone=1, due=2, elsewhere=0)
    100
    >>> given_back(Drawn(100, 0, 250), undone=1, due=2, elsewhere=0)
    50
    >>> given_back(Drawn(100, 0, 250), undone=1, due=3, elsewhere=0), given_back(Drawn(100, 8, 250), undone=1, due=3, elsewhere=0)
    (0, 0)
    """
    here = year.part * (undone + due)
    if year.closing < year.part:
        here = max(0, min(here, year.paid - year.part * elsewhere))
    return min(max(0, here - year.part * due), year.paid)


def drawn_again(part: int, months: int, closings: Sequence[int]) -> int:
    """What is drawn once more for months that are due after all: their whole parts, as far as every year since their
    booking still holds it. An account that had given only what it had gives as much again.

    >>> drawn_again(100, 2, [700, 650]), drawn_again(100, 2, [700, 150]), drawn_again(100, 2, [])
    (200, 150, 0)
    """
    return min([part * months, *closings]) if closings else 0
