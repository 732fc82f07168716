"""Paid 待遇支付 (table 13): every pension that reached its person."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from backend.exchange.scope import Scope, Values, coded
from backend.exchange.sources.people import FUND, who
from backend.kernel.clock import CHINA
from backend.payout.service import REFUND
from backend.payout.service import auditing as payout
from backend.pension import service as pension
from backend.pension.residents import service as residents
from backend.registry.service import auditing as registry

ONCE = {
    *(REFUND, residents.INHERITANCE, residents.FUNERAL),
    *(
        pension.adjusting.ARREARS,
        pension.SUPPLEMENT,
        pension.transferring.ITEM,
        pension.transferring.OUT_OF_ACCOUNT,
    ),
    *pension.death.ITEMS,
}


def how_often(item: str) -> str:
    """Every month, or once: what a person had returned and gets back, differences, what a death leaves."""
    return "once" if item in ONCE else "monthly"


def record(row: Any, scope: Scope) -> Values:
    return {
        **who(row),
        "EAZ048": str(row.id),
        "AAB001": row.employer_id and str(row.employer_id),
        "AAB004": row.employer_name,
        **coded("AAE140", FUND),
        "AAE002": row.paid_in,
        "EAC064": row.month,
        **coded("AAA036", row.item),
        # a pension of their own is not what a family is paid by
        "AIC160": None if row.item in pension.death.ITEMS else row.first_month,
        "AAE019": row.amount,
        "AAE133": row.name,
        "EAE021": "本人",
        "AAE136": row.ident,
        "EAZ049": row.bank,
        "AAE009": row.holder,
        "AAE010": row.number,
        **coded("AAE145", payout.PAID[row.state]),
        **coded("EAE004", how_often(row.item)),
        **coded("EAE005", "fund"),
        "AAE011": row.maker[:64],
        "AAE036": row.posted_at.astimezone(CHINA).date(),
    }


def query(scope: Scope) -> Select[*tuple[Any, ...]]:
    of = payout.payments(FUND, scope.year).subquery("payments")
    first = pension.auditing.first_months().subquery("first")
    worked = registry.last_employers(pension.auditing.INSURANCE)
    return (
        select(of, first.c.first_month, worked.c.employer_id, worked.c.employer_name)
        .outerjoin(first, first.c.person_id == of.c.person_id)
        .outerjoin(worked, worked.c.person_id == of.c.person_id)
        .order_by(of.c.id)
    )
