"""Paying online 网上缴费 by the demo bank 演示银行: it moves no real money, and its receipt is taken like any bank's."""

from __future__ import annotations

import secrets

from sqlalchemy import ColumnElement

from backend.kernel.actor import SYSTEM, Kind
from backend.kernel.db import Uow, on_behalf
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.kernel.money import Money
from backend.levy.model import Bill
from backend.levy.owing import to_settle
from backend.levy.receiving import take
from backend.levy.schema import PayOnline, PayOwnOnline, ReceiptView, TakeReceipt
from backend.registry import service as registry

BANK = "DEMO"  # what its references begin with


class NothingToPay(Refusal):
    """现在没有要缴的社会保险费，不用缴费。"""


class MoreThanOwed(Refusal):
    """现在缴清一共是 {whole} 元，不能多缴；请核对金额。"""

    status = 422


@item(
    "LEV-10",
    "单位网上缴费（演示银行）",
    by=(Kind.EMPLOYER,),
    guide=Guide(
        what="在网上缴清当月应缴和欠费，也可以先缴一部分；先抵最早的月份，再抵滞纳金。这里的银行是演示用的，不动真钱。",
        who="用人单位",
        law="社会保险法 第六十条",
    ),
)
def pay_online(uow: Uow, cmd: PayOnline) -> ReceiptView:
    boss = registry.employer(uow, cmd.uscc)
    return _pay(uow, cmd.uscc, Bill.employer_id == boss.id, cmd.amount_fen)


@item(
    "LEV-11",
    "灵活就业人员网上缴费（演示银行）",
    by=(Kind.CITIZEN,),
    guide=Guide(
        what="灵活就业人员在网上缴清自己的社会保险费，也可以先缴一部分。这里的银行是演示用的，不动真钱。",
        who="以灵活就业身份参保的人",
        law="社会保险法 第六十条",
    ),
)
def pay_own_online(uow: Uow, cmd: PayOwnOnline) -> ReceiptView:
    who = registry.person(uow, cmd.ident)
    return _pay(uow, cmd.ident, Bill.person_id == who.id, cmd.amount_fen)


def _pay(uow: Uow, payer: str, bills: ColumnElement[bool], fen: int) -> ReceiptView:
    """The bank tells us of the money under a reference of its own, and it is taken as by the system (LEV-05)."""
    whole = to_settle(uow, bills)
    if not whole:
        raise NothingToPay
    if fen > whole:
        raise MoreThanOwed(whole=Money(whole))
    slip = TakeReceipt(
        channel="bank",
        reference=f"{BANK}-{uow.today:%Y%m%d}-{secrets.token_hex(8).upper()}",
        payer=payer,
        amount_fen=fen,
        received_on=uow.today,
    )
    with on_behalf(uow, SYSTEM, ()) as system:
        return take(system, slip)
