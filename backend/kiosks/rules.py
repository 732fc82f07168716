"""Rules of the fleet: how long the cash of a kiosk lasts; pure."""

from __future__ import annotations


def lasts_days(cassette_fen: int, daily_fen: int) -> int | None:
    """Whole days that the cash in the cassettes lasts at the pace of late; None where nothing was paid.

    >>> lasts_days(10_000_00, 3_000_00), lasts_days(10_000_00, 0)
    (3, None)
    """
    return cassette_fen // daily_fen if daily_fen else None


def daily(paid_fen: int, days: int) -> int:
    """What was paid on average a day, rounded up: rather too little time than too much.

    >>> daily(100, 14), daily(0, 14)
    (8, 0)
    """
    return -(-paid_fen // max(1, days))
