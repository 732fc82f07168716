"""Undoing 停发撤回: a stop that should never have been is lifted as if it had never been; nothing is lost, nothing paid
twice.

What it cancelled is owed anew with the next run; what it claimed falls away; what had already come back of a claim is
owed to the person again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import or_, select, update

from backend.kernel import ledger
from backend.kernel.clock import CHINA
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.period import Month
from backend.payout.model import Batch, Overpaid, Payable, Recovery, Repayment, Stop
from backend.payout.once import owed_this_month, pay_once
from backend.payout.recovery import accounted, opening, withdrawing
from backend.payout.stopping import RUNNING

REFUND = "退还退回的待遇"
KEPT = "/kept"  # how the source of a claim ends that is about what was kept back of cancelled months


class RefundedThisMonth(Refusal):
    """{month} 已经退还过一次退回的待遇，这一次没有办理。请下个月再办。"""


@dataclass(frozen=True)
class Undone:
    """When the months were booked that are due after all, year by year; what the person gets back, and what their
    account does."""

    due_again: Sequence[Sequence[tuple[Month, int]]]  # with its payable
    refund_fen: int
    to_account_fen: int


def undo(
    uow: Uow, *, person_id: int, fund: str, what: str, reason: str, document: str, because: str
) -> Undone:
    """Lift the standing stops of this reason and document; `because` is the document that says they were wrong."""
    uow.session.execute(RUNNING)  # no run, no stop and no other undoing meanwhile
    stops = uow.session.scalars(
        select(Stop).where(
            Stop.person_id == person_id,
            Stop.item == what,
            Stop.reason == reason,
            Stop.document == document,
            Stop.until.is_(None),
        )
    ).all()
    for one in stops:
        one.until, one.lifted_at = one.since, uow.now
    uow.session.flush()
    claims = _claims(uow, stops)
    due_again = _lift(uow, [one.id for one in claims])
    back, to_account = _come_back(uow, [one.id for one in claims if not one.source.endswith(KEPT)])
    for claim in claims:
        if claim.source.endswith(KEPT):
            _owed_as_before(uow, claim, because)
        else:
            withdrawing.fall_away(uow, claim, _slip(because))
    if back:
        _refund(uow, person_id, fund, back)
    return Undone(due_again, back, to_account)


def _come_back(uow: Uow, claims: Sequence[int]) -> tuple[int, int]:
    """What had come back of these claims so far: from the person, and out of their account."""
    rows = uow.session.execute(
        select(Repayment.way == accounted.WAY, Repayment.amount).where(Repayment.recovery_id.in_(claims))
    ).all()
    account = sum(amount.fen for ours, amount in rows if ours)
    return sum(amount.fen for _ours, amount in rows) - account, account


def _slip(document: str) -> str:
    return f"{document[:50]}/withdrawn"


def _claims(uow: Uow, stops: Sequence[Stop]) -> Sequence[Recovery]:
    """What these stops claimed, the oldest first, locked."""
    if not stops:
        return ()
    theirs = or_(*(Recovery.source.startswith(f"stop/{one.id}/") for one in stops))
    return uow.session.scalars(select(Recovery).where(theirs).order_by(Recovery.id).with_for_update()).all()


def _lift(uow: Uow, claims: Sequence[int]) -> Sequence[Sequence[tuple[Month, int]]]:
    """The months of these claims count as due again; when they were booked, year by year."""
    standing = Overpaid.recovery_id.in_(claims), Overpaid.lifted_at.is_(None)
    booked = uow.session.execute(
        select(Batch.posted_at, Payable.id)
        .join(Payable, Payable.batch_id == Batch.id)
        .join(Overpaid, Overpaid.payable_id == Payable.id)
        .where(*standing)
    ).all()
    uow.session.execute(update(Overpaid).where(*standing).values(lifted_at=uow.now))
    months = sorted((Month.of(at.astimezone(CHINA).date()), payable) for at, payable in booked)
    return [list(year) for _, year in groupby(months, key=lambda one: one[0].year)]


def _owed_as_before(uow: Uow, kept: Recovery, because: str) -> None:
    """Cancelled months will be paid anew in full, so what was kept back of them is still to be paid off: as the debt
    for which it was kept back, in the way that was agreed for it."""
    fen, debt = kept.left.fen, _debt_behind(uow, kept)
    withdrawing.fall_away(uow, kept, _slip(because))
    if not fen:
        return
    again = opening.open_recovery(
        uow,
        person_id=kept.person_id,
        fund=kept.fund,
        what=kept.item,
        fen=fen,
        reason=debt.reason,
        note=debt.note,
        source=f"again/{kept.id}",
    )
    if debt.share:
        row = uow.session.get_one(Recovery, again)
        row.way, row.share, row.agreement = "offset", debt.share, debt.agreement
        uow.session.flush()


def _debt_behind(uow: Uow, kept: Recovery) -> Recovery:
    """The newest debt for which something of the person's cancelled months was kept back."""
    return uow.session.scalars(
        select(Recovery)
        .join(Repayment, Repayment.recovery_id == Recovery.id)
        .join(Payable, Payable.id == Repayment.payable_id)
        .where(
            Payable.person_id == kept.person_id,
            Payable.item == kept.item,
            Payable.cancelled_at.is_not(None),
        )
        .order_by(Repayment.id.desc())
        .limit(1)
    ).one()


def _refund(uow: Uow, person_id: int, fund: str, fen: int) -> None:
    """What came back for months that were due is the person's."""
    if owed_this_month(uow, person_id, REFUND):
        raise RefundedThisMonth(month=ledger.this_month(uow))
    pay_once(uow, person_id=person_id, fund=fund, what=REFUND, fen=fen)
