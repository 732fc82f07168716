"""Paying 遗属待遇发放: what was decided and not paid yet, posted as one set an item; heirs draw it as any benefit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, literal, select

from backend.kernel.actor import Permission
from backend.kernel.db import Uow, see_everybody
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.kernel.period import Month
from backend.kernel.pooling import require_reach
from backend.kernel.settings import settings
from backend.payout import service as payout
from backend.payout.schema import BatchView
from backend.pension.benefits import FUND
from backend.pension.death.granting import FUNERAL, PENSION
from backend.pension.death.inheriting import INHERITED
from backend.pension.death.model import SurvivorDecision, SurvivorPart
from backend.pension.death.schema import PaySurvivors, SurvivorsPaid
from backend.registry import service as registry

ITEMS = (FUNERAL, PENSION, INHERITED)


class NothingWaits(Refusal):
    """没有已经核定、等待发放的遗属待遇，没有发放。"""


@item(
    "PEN-52",
    "遗属待遇发放",
    may=Permission.PAYOUT_RUN,
    review=1,
    guide=Guide(
        what="把已经核定、还没有发放的丧葬补助金、抚恤金和个人账户余额一次记账发放。一个人一个月同一项只发一笔，再有的下个月发。",
        who="经办机构",
        law="社会保险经办条例 第十九条；社会保险法 第十四条",
    ),
)
def pay(uow: Uow, cmd: PaySurvivors) -> SurvivorsPaid:
    require_reach(uow)
    see_everybody(uow)
    month = Month.of(uow.today)
    batches = [batch for what in ITEMS if (batch := _post(uow, what, month))]
    if not batches:
        raise NothingWaits
    waiting = select(func.count()).select_from(SurvivorPart).join(SurvivorDecision, _of()).where(*_open())
    return SurvivorsPaid(
        batches=tuple(batch.batch for batch in batches),
        n=sum(batch.n for batch in batches),
        total_fen=sum(batch.total_fen for batch in batches),
        waiting=uow.session.scalar(waiting) or 0,
    )


def _post(uow: Uow, what: str, month: Month) -> BatchView | None:
    """One item: of each person the oldest part, for a person has one payable a month and item."""
    oldest = {part.person_id: part for part in reversed(_ready(uow, what, month))}
    if not oldest:
        return None
    ids = [part.id for part in oldest.values()]
    batch = payout.run_month(
        uow,
        fund=FUND,
        what=what,
        area=settings().area,
        month=month,
        due=select(
            SurvivorPart.person_id, payout.month_of(month).label("month"), SurvivorPart.amount.label("amount")
        ).where(SurvivorPart.id.in_(ids)),
        checker=uow.approvers[-1] if uow.approvers else "system/checked",
    )
    for part in oldest.values():
        part.month = month
    uow.session.flush()
    return batch


def _ready(uow: Uow, what: str, month: Month) -> Sequence[SurvivorPart]:
    """Those of living heirs who have had nothing of it this month, the oldest first; they wait for whoever withdraws."""
    this = payout.month_of(month)
    return uow.session.scalars(
        select(SurvivorPart)
        .join(SurvivorDecision, _of())
        .where(
            *_open(),
            SurvivorPart.item == what,
            payout.not_posted(SurvivorPart.person_id, this, what),
            ~payout.stopped(SurvivorPart.person_id, this, what),
            registry.alive(SurvivorPart.person_id, literal(date.max)),
        )
        .order_by(SurvivorPart.id)
        .with_for_update(of=SurvivorPart)
        .execution_options(populate_existing=True)
    ).all()


def _of() -> Any:
    return SurvivorDecision.id == SurvivorPart.decision_id


def _open() -> tuple[Any, ...]:
    return SurvivorPart.month.is_(None), SurvivorDecision.withdrawn_at.is_(None)
