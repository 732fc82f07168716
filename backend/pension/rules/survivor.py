"""Survivors' money 遗属待遇 (人社部发〔2021〕18号): how many months' income it is, counted to the month.

Years paid and years of pension received are counted to the month (第五条), so a number of months may have a fraction:
it is kept in twelfths, exact, until the amount is rounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backend.kernel.rules import half_up

YEAR = 12


@dataclass(frozen=True)
class Terms:
    """Filled from backend/params/pension.yaml `survivor`. `pension_months`: by the whole years paid at least."""

    funeral_months: int
    pension_months: Mapping[str, int]
    growing_years: int
    longest_years: int
    least_months: int


def most_twelfths(paid: int, terms: Terms) -> int:
    """发放月数 by so many months paid, in twelfths of a month: beyond fifteen years a month more for each year.

    >>> law = Terms(2, {"0": 3, "5": 6, "10": 9}, 15, 30, 9)
    >>> [most_twelfths(paid, law) / 12 for paid in (59, 60, 119, 120, 180, 192, 345, 360, 480)]
    [3.0, 6.0, 6.0, 9.0, 9.0, 10.0, 22.75, 24.0, 24.0]
    """
    first = max(int(years) for years in terms.pension_months if int(years) * YEAR <= paid)
    counted = min(paid, terms.longest_years * YEAR)
    return terms.pension_months[str(first)] * YEAR + max(0, counted - terms.growing_years * YEAR)


def retired_twelfths(most: int, received: int, terms: Terms) -> int:
    """What is left of them to who received a pension for so many months: a month less for each year, down to nine.

    >>> law = Terms(2, {"0": 3, "5": 6, "10": 9}, 15, 30, 9)
    >>> retired_twelfths(273, 42, law) / 12, retired_twelfths(273, 186, law) / 12, retired_twelfths(36, 0, law) / 12
    (19.25, 9.0, 9.0)
    """
    return max(most - received, terms.least_months * YEAR)


def pension_fen(monthly_fen: int, twelfths: int) -> int:
    """抚恤金: so many months' income, half up to the fen.

    >>> pension_fen(281_850, 231)
    5425613
    """
    return half_up(monthly_fen * twelfths, YEAR)


def parts(fen: int, shares: tuple[int, ...]) -> tuple[int, ...]:
    """A sum by shares, to the fen: what rounding down leaves over goes to the largest remainders, the first one first.

    >>> parts(100, (1, 1, 1)), parts(1_001, (2, 1, 1)), parts(1, (1, 3))
    ((34, 33, 33), (501, 250, 250), (0, 1))
    """
    whole = sum(shares)
    down = [fen * share // whole for share in shares]
    order = sorted(range(len(shares)), key=lambda n: (-(fen * shares[n] % whole), n))
    for n in order[: fen - sum(down)]:
        down[n] += 1
    return tuple(down)
