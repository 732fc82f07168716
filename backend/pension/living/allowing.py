"""Paying the allowance 病残津贴发放: a month's allowances as one set, with what is owed from earlier months."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Date, Select, cast, func, select, true

from backend.kernel.actor import Permission
from backend.kernel.db import MonthType, Uow, see_everybody
from backend.kernel.items import Guide, item
from backend.kernel.period import Month
from backend.kernel.settings import settings
from backend.payout import service as payout
from backend.payout.schema import BatchView
from backend.pension.benefits import FUND
from backend.pension.living import drawing
from backend.pension.living.allowed import RunAllowances
from backend.pension.living.model import Disability, DisabilityRate
from backend.pension.living.rating import LAW, Facts, terms, worked_out
from backend.pension.living.receiving import ALLOWANCE
from backend.pension.model import Account
from backend.pension.paying import FutureMonth
from backend.pension.rules.disability import near_from
from backend.registry import service as registry


@item(
    "PEN-30",
    "病残津贴月度发放",
    may=Permission.PAYOUT_RUN,
    review=1,
    guide=Guide(
        what="发放一个月的病残津贴；离法定退休年龄五年的，先按基本养老金重新核算；以前的月份还没有发的一起补发。",
        who="经办机构",
        law=LAW,
    ),
)
def run_month(uow: Uow, cmd: RunAllowances) -> BatchView:
    month = Month.parse(cmd.month)
    if month.first > uow.today:
        raise FutureMonth(month=month)
    see_everybody(uow)
    _work_out_anew(uow, month)
    batch = payout.run_month(
        uow,
        fund=FUND,
        what=ALLOWANCE,
        area=settings().area,
        month=month,
        due=_due(month),
        checker=uow.approvers[-1] if uow.approvers else "system/checked",
    )
    drawing.settle_batch(uow, batch.batch)
    return batch


def _work_out_anew(uow: Uow, month: Month) -> None:
    """第四条: who is near the legal age by now, before anything of that month is posted."""
    rows = uow.session.scalars(
        select(Disability)
        .where(
            Disability.kind == "basic",
            Disability.area == settings().area,
            Disability.until > Disability.first_month,
        )
        .where(~select(DisabilityRate.since).where(*_second()).exists())
        .order_by(Disability.id)
        .with_for_update()
    ).all()
    for row in rows:
        since = near_from(row.legal, terms(row.applied, row.area))
        if since <= month and since < row.until:
            who = uow.session.get_one(registry.Person, row.person_id)
            account = uow.session.get_one(Account, row.person_id, with_for_update=True)
            rate = worked_out(uow, Facts(who, account, since - 1, whole=True), since)
            rate.disability_id = row.id
            uow.session.add(rate)
    uow.session.flush()


def _second() -> tuple[Any, ...]:
    return DisabilityRate.disability_id == Disability.id, DisabilityRate.since > Disability.first_month


def _due(month: Month) -> Select[*tuple[Any, ...]]:
    """Every month up to this one that is not owed yet, at that month's own rate. They are few: all are looked through."""
    this = payout.month_of(month)
    last = func.least(Disability.until - func.make_interval(0, 1), this)
    series = func.generate_series(Disability.first_month, last, func.make_interval(0, 1))
    days = select(cast(series.column_valued("at"), Date).label("month")).lateral("months")
    at = cast(days.c.month, MonthType())
    rate = (
        select(DisabilityRate.total)
        .where(DisabilityRate.disability_id == Disability.id, DisabilityRate.since <= at)
        .order_by(DisabilityRate.since.desc())
        .limit(1)
        .lateral("rate")
    )
    return (
        select(Disability.person_id, at.label("month"), rate.c.total.label("amount"))
        .select_from(Disability)
        .join(days, true())
        .join(rate, true())
        .where(
            Disability.area == settings().area,
            registry.alive(Disability.person_id, at),
            ~payout.stopped(Disability.person_id, at, ALLOWANCE),
            payout.not_posted(Disability.person_id, at, ALLOWANCE),
        )
    )
