"""Interest on the individual account 个人账户计息, by the two methods of 劳办发〔1997〕116号.

A rate is in millionths. What a year's credits bear is rounded once, together with the opening balance's. Whole
numbers or columns of a database: the same functions take both, so a million accounts and one get the same fen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backend.kernel.rules import MILLION, half_up

YEAR = 12
THOUSAND = 1_000  # what the factor of the annual method is counted in


def monthly_products(credits_fen: Sequence[int], months: int = YEAR) -> int:
    """月积数: each month's credit times the months it bears interest, its own included; January first.

    >>> monthly_products([64_000] * 12), monthly_products([64_000] * 12, 3)
    (4992000, 384000)
    """
    return sum(credit * (months - n) for n, credit in enumerate(credits_fen[:months]))


def monthly_product_fen(opening_fen: int, credits_fen: Sequence[int], rate: int, months: int = YEAR) -> int:
    """月积数法: 上年末储存额 × 利率 + 月积数 × 利率 ÷ 12; a year that ends early bears interest to that month.

    >>> monthly_product_fen(5_000_000, [64_000] * 12, 15_000)
    81240
    """
    products = opening_fen * months + monthly_products(credits_fen, months)
    return half_up(products * rate, YEAR * MILLION)


def annual_fen(opening_fen: int, credited_fen: int, rate: int, factor: int) -> int:
    """年度计算法: 上年末储存额 × 利率 + 当年记账额 × 利率 × 系数 × ½.

    >>> annual_fen(5_000_000, 768_000, 15_000, 1_083)
    81238
    """
    return half_up((2 * THOUSAND * opening_fen + factor * credited_fen) * rate, 2 * THOUSAND * MILLION)


@dataclass(frozen=True)
class Method:
    """How a place works out a year: `factor` is the annual method's, in thousandths; None: by monthly products."""

    rate: int
    factor: int | None = None


@dataclass(frozen=True)
class Booked:
    """A year of an account, in fen. `moved`: credits less payments of each month, in the month they were booked."""

    opening: int
    moved: Sequence[int]
    credited: int
    paid: int


def year_fen(by: Method, year: Booked, months: int = YEAR) -> int:
    """What a year bears, of an account that is paid into, paid from, or both.

    What a month pays out of the account bears nothing from that month on, as what it credits bears from that month
    on; by the annual method it bears half the factor, as a credit does: (年初 - 支付) × 利率 + 支付 × 利率 × 系数 × ½.
    A year that ends early bears to that month by monthly products in either method.

    >>> retired = Booked(1_200_000, [-10_000] * 12, 0, 120_000)
    >>> year_fen(Method(60_000), retired), year_fen(Method(60_000, 1_083), retired)
    (68100, 68699)
    >>> year_fen(Method(60_000, 1_083), retired, 6)
    34950
    """
    if by.factor is None or months < YEAR:
        return monthly_product_fen(year.opening, year.moved, by.rate, months)
    return annual_fen(year.opening - year.paid, year.credited + year.paid, by.rate, by.factor)
