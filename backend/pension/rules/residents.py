"""城乡居民基本养老保险 (国发〔2014〕8号): how long must be paid, and what a month is made of."""

from __future__ import annotations

from backend.kernel.rules import FEN
from backend.pension.rules.benefit import account_fen

YEAR = 12


def required_months(reached: int, began: int, minimum: int) -> int:
    """How many months must be paid by who reaches the age in a month, where the scheme began in another (months since
    year 0): nothing by who was that old, every whole year until then by who was near it, else the minimum.

    >>> required_months(2011 * 12 + 5, 2011 * 12 + 6, 180), required_months(2020 * 12 + 5, 2011 * 12 + 6, 180)
    (0, 96)
    >>> required_months(2040 * 12, 2011 * 12 + 6, 180)
    180
    """
    return min(max(0, reached - began) // YEAR * YEAR, minimum)


def long_payment_fen(months: int, minimum: int, each_fen: int) -> int:
    """长缴加发: so much a month for every whole year beyond the minimum.

    >>> long_payment_fen(203, 180, 2_000), long_payment_fen(96, 180, 2_000)
    (2000, 0)
    """
    return max(0, months // YEAR - minimum // YEAR) * each_fen


def share_fen(balance_fen: int, divisor: int) -> int:
    """个人账户养老金 = 储存额 ÷ 计发月数, to the fen.

    >>> share_fen(1_234_567, 139)
    8882
    """
    return account_fen(balance_fen, divisor * 10, FEN)
