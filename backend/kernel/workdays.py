"""Working days 工作日: when so many of them are over, by the holidays that the State Council has published.

A year whose holidays are not published yet is counted from Monday to Friday without those of fixed days, and the answer
says so: the holidays that are still to come put the day off, so whoever keeps it is not late.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar

FRIDAY = 4
# of a year whose holidays are not published: those that fall on a day of their own (全国年节及纪念日放假办法 第二条)
FIXED = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Due:
    """The last day of a term; `sure`: the holidays of all its days are published."""

    day: date
    sure: bool


def after(start: date, days: int) -> Due:
    """The so-manieth working day after a day, which itself does not count (民法典 第二百零一条).

    >>> after(date(2026, 9, 24), 3), after(date(2027, 3, 5), 1)
    (Due(day=datetime.date(2026, 9, 30), sure=True), Due(day=datetime.date(2027, 3, 8), sure=False))
    """
    day, sure = start, True
    while days:
        day += ONE_DAY
        works, known = _works(day)
        sure = sure and known
        days -= works
    return Due(day, sure)


def _works(day: date) -> tuple[bool, bool]:
    """Whether it is a working day, and whether that is published."""
    try:
        return chinese_calendar.is_workday(day), True
    except NotImplementedError:
        return day.weekday() <= FRIDAY and (day.month, day.day) not in FIXED, False
