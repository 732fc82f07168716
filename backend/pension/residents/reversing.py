"""Reversing 冲正: a payment that was wrong goes back by the way it came, and its part of the account with it."""

from __future__ import annotations

from sqlalchemy import func, select

from backend.kernel import ledger
from backend.kernel.actor import Permission
from backend.kernel.clock import CHINA
from backend.kernel.db import Uow
from backend.kernel.errors import NotFound, Refusal
from backend.kernel.items import Guide, item
from backend.kernel.pooling import require_reach
from backend.levy.schema import CHANNELS
from backend.pension.residents.accounts import account_of, balance, credit
from backend.pension.residents.contributing import line_of, living, post, receipt
from backend.pension.residents.model import ResidentPayment
from backend.pension.residents.schema import STATUS, Receipt, Reverse
from backend.pension.rules.residents import YEAR
from backend.registry import service as registry

REVERSAL = "resident-reversal"


class ReversedAlready(Refusal):
    """{channel}流水号 {reference} 的缴费已经在 {day} 冲正过，没有再办。"""


class DrawnOn(Refusal):
    """{name}的居民养老保险现在是“{status}”，以前的缴费已经算进待遇，不能冲正。"""


class BeforeTheBooks(Refusal):
    """{year} 年度的缴费是以前的经办机构收的，这里没有它的凭证，不能在这里冲正。"""


class AccountShort(Refusal):
    """个人账户只有 {balance} 元，不够减去 {amount} 元，没有冲正。"""


@item(
    "RES-06",
    "居民养老保险缴费冲正",
    may=Permission.LEVY_RUN,
    review=1,
    guide=Guide(
        what="缴费记错了人、年度或者金额，或者和职工养老保险重复的，退回原渠道，个人账户和补贴一起减去。",
        who="经办机构",
        bring=("原缴费凭证",),
        law="社会保险经办条例 第四十六条",
    ),
)
def reverse(uow: Uow, cmd: Reverse) -> Receipt:
    require_reach(uow)
    row = living(uow, cmd.channel, cmd.reference)
    if row is None:
        raise _gone(uow, cmd)
    who = next(iter(registry.persons(uow, {row.person_id}).values()))
    account = account_of(uow, who.id, who.name, lock=True)
    if account.status != "1":
        raise DrawnOn(name=who.name, status=STATUS[account.status])
    if row.batch is None:
        raise BeforeTheBooks(year=row.year)
    out = row.amount + row.subsidy
    if (held := balance(uow, who.id)) < out:
        raise AccountShort(balance=held, amount=out)
    line = line_of(uow, row)
    post(uow, row, REVERSAL, ledger.Line(line.credit, line.debit, line.fen))
    row.reversed_at, row.reason = uow.now, cmd.reason
    months = YEAR if row.kind == "own" else 0
    credit(uow, who.id, -out.fen, -months, counted=row.booked_at.astimezone(CHINA).year)
    return receipt(uow, who.name, account, row)


def _gone(uow: Uow, cmd: Reverse) -> Refusal:
    """Why there is nothing living under a reference."""
    named = {"channel": CHANNELS[cmd.channel], "reference": cmd.reference}
    at = uow.session.scalar(
        select(func.max(ResidentPayment.reversed_at)).where(
            ResidentPayment.channel == cmd.channel, ResidentPayment.reference == cmd.reference
        )
    )
    if at is None:
        return NotFound(what="{channel}流水号 {reference} 的缴费".format(**named))
    return ReversedAlready(**named, day=at.astimezone(CHINA).date())
