"""Paying 发放: everybody's pension of one month as one set, and each account drawn down by its part."""

from __future__ import annotations

from sqlalchemy import func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import item
from backend.kernel.money import ZERO
from backend.kernel.period import Month
from backend.kernel.settings import settings
from backend.payout import service as payout
from backend.payout.schema import BatchView
from backend.pension.model import Account, AccountYear
from backend.pension.model import Award as AwardRow
from backend.pension.schema import RunMonth
from backend.registry import service as registry

ITEM = "基本养老金"


class FutureMonth(Refusal):
    """{month} 还没有到，不能提前发放。"""


@item("PEN-05", "养老金月度发放", may=Permission.PAYOUT_RUN, review=1)
def run_month(uow: Uow, cmd: RunMonth) -> BatchView:
    """Everybody's pension of one month, posted as one set."""
    month = Month.parse(cmd.month)
    if month.first > uow.today:
        raise FutureMonth(month=month)
    return pay_month(uow, month, checker=uow.approvers[-1] if uow.approvers else "system/checked")


def pay_month(uow: Uow, month: Month, checker: str) -> BatchView:
    receiving = (
        select(AwardRow.person_id, AwardRow.total.label("amount"))
        .where(
            AwardRow.state == "active",
            AwardRow.area == settings().area,
            AwardRow.first_month <= month,
            AwardRow.person_id.not_in(registry.dead_before(month)),
        )
        .order_by(AwardRow.person_id)
    )
    batch = payout.run_month(
        uow, fund="pension", what=ITEM, area=settings().area, month=month, due=receiving, checker=checker
    )
    _draw_down(uow, month)
    return batch


def _draw_down(uow: Uow, month: Month) -> None:
    """The account's part comes out of each account while it lasts; then the pooled fund pays it."""
    part = func.least(Account.balance, AwardRow.account)
    drawn = (
        select(Account.person_id, Account.balance, part.label("part"))
        .join(AwardRow, AwardRow.person_id == Account.person_id)
        .where(
            AwardRow.state == "active",
            AwardRow.first_month <= month,
            AwardRow.person_id.not_in(registry.dead_before(month)),
            Account.balance > ZERO,
        )
        .subquery()
    )
    opened = select(
        drawn.c.person_id,
        literal(month.year),
        literal(0),
        drawn.c.balance,
        literal(0),
        literal(0),
        literal(0),
        drawn.c.balance,
    )
    columns = ["person_id", "year", "months", "opening", "credited", "interest", "paid", "closing"]
    uow.session.execute(insert(AccountYear).from_select(columns, opened).on_conflict_do_nothing())
    uow.session.execute(
        update(AccountYear)
        .where(AccountYear.person_id == drawn.c.person_id, AccountYear.year == month.year)
        .values(paid=AccountYear.paid + drawn.c.part, closing=AccountYear.closing - drawn.c.part)
        .execution_options(synchronize_session=False)
    )
    uow.session.execute(
        update(Account)
        .where(Account.person_id == drawn.c.person_id)
        .values(balance=Account.balance - drawn.c.part)
        .execution_options(synchronize_session=False)
    )
