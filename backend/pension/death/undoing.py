"""Undoing 核定撤销: a decision that was wrong, or about somebody who lives, is taken back whole: what nobody has drawn
is owed no more, what was drawn is claimed back, and the account is as it was."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import NotFound
from backend.kernel.items import Guide, item
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.payout import service as payout
from backend.pension import years
from backend.pension.benefits import FUND
from backend.pension.death import facts
from backend.pension.death.inheriting import KIND as ACCOUNT
from backend.pension.death.model import SurvivorDecision, SurvivorPart
from backend.pension.death.refusals import WithdrawnAlready
from backend.pension.death.schema import KINDS, DecisionWithdrawn, WithdrawSurvivors
from backend.pension.model import Account
from backend.registry import service as registry

WRONG = "07"  # a code of stop_reason: 核定或者计算有误


def standing(uow: Uow, cmd: WithdrawSurvivors) -> SurvivorDecision:
    """The decision, of somebody within reach, if it holds; whoever else works on this death waits."""
    found = uow.session.get(SurvivorDecision, cmd.decision)
    known = found and registry.persons(uow, {found.person_id})
    if found is None or not known:
        raise NotFound(what=f"遗属核定 {cmd.decision}")
    registry.person(uow, known[found.person_id].ident, lock=True)
    uow.session.refresh(found)
    if found.withdrawn_at is not None:
        raise WithdrawnAlready(decision=found.id)
    return found


@item(
    "PEN-54",
    "遗属核定撤销",
    may=Permission.PENSION_DECIDE,
    review=2,
    ready=standing,
    guide=Guide(
        what="丧葬补助金、抚恤金或者个人账户继承核定错了（领取人、份额不对）的撤销：没有领的不再发，已经领的要退回；"
        "撤销以后重新核定。个人账户继承连同补差一起撤销。",
        who="经办机构",
        law="社会保险经办条例 第四十六条",
    ),
)
def withdraw(uow: Uow, cmd: WithdrawSurvivors) -> DecisionWithdrawn:
    found = standing(uow, cmd)
    swept = take_back(uow, facts.standing(uow, found.person_id, found.kind), cmd.document)
    return DecisionWithdrawn(name=found.name, kind=found.kind, cancelled_fen=swept[0], claimed_fen=swept[1])


def on_lives(uow: Uow, fact: registry.Lives) -> None:
    """The death was a mistake: nothing was due to a family. The account goes first: what the living draw on it comes
    after."""
    for kind in KINDS:
        take_back(uow, facts.standing(uow, fact.person_id, kind), fact.because)


def take_back(uow: Uow, decisions: Sequence[SurvivorDecision], document: str) -> tuple[int, int]:
    """The newest first; how much was not drawn and is owed no more, and how much is claimed back, in fen."""
    cancelled = claimed = 0
    for decision in decisions:
        decision.withdrawn_at, decision.withdrawn_document = uow.now, document
        uow.session.flush()
        for part, month in _posted(uow, decision):
            swept = payout.stop(
                uow,
                person_id=part.person_id,
                fund=FUND,
                what=part.item,
                since=month,
                until=month + 1,
                reason=WRONG,
                document=document,
                claims=True,
            )
            cancelled, claimed = cancelled + swept.cancelled_fen, claimed + swept.claimed_fen
        if decision.kind == ACCOUNT:
            _give_back(uow, decision)
    return cancelled, claimed


def _posted(uow: Uow, decision: SurvivorDecision) -> list[tuple[SurvivorPart, Month]]:
    """With the month of each; locked: whoever posts what is left waits, and then finds the decision withdrawn."""
    parts = uow.session.scalars(
        select(SurvivorPart)
        .where(SurvivorPart.decision_id == decision.id)
        .order_by(SurvivorPart.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    return [(part, part.month) for part in parts if part.month is not None]


def _give_back(uow: Uow, decision: SurvivorDecision) -> None:
    """The account holds again what its heirs were to get; interest that was given for closing it is given no more.
    What it settled of a debt stays settled."""
    kept = decision.facts
    if decision.total:
        years.put_back_in(uow, decision.person_id, decision.total, Month.parse(kept["booked"]))
    given = {int(year): Money(-fen) for year, fen in kept["given"].items()}
    years.bear(uow, decision.person_id, given, rate=None if decision.no == 1 else 0)
    if decision.no == 1:
        uow.session.get_one(Account, decision.person_id).status = kept["status"]
        uow.session.flush()
