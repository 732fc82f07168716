"""Dues 征缴 (tables 8 and 11): what was billed of every month and how far it is paid, by employer and by person; and
months paid before dues were billed here."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

from backend.exchange.scope import Scope, Values, coded
from backend.exchange.sources.employers import kind
from backend.exchange.sources.people import FUND, NO_EMPLOYER, who
from backend.kernel import params
from backend.kernel.clock import CHINA
from backend.kernel.money import HALF_UP, ZERO, Money
from backend.kernel.period import Month

RATES = "pension.contribution."


def _due(row: Any) -> Values:
    """What tables 8 and 11 say alike: what was due of a month, and whether it was paid in full."""
    return {
        "AAE003": row.month,
        **coded("AAE078", row.settled),
        **coded("AAA115", row.kind),
        **coded("AAE140", FUND),
        "AAE058": row.employer_share + row.person_share,
        "AAE020": row.employer_share,
        "AAE021": row.employer_credited,
        "AAE022": row.person_share,
        "AAE023": row.person_credited,
        "AAE082": _come(row, row.person_share),
    }


def _come(row: Any, part: Money) -> Money | None:
    """How much of a part has come: all of it, nothing, or, of a bill that is paid in part, nobody knows."""
    if row.settled:
        return part
    return None if row.begun else ZERO


def _billed(row: Any) -> Values:
    """The bill in which it stands, and when that was paid."""
    return {
        "EAZ058": str(row.bill),
        "AAE002": row.billed,
        "EAD131": row.received_on if row.settled else None,
    }


def of_employers(row: Any, scope: Scope) -> Values:
    return {
        **_due(row),
        "AAB001": str(row.employer_id),
        "AAB004": row.employer_name,
        **kind(row.uscc),
        "AAB119": row.persons,
        "AAB121": row.base,
        "AAB120": row.base,
        "AAE080": _come(row, row.employer_share),
        # nothing goes to an account before all is paid
        "AAE081": row.employer_credited if row.settled else ZERO,
        "AAE083": row.person_credited if row.settled else ZERO,
    }


def of_bills(row: Any, scope: Scope) -> Values:
    channel = coded("AAB033", row.channel) if row.channel else {}
    return {**of_employers(row, scope), **_billed(row), **channel, "AAB204": row.late_fee}


def of_persons(row: Any, scope: Scope) -> Values:
    alone = row.employer_id is None
    return {
        **who(row),
        **_due(row),
        "AAB001": None if alone else str(row.employer_id),
        "AAB004": row.employer_name or NO_EMPLOYER,
        "AAE180": row.base,
        "AAA042": None
        if alone
        else _rate("employer_rate", row.month, scope.area, row.base, row.employer_share),
        "AAA041": _rate(
            "flexible_rate" if alone else "person_rate", row.month, scope.area, row.base, row.person_share
        ),
    }


def of_lines(row: Any, scope: Scope) -> Values:
    return {
        **of_persons(row, scope),
        **_billed(row),
        "AAE017": "已核销" if row.written_off else "未核销",
        "AAE011": row.maker[:64],
        "AAE036": row.made_at.astimezone(CHINA).date(),
    }


def _rate(name: str, month: Month, area: str, base: Money, share: Money) -> Decimal | None:
    """The rate set for a month, where it is what the share was reckoned by."""
    rate = _set(name, month, area)
    if rate is None or (base.fen * rate).quantize(Decimal(1), rounding=HALF_UP) != share.fen:
        return None
    return rate


@cache
def _set(name: str, month: Month, area: str) -> Decimal | None:
    try:
        return Decimal(params.value(RATES + name, month.first, area))
    except params.Missing:
        return None
