"""Viewing 待遇核定详情: an award with its components, facts and steps, and what it replaced."""

from __future__ import annotations

from sqlalchemy import select

from backend.kernel import codes
from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow
from backend.kernel.errors import NotFound
from backend.kernel.items import question
from backend.payout import service as payout
from backend.pension.adjusting.asking import increases
from backend.pension.amounts import present_of
from backend.pension.awarding.model import Replacement
from backend.pension.benefits import ITEM
from backend.pension.model import Award, Working
from backend.pension.schema import AskMine, AwardView, IncreaseView, ReplacesView, StepView, StopView
from backend.registry import service as registry

STATES = {"active": "正常发放", "suspended": "暂停发放", "ended": "停止发放", "replaced": "已经重新核定"}


def award_of(uow: Uow, person_id: int) -> tuple[Award, Working] | None:
    """The award in force."""
    found = uow.session.execute(
        select(Award, Working)
        .join(Working, Working.award_id == Award.id)
        .where(Award.person_id == person_id, Award.state != "replaced")
    ).one_or_none()
    return (found[0], found[1]) if found else None


def award_view(uow: Uow, row: Award, working: Working) -> AwardView:
    """An award with what has become of it."""
    held = payout.standing(uow, row.person_id, ITEM) if row.state in {"suspended", "ended"} else None
    stopped = StopView(since=str(held.since), reason=codes.name("stop_reason", held.reason)) if held else None
    return _view(row, working, increases(uow, row), stopped, _replaces(uow, row))


def fresh_view(row: Award, working: Working) -> AwardView:
    """A first award that has only now been decided."""
    return _view(row, working)


def _view(
    row: Award,
    working: Working,
    increased: tuple[IncreaseView, ...] = (),
    stopped: StopView | None = None,
    replaces: ReplacesView | None = None,
) -> AwardView:
    return AwardView(
        award=row.id,
        retired=str(row.retired),
        first_month=str(row.first_month),
        decided_on=row.decided_on,
        basic_fen=row.basic.fen,
        account_fen=row.account.fen,
        transitional_fen=row.transitional.fen,
        additions_fen=row.additions.fen,
        total_fen=row.total.fen,
        present_fen=present_of(row).fen,
        increases=increased,
        state=row.state,
        state_label=STATES[row.state],
        stopped=stopped,
        provisional=row.provisional,
        replaces=replaces,
        facts=working.facts,
        steps=tuple(StepView(**step) for step in working.steps["steps"]),
        warnings=tuple(working.steps["warnings"]),
    )


def _replaces(uow: Uow, row: Award) -> ReplacesView | None:
    found = uow.session.execute(
        select(Replacement, Award.total)
        .join(Award, Award.id == Replacement.replaces)
        .where(Replacement.award_id == row.id)
    ).one_or_none()
    if found is None:
        return None
    why, total = found
    return ReplacesView(
        award=why.replaces,
        total_fen=total.fen,
        reason=codes.name("recalculation_reason", why.reason),
        document=why.document,
    )


@question("PEN-Q3", "待遇核定详情", may=Permission.PENSION_READ, by=(Kind.CITIZEN,))
def view_award(uow: Uow, ask: AskMine) -> AwardView:
    person = registry.person(uow, ask.ident)
    found = award_of(uow, person.id)
    if found is None:
        raise NotFound(what=f"{person.name}的养老待遇核定")
    return award_view(uow, *found)
