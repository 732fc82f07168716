"""Viewing 病残津贴查询: an allowance as its person and officers read it."""

from __future__ import annotations

from sqlalchemy import select

from backend.kernel import codes
from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow
from backend.kernel.errors import NotFound
from backend.kernel.items import question
from backend.kernel.period import Month
from backend.payout import service as payout
from backend.pension.living.allowed import AllowanceView, AskAllowance, RateView
from backend.pension.living.model import Disability, DisabilityRate
from backend.pension.living.rating import in_force, rates
from backend.pension.living.receiving import ALLOWANCE
from backend.pension.schema import StepView, StopView
from backend.registry import service as registry


@question("PEN-Q22", "我的病残津贴", may=Permission.PENSION_READ, by=(Kind.CITIZEN,))
def mine(uow: Uow, ask: AskAllowance) -> AllowanceView:
    """The newest one."""
    who = registry.person(uow, ask.ident)
    row = uow.session.scalar(
        select(Disability)
        .where(Disability.person_id == who.id)
        .order_by(Disability.first_month.desc())
        .limit(1)
    )
    if row is None:
        raise NotFound(what=f"{who.name}的病残津贴")
    return view(uow, who, row)


def view(uow: Uow, who: registry.Person, row: Disability) -> AllowanceView:
    known, this = rates(uow, row), Month.of(uow.today)
    held = payout.standing(uow, who.id, ALLOWANCE)
    newest = in_force(known, max(this, row.first_month))
    return AllowanceView(
        name=who.name,
        kind=row.kind,
        state=_state(row, this, stopped=held is not None),
        total_fen=newest.total.fen,
        first_month=str(row.first_month),
        last_month=str(row.until - 1),
        legal=row.legal,
        document=row.document,
        appraised=row.appraised,
        decided_on=row.decided_on,
        stopped=StopView(since=str(held.since), reason=codes.name("stop_reason", held.reason))
        if held
        else None,
        rates=tuple(map(_rate, known)),
        warnings=tuple(newest.steps["warnings"]),
    )


def _state(row: Disability, this: Month, *, stopped: bool) -> str:
    if row.until <= this:
        return "over"
    if stopped:
        return "stopped"
    return "running" if row.first_month <= this else "coming"


def _rate(one: DisabilityRate) -> RateView:
    return RateView(
        since=str(one.since),
        total_fen=one.total.fen,
        basic_fen=one.basic.fen,
        account_fen=one.account.fen,
        transitional_fen=one.transitional.fen,
        additions_fen=one.additions.fen,
        facts=one.facts,
        steps=tuple(StepView(**step) for step in one.steps["steps"]),
    )
