"""Receiving 在享: who is paid by the month here, and since when that has been decided; proof of life is asked of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Date, Row, Select, String, case, cast, func, literal, select, union_all

from backend.kernel.db import Uow
from backend.kernel.period import Month
from backend.kernel.settings import settings
from backend.payout import service as payout
from backend.pension.benefits import ITEM as PENSION
from backend.pension.living.model import Disability
from backend.pension.model import Award

ALLOWANCE = "病残津贴"
STANDING = ("active", "suspended")


def receiving(month: Month) -> Select[*tuple[Any, ...]]:
    """Everybody who is paid in a month or only stopped: person_id, item, and decided_on, the first day on which they
    asked for it themselves. (An award that is worked out anew proves nothing: the first one counts. Of who was paid
    elsewhere before, nobody here knows when they last did: it counts from the first month that is paid here.)"""
    taken_over = cast(Award.pays_from, Date)
    asked = case(
        (Award.pays_from > Award.first_month, func.greatest(Award.decided_on, taken_over)),
        else_=Award.decided_on,
    )
    first = (
        select(Award.person_id, func.min(asked).label("decided_on"))
        .group_by(Award.person_id)
        .subquery("first")
    )
    pensions = (
        select(Award.person_id, _item(PENSION), first.c.decided_on)
        .join(first, first.c.person_id == Award.person_id)
        .where(Award.state.in_(STANDING), Award.area == settings().area)
    )
    this = payout.month_of(month)
    allowances = select(Disability.person_id, _item(ALLOWANCE), Disability.decided_on).where(
        Disability.first_month <= this, Disability.until > this, Disability.area == settings().area
    )
    both = union_all(pensions, allowances).subquery("receiving")
    return select(both.c.person_id, both.c.item, cast(both.c.decided_on, Date).label("decided_on"))


def _item(name: str) -> Any:
    return literal(name, String()).label("item")


def of_person(uow: Uow, person_id: int) -> Row[Any] | None:
    """What one person receives, this month or from the next."""
    rows = receiving(Month.of(uow.today) + 1).subquery()
    asked = (
        select(rows).where(rows.c.person_id == person_id).order_by(rows.c.decided_on, rows.c.item).limit(1)
    )
    return uow.session.execute(asked).one_or_none()
