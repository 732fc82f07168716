"""Listing 追回清单: what is still open, by whom, and what is overdue; for the officer and for the person."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import exists, select

from backend.kernel import codes
from backend.kernel.actor import Kind, Permission
from backend.kernel.clock import CHINA
from backend.kernel.db import Uow
from backend.kernel.items import question
from backend.kernel.period import Month
from backend.payout.model import Instalment, Recovery, Repayment
from backend.payout.recovery import rules
from backend.payout.recovery.schema import (
    AskMine,
    AskRecoveries,
    InstalmentView,
    Recoveries,
    RecoveryView,
    RepaymentView,
)
from backend.registry import service as registry

SHOWN = 200
LAW = "社会保险经办条例 第四十六条"


@question("PAY-Q3", "多发待遇追回清单", may=Permission.PAYOUT_READ)
def listed(uow: Uow, ask: AskRecoveries) -> Recoveries:
    """The oldest first; of persons within the officer's reach."""
    closed = Recovery.closed_at.is_not(None) if ask.state == "closed" else Recovery.closed_at.is_(None)
    wanted = (
        select(Recovery)
        .join(registry.Person, registry.Person.id == Recovery.person_id)
        .where(closed)
        .order_by(Recovery.id)
        .limit(SHOWN)
    )
    if ask.state == "overdue":
        wanted = wanted.where(
            exists().where(Instalment.recovery_id == Recovery.id, Instalment.due < Month.of(uow.today))
        )
    rows = uow.session.scalars(wanted).all()
    views = _views(uow, rows)
    return Recoveries(
        recoveries=tuple(one for one in views if ask.state != "overdue" or one.state == "overdue")
    )


@question("PAY-Q4", "我要退回的待遇", may=Permission.PAYOUT_READ, by=(Kind.CITIZEN,))
def mine(uow: Uow, ask: AskMine) -> Recoveries:
    person = registry.person(uow, ask.ident)
    rows = uow.session.scalars(
        select(Recovery).where(Recovery.person_id == person.id).order_by(Recovery.id.desc()).limit(SHOWN)
    ).all()
    return Recoveries(recoveries=tuple(_views(uow, rows)))


def view(uow: Uow, row: Recovery) -> RecoveryView:
    return _views(uow, [row])[0]


def _views(uow: Uow, rows: Sequence[Recovery]) -> list[RecoveryView]:
    ids = [row.id for row in rows]
    plans = uow.session.scalars(
        select(Instalment).where(Instalment.recovery_id.in_(ids)).order_by(Instalment.no)
    ).all()
    back = uow.session.scalars(
        select(Repayment).where(Repayment.recovery_id.in_(ids)).order_by(Repayment.id)
    ).all()
    return [
        _view(
            uow,
            row,
            [one for one in plans if one.recovery_id == row.id],
            [one for one in back if one.recovery_id == row.id],
        )
        for row in rows
    ]


def _view(uow: Uow, row: Recovery, plan: Sequence[Instalment], back: Sequence[Repayment]) -> RecoveryView:
    late = _overdue(row, plan, Month.of(uow.today))
    return RecoveryView(
        recovery=row.id,
        name=registry.persons(uow, {row.person_id})[row.person_id].name,
        item=row.item,
        amount_fen=row.amount.fen,
        left_fen=row.left.fen,
        overdue_fen=late,
        reason=codes.name("stop_reason", row.reason),
        note=row.note,
        way=row.way,
        state="closed" if row.closed_at else "overdue" if late else "open",
        percent=row.share * 100 // rules.WHOLE if row.share else None,
        agreement=row.agreement,
        opened=row.opened_at.astimezone(CHINA).date(),
        instalments=tuple(
            InstalmentView(no=one.no, due=str(one.due), amount_fen=one.amount.fen) for one in plan
        ),
        repayments=tuple(
            RepaymentView(day=one.at.astimezone(CHINA).date(), way=one.way, amount_fen=one.amount.fen)
            for one in back
        ),
        law=LAW,
    )


def _overdue(row: Recovery, plan: Sequence[Instalment], this: Month) -> int:
    """Of the parts whose month is over; what came back before the plan was agreed is not counted for it."""
    planned = sum(one.amount.fen for one in plan)
    due = tuple(one.amount.fen for one in plan if one.due < this)
    return rules.overdue(due, planned - row.left.fen) if plan else 0
