"""Running 调整: a year's adjustment of everybody as one set, and what January and the months since are short of as one
payable a person (养老金调整补发), which is how it is paid at a bank or a kiosk.

Which months that covers need not be written down: those that stand and were posted before the run. Months posted later
contain the increase; what becomes of a covered month afterwards, `settling` sees.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Select, func, insert, literal, select, text, type_coerce, update

from backend.kernel import ledger
from backend.kernel.actor import Permission
from backend.kernel.db import MoneyType, MonthType, Uow, in_bulk, see_everybody
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.kernel.money import ZERO, Money
from backend.kernel.pooling import require_reach
from backend.kernel.rules import percent
from backend.kernel.settings import settings
from backend.payout import service as payout
from backend.pension.adjusting.due import PARTS, due, waiting
from backend.pension.adjusting.schema import AdjustYear, YearAdjusted
from backend.pension.benefits import FUND
from backend.pension.calculators.adjustment import Known, known
from backend.pension.model import Adjustment, AdjustmentRun, Award

ARREARS = "养老金调整补发"
AWARDS_WAIT = text("lock table pension.award in exclusive mode")
WRITTEN = ("award_id", "before", "months", "age", *PARTS, "increase", "arrears_months")


class YearNotBegun(Refusal):
    """{year} 年还没有到，不能调整。"""


class NobodyToAdjust(Refusal):
    """{year} 年没有需要调整的人，没有办理：已经调整过的不再调整；更早的年度还没有调整的有 {waiting} 人，要先办那一年。"""


def terms(uow: Uow, year: int) -> Known:
    """The year's rule here; refused where there is none (yet)."""
    if year > uow.today.year:
        raise YearNotBegun(year=year)
    return known(year, settings().area)


def ready(uow: Uow, cmd: AdjustYear) -> object:
    require_reach(uow)
    return terms(uow, cmd.year)


@item(
    "PEN-41",
    "养老金年度调整",
    may=Permission.PENSION_DECIDE,
    review=2,
    ready=ready,
    guide=Guide(
        what="国家和本地公布年度调整办法以后，给上年底以前退休的全部人员增加养老金，从一月起补发。先试算（PEN-40）。"
        "可以重复办理，漏了的补上，已经调整过的不会再调。",
        who="经办机构",
        days="复核后当场办结，个人不用申请",
        law="社会保险法 第十八条",
    ),
)
def adjust_year(uow: Uow, cmd: AdjustYear) -> YearAdjusted:
    require_reach(uow)
    rule = terms(uow, cmd.year)
    see_everybody(uow)
    in_bulk(uow)
    stand_still(uow)
    run = _open(uow, rule)
    before = _write(uow, run, rule)
    left_out = waiting(uow, rule.year)
    if not run.n:
        raise NobodyToAdjust(year=rule.year, waiting=left_out)
    persons = _post_arrears(uow, run)
    uow.session.flush()
    return YearAdjusted(
        number=run.id,
        year=run.year,
        run=run.run,
        notice=run.notice,
        persons=run.n,
        monthly_fen=run.monthly.fen,
        percent=rate(run.monthly.fen, before),
        arrears_persons=persons,
        arrears_fen=run.arrears.fen,
        waiting=left_out,
        warnings=rule.warnings,
    )


def stand_still(uow: Uow) -> None:
    """Nobody decides, stops or posts a pension meanwhile. Awards first: who stops one holds it, and waits for us to post."""
    uow.session.execute(AWARDS_WAIT)
    payout.stand_still(uow)


def rate(increase: int, before: int) -> str:
    """By how much, to a hundredth of a percent."""
    return percent(round(Decimal(increase) / before, 4)) if before else ""


def checker(uow: Uow) -> str:
    return uow.approvers[-1] if uow.approvers else "system/checked"


def _open(uow: Uow, rule: Known) -> AdjustmentRun:
    earlier = select(func.count()).where(
        AdjustmentRun.area == settings().area, AdjustmentRun.year == rule.year
    )
    run = AdjustmentRun(
        area=settings().area,
        year=rule.year,
        run=1 + uow.session.scalars(earlier).one(),
        notice=rule.notice,
        n=0,
        monthly=ZERO,
        arrears=ZERO,
        after_batch=payout.newest_batch(uow),
        maker=uow.actor.id,
        checker=checker(uow),
        at=uow.now,
    )
    uow.session.add(run)
    uow.session.flush()
    return run


def _write(uow: Uow, run: AdjustmentRun, rule: Known) -> int:
    """One statement that writes down what everybody gains and raises their awards; what they all had before."""
    rows = due(rule).cte("due").prefix_with("materialized")
    lines = (
        insert(Adjustment)
        .from_select(
            ["run_id", "year", *WRITTEN],
            select(literal(run.id), literal(run.year), *(rows.c[name] for name in WRITTEN)),
        )
        .cte("lines")
    )
    raised = (
        update(Award)
        .where(Award.id == rows.c.award_id)
        .values(increase=Award.increase + _money(rows.c.increase), adjusted=run.year)
        .execution_options(synchronize_session=False)
        .cte("raised")
    )
    owed = rows.c.increase * rows.c.arrears_months
    sums = (func.coalesce(func.sum(one), 0) for one in (rows.c.increase, owed, rows.c.before))
    found = uow.session.execute(select(func.count(), *sums).select_from(rows).add_cte(lines, raised)).one()
    run.n, run.monthly, run.arrears = int(found[0]), Money(int(found[1])), Money(int(found[2]))
    return int(found[3])


def _money(fen: Any) -> Any:
    return type_coerce(fen, MoneyType())


def _post_arrears(uow: Uow, run: AdjustmentRun) -> int:
    """What the months that were posted without the increase are short of; to how many persons."""
    if not run.arrears:
        return 0
    batch = payout.run_month(
        uow,
        fund=FUND,
        what=ARREARS,
        area=run.area,
        month=ledger.this_month(uow),
        due=_owed(uow, run),
        checker=run.checker,
    )
    run.batch_id = batch.batch
    return batch.n


def _owed(uow: Uow, run: AdjustmentRun) -> Select[*tuple[Any, ...]]:
    fen = type_coerce(Adjustment.increase, BigInteger()) * Adjustment.arrears_months
    month = payout.label_month(uow, Award.person_id, ARREARS, ledger.this_month(uow))
    return (
        select(Award.person_id, type_coerce(month, MonthType()).label("month"), _money(fen).label("amount"))
        .join(Award, Award.id == Adjustment.award_id)
        .where(Adjustment.run_id == run.id, fen > 0)
    )
