"""Paying 发放: every resident's pension of a month as one set, each month at the amount in force for that month.

The basic part is the same for everybody and changes by parameter; where it is raised for months already paid, the
difference is paid as an item of its own (`RES-10`).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    Date,
    Select,
    cast,
    column,
    func,
    select,
    true,
    type_coerce,
    union_all,
    values,
)

from backend.kernel.actor import Permission
from backend.kernel.db import MoneyType, MonthType, Uow, in_bulk, see_everybody
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.kernel.period import Month
from backend.kernel.settings import settings
from backend.payout import accounts
from backend.payout import service as payout
from backend.payout.schema import BatchView
from backend.pension import years
from backend.pension.paying import UNDER_WAY, FutureMonth
from backend.pension.residents.awarding import basic_at
from backend.pension.residents.books import FUND, ITEM, RESIDENTS
from backend.pension.residents.model import ResidentAccount, ResidentAward
from backend.pension.residents.schema import RunDifference, RunMonth
from backend.pension.residents.terms import look
from backend.registry import service as registry

DIFFERENCE = "居民养老金补差"


class MonthsReversed(Refusal):
    """起始月 {since} 晚于截止月 {until}，请核对。"""

    status = 422


@item(
    "RES-09",
    "居民养老金月度发放",
    may=Permission.PAYOUT_RUN,
    review=1,
    guide=Guide(
        what="发放一个月的居民养老金；新核定的人以前的月份一起补发，每个月按当月的标准。",
        who="经办机构",
        law="国发〔2014〕8号 第五条；社会保险法 第七十三条",
    ),
)
def run_month(uow: Uow, cmd: RunMonth) -> BatchView:
    month = Month.parse(cmd.month)
    if month.first > uow.today:
        raise FutureMonth(month=month)
    return pay_month(uow, month, accounts.checked(uow))


def pay_month(uow: Uow, month: Month, checker: str) -> BatchView:
    see_everybody(uow)
    in_bulk(uow)
    due = _due(uow, month)
    batch = payout.run_month(
        uow, fund=FUND, what=ITEM, area=settings().area, month=month, due=due, checker=checker
    )
    if not payout.booked_earlier(uow, batch.batch, since=date(uow.today.year, 1, 1)):
        years.open_year(uow, ResidentAccount.status == "4", books=RESIDENTS)
    years.draw(uow, payout.months_posted(batch.batch).subquery(), RESIDENTS)
    return batch


def _due(uow: Uow, month: Month) -> Select[Any]:
    """This month for everybody in payment; and for those decided since the month before was run, every month from
    their first (补发). Nobody is owed a month twice."""
    of = {"fund": FUND, "what": ITEM, "area": settings().area}
    this = payout.month_of(month)
    basics = basics_until(uow, month)
    current = _receiving(this, basics).where(ResidentAward.pays_from <= month)
    if payout.posted_from(uow, month=month, **of):
        current = current.where(payout.not_posted(ResidentAward.person_id, this, ITEM))
    back = func.make_interval(0, 1)
    late = func.generate_series(ResidentAward.pays_from, this - back, back)
    earlier = select(cast(late.column_valued("at"), Date).label("month")).lateral("earlier")
    at = cast(earlier.c.month, MonthType())
    arrears = _receiving(at, basics).join(earlier, true())
    arrears = arrears.where(payout.not_posted(ResidentAward.person_id, at, ITEM))
    if since := payout.last_posted(uow, before=month, **of):
        arrears = arrears.where(ResidentAward.decided_at > since - UNDER_WAY)
    both = union_all(current, arrears).subquery()
    return select(both.c.person_id, both.c.month, both.c.amount)


def _receiving(month: Any, basics: Any) -> Select[Any]:
    basic = select(basics.c.fen).where(basics.c.month == month).scalar_subquery()
    return select(ResidentAward.person_id, month.label("month"), monthly(basic).label("amount")).where(
        ResidentAward.area == settings().area,
        registry.alive(ResidentAward.person_id, month),
        ~payout.stopped(ResidentAward.person_id, month, ITEM),
    )


def monthly(basic: Any) -> Any:
    """基础养老金 + 个人账户养老金 + 长缴加发."""
    own = (type_coerce(one, BigInteger()) for one in (ResidentAward.account, ResidentAward.addition))
    return type_coerce(sum(own, basic), MoneyType())


def basics_until(uow: Uow, last: Month) -> Any:
    """The basic part of every month that anybody may be owed, until this one."""
    first = uow.session.scalar(
        select(type_coerce(func.min(ResidentAward.pays_from), MonthType())).where(
            ResidentAward.area == settings().area
        )
    )
    at = look(last.first)
    months = min(first or last, last).until(last)
    return values(column("month", MonthType()), column("fen", BigInteger()), name="basics").data(
        [(month, basic_at(month, at).fen) for month in months]
    )


@item(
    "RES-10",
    "居民基础养老金提高补差",
    may=Permission.PAYOUT_RUN,
    review=1,
    guide=Guide(
        what="基础养老金标准提高、已经发过的月份要补的，按新标准补发差额；一个月只补一次。",
        who="经办机构",
        law="国发〔2014〕8号 第五条",
    ),
)
def run_difference(uow: Uow, cmd: RunDifference) -> BatchView:
    """What the months paid are short of the amount in force for them by now."""
    since, until = Month.parse(cmd.since), Month.parse(cmd.until)
    if since > until:
        raise MonthsReversed(since=since, until=until)
    if until.first > uow.today:
        raise FutureMonth(month=until)
    see_everybody(uow)
    in_bulk(uow)
    basics = basics_until(uow, until)
    had = payout.had(ITEM).subquery()
    short = type_coerce(monthly(basics.c.fen), BigInteger()) - had.c.fen
    due = (
        select(had.c.person_id, had.c.month, type_coerce(short, MoneyType()).label("amount"))
        .join(ResidentAward, ResidentAward.person_id == had.c.person_id)
        .join(basics, basics.c.month == had.c.month)
        .where(
            ResidentAward.area == settings().area,
            had.c.month >= since,
            short > 0,
            payout.not_posted(had.c.person_id, had.c.month, DIFFERENCE),
        )
    )
    return payout.run_month(
        uow,
        fund=FUND,
        what=DIFFERENCE,
        area=settings().area,
        month=Month.of(uow.today),
        due=due,
        checker=accounts.checked(uow),
    )
