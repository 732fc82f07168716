"""Doubled months 重复缴费: a month counts once; what was paid for it in the other place goes back to the person.

The month that is paid here stays (its bill stands); of what comes from elsewhere the account's part is refunded. A month
that was counted from elsewhere first and is paid here later stays as it came, and the person gets their own share back.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from backend.kernel import ledger
from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.kernel.money import ZERO, Money
from backend.kernel.period import Month
from backend.levy import service as levy
from backend.payout import service as payout
from backend.pension.benefits import FUND
from backend.pension.model import Contribution
from backend.pension.transferred import RefundedMonth, TransferMonth
from backend.pension.transferring import cases
from backend.pension.transferring.schema import RefundDouble
from backend.pension.transferring.shown import Refunded
from backend.registry import service as registry

ITEM = "重复缴费退还"
INSURANCE = "110"


class NoDoubles(Refusal):
    """{name}没有从外地转入以后又在本地缴费的重复月份，不用退。"""


class RefundedThisMonth(Refusal):
    """{month} 已经给{name}退过一次重复缴费，一个月只退一次，这一次没有办理。请下个月再办。"""


def refund(uow: Uow, person: registry.Person, months: Mapping[Month, Money], case_id: int | None) -> Money:
    """Each month once; the sum is drawn like any benefit, by card or at the bank."""
    uow.session.add_all(
        RefundedMonth(person_id=person.id, month=month, amount=amount, case_id=case_id, refunded_on=uow.today)
        for month, amount in months.items()
    )
    uow.session.flush()
    amount = sum(months.values(), ZERO)
    if not amount.fen:
        return amount
    if payout.owed_this_month(uow, person.id, ITEM):
        raise RefundedThisMonth(month=ledger.this_month(uow), name=person.name)
    payout.pay_once(uow, person_id=person.id, fund=FUND, what=ITEM, fen=amount.fen)
    return amount


def late(uow: Uow, person_id: int) -> dict[Month, Money]:
    """Months that came from elsewhere, are paid here too, and were not refunded: the person's own shares here."""
    elsewhere = select(TransferMonth.month).where(
        TransferMonth.person_id == person_id, TransferMonth.counts, TransferMonth.area.is_not(None)
    )
    kept = select(Contribution.month).where(
        Contribution.person_id == person_id, Contribution.area.is_not(None), Contribution.month.in_(elsewhere)
    )
    done = select(RefundedMonth.month).where(RefundedMonth.person_id == person_id)
    wanted = set(uow.session.scalars(kept)) - set(uow.session.scalars(done))
    found: dict[Month, Money] = {}
    if wanted:
        for row in uow.session.execute(levy.months_of_person(person_id)):
            if row.insurance == INSURANCE and row.paid and row.month in wanted:
                found[row.month] = found.get(row.month, ZERO) + row.person_share
    return found


@item(
    "PEN-72",
    "两地重复缴费退还",
    may=Permission.PENSION_DECIDE,
    review=1,
    guide=Guide(
        what="从外地转入以后，同一个月又在本地缴了费的，月份不重复计算，本地的个人缴费退给本人。",
        who="两地同时缴过费的人",
        bring=("居民身份证", "领取账户"),
        days="十五个工作日",
        law="社会保险法 第十九条；人社部规〔2016〕5号",
    ),
)
def refund_late(uow: Uow, cmd: RefundDouble) -> Refunded:
    person = registry.person(uow, cmd.ident, lock=True)
    months = late(uow, person.id)
    if not months:
        raise NoDoubles(name=person.name)
    amount = refund(uow, person, months, None)
    return Refunded(
        name=person.name, months=tuple(cases.runs(map(str, sorted(months)))), amount_fen=amount.fen
    )
