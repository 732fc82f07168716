"""Previewing 去世以后: what a family may still get and what is to be done first; nothing changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import select

from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import question
from backend.kernel.money import Money
from backend.kernel.rules import Steps
from backend.payout import service as payout
from backend.pension import years
from backend.pension.benefits import FUND
from backend.pension.death import closing, facts
from backend.pension.death.granting import KIND as BENEFIT
from backend.pension.death.granting import work_out
from backend.pension.death.inheriting import INHERITED
from backend.pension.death.inheriting import KIND as ACCOUNT
from backend.pension.death.listing import view
from backend.pension.death.schema import AfterDeath, AskAfterDeath, DueView
from backend.pension.model import AccountYear
from backend.pension.schema import StepView
from backend.registry import service as registry

R = TypeVar("R")
UNDRAWN = (
    "去世以前的待遇还有 {fen} 元没有领：登记去世的人的银行账户（REG-22）以后照常发到账户，由家属到银行办理。"
)


@question("PEN-Q52", "去世以后家属可以领什么", may=Permission.PENSION_READ)
def after_death(uow: Uow, ask: AskAfterDeath) -> AfterDeath:
    person = facts.deceased(uow, ask.ident)
    facts.account(uow, person)
    due, first, warnings, steps = list[DueView](), list[str](), list[str](), list[StepView]()
    if not facts.standing(uow, person.id, BENEFIT) and (
        found := _told(first, lambda: work_out(uow, person, funeral=True))
    ):
        due += [DueView(item=what, amount_fen=fen.fen) for what, fen in found.amounts.items()]
        steps += _views(found.steps)
        warnings += found.warnings
    if not facts.standing(uow, person.id, ACCOUNT):
        _told(first, lambda: facts.require_paid(uow, person))
        if closed := _told(first, lambda: _closing(uow, person)):
            left = years.balance(uow, person.id) + closed.interest
            debts = sum(fen.fen for _claim, fen in payout.accounted.open_claims(uow, person.id, FUND))
            due.append(DueView(item=INHERITED, amount_fen=max(0, left.fen - debts)))
            steps += _views(closed.steps)
            if debts:
                warnings.append(f"去世的人还有 {Money(debts)} 元多领的没有退回，结清账户时先从余额里抵扣。")
            warnings += [said for said in closed.warnings if said not in warnings]
    if undrawn := facts.undrawn(uow, person):
        warnings.append(UNDRAWN.format(fen=undrawn))
    return AfterDeath(
        name=person.name,
        died=facts.day(person),
        due=tuple(one for one in due if one.amount_fen),
        first=tuple(first),
        steps=tuple(steps),
        warnings=tuple(warnings),
        decisions=tuple(view(uow, one) for one in facts.decided(uow, person.id)),
    )


def _closing(uow: Uow, person: registry.Person) -> closing.Closed:
    rows = uow.session.scalars(
        select(AccountYear).where(AccountYear.person_id == person.id).order_by(AccountYear.year)
    ).all()
    return closing.worked_out(rows, facts.day(person))


def _told(first: list[str], ask: Callable[[], R]) -> R | None:
    """The answer, or among what is to be done first the reason why there is none."""
    try:
        return ask()
    except Refusal as refusal:
        first.append(refusal.message)
        return None


def _views(steps: Steps) -> list[StepView]:
    return [StepView(**one.model_dump()) for one in steps.all()]
