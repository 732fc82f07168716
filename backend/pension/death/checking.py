"""Checking 对账: a closed account holds nothing; what the family gets is what was decided; what is posted is owed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from sqlalchemy import ColumnElement, func, select

from backend.kernel import ledger
from backend.kernel.db import MoneyType, Uow
from backend.kernel.money import ZERO
from backend.kernel.period import Month
from backend.payout import service as payout
from backend.pension.death.facts import standing
from backend.pension.death.inheriting import ENDED
from backend.pension.death.inheriting import KIND as ACCOUNT
from backend.pension.death.model import SurvivorDecision, SurvivorPart
from backend.pension.death.paying import ITEMS
from backend.pension.model import Account, AccountYear

QUESTION = "遗属待遇"


def check(uow: Uow) -> list[ledger.Difference]:
    return [*_closed_holds(uow), *_parts_differ(uow), *_not_owed(uow)]


def _closed_holds(uow: Uow) -> Iterator[ledger.Difference]:
    newest = (
        select(AccountYear.closing)
        .where(AccountYear.person_id == Account.person_id)
        .order_by(AccountYear.year.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = select(Account.person_id, newest.label("left")).where(Account.status == ENDED, newest > ZERO)
    for person_id, left in uow.session.execute(rows.order_by(Account.person_id)):
        if standing(uow, person_id, ACCOUNT):
            yield ledger.Difference(QUESTION, f"人员 {person_id} 已结清的账户", "0 分", f"{left.fen} 分")


def _parts_differ(uow: Uow) -> Iterator[ledger.Difference]:
    parts = func.coalesce(func.sum(SurvivorPart.amount), 0, type_=MoneyType())
    rows = (
        select(SurvivorDecision.id, SurvivorDecision.total, parts)
        .outerjoin(SurvivorPart, SurvivorPart.decision_id == SurvivorDecision.id)
        .group_by(SurvivorDecision.id)
        .having(parts != SurvivorDecision.total)
        .order_by(SurvivorDecision.id)
    )
    for number, total, given in uow.session.execute(rows):
        yield ledger.Difference(QUESTION, f"遗属核定 {number} 各人合计", f"{total.fen} 分", f"{given.fen} 分")


def _not_owed(uow: Uow) -> Iterator[ledger.Difference]:
    """A part that was posted is a payable, unless it was withdrawn."""
    for what in ITEMS:
        rows = (
            select(SurvivorPart.id)
            .join(SurvivorDecision, SurvivorDecision.id == SurvivorPart.decision_id)
            .where(
                SurvivorPart.item == what,
                SurvivorPart.month.is_not(None),
                SurvivorDecision.withdrawn_at.is_(None),
                payout.not_posted(
                    SurvivorPart.person_id, cast(ColumnElement[Month], SurvivorPart.month), what
                ),
            )
            .order_by(SurvivorPart.id)
        )
        for number in uow.session.scalars(rows):
            yield ledger.Difference(QUESTION, f"遗属份额 {number}", "一笔应付待遇", "没有")
