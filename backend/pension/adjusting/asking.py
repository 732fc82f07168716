"""Asking 调整查询: one's own adjustments year by year and how each came about; the runs and their sums."""

from __future__ import annotations

from sqlalchemy import select

from backend.kernel.actor import Kind, Permission
from backend.kernel.clock import CHINA
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import question
from backend.kernel.settings import settings
from backend.pension.adjusting.schema import (
    AdjustedView,
    Adjustments,
    AskAdjustments,
    AskRuns,
    Runs,
    RunView,
)
from backend.pension.adjusting.settling import standing
from backend.pension.amounts import present_of
from backend.pension.calculators.adjustment import Known, explained, known
from backend.pension.model import Adjustment, AdjustmentRun, Award
from backend.pension.rules.adjustment import Pensioner, increase
from backend.pension.schema import IncreaseView, StepView
from backend.registry import service as registry

SHOWN = 200
CHANGED = "{year} 年的调整办法后来更正过，这里是当时给的数。"


class NothingToAdjust(Refusal):
    """{name}没有核定过养老待遇，还没有可以调整的养老金。"""

    status = 404


@question("PEN-Q40", "我的养老金调整", may=Permission.PENSION_READ, by=(Kind.CITIZEN,))
def mine(uow: Uow, ask: AskAdjustments) -> Adjustments:
    person = registry.person(uow, ask.ident)
    award = uow.session.scalar(select(Award).where(Award.person_id == person.id, Award.state != "replaced"))
    if award is None:
        raise NothingToAdjust(name=person.name)
    warnings: dict[str, None] = {}
    views = []
    for row, _, _ in standing(uow, person.id):
        rule = known(row.year, settings().area)
        views.append(_view(row, rule, warnings))
    return Adjustments(
        name=person.name,
        decided_fen=award.total.fen,
        present_fen=present_of(award).fen,
        years=tuple(reversed(views)),
        warnings=tuple(warnings),
    )


def _view(row: Adjustment, rule: Known, warnings: dict[str, None]) -> AdjustedView:
    """Explained by today's parameters, unless they come to something else than was given then."""
    one = Pensioner(row.before.fen, row.months, row.age)
    again = increase(one, rule.scheme)
    parts = (row.fixed.fen, row.linked.fen, row.tilted.fen, row.top_up.fen)
    same = parts == (again.fixed, again.linked, again.tilted, again.top_up)
    warnings.update(dict.fromkeys(rule.warnings if same else (CHANGED.format(year=row.year),)))
    steps = explained(one, again, rule).all() if same else ()
    return AdjustedView(
        year=row.year,
        notice=rule.notice,
        before_fen=row.before.fen,
        fixed_fen=row.fixed.fen,
        linked_fen=row.linked.fen,
        tilted_fen=row.tilted.fen,
        top_up_fen=row.top_up.fen,
        increase_fen=row.increase.fen,
        after_fen=(row.before + row.increase).fen,
        arrears_months=row.arrears_months,
        arrears_fen=row.increase.fen * row.arrears_months,
        steps=tuple(StepView(**step.model_dump()) for step in steps),
    )


def increases(uow: Uow, award: Award) -> tuple[IncreaseView, ...]:
    """What each year added to an award, the earliest first."""
    rows = uow.session.scalars(
        select(Adjustment)
        .where(Adjustment.award_id == award.id, Adjustment.undone_at.is_(None))
        .order_by(Adjustment.year)
    )
    return tuple(
        IncreaseView(year=row.year, increase_fen=row.increase.fen, after_fen=(row.before + row.increase).fen)
        for row in rows
    )


@question("PEN-Q41", "养老金调整批次查询", may=Permission.PENSION_READ)
def runs(uow: Uow, ask: AskRuns) -> Runs:
    query = (
        select(AdjustmentRun)
        .where(AdjustmentRun.area == settings().area)
        .order_by(AdjustmentRun.id.desc())
        .limit(SHOWN)
    )
    if ask.year is not None:
        query = query.where(AdjustmentRun.year == ask.year)
    return Runs(runs=tuple(_run(one) for one in uow.session.scalars(query)))


def _run(one: AdjustmentRun) -> RunView:
    return RunView(
        number=one.id,
        year=one.year,
        run=one.run,
        notice=one.notice,
        persons=one.n,
        monthly_fen=one.monthly.fen,
        arrears_fen=one.arrears.fen,
        day=one.at.astimezone(CHINA).date().isoformat(),
        state="reversed" if one.reversed_at else "standing",
        because=one.because or "",
    )
