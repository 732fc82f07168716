"""What comes late 滞纳金: days counted, each at the rate in force on it. Days are counted since year 1."""

from __future__ import annotations

from backend.kernel.rules import share_fen


def days_late(due: int, paid: int, first_day: int) -> int:
    """Days from the `first_day`-th after the due day to the day of payment, both counted.

    >>> days_late(739_276, 739_320, 1), days_late(739_276, 739_276, 1), days_late(739_276, 739_276, 0)
    (44, 0, 1)
    """
    return max(paid - due - first_day + 1, 0)


def days_within(start: int, end: int, since: int, until: int) -> int:
    """How many days from `start` to `end` lie from `since` on and before `until`.

    >>> days_within(10, 20, 15, 100), days_within(10, 20, 0, 15), days_within(10, 20, 30, 40)
    (6, 5, 0)
    """
    return max(min(end + 1, until) - max(start, since), 0)


def days_charged(start: int, end: int, spared: tuple[int, int] | None) -> int:
    """The days from `start` to `end`, without those of a deferral 缓缴期 (its first and its last).

    >>> days_charged(10, 20, None), days_charged(10, 20, (15, 30)), days_charged(10, 20, (1, 12)), days_charged(9, 8, None)
    (11, 5, 8, 0)
    """
    days = max(end - start + 1, 0)
    return days - days_within(start, end, spared[0], spared[1] + 1) if spared else days


def late_fee_fen(amount_fen: int, rate_days: int) -> int:
    """滞纳金 = 欠缴金额 × (每日比例 × 天数, summed over the rates), half up to the fen.

    >>> late_fee_fen(10_000_000, 44 * 500)
    220000
    """
    return share_fen(amount_fen, rate_days)
