"""Settling 补发的更正: when months that an adjustment was paid for in arrears turn out not to be due (a death registered
late, a stop), or due after all (the death was a mistake), the arrears follow.

An adjustment is due for every month that stands. Of those posted before its run it was paid for afterwards, so many
months (`arrears_months`); where that is no longer how many stand, the difference is taken back or owed.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from backend.kernel.db import Uow
from backend.kernel.period import Month
from backend.payout import service as payout
from backend.pension.adjusting.running import ARREARS
from backend.pension.benefits import FUND, ITEM
from backend.pension.model import Adjustment, AdjustmentRun, Award

WRONG = "07"  # 停发原因代码: 核定或者计算有误
NOTE = "{year} 年养老金调整补发，{months} 个月不应发"


def on_withdrawn(uow: Uow, fact: payout.Withdrawn) -> None:
    """Months of the pension are not due after all."""
    if (fact.fund, fact.item) == (FUND, ITEM):
        settle(uow, fact.person_id)


def settle(uow: Uow, person_id: int) -> None:
    for one, run, first in standing(uow, person_id, lock=True):
        more = len(_covered(uow, person_id, run, first)) - one.arrears_months
        one.arrears_months += more
        _differ(uow, person_id, one, more)
    for one, run, first in _reversed(uow, person_id):
        fewer = one.claimed_months - len(_posted_with(uow, person_id, run, first))
        one.claimed_months -= fewer
        _differ(uow, person_id, one, fewer)


def _differ(uow: Uow, person_id: int, one: Adjustment, months: int) -> None:
    """The increase of so many months is due besides what was posted, or (below nothing) is not."""
    note = NOTE.format(year=one.year, months=-months)
    make_good(uow, person_id, months * one.increase.fen, source(one.run_id, one.award_id), note)


def make_good(uow: Uow, person_id: int, fen: int, origin: str, note: str) -> None:
    """So much more is due in arrears, or (below nothing) was not."""
    uow.session.flush()
    if fen > 0:
        payout.owe(uow, person_id=person_id, fund=FUND, what=ARREARS, fen=fen, source=origin)
    elif fen:
        payout.take_back(
            uow,
            person_id=person_id,
            fund=FUND,
            what=ARREARS,
            fen=-fen,
            claimed_as=ITEM,
            reason=WRONG,
            note=note,
            source=origin,
        )


def standing(
    uow: Uow, person_id: int, *, lock: bool = False
) -> Sequence[tuple[Adjustment, AdjustmentRun, Month]]:
    """What stands of a person's award, the earliest year first; and the award's first month."""
    query = (
        select(Adjustment, AdjustmentRun, Award.first_month)
        .join(AdjustmentRun, AdjustmentRun.id == Adjustment.run_id)
        .join(Award, Award.id == Adjustment.award_id)
        .where(Award.person_id == person_id, Award.state != "replaced", Adjustment.undone_at.is_(None))
        .order_by(Adjustment.year)
    )
    if lock:
        query = query.with_for_update(of=Adjustment).execution_options(populate_existing=True)
    return [(one, run, first) for one, run, first in uow.session.execute(query)]


def source(run: int | str, award: int | str) -> str:
    """What claims of an adjustment come from."""
    return f"adjustment/{run}/{award}"


def _covered(uow: Uow, person_id: int, run: AdjustmentRun, first: Month) -> tuple[Month, ...]:
    """Months of the year and later that stand, are the award's, and were posted without the increase."""
    since = max(Month(run.year, 1), first)
    return payout.standing_of(uow, person_id, ITEM, since, until=run.after_batch)


def _reversed(uow: Uow, person_id: int) -> Sequence[tuple[Adjustment, AdjustmentRun, Month]]:
    """What was reversed. Months posted with it were claimed back by the increase; where such a month is not due at all and
    is claimed as a whole, its increase must not come back twice."""
    rows = uow.session.execute(
        select(Adjustment, AdjustmentRun, Award.first_month)
        .join(AdjustmentRun, AdjustmentRun.id == Adjustment.run_id)
        .join(Award, Award.id == Adjustment.award_id)
        .where(
            Award.person_id == person_id,
            Award.state != "replaced",
            Adjustment.undone_at == AdjustmentRun.reversed_at,
        )
        .order_by(AdjustmentRun.id)
        .with_for_update(of=Adjustment)
        .execution_options(populate_existing=True)
    )
    return [(one, run, first) for one, run, first in rows]


def _posted_with(uow: Uow, person_id: int, run: AdjustmentRun, first: Month) -> tuple[Month, ...]:
    """Months of the year and later that stand and were posted with the increase, before it was reversed."""
    return payout.standing_of(
        uow,
        person_id,
        ITEM,
        max(Month(run.year, 1), first),
        until=run.reversed_after or 0,
        after=run.after_batch,
    )
