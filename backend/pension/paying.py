"""Paying 发放: everybody's pension of one month as one set, and each account drawn down by its part."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Date, Select, cast, func, select, true, union_all

from backend.kernel.actor import Permission
from backend.kernel.db import MonthType, Uow, in_bulk, see_everybody
from backend.kernel.errors import Refusal
from backend.kernel.items import item
from backend.kernel.period import Month
from backend.kernel.settings import settings
from backend.payout import service as payout
from backend.payout.schema import BatchView
from backend.pension import years
from backend.pension.amounts import amount_of
from backend.pension.awarding import differences
from backend.pension.benefits import FUND, ITEM
from backend.pension.model import Award as AwardRow
from backend.pension.schema import RunMonth
from backend.registry import service as registry

UNDER_WAY = timedelta(days=7)  # a decision dated before a run may have been kept after it: looked for again


class FutureMonth(Refusal):
    """{month} 还没有到，不能提前发放。"""


@item("PEN-05", "养老金月度发放", may=Permission.PAYOUT_RUN, review=1)
def run_month(uow: Uow, cmd: RunMonth) -> BatchView:
    """Everybody's pension of one month, posted as one set, with what the newly decided are still owed."""
    month = Month.parse(cmd.month)
    if month.first > uow.today:
        raise FutureMonth(month=month)
    return pay_month(uow, month, checker=uow.approvers[-1] if uow.approvers else "system/checked")


def pay_month(uow: Uow, month: Month, checker: str) -> BatchView:
    """With it goes what somebody's award was too low by and could not be posted before."""
    see_everybody(uow)
    in_bulk(uow)
    batch = payout.run_month(
        uow,
        fund=FUND,
        what=ITEM,
        area=settings().area,
        month=month,
        due=_due(uow, month),
        checker=checker,
    )
    _draw_down(uow, batch.batch)
    differences.settle_waiting(uow, checker)
    return batch


def _due(uow: Uow, month: Month) -> Select[Any]:
    """This month for everybody in payment; and for those decided since the month before was run, every month
    from their first (补发). Nobody is owed a month twice."""
    of = {"fund": FUND, "what": ITEM, "area": settings().area}
    this = payout.month_of(month)
    current = _receiving(this).where(AwardRow.pays_from <= month)
    if payout.posted_from(uow, month=month, **of):
        current = current.where(payout.not_posted(AwardRow.person_id, this, ITEM))
    late = func.generate_series(AwardRow.pays_from, this - func.make_interval(0, 1), func.make_interval(0, 1))
    earlier = select(cast(late.column_valued("at"), Date).label("month")).lateral("earlier")
    at = cast(earlier.c.month, MonthType())
    arrears = _receiving(at).join(earlier, true()).where(payout.not_posted(AwardRow.person_id, at, ITEM))
    if since := payout.last_posted(uow, before=month, **of):
        arrears = arrears.where(AwardRow.decided_at > since - UNDER_WAY)
    both = union_all(current, arrears).subquery()
    return select(both.c.person_id, both.c.month, both.c.amount)


def _receiving(month: Any) -> Select[Any]:
    return select(AwardRow.person_id, month.label("month"), amount_of(month).label("amount")).where(
        AwardRow.state != "replaced",
        AwardRow.area == settings().area,
        registry.alive(AwardRow.person_id, month),
        ~payout.stopped(AwardRow.person_id, month, ITEM),
    )


def _draw_down(uow: Uow, batch: int) -> None:
    """The account's part of what was just posted comes out of each account, in the year it is booked."""
    if not payout.booked_earlier(uow, batch, since=date(uow.today.year, 1, 1)):
        years.open_year(uow, years.IN_PAYMENT)
    years.draw(uow, payout.months_posted(batch).subquery())
