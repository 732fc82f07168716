"""Proof of life 资格认证: how long one is good (人社厅发〔2018〕107号: once in twelve months, in whatever way)."""

from __future__ import annotations

from datetime import date, timedelta

from backend.kernel.period import add_months


def valid_until(day: date, window_months: int) -> date:
    """The last day on which a proof of that day is good.

    >>> valid_until(date(2024, 2, 29), 12), valid_until(date(2026, 11, 24), 12)
    (datetime.date(2025, 2, 28), datetime.date(2027, 11, 24))
    """
    return add_months(day, window_months)


def earliest_valid(today: date, window_months: int) -> date:
    """The first day of which a proof is still good today.

    >>> earliest_valid(date(2025, 2, 28), 12), earliest_valid(date(2024, 2, 29), 12)
    (datetime.date(2024, 2, 28), datetime.date(2023, 3, 1))
    """
    day = add_months(today, -window_months)
    return day if valid_until(day, window_months) >= today else day + timedelta(days=1)
