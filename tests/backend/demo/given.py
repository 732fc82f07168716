"""What the tests of the demo city take as given: a day, a seed, published rates, a table of occupations."""

from __future__ import annotations

from datetime import date

from backend.kernel import codes

TODAY = date(2026, 11, 24)
SEED = 1
MANY = 20_000
MINIMUM_WAGE_FEN = 274_000
PUBLISHED = {  # 2016–2025 年记账利率，万分之几
    2016: 831,
    2017: 712,
    2018: 829,
    2019: 761,
    2020: 604,
    2021: 669,
    2022: 612,
    2023: 397,
    2024: 262,
    2025: 150,
}

Table = tuple[tuple[str, str, tuple[str, ...]], ...]


def read_table() -> Table:
    """The product's own table of occupations, with everyday names."""
    return tuple((one.code, one.name, one.aliases) for one in codes.choices("occupation"))
