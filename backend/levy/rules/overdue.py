"""Late fees 滞纳金: so much a day from the day after the due day (社会保险法 第八十六条)."""

from __future__ import annotations

from datetime import date

from backend.kernel.rules import half_up

MILLION = 1_000_000


def days_late(due: date, paid: date) -> int:
    """
    >>> days_late(date(2026, 1, 25), date(2026, 3, 10)), days_late(date(2026, 1, 25), date(2026, 1, 25))
    (44, 0)
    """
    return max(0, (paid - due).days)


def late_fee(fen: int, days: int, rate: int) -> int:
    """Fen, half up; the daily rate in millionths.

    >>> late_fee(10_000_000, 44, 500)
    220000
    """
    return half_up(fen * days * rate, MILLION)
