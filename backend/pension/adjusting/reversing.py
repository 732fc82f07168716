"""Reversing 调整撤销: a run that was wrong is taken back as if it had never been; what was paid of it comes back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Subquery, func, select, type_coerce, update

from backend.kernel.actor import Permission
from backend.kernel.db import MoneyType, Uow, in_bulk, one_by_one, see_everybody
from backend.kernel.errors import NotFound, Refusal
from backend.kernel.items import Guide, item
from backend.kernel.period import Month
from backend.kernel.pooling import require_reach
from backend.payout import service as payout
from backend.pension.adjusting.running import ARREARS, stand_still
from backend.pension.adjusting.schema import AdjustmentReversed, ReverseAdjustment
from backend.pension.adjusting.settling import WRONG, source
from backend.pension.benefits import FUND, ITEM
from backend.pension.model import Adjustment, AdjustmentRun, Award


class ReversedAlready(Refusal):
    """调整 {number} 已经撤销过了，没有再办。"""


class LaterYearStands(Refusal):
    """调整 {number} 里有 {n} 人已经按以后的年度又调整过，没有撤销。请先撤销以后年度的调整。"""


def ready(uow: Uow, cmd: ReverseAdjustment) -> object:
    return _run(uow, cmd.number)


@item(
    "PEN-42",
    "养老金调整撤销",
    may=Permission.PENSION_DECIDE,
    review=2,
    ready=ready,
    guide=Guide(
        what="调整办错了的（例如参数录错），整批撤销：养老金退回调整以前的标准，没有领的补发撤销，已经发的登记追回，"
        "可以从以后的待遇中抵扣。更正以后再办调整。",
        who="经办机构",
        bring=("撤销决定",),
        law="社会保险经办条例 第四十六条",
    ),
)
def reverse(uow: Uow, cmd: ReverseAdjustment) -> AdjustmentReversed:
    require_reach(uow)
    see_everybody(uow)
    stand_still(uow)
    run = _run(uow, cmd.number)
    in_bulk(uow)
    batch = run.batch_id or 0
    cancelled = payout.cancel_batch(uow, FUND, batch, source(run.id, "arrears")).subquery("cancelled")
    n, fen = uow.session.execute(
        select(func.count(), func.coalesce(func.sum(cancelled.c.fen), 0)).select_from(cancelled)
    ).one()
    now = uow.now
    persons = _undo(uow, run, now)
    excess = _excess(run, cancelled, now)
    claims, claimed = payout.open_recoveries(
        uow,
        fund=FUND,
        what=ITEM,
        rows=select(excess.c.person_id, excess.c.source, excess.c.fen).where(excess.c.fen > 0),
        reason=WRONG,
        note=f"{run.year} 年养老金调整撤销",
        key=f"adjustment/{run.id}",
    )
    short = uow.session.execute(select(excess).where(excess.c.fen < 0)).all()
    one_by_one(uow)
    for person_id, origin, less in short:  # more was claimed of an arrears payable than is cancelled now
        payout.owe(uow, person_id=person_id, fund=FUND, what=ARREARS, fen=-less, source=origin)
    run.reversed_at, run.reversed_after, run.reversed_by = now, payout.newest_batch(uow), uow.actor.id
    run.because, run.document = cmd.because, cmd.document
    uow.session.flush()
    return AdjustmentReversed(
        number=run.id,
        year=run.year,
        persons=persons,
        cancelled=n,
        cancelled_fen=int(fen),
        claimed=claims,
        claimed_fen=claimed,
    )


def _run(uow: Uow, number: int) -> AdjustmentRun:
    """The run, locked; of nobody's who was adjusted for a later year since."""
    run = uow.session.scalar(select(AdjustmentRun).where(AdjustmentRun.id == number).with_for_update())
    if run is None:
        raise NotFound(what=f"养老金调整 {number}")
    if run.reversed_at is not None:
        raise ReversedAlready(number=number)
    later = select(func.count()).select_from(Adjustment).join(Award, Award.id == Adjustment.award_id)
    n = uow.session.scalars(later.where(*_stands(run), Award.adjusted > run.year)).one()
    if n:
        raise LaterYearStands(number=number, n=n)
    return run


def _stands(run: AdjustmentRun) -> tuple[Any, ...]:
    return Adjustment.run_id == run.id, Adjustment.undone_at.is_(None)


def _undo(uow: Uow, run: AdjustmentRun, now: datetime) -> int:
    """Amounts and turns as before the run; of how many awards. Each keeps how many months had been posted with it."""
    since = payout.standing_months(ITEM, Month(run.year, 1), after=run.after_batch).subquery("since")
    rows = (
        select(Adjustment.award_id, func.coalesce(since.c.n, 0).label("n"))
        .join(Award, Award.id == Adjustment.award_id)
        .outerjoin(since, since.c.person_id == Award.person_id)
        .where(*_stands(run))
        .subquery("rows")
    )
    back = (
        update(Adjustment)
        .where(Adjustment.run_id == run.id, Adjustment.award_id == rows.c.award_id)
        .values(undone_at=now, claimed_months=rows.c.n)
        .returning(Adjustment.award_id, Adjustment.increase)
        .execution_options(synchronize_session=False)
        .cte("back")
    )
    lowered = (
        update(Award)
        .where(Award.id == back.c.award_id)
        .values(
            increase=Award.increase - type_coerce(back.c.increase, MoneyType()),
            adjusted=run.year - 1,
        )
        .execution_options(synchronize_session=False)
        .cte("lowered")
    )
    return int(uow.session.scalars(select(func.count()).select_from(back).add_cte(lowered)).one())


def _excess(run: AdjustmentRun, cancelled: Subquery, now: datetime) -> Subquery:
    """What each person got of the run, less what was just cancelled: the increase of every month that stands, whether it
    was paid in arrears or posted with it (person_id, source, fen)."""
    months = Adjustment.arrears_months + Adjustment.claimed_months
    got = _whole(Adjustment.increase) * months - func.coalesce(cancelled.c.fen, 0)
    return (
        select(
            Award.person_id,
            func.concat(source(run.id, ""), Adjustment.award_id, "/reversal").label("source"),
            type_coerce(got, BigInteger()).label("fen"),
        )
        .join(Award, Award.id == Adjustment.award_id)
        .outerjoin(cancelled, cancelled.c.person_id == Award.person_id)
        .where(Adjustment.run_id == run.id, Adjustment.undone_at == now)
        .subquery("excess")
    )


def _whole(column: Any) -> Any:
    return type_coerce(column, BigInteger())
