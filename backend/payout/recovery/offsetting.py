"""Offsetting 抵扣: of each month's benefit a share is kept back for what was overpaid, until it is paid off."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Select, column, exists, func, insert, select, table, text, type_coerce
from sqlalchemy.dialects.postgresql import distinct_on

from backend.kernel import ledger
from backend.kernel.db import MoneyType, MonthType, Uow
from backend.payout import accounts
from backend.payout.model import Recovery
from backend.payout.recovery.rules import WHOLE

STAGE = """
create temporary table kept (person_id bigint, month date, recovery_id bigint, fen bigint) on commit drop
"""
KEPT = table(
    "kept",
    column("person_id", BigInteger()),
    column("month", MonthType()),
    column("recovery_id", BigInteger()),
    column("fen", BigInteger()),
)
KEEP = """
with payables as (
  insert into payout.repayment (recovery_id, way, amount, slip, payable_id, at)
  select k.recovery_id, 'offset', k.fen, 'payable/' || p.id, p.id, :now
  from kept k join payout.payable p on p.person_id = k.person_id and p.month = k.month
  where p.batch_id = :batch
  returning recovery_id, amount
), sums as (
  select recovery_id, sum(amount)::bigint fen from payables group by recovery_id
), owed as (
  update payout.recovery r set "left" = r."left" - s.fen,
    closed_at = case when r."left" = s.fen then cast(:now as timestamptz) end
  from sums s where r.id = s.recovery_id
)
select recovery_id, fen from sums order by recovery_id
"""


def anybody(uow: Uow, fund: str, what: str) -> bool:
    """Whether anything at all is to be kept back."""
    open_ones = exists().where(*_open(fund, what))
    return bool(uow.session.scalar(select(open_ones)))


def _open(fund: str, what: str) -> tuple[Any, ...]:
    return (
        Recovery.fund == fund,
        Recovery.item == what,
        Recovery.way == "offset",
        Recovery.closed_at.is_(None),
    )


def keep_back(uow: Uow, fund: str, what: str, due: Select[Any]) -> Select[Any]:
    """`due` (person_id, month, amount) less what is kept back; what that is stands in the table `kept`.

    A person with several debts pays off the oldest first.
    """
    uow.session.execute(select(Recovery.id).where(*_open(fund, what)).order_by(Recovery.id).with_for_update())
    uow.session.execute(text(STAGE))
    oldest = (
        select(Recovery.id, Recovery.person_id, Recovery.left, Recovery.share)
        .where(*_open(fund, what))
        .ext(distinct_on(Recovery.person_id))
        .order_by(Recovery.person_id, Recovery.id)
        .subquery()
    )
    rows = due.subquery()
    part = type_coerce(rows.c.amount, BigInteger()) * oldest.c.share // WHOLE
    # the shares of the months before are gone from what is left
    before = func.sum(part).over(partition_by=rows.c.person_id, order_by=rows.c.month, rows=(None, -1))
    left = type_coerce(oldest.c.left, BigInteger()) - func.coalesce(before, 0)
    shares = (
        select(
            rows.c.person_id,
            rows.c.month,
            oldest.c.id.label("recovery_id"),
            type_coerce(func.least(part, left), BigInteger()).label("fen"),
        )
        .join(oldest, oldest.c.person_id == rows.c.person_id)
        .subquery()
    )
    uow.session.execute(insert(KEPT).from_select(list(KEPT.c.keys()), select(shares).where(shares.c.fen > 0)))
    net = due.subquery()
    amount = type_coerce(net.c.amount, BigInteger()) - func.coalesce(KEPT.c.fen, 0)
    return select(net.c.person_id, net.c.month, type_coerce(amount, MoneyType()).label("amount")).outerjoin(
        KEPT, (KEPT.c.person_id == net.c.person_id) & (KEPT.c.month == net.c.month)
    )


def book(uow: Uow, fund: str, batch: int, checker: str) -> int:
    """What was kept back of a batch leaves the debts, and the expense of it settles the claims; how much, in fen."""
    kept = uow.session.execute(text(KEEP), {"batch": batch, "now": uow.now}).all()
    uow.session.execute(text("drop table kept"))
    if kept:
        ledger.post(
            uow,
            month=ledger.this_month(uow),
            document="offset",
            key=f"offset/{batch}",
            lines=[
                ledger.Line(accounts.benefit(uow, fund), accounts.claims(uow, fund), one.fen) for one in kept
            ],
            maker=uow.actor.id,
            checker=checker,
        )
    return sum(one.fen for one in kept)
