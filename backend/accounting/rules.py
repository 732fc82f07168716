"""What fund accounting computes: pure functions of amounts in fen (社会保险法 第八章, 财会〔2017〕28号)."""

from __future__ import annotations

from typing import Literal


def standing(normal: Literal["D", "C"], net_fen: int) -> int:
    """Debits less credits as the account itself counts: what grows on the credit side is positive there.

    >>> standing("D", 5), standing("C", -5)
    (5, 5)
    """
    return net_fen if normal == "D" else -net_fen


def sides(net_fen: int) -> tuple[int, int]:
    """A balance as it stands in the two columns 借方、贷方.

    >>> sides(5), sides(-5), sides(0)
    ((5, 0), (0, 5), (0, 0))
    """
    return max(net_fen, 0), max(-net_fen, 0)


def share(part_fen: int, whole_fen: int | None) -> str:
    """How much of the budget is used, in per cent with two decimals, half up; "" without a budget.

    >>> share(1, 3), share(2, 3), share(5, 0), share(-1, 8)
    ('33.33%', '66.67%', '', '-12.50%')
    """
    if not whole_fen:
        return ""
    hundredths = (abs(part_fen) * 20_000 + whole_fen) // (2 * whole_fen)
    return f"{'-' if part_fen < 0 else ''}{hundredths // 100}.{hundredths % 100:02d}%"


def balanced(assets_fen: int, liabilities_fen: int, net_fen: int, income_fen: int, expense_fen: int) -> bool:
    """资产 ＝ 负债 ＋ 净资产 ＋ 收入 － 支出."""
    return assets_fen == liabilities_fen + net_fen + income_fen - expense_fen
