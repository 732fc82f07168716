"""Trying 试算: what a year's adjustment would come to, by how much people have and how old they are; nothing is written."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Subquery, case, func, select

from backend.kernel import ident
from backend.kernel.actor import Permission
from backend.kernel.db import Uow, in_bulk, see_everybody
from backend.kernel.items import question
from backend.kernel.pooling import require_reach
from backend.pension.adjusting.due import due, waiting
from backend.pension.adjusting.running import rate, terms
from backend.pension.adjusting.schema import ExampleView, GroupView, Tried, TryYear
from backend.pension.calculators.adjustment import Known
from backend.pension.rules.adjustment import Tiers
from backend.registry import service as registry

EXAMPLES = 10
BANDS: Tiers = tuple((yuan * 100, 0) for yuan in (0, 2000, 3000, 4000, 5000, 6000, 8000, 10000))
YOUNGEST: Tiers = ((0, 0),)
Row = tuple[int, int, int, int]  # group, persons, before, increase


@question("PEN-40", "养老金年度调整试算", may=Permission.PENSION_DECIDE)
def try_year(uow: Uow, ask: TryYear) -> Tried:
    require_reach(uow)
    rule = terms(uow, ask.year)
    see_everybody(uow)
    in_bulk(uow)
    rows = due(rule).subquery("due")
    n, before, increase, arrears = (
        int(one or 0)
        for one in uow.session.execute(
            select(
                func.count(),
                func.sum(rows.c.before),
                func.sum(rows.c.increase),
                func.sum(rows.c.increase * rows.c.arrears_months),
            )
        ).one()
    )
    return Tried(
        year=rule.year,
        notice=rule.notice,
        persons=n,
        waiting=waiting(uow, rule.year),
        average_before_fen=before // n if n else 0,
        average_increase_fen=increase // n if n else 0,
        percent=rate(increase, before),
        monthly_fen=increase,
        yearly_fen=increase * 12,
        arrears_fen=arrears,
        by_pension=_by_pension(uow, rows, rule),
        by_age=_by_age(uow, rows, rule),
        examples=_examples(uow, rows, n),
        warnings=rule.warnings,
    )


def _by_pension(uow: Uow, rows: Subquery, rule: Known) -> tuple[GroupView, ...]:
    """By the notice's own tiers where it has any, else by round sums."""
    bands = rule.scheme.fixed if len(rule.scheme.fixed) > 1 else BANDS
    names = [_yuan(at, bands) for at in range(len(bands))]
    return tuple(_group(names[row[0]], row) for row in _grouped(uow, rows, rows.c.before, bands))


def _by_age(uow: Uow, rows: Subquery, rule: Known) -> tuple[GroupView, ...]:
    bands = YOUNGEST + rule.scheme.ages
    return tuple(_group(_age(row[0], bands), row) for row in _grouped(uow, rows, rows.c.age, bands))


def _grouped(uow: Uow, rows: Subquery, value: ColumnElement[int], bands: Tiers) -> list[Row]:
    at = case(*((value >= bound, n) for n, (bound, _) in reversed(list(enumerate(bands)))), else_=0).label(
        "at"
    )
    sums = (func.count(), func.sum(rows.c.before), func.sum(rows.c.increase))
    query = select(at, *sums).group_by(at).order_by(at)
    return [tuple(map(int, row)) for row in uow.session.execute(query)]  # type: ignore[misc]


def _group(name: str, row: Row) -> GroupView:
    _, n, before, increase = row
    return GroupView(
        group=name,
        persons=n,
        before_fen=before // n,
        increase_fen=increase // n,
        percent=rate(increase, before),
        monthly_fen=increase,
    )


def _yuan(at: int, bands: Tiers) -> str:
    from_, until = bands[at][0] // 100, bands[at + 1][0] // 100 if at + 1 < len(bands) else None
    if until is None:
        return f"{from_} 元以上"
    return f"{from_} 到不满 {until} 元" if from_ else f"不满 {until} 元"


def _age(at: int, bands: Tiers) -> str:
    from_, until = bands[at][0], bands[at + 1][0] if at + 1 < len(bands) else None
    if until is None:
        return f"满 {from_} 岁" if from_ else "全部"
    return f"{from_} 到不满 {until} 岁" if from_ else f"不满 {until} 岁"


def _examples(uow: Uow, rows: Subquery, n: int) -> tuple[ExampleView, ...]:
    """Evenly spread from the lowest pension to the highest, the first and the last among them."""
    if not n:
        return ()
    at = func.row_number().over(order_by=(rows.c.before, rows.c.award_id)).label("at")
    ranked = select(rows, at).subquery("ranked")
    chosen = sorted({1 + step * (n - 1) // (EXAMPLES - 1) for step in range(EXAMPLES)})
    query = (
        select(registry.Person.ident, ranked)
        .join(registry.Person, registry.Person.id == ranked.c.person_id)
        .where(ranked.c.at.in_(chosen))
        .order_by(ranked.c.at)
    )
    return tuple(_example(row) for row in uow.session.execute(query).mappings())


def _example(row: Any) -> ExampleView:
    return ExampleView(
        masked_ident=ident.masked(row["ident"]),
        age=row["age"],
        months=row["months"],
        before_fen=row["before"],
        fixed_fen=row["fixed"],
        linked_fen=row["linked"],
        tilted_fen=row["tilted"],
        top_up_fen=row["top_up"],
        after_fen=row["before"] + row["increase"],
        arrears_months=row["arrears_months"],
    )
