"""Figures: percentiles of what was measured, and how numbers are written in a table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence


def percentile(values: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile: the least value that so many per cent of all do not exceed."""
    if not values:
        raise ValueError("nothing was measured")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]


def percentile_of_counts(counts: Mapping[float, int], percent: float) -> float:
    """The same where only how often each value came up was kept."""
    rank = max(1, math.ceil(percent / 100 * sum(counts.values())))
    for value in sorted(counts):
        rank -= counts[value]
        if rank <= 0:
            return value
    raise ValueError("nothing was measured")


def written(value: float) -> str:
    """Three digits that count, no more: `0.123`, `12.3`, `1,234`."""
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{digits}f}"
