"""Residents 城乡居民 (tables 2, 6, 10, 13): who takes part, their accounts, what they paid and what they were paid."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, null, select

from backend.exchange.scope import Scope, Values, coded
from backend.exchange.sources import paid, people
from backend.exchange.sources.people import who
from backend.kernel.period import Month
from backend.payout.service import auditing as payout
from backend.pension.residents.service import auditing

FUND = "resident_pension"
MONTHS = 12  # that a year paid counts


def account_years(row: Any, scope: Scope) -> Values:
    return {**people.account_years(row, scope), **coded("AAE140", FUND)}


def payments(row: Any, scope: Scope) -> Values:
    """Which level of government pays how much of the subsidy is not known here, so it stands in none of the four."""
    late = row.received_on.year > row.year
    return {
        **who(row),
        **coded("AAE140", FUND),
        **coded("AAA115", "supplement" if late else "normal"),
        "AAE101": row.year,
        "AAE002": Month.of(row.received_on),
        "AAE022": row.amount,
        "AAE082": row.amount,
        "AAF027": row.amount,
        **coded("AAE078", True),
        "EAD131": row.received_on,
        "AIC079": MONTHS,
        **coded("AAB033", row.channel),
    }


def benefits(row: Any, scope: Scope) -> Values:
    return {**paid.record(row, scope), **coded("AAE140", FUND)}


def benefits_query(scope: Scope) -> Select[*tuple[Any, ...]]:
    of = payout.payments(FUND, scope.year).subquery("payments")
    first = auditing.first_months().subquery("first")
    nobody = null().label("employer_id"), null().label("employer_name")
    return (
        select(of, first.c.first_month, *nobody)
        .outerjoin(first, first.c.person_id == of.c.person_id)
        .order_by(of.c.id)
    )
