"""The amount of a pension 待遇计算: 基础养老金、个人账户养老金、过渡性养老金 and what provinces add.

`index` is 平均缴费指数 in millionths; `years` over `scale` is 缴费年限; `rate` is in ten-thousandths;
`unit` is what the amount is rounded to, in fen (backend.kernel.rules.FEN or JIAO).
"""

from __future__ import annotations

from math import gcd
from typing import Final

from backend.kernel.rules import half_up, to_unit

INDEX = 1_000_000
RATE = 10_000
PERCENT = 100  # 每满一年发给 1%
TWO_BASES: Final = ("henan", "jilin")  # formulas that take the province's base beside the place's


def for_years_fen(amount: int, over: int, years: int, scale: int, unit: int) -> int:
    """So much a year (`amount` over `over`, in fen), for `years` over `scale`: exact, and rounded once to the unit.

    What comes out whole is taken out before it is multiplied on: so the numbers stay small enough for a column of
    64 bits, and the fen is the same as from the whole product.

    >>> for_years_fen(8_880, 1, 3067, 100, 1), for_years_fen(8_885, 10, 41, 12, 10)
    (272350, 3040)
    """
    whole, rest = amount // over, amount % over
    fen, parts = whole * years // scale, whole * years % scale
    least = over * scale
    return (fen // unit + half_up(fen % unit * least + parts * over + rest * years, least * unit)) * unit


def basic_fen(first_fen: int, second_fen: int, index: int, years: int, scale: int, unit: int) -> int:
    """基础养老金 = (计发基数 + 计发基数 × 指数) ÷ 2 × 年限 × 1%.

    The nation has one base for both places; Henan and Jilin have two.

    >>> basic_fen(888_000, 888_000, 821_900, 3067, 100, 1)
    248097
    """
    return for_years_fen(first_fen * INDEX + second_fen * index, 2 * INDEX * PERCENT, years, scale, unit)


def discounted_basic_fen(base_fen: int, index: int, floor: int, years: int, scale: int, unit: int) -> int:
    """广东: 指数低于界线的，第一个计发基数乘 a = 指数 ÷ 界线.

    >>> discounted_basic_fen(930_700, 524_100, 600_000, 208, 12, 1)
    112731
    """
    if index >= floor:
        return basic_fen(base_fen, base_fen, index, years, scale, unit)
    common = gcd(INDEX, floor)  # 0.6: (1 ÷ 0.6 + 1) is 8 ÷ 3
    amount = base_fen * index * ((INDEX + floor) // common)
    return for_years_fen(amount, 2 * (floor // common) * INDEX * PERCENT, years, scale, unit)


def account_fen(balance_fen: int, divisor_tenths: int, unit: int) -> int:
    """个人账户养老金 = 储存额 ÷ 计发月数.

    >>> account_fen(6_672_085, 1695, 1)
    39363
    """
    return to_unit(balance_fen * 10, divisor_tenths, unit)


def indexed_fen(base_fen: int, index: int, years: int, scale: int, rate: int, unit: int) -> int:
    """计发基数 × 指数 × 年限 × 系数: the usual transitional pension, and what is paid on indexed wages.

    >>> indexed_fen(888_000, 821_900, 208, 100, 120, 1)
    18217
    """
    return for_years_fen(base_fen * index * rate, INDEX * RATE, years, scale, unit)


def averaged_fen(base_fen: int, index: int, years: int, scale: int, rate: int, unit: int) -> int:
    """(计发基数 + 计发基数 × 指数) ÷ 2 × 年限 × 系数: the transitional pension of Sichuan and Liaoning.

    >>> averaged_fen(832_100, 613_000, 65, 10, 130, 1)
    56707
    """
    return for_years_fen(base_fen * (INDEX + index) * rate, 2 * INDEX * RATE, years, scale, unit)


def long_service_rate(years: int, scale: int, over: int, until: int, rate: int) -> int:
    """One tier 长缴增发: years between two bounds (0: no upper one), times its rate; over `scale` × RATE."""
    top = min(years, until * scale) if until else years
    return max(top - over * scale, 0) * rate


def share_fen(base_fen: int, numerator: int, denominator: int, unit: int) -> int:
    """A fraction of a base."""
    return to_unit(base_fen * numerator, denominator, unit)


def yearly_fen(amount_fen: int, index: int, years: int, scale: int, unit: int) -> int:
    """浙江调节金的后一半: 指数 × 年限 × 每年的数额."""
    return for_years_fen(amount_fen * index, INDEX, years, scale, unit)
