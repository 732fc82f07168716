"""The contribution of a month 应缴额: the base held between its limits, times a rate."""

from __future__ import annotations

from backend.kernel.rules import MILLION, half_up


def base_fen(wage_fen: int, floor_fen: int, ceiling_fen: int) -> int:
    """缴费基数: the wage, but no less than the floor and no more than the ceiling.

    >>> base_fen(400_000, 458_800, 2_293_800), base_fen(9_000_000, 458_800, 2_293_800)
    (458800, 2293800)
    """
    return min(max(wage_fen, floor_fen), ceiling_fen)


def injury_rate(class_rate: int, floating: int, cut: int) -> int:
    """工伤保险费率 = 行业基准费率 × 浮动档次 × (1 - 下调幅度), all in millionths.

    >>> injury_rate(4_000, 1_200_000, 0), injury_rate(2_000, 1_000_000, 200_000)
    (4800, 1600)
    """
    return half_up(class_rate * floating * (MILLION - cut), MILLION * MILLION)
