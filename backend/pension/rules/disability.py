"""Disability allowance 病残津贴 (企业职工基本养老保险病残津贴暂行办法, 人社部发〔2024〕72号): which of three it is, for how long.

Read from general knowledge, not from the text itself: every number stands in params/pension.yaml as not verified.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from backend.kernel.period import Month
from backend.kernel.rules import up

Kind = Literal["full", "basic", "limited"]


@dataclass(frozen=True)
class Terms:
    """Filled from backend/params/pension.yaml `disability`."""

    near_months: int  # so close to the legal age the allowance is worked out as a pension
    short_months: int  # a career up to here is a short one
    shortest_months: int  # how long a short career is paid
    more_months: int  # how much longer for each further year


def kind(paid: int, minimum: int, applied: date, legal: date, terms: Terms) -> Kind:
    """第三条、第四条、第五条: enough months and near the legal age; enough months; not enough.

    It is paid from the next month on, so who comes near in the month itself is near.

    >>> terms = Terms(60, 60, 12, 3)
    >>> [kind(180, 180, date(2026, 3, 5), legal, terms) for legal in (date(2031, 3, 31), date(2031, 4, 1))]
    ['full', 'basic']
    >>> kind(179, 180, date(2026, 3, 5), date(2027, 1, 1), terms)
    'limited'
    """
    if paid < minimum:
        return "limited"
    return "full" if Month.of(applied) + terms.near_months >= Month.of(legal) else "basic"


def limited_months(paid: int, terms: Terms) -> int:
    """第五条: how many months one who has not paid long enough is paid; a part of a year counts as a year.

    >>> [limited_months(paid, Terms(60, 60, 12, 3)) for paid in (1, 59, 60, 61, 72, 73, 179)]
    [12, 12, 12, 15, 15, 18, 42]
    """
    return terms.shortest_months + up(max(paid - terms.short_months, 0), 12) * terms.more_months


def near_from(legal: date, terms: Terms) -> Month:
    """The month after the one in which the legal age is near: from then on a basic allowance is worked out anew.

    >>> near_from(date(2033, 2, 28), Terms(60, 60, 12, 3))
    Month(year=2028, month=3)
    """
    return Month.of(legal) - terms.near_months + 1
