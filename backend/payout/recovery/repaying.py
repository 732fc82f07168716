"""Repaying 退回: in one go, by an agreed plan, or out of later benefits; every fen leaves the claim once."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import select

from backend.kernel import ledger, params
from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import NotFound, Refusal
from backend.kernel.items import Guide, item
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.kernel.pooling import require_reach
from backend.kernel.settings import settings
from backend.payout import accounts
from backend.payout.model import Instalment, Recovery, Repayment
from backend.payout.recovery.listing import view
from backend.payout.recovery.opening import open_recovery
from backend.payout.recovery.rules import WHOLE, split
from backend.payout.recovery.schema import (
    AgreeInstalments,
    AgreeOffset,
    ClaimOverpaid,
    RecoveryView,
    Repay,
    WithdrawClaim,
)
from backend.payout.recovery.withdrawing import fall_away, forget_plan
from backend.registry import service as registry

USUAL = "基本养老金"
DOCUMENT = "document/"  # how the source of a claim by an officer's document begins


class ClaimedAlready(Refusal):
    """依据文书 {document} 已经给{name}登记过一笔多发，没有再登记。"""


class SettledAlready(Refusal):
    """追回 {recovery} 已经还清，不需要再办。"""


class TooMuchBack(Refusal):
    """追回 {recovery} 只差 {left} 元，退回的 {amount} 元多了，没有登记，请核对回单。"""


class SlipUsed(Refusal):
    """回单 {slip} 已经登记在追回 {recovery} 上，没有再登记。"""


class TooManyInstalments(Refusal):
    """分期最多 {most} 期，请减少期数。"""

    status = 422


class TooFewFen(Refusal):
    """追回 {recovery} 只差 {left} 元，分不了 {parts} 期，请减少期数。"""

    status = 422


class FirstPassed(Refusal):
    """第一期 {first} 已经过去了，请从 {this} 或者以后开始。"""

    status = 422


class ShareTooLarge(Refusal):
    """每月最多抵扣待遇的百分之{most}，请减少。"""

    status = 422


class BackAlready(Refusal):
    """追回 {recovery} 已经退回过 {back} 元，不能撤销登记，请核实以后退还本人。"""


class FoundByStop(Refusal):
    """追回 {recovery} 是停发时由系统查出的，不能在这里撤销。死亡登记错了的，请办“死亡登记撤销”（REG-23）。"""


@item(
    "PAY-31",
    "多发待遇登记",
    may=Permission.PAYOUT_RUN,
    review=1,
    guide=Guide(
        what="查实多发了社会保险待遇的，登记金额，责令退回。",
        who="经办机构",
        law="社会保险经办条例 第四十六条",
    ),
)
def claim_overpaid(uow: Uow, cmd: ClaimOverpaid) -> RecoveryView:
    require_reach(uow)
    person = registry.person(uow, cmd.ident, lock=True)
    source = f"{DOCUMENT}{person.id}/{cmd.document}"
    if uow.session.scalar(select(Recovery.id).where(Recovery.source == source)):
        raise ClaimedAlready(document=cmd.document, name=person.name)
    recovery = open_recovery(
        uow,
        person_id=person.id,
        fund=accounts.FUND,
        what=USUAL,
        fen=cmd.amount_fen,
        reason=cmd.reason,
        note=cmd.note,
        source=source,
    )
    return view(uow, uow.session.get_one(Recovery, recovery))


@item("PAY-32", "多发待遇退回登记", may=Permission.PAYOUT_RUN, review=1)
def repay(uow: Uow, cmd: Repay) -> RecoveryView:
    """Money has come back into the expenditure account."""
    row = open_claim(uow, cmd.recovery)
    used = select(Repayment.id).where(Repayment.recovery_id == row.id, Repayment.slip == cmd.document)
    if uow.session.scalar(used):
        raise SlipUsed(slip=cmd.document, recovery=row.id)
    if cmd.amount_fen > row.left.fen:
        raise TooMuchBack(recovery=row.id, left=row.left, amount=Money(cmd.amount_fen))
    uow.session.add(
        Repayment(
            recovery_id=row.id, way="returned", amount=Money(cmd.amount_fen), slip=cmd.document, at=uow.now
        )
    )
    row.left = row.left - Money(cmd.amount_fen)
    row.closed_at = None if row.left else uow.now
    ledger.post(
        uow,
        month=ledger.this_month(uow),
        document="repayment",
        key=f"repayment/{row.id}/{cmd.document}",
        lines=[
            ledger.Line(accounts.expenditure(uow, row.fund), accounts.claims(uow, row.fund), cmd.amount_fen)
        ],
        maker=uow.actor.id,
        checker=accounts.checked(uow),
    )
    uow.session.flush()
    return view(uow, row)


@item("PAY-33", "多发待遇分期退回协议", may=Permission.PAYOUT_RUN, review=1)
def agree_instalments(uow: Uow, cmd: AgreeInstalments) -> RecoveryView:
    """What is still open, in equal parts a month; an earlier agreement falls away."""
    row = open_claim(uow, cmd.recovery)
    most = params.value("payout.recovery.instalments", uow.today, settings().area)
    first, this = Month.parse(cmd.first), Month.of(uow.today)
    if cmd.instalments > most:
        raise TooManyInstalments(most=most)
    if first < this:
        raise FirstPassed(first=first, this=this)
    parts = split(row.left.fen, cmd.instalments)
    if len(parts) < cmd.instalments:
        raise TooFewFen(recovery=row.id, left=row.left, parts=cmd.instalments)
    forget_plan(uow, row)
    row.way, row.share, row.agreement = "instalments", None, cmd.document
    uow.session.add_all(
        Instalment(recovery_id=row.id, no=no + 1, due=first + no, amount=Money(fen))
        for no, fen in enumerate(parts)
    )
    uow.session.flush()
    return view(uow, row)


@item("PAY-34", "多发待遇从以后的待遇中抵扣", may=Permission.PAYOUT_RUN, review=1)
def agree_offset(uow: Uow, cmd: AgreeOffset) -> RecoveryView:
    """From the next month that is run on, a share of each month is kept back."""
    row = open_claim(uow, cmd.recovery)
    most: Decimal = params.value("payout.recovery.offset_share", uow.today, settings().area)
    if Decimal(cmd.percent) / 100 > most:
        raise ShareTooLarge(most=int(most * 100))
    forget_plan(uow, row)
    row.way, row.share, row.agreement = "offset", cmd.percent * WHOLE // 100, cmd.document
    uow.session.flush()
    return view(uow, row)


@item("PAY-35", "多发待遇登记撤销", may=Permission.PAYOUT_RUN, review=1)
def withdraw(uow: Uow, cmd: WithdrawClaim) -> RecoveryView:
    """A claim that was wrong falls away: the expense is what it was."""
    row = open_claim(uow, cmd.recovery)
    if not row.source.startswith(DOCUMENT):
        raise FoundByStop(recovery=row.id)
    if row.left != row.amount:
        raise BackAlready(recovery=row.id, back=row.amount - row.left)
    fall_away(uow, row, cmd.document)
    return view(uow, row)


def open_claim(uow: Uow, recovery: int) -> Recovery:
    """The claim, locked and still open."""
    require_reach(uow)
    row = uow.session.scalar(select(Recovery).where(Recovery.id == recovery).with_for_update())
    if row is None:
        raise NotFound(what=f"追回 {recovery}")
    if row.closed_at is not None:
        raise SettledAlready(recovery=row.id)
    return row
