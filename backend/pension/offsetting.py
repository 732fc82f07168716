"""Offsetting 个人账户抵扣: what was overpaid is settled out of the individual account (社会保险经办条例 第四十六条).

Only what the pension fund overpaid: the funds do not pay for each other. Funeral money is the family's and settles nothing.
"""

from __future__ import annotations

from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.funds import Fund
from backend.kernel.items import Guide, item
from backend.kernel.money import Money
from backend.payout import service as payout
from backend.payout.recovery.schema import RecoveryView
from backend.pension import years
from backend.pension.benefits import FUND
from backend.pension.schema import OffsetAccount


class OtherFund(Refusal):
    """追回 {recovery} 是{fund}的，不能用养老保险个人账户抵扣，没有办理。"""


class AccountShort(Refusal):
    """个人账户只有 {balance} 元，不够抵扣 {amount} 元，没有办理。请减少金额，其余的分期退回。"""


@item(
    "PEN-31",
    "多发待遇从个人账户抵扣",
    may=Permission.PENSION_DECIDE,
    review=1,
    guide=Guide(
        what="难以一次退回多发待遇的，从本人个人账户的余额里抵扣。",
        who="经办机构",
        bring=("抵扣决定",),
        law="社会保险经办条例 第四十六条",
    ),
)
def offset_account(uow: Uow, cmd: OffsetAccount) -> RecoveryView:
    claim, amount = payout.accounted.claim(uow, cmd.recovery), Money(cmd.amount_fen)
    if claim.fund != FUND:
        raise OtherFund(recovery=cmd.recovery, fund=Fund(claim.fund).label)
    view = payout.accounted.repay_from_account(uow, cmd.recovery, amount, cmd.document)
    if not years.pay_debt(uow, claim.person_id, amount):
        raise AccountShort(balance=years.balance(uow, claim.person_id), amount=amount)
    return view
