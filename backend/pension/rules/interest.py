"""Interest on the individual account 个人账户计息, by the two methods of 劳办发〔1997〕116号.

A rate is in millionths. What a year's credits bear is rounded once, together with the opening balance's.
"""

from __future__ import annotations

from collections.abc import Sequence

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
