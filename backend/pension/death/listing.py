"""Listing 查询: what a family gets and has got, for the officer and for each of them; and whose affairs are not settled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import aliased

from backend.kernel.actor import Kind, Permission
from backend.kernel.db import MoneyType, Uow
from backend.kernel.items import question
from backend.kernel.money import ZERO
from backend.payout import service as payout
from backend.pension.death import closing
from backend.pension.death.facts import MOST, MOVED
from backend.pension.death.model import SurvivorDecision, SurvivorPart
from backend.pension.death.schema import (
    AskMySurvivors,
    AskUnsettled,
    MyDecision,
    MySurvivorPart,
    MySurvivors,
    SurvivorDecisionView,
    SurvivorPartView,
    Unsettled,
    UnsettledList,
)
from backend.pension.model import Account, AccountYear
from backend.pension.schema import StepView
from backend.registry import service as registry

SHOWN = 200
WAITING, TAKEN_BACK, TO_RETURN = "等待发放", "已撤销", "已经领取，要退回"
NO_ACCOUNT = "{names}没有登记领取账户：请办“待遇领取账户登记”（REG-22），或者持本人的社会保障卡领取。"
REACHED = ("collected", "paid")


def view(uow: Uow, decision: SurvivorDecision) -> SurvivorDecisionView:
    parts = uow.session.scalars(
        select(SurvivorPart).where(SurvivorPart.decision_id == decision.id).order_by(SurvivorPart.id)
    ).all()
    states = {part.id: _state(uow, part, decision) for part in parts}
    return SurvivorDecisionView(
        decision=decision.id,
        name=decision.name,
        died=decision.died,
        kind=decision.kind,
        decided_on=decision.decided_on,
        total_fen=decision.total.fen,
        parts=tuple(
            SurvivorPartView(
                name=part.name,
                relation=part.relation,
                share=part.share,
                item=part.item,
                amount_fen=part.amount.fen,
                month=str(part.month) if part.month else None,
                state=states[part.id],
            )
            for part in parts
        ),
        steps=_steps(decision),
        warnings=(*decision.steps["warnings"], *_without_account(uow, parts, decision)),
        withdrawn=decision.withdrawn_at is not None,
    )


def _without_account(uow: Uow, parts: Sequence[SurvivorPart], decision: SurvivorDecision) -> tuple[str, ...]:
    """Whom no bank pays what waits for them: they draw by card, or register an account first."""
    names = {
        part.person_id: part.name
        for part in parts
        if not decision.withdrawn_at and registry.bank_account(uow, part.person_id) is None
    }
    return (NO_ACCOUNT.format(names="、".join(names.values())),) if names else ()


def _steps(decision: SurvivorDecision) -> tuple[StepView, ...]:
    return tuple(StepView(**step) for step in decision.steps["steps"])


def _state(uow: Uow, part: SurvivorPart, decision: SurvivorDecision) -> str:
    """How far its payable is."""
    if part.month is None:
        return TAKEN_BACK if decision.withdrawn_at else WAITING
    paid = payout.of_person(uow, part.person_id, MOST)
    found = [one for one in paid if (one.month, one.item) == (str(part.month), part.item)]
    if decision.withdrawn_at and found[0].state in REACHED:
        return TO_RETURN
    return found[0].state_label


@question("PEN-Q50", "我家人的遗属待遇", may=Permission.PENSION_READ, by=(Kind.CITIZEN,))
def mine(uow: Uow, ask: AskMySurvivors) -> MySurvivors:
    """What somebody gets as one of a family; of the others only the whole is told."""
    person = registry.person(uow, ask.ident)
    rows = uow.session.execute(
        select(SurvivorPart, SurvivorDecision)
        .join(SurvivorDecision, SurvivorDecision.id == SurvivorPart.decision_id)
        .where(SurvivorPart.person_id == person.id)
        .order_by(SurvivorPart.id.desc())
        .limit(SHOWN)
    ).all()
    decisions = {decision.id: decision for _part, decision in rows}
    own = [part for part, decision in rows if not decision.withdrawn_at]
    lacks = bool(own) and registry.bank_account(uow, person.id) is None
    return MySurvivors(
        parts=tuple(
            MySurvivorPart(
                died_name=decision.name,
                died=decision.died,
                item=part.item,
                share=part.share,
                amount_fen=part.amount.fen,
                decided_on=decision.decided_on,
                month=str(part.month) if part.month else None,
                state=_state(uow, part, decision),
            )
            for part, decision in rows
        ),
        decisions=tuple(
            MyDecision(
                died_name=decision.name,
                kind=decision.kind,
                total_fen=decision.total.fen,
                steps=_steps(decision),
                warnings=tuple(decision.steps["warnings"]),
            )
            for decision in decisions.values()
            if decision.withdrawn_at is None
        ),
        warnings=(NO_ACCOUNT.format(names=person.name),) if lacks else (),
    )


@question("PEN-Q51", "去世人员待遇未办清单", may=Permission.PENSION_READ)
def unsettled(uow: Uow, ask: AskUnsettled) -> UnsettledList:
    """Of persons within the officer's reach: whose family was not granted or paid everything, or whose account
    still holds something."""
    person = registry.Person
    newest = (
        select(AccountYear.closing)
        .where(AccountYear.person_id == Account.person_id)
        .order_by(AccountYear.year.desc())
        .limit(1)
        .scalar_subquery()
    )
    balance = func.coalesce(newest, 0, type_=MoneyType())
    granted, closed, waiting, to_add = _is("benefit"), _is("account"), _waits(), _to_add(uow)
    insured = Account.months_paid + Account.deemed_months > 0
    open_ones = (
        select(person, balance, granted, closed, waiting, to_add)
        .join(Account, Account.person_id == person.id)
        .where(
            person.died.is_not(None),
            Account.status != MOVED,
            or_(insured & ~granted, balance > ZERO, waiting, to_add),
        )
    )
    total = uow.session.scalar(select(func.count()).select_from(open_ones.subquery())) or 0
    rows = uow.session.execute(open_ones.order_by(person.died, person.id).limit(SHOWN)).all()
    return UnsettledList(
        total=total,
        people=tuple(
            Unsettled(
                ident=one.ident,
                name=one.name,
                died=one.died,
                benefit=_benefit(has, waits),
                account=_account(shut, bool(fen), more),
                balance_fen=fen.fen,
            )
            for one, fen, has, shut, waits, more in rows
        ),
    )


def _is(kind: str) -> Any:
    return exists().where(
        SurvivorDecision.person_id == registry.Person.id,
        SurvivorDecision.kind == kind,
        SurvivorDecision.withdrawn_at.is_(None),
    )


def _waits() -> Any:
    return exists().where(
        SurvivorDecision.person_id == registry.Person.id,
        SurvivorDecision.withdrawn_at.is_(None),
        SurvivorPart.decision_id == SurvivorDecision.id,
        SurvivorPart.month.is_(None),
    )


def _to_add(uow: Uow) -> Any:
    """Whether the newest closing of the account used a rate in whose place the year's own is published now."""
    early = select(SurvivorDecision.early_year).where(SurvivorDecision.early_year.is_not(None)).distinct()
    published = [year for year in uow.session.scalars(early) if year and closing.published(year)]
    newer = aliased(SurvivorDecision)
    later = exists().where(
        newer.person_id == SurvivorDecision.person_id,
        newer.kind == SurvivorDecision.kind,
        newer.withdrawn_at.is_(None),
        newer.no > SurvivorDecision.no,
    )
    return exists().where(
        SurvivorDecision.person_id == registry.Person.id,
        SurvivorDecision.withdrawn_at.is_(None),
        SurvivorDecision.early_year.in_(published),
        ~later,
    )


def _benefit(granted: bool, waits: bool) -> str:
    if not granted:
        return "open"
    return "waiting" if waits else "paid"


def _account(closed: bool, holds: bool, more: bool) -> str:
    if more:
        return "rate"
    if not holds:
        return "closed" if closed else "none"
    return "more" if closed else "open"
