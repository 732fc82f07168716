"""The amount of a pension 待遇计算: 基础养老金、个人账户养老金、过渡性养老金 and what provinces add.

`index` is 平均缴费指数 in millionths; `years` over `scale` is 缴费年限; `rate` is in ten-thousandths;
`unit` is what the amount is rounded to, in fen (backend.kernel.rules.FEN or JIAO).
"""

from __future__ import annotations

from backend.kernel.rules import to_unit

INDEX = 1_000_000
RATE = 10_000
PERCENT = 100  # 每满一年发给 1%


def basic_fen(first_fen: int, second_fen: int, index: int, years: int, scale: int, unit: int) -> int:
    """基础养老金 = (计发基数 + 计发基数 × 指数) ÷ 2 × 年限 × 1%.

    The nation has one base for both places; Henan and Jilin have two.

    >>> basic_fen(888_000, 888_000, 821_900, 3067, 100, 1)
    248097
    """
    return to_unit((first_fen * INDEX + second_fen * index) * years, 2 * INDEX * PERCENT * scale, unit)


def discounted_basic_fen(base_fen: int, index: int, floor: int, years: int, scale: int, unit: int) -> int:
    """广东: 指数低于界线的，第一个计发基数乘 a = 指数 ÷ 界线.

    >>> discounted_basic_fen(930_700, 524_100, 600_000, 208, 12, 1)
    112731
    """
    if index >= floor:
        return basic_fen(base_fen, base_fen, index, years, scale, unit)
    return to_unit(base_fen * index * (INDEX + floor) * years, 2 * floor * INDEX * PERCENT * scale, unit)


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
    return to_unit(base_fen * index * years * rate, INDEX * scale * RATE, unit)


def averaged_fen(base_fen: int, index: int, years: int, scale: int, rate: int, unit: int) -> int:
    """(计发基数 + 计发基数 × 指数) ÷ 2 × 年限 × 系数: the transitional pension of Sichuan and Liaoning.

    >>> averaged_fen(832_100, 613_000, 65, 10, 130, 1)
    56707
    """
    return to_unit(base_fen * (INDEX + index) * years * rate, 2 * INDEX * scale * RATE, unit)


def long_service_rate(years: int, scale: int, over: int, until: int, rate: int) -> int:
    """One tier 长缴增发: years between two bounds (0: no upper one), times its rate; over `scale` × RATE."""
    top = min(years, until * scale) if until else years
    return max(top - over * scale, 0) * rate


def share_fen(base_fen: int, numerator: int, denominator: int, unit: int) -> int:
    """A fraction of a base."""
    return to_unit(base_fen * numerator, denominator, unit)


def yearly_fen(amount_fen: int, index: int, years: int, scale: int, unit: int) -> int:
    """浙江调节金的后一半: 指数 × 年限 × 每年的数额."""
    return to_unit(amount_fen * index * years, INDEX * scale, unit)
