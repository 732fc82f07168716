"""What is counted of the month in which somebody comes or goes, how hires are named, what may happen to a card: pure
functions."""

from __future__ import annotations

from datetime import date

from backend.kernel.period import Month

NEW, AGAIN, FROM_OUTSIDE, FROM_ANOTHER = "11", "12", "13", "14"  # codes of hire_reason


def first_month(hired: date, until_day: int) -> Month:
    """The first month insured: that of hiring, where the hiring is not after the day until which it counts.

    >>> str(first_month(date(2026, 5, 31), 31)), str(first_month(date(2026, 5, 16), 15))
    ('2026-05', '2026-06')
    """
    return Month.of(hired) + (hired.day > until_day)


def last_month(left: date, from_day: int) -> Month:
    """The last month insured: that of leaving, where the leaving is not before the day from which it counts.

    >>> str(last_month(date(2026, 5, 1), 1)), str(last_month(date(2026, 5, 15), 16))
    ('2026-05', '2026-04')
    """
    return Month.of(left) - (left.day < from_day)


def hire_reason(ended: Month | None, first: Month, *, same: bool) -> str:
    """What a hire is to the insurance: a first one, one after a break (or at the `same` employer), a move.

    >>> hire_reason(None, Month(2026, 5), same=False), hire_reason(Month(2026, 4), Month(2026, 5), same=False)
    ('11', '14')
    >>> hire_reason(Month(2026, 4), Month(2026, 5), same=True), hire_reason(Month(2025, 4), Month(2026, 5), same=False)
    ('12', '12')
    """
    if ended is None:
        return NEW
    return FROM_ANOTHER if not same and first - ended <= 1 else AGAIN


def late_days(happened: date, reported: date, limit_days: int) -> int:
    """By how many days a report came after its limit.

    >>> late_days(date(2026, 5, 1), date(2026, 5, 31), 30), late_days(date(2026, 5, 1), date(2026, 6, 10), 30)
    (0, 10)
    """
    return max(0, (reported - happened).days - limit_days)


# ---- cards: which deed leads from which state to which; what is not here may not happen ----

DEEDS = {
    "register": "登记",
    "hand_out": "发卡",
    "activate": "启用",
    "suspend": "临时挂失",
    "report_loss": "挂失",
    "find": "解挂",
    "lapse": "临时挂失到期",
    "freeze": "停用待核查",
    "replace": "换成新卡",
    "cancel": "注销",
    "die": "因持卡人去世注销",
    "live": "恢复",
}
CARD_LIVES = (
    "active",
    "suspended",
    "inactive",
    "frozen",
    "lost",
)  # not replaced or cancelled; the first is meant
CARD_MOVES: dict[str, dict[str, str]] = {
    "register": {"": "active"},
    "hand_out": {"": "inactive"},
    "activate": {"inactive": "active"},
    "suspend": {"active": "suspended"},
    "report_loss": dict.fromkeys(("active", "suspended", "inactive", "frozen"), "lost"),
    "find": {"suspended": "active", "lost": "active"},
    "lapse": {"suspended": "active"},
    "freeze": {"active": "frozen"},
    "replace": dict.fromkeys(CARD_LIVES, "replaced"),
    "cancel": dict.fromkeys(CARD_LIVES, "cancelled"),
    "die": dict.fromkeys(CARD_LIVES, "cancelled"),
}


def card_after(deed: str, before: str) -> str | None:
    """The state a card is in after a deed; none where the deed may not be done to it.

    >>> card_after("suspend", "active"), card_after("suspend", "lost"), card_after("hand_out", "")
    ('suspended', None, 'inactive')
    """
    return CARD_MOVES[deed].get(before)
