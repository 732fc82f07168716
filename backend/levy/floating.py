"""Floating rates 浮动费率: at which level of its class's injury rate an employer stands, decided from a month on."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import distinct_on, insert

from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.kernel.params import Lookup
from backend.kernel.period import Month
from backend.kernel.pooling import require_reach
from backend.kernel.rules import Steps, percent
from backend.kernel.settings import settings
from backend.levy.calculators.injury import CLASSES, levels_of, rate_of
from backend.levy.decided import DecideFloating, FloatingDecided
from backend.levy.model import Floating, Run
from backend.registry import service as registry


class NoSuchLevel(Refusal):
    """{name}是{industry}行业，{month} 的浮动档次只能是 {levels}，没有核定；请重新选，或者先核对行业类别。"""

    status = 422


@item(
    "LEV-17",
    "工伤保险浮动费率核定",
    may=Permission.LEVY_RUN,
    review=1,
    guide=Guide(
        what="按用人单位使用工伤保险基金、工伤发生率等情况，在行业基准费率的基础上确定浮动档次，从某个月起执行，"
        "到下一次核定为止。",
        who="经办机构",
        bring=("浮动费率核定决定",),
        law="工伤保险条例 第八条；人社部发〔2015〕71号",
    ),
)
def decide_floating(uow: Uow, cmd: DecideFloating) -> FloatingDecided:
    """Said again for the same month it replaces what was said; months billed before are settled by LEV-16."""
    require_reach(uow)
    boss, since = registry.employer(uow, cmd.uscc), Month.parse(cmd.since)
    look = Lookup(since.first, settings().area)
    if cmd.floating not in (levels := levels_of(boss.injury_class, look)):
        raise NoSuchLevel(
            name=boss.name,
            industry=CLASSES[str(boss.injury_class)],
            month=since,
            levels=" / ".join(f"{level}%" for level in levels),
        )
    said = {"percent": cmd.floating, "basis": cmd.basis, "decided_at": uow.now}
    uow.session.execute(
        insert(Floating)
        .values(employer_id=boss.id, since=since, **said)
        .on_conflict_do_update(index_elements=["employer_id", "since"], set_=said)
    )
    return FloatingDecided(
        employer=boss.name,
        since=str(since),
        rate=percent(rate_of(boss.injury_class, cmd.floating, None, look, Steps()).value),
        billed=billed_from(uow, since),
    )


def billed_from(uow: Uow, first: Month, last: Month | None = None) -> int:
    """How many of these months have been billed: what was decided now reaches them by LEV-16 only."""
    months = select(func.count(Run.month.distinct())).where(
        Run.area == settings().area, Run.kind == "monthly", Run.month >= first
    )
    return uow.session.scalars(months if last is None else months.where(Run.month <= last)).one()


def levels(month: Month) -> Select[*tuple[Any, ...]]:
    """Selects who floats in a month: employer_id, percent, since."""
    return (
        select(Floating.employer_id, Floating.percent, Floating.since)
        .ext(distinct_on(Floating.employer_id))
        .where(Floating.since <= month)
        .order_by(Floating.employer_id, Floating.since.desc())
    )
