"""Cassettes: which notes and coins make up an amount, to the fen, from what is there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

DENOMINATIONS_FEN: Final = (10000, 5000, 2000, 1000, 500, 100, 50, 10, 5, 2, 1)
FULL: Final[Mapping[int, int]] = {
    10000: 2000,
    5000: 400,
    2000: 400,
    1000: 400,
    500: 400,
    100: 800,
    50: 400,
    10: 800,
    5: 400,
    2: 800,
    1: 800,
}


def pick(amount_fen: int, stock: Mapping[int, int]) -> dict[int, int] | None:
    """Pieces by denomination that make exactly this amount, large ones first; None where it cannot be made.

    >>> pick(12345, FULL)
    {10000: 1, 2000: 1, 100: 3, 10: 4, 5: 1}
    >>> pick(6000, {5000: 1, 2000: 3})
    {2000: 3}
    >>> pick(3, {2: 5}) is None
    True
    """

    @cache
    def rest(index: int, left_fen: int) -> tuple[tuple[int, int], ...] | None:
        if left_fen == 0:
            return ()
        if index == len(DENOMINATIONS_FEN):
            return None
        fen = DENOMINATIONS_FEN[index]
        for pieces in range(min(left_fen // fen, stock.get(fen, 0)), -1, -1):
            if (found := rest(index + 1, left_fen - pieces * fen)) is not None:
                return ((fen, pieces), *found) if pieces else found
        return None

    found = rest(0, amount_fen)
    return None if found is None else dict(found)


def total_fen(pieces: Mapping[int, int]) -> int:
    return sum(fen * n for fen, n in pieces.items())


def move(source: dict[int, int], target: dict[int, int], pieces: Mapping[int, int]) -> None:
    """Carry pieces from one place to another; none is made, none is lost."""
    for fen, n in pieces.items():
        if source.get(fen, 0) < n:
            raise ValueError(f"{n} pieces of {fen} fen asked, {source.get(fen, 0)} there")
        source[fen] = source[fen] - n
        target[fen] = target.get(fen, 0) + n
        if not source[fen]:
            del source[fen]
