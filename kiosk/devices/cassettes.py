"""Cassettes: which notes and coins make up an amount, to the fen, from what is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

    there = [(fen, min(amount_fen // fen, stock.get(fen, 0))) for fen in DENOMINATIONS_FEN]
    if amount_fen > sum(fen * n for fen, n in there):
        return None
    below = _sums_below(there, amount_fen)
    if not below[0] >> amount_fen & 1:
        return None
    picked, left_fen = {}, amount_fen
    for (fen, n), rest in zip(there, below[1:], strict=True):
        pieces = min(left_fen // fen, n)
        while not rest >> (left_fen - pieces * fen) & 1:
            pieces -= 1
        if pieces:
            picked[fen] = pieces
            left_fen -= pieces * fen
    return picked


def _sums_below(there: Sequence[tuple[int, int]], amount_fen: int) -> list[int]:
    """For each denomination, what can be made of it and the smaller ones: bit k of a number stands for k fen.

    Looking ahead like this takes milliseconds whatever is missing; trying out takes ten seconds.
    """
    window, below = (1 << amount_fen + 1) - 1, [1]
    for fen, n in reversed(there):
        sums, share = below[0], 1
        while n > 0:  # 1, 2, 4 … and the rest: together every number of pieces up to n
            sums |= (sums << min(share, n) * fen) & window
            n, share = n - share, share * 2
        below.insert(0, sums)
    return below


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
