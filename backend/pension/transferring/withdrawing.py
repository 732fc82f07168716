"""Withdrawing 撤销: a transfer that is not done is undone; money that waits goes back, an account that was frozen thaws."""

from __future__ import annotations

from sqlalchemy import delete

from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.kernel.money import ZERO
from backend.pension.transferred import TransferMonth, TransferYear
from backend.pension.transferring import cases, leaving, money
from backend.pension.transferring.cases import IN
from backend.pension.transferring.schema import Withdraw
from backend.pension.transferring.shown import TransferView

LAW = "国办发〔2009〕66号 第八条"


class SlipMissing(Refusal):
    """已经到账的 {amount} 元要退回转出地，请填写退回的银行回单号。"""

    status = 422


@item(
    "PEN-71",
    "关系转移撤销",
    may=Permission.PENSION_DECIDE,
    review=1,
    guide=Guide(
        what="没有办完的转移不办了：转入的，已经到账的钱退回原参保地；转出的，缴费年限和个人账户恢复原样。",
        who="经办机构，或者本人申请",
        bring=("居民身份证",),
        law=LAW,
    ),
)
def withdraw(uow: Uow, cmd: Withdraw) -> TransferView:
    held = cases.held(uow, cmd.ident, None)
    case = held.case
    if case.direction == IN:
        got = cases.received(uow, case)
        if got.fen and not cmd.slip:
            raise SlipMissing(amount=got)
        if got.fen:
            money.send_back(uow, case, got, cmd.slip)
    elif case.state == "decided":
        leaving.undo(uow, held)
    case.account = case.pooled = case.total = ZERO
    for told in (TransferMonth, TransferYear):
        uow.session.execute(delete(told).where(told.case_id == case.id))
    cases.close(uow, case, "withdrawn", cmd.reason)
    return cases.view(uow, case, held.person.name)
