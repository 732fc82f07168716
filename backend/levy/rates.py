"""Rates 费率 as an employer sees them: how its injury rate comes about, and in which months policy takes something off."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow
from backend.kernel.items import question
from backend.kernel.params import Lookup
from backend.kernel.period import Month
from backend.kernel.rules import Steps, percent
from backend.kernel.settings import settings
from backend.levy.calculators.injury import CLASSES, WHOLE, levels_of, rate_of
from backend.levy.decided import POLICIES, AskRates, EmployerRates, ReliefView
from backend.levy.floating import levels
from backend.levy.model import Relief
from backend.levy.relieving import NONE
from backend.registry import service as registry


@question("LEV-Q13", "单位工伤保险费率和减免", may=Permission.LEVY_READ, by=(Kind.EMPLOYER,))
def employer_rates(uow: Uow, ask: AskRates) -> EmployerRates:
    boss = registry.employer(uow, ask.uscc)
    month = Month.of(uow.today)
    floats = levels(month).subquery()
    decided = uow.session.execute(select(floats).where(floats.c.employer_id == boss.id)).one_or_none()
    level, look, steps = decided.percent if decided else WHOLE, Lookup(month.first, settings().area), Steps()
    rate = None
    if level in levels_of(boss.injury_class, look):
        rate = percent(rate_of(boss.injury_class, level, None, look, steps).value)
    return EmployerRates(
        month=str(month),
        industry_name=CLASSES[str(boss.injury_class)],
        floating=level,
        since=str(decided.since) if decided else None,
        rate=rate,
        steps=steps.all(),
        reliefs=tuple(_reliefs(uow, boss.id)),
    )


def _reliefs(uow: Uow, employer_id: int) -> Iterator[ReliefView]:
    """Months in a row under one policy as one, the newest first."""
    rows = uow.session.scalars(
        select(Relief)
        .where(Relief.employer_id == employer_id, Relief.policy != NONE)
        .order_by(Relief.month.desc())
    ).all()
    run: list[Relief] = []
    for row in rows:
        if run and (row.policy != run[-1].policy or row.month + 1 != run[-1].month):
            yield _view(run)
            run = []
        run.append(row)
    if run:
        yield _view(run)


def _view(run: list[Relief]) -> ReliefView:
    return ReliefView(
        policy_name=str(POLICIES[run[0].policy]),
        since=str(run[-1].month),
        until=str(run[0].month),
        months=len(run),
    )
