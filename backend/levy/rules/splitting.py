"""Splits 分摊: parts that always add back up to the whole."""

from __future__ import annotations

from collections.abc import Sequence


def split(fen: int, weights: Sequence[int]) -> list[int]:
    """In proportion to the weights, no part above its weight; what is left over goes to the largest remainders.

    `fen` is at most the sum of the weights.

    >>> split(100, [50, 25, 25]), split(10, [1, 1, 1, 9]), split(7, [4, 4, 4])
    ([50, 25, 25], [1, 1, 1, 7], [3, 2, 2])
    """
    whole = sum(weights)
    if not 0 <= fen <= whole:
        raise ValueError(f"{fen} of {whole} cannot be split")
    if not whole:
        return [0 for _ in weights]
    parts = [fen * weight // whole for weight in weights]
    rest = [fen * weight % whole for weight in weights]
    for at in sorted(range(len(weights)), key=lambda at: -rest[at])[: fen - sum(parts)]:
        parts[at] += 1
    return parts
