"""Facts 死亡以后: who died, what they had paid and received, and what stands from before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, cast, func, literal, select

from backend.kernel.db import MonthType, Uow
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.kernel.rules import Steps
from backend.payout import service as payout
from backend.pension.benefits import ITEM
from backend.pension.death.model import SurvivorDecision
from backend.pension.death.refusals import MonthsToCome, MovedAway, NotDead, UnderWay
from backend.pension.model import Account
from backend.pension.model import Award as AwardRow
from backend.pension.statement import account_of
from backend.registry import service as registry

MOVED = "3"
MOST = 240  # payments of a person looked through


def deceased(uow: Uow, ident: str, *, lock: bool = False) -> registry.Person:
    person = registry.person(uow, ident, lock=lock)
    day(person)
    return person


def account(uow: Uow, person: registry.Person, *, lock: bool = False) -> Account:
    """The account of who was insured here to the end."""
    found = account_of(uow, person.id, person.name, lock=lock)
    if found.status == MOVED:
        raise MovedAway(name=person.name)
    return found


def standing(uow: Uow, person_id: int, kind: str) -> Sequence[SurvivorDecision]:
    """What was decided and holds, the newest first."""
    return uow.session.scalars(
        select(SurvivorDecision)
        .where(
            SurvivorDecision.person_id == person_id,
            SurvivorDecision.kind == kind,
            SurvivorDecision.withdrawn_at.is_(None),
        )
        .order_by(SurvivorDecision.no.desc())
    ).all()


def decided(uow: Uow, person_id: int) -> Sequence[SurvivorDecision]:
    """Everything that was ever decided after a death, also what was withdrawn."""
    return uow.session.scalars(
        select(SurvivorDecision).where(SurvivorDecision.person_id == person_id).order_by(SurvivorDecision.id)
    ).all()


def decide(
    uow: Uow,
    person: registry.Person,
    kind: str,
    *,
    total: Money,
    document: str,
    evidence: str | None,
    facts: dict[str, Any],
    steps: Steps,
    warnings: Sequence[str],
    early_year: int | None = None,
) -> SurvivorDecision:
    """Written down once, whole."""
    decision = SurvivorDecision(
        person_id=person.id,
        name=person.name,
        died=person.died,
        kind=kind,
        no=1 + len(standing(uow, person.id, kind)),
        total=total,
        document=document,
        evidence=evidence,
        facts=facts,
        steps={"steps": [one.model_dump() for one in steps.all()], "warnings": list(warnings)},
        early_year=early_year,
        decided_on=uow.today,
        decided_at=uow.now,
    )
    uow.session.add(decision)
    uow.session.flush()
    return decision


def received_months(uow: Uow, person: registry.Person) -> int | None:
    """For how many months a pension was received, that of death included; None for who had not retired. Months of a
    stop were not received, nor those before a month of retirement that was corrected to a later one."""
    first = uow.session.scalar(select(AwardRow.first_month).where(*_standing(person)))
    if first is None:
        return None
    months, at = _months(person, first)
    counted = months.where(~payout.stopped(literal(person.id), at, ITEM)).subquery()
    return uow.session.scalar(select(func.count()).select_from(counted)) or 0


def require_paid(uow: Uow, person: registry.Person) -> None:
    """Every month of their life is posted and none of later months is under way: what the account gives is known."""
    first = uow.session.scalar(select(AwardRow.pays_from).where(*_standing(person)))
    if first is None:
        return
    months, at = _months(person, first)
    of = literal(person.id)
    owed = months.where(payout.not_posted(of, at, ITEM), ~payout.stopped(of, at, ITEM)).order_by(at).limit(1)
    if to_come := uow.session.scalar(owed):
        raise MonthsToCome(name=person.name, month=to_come)
    if n := payout.under_way(uow, person.id, ITEM, since=last_month(person) + 1):
        raise UnderWay(name=person.name, n=n)


def _standing(person: registry.Person) -> tuple[ColumnElement[bool], ...]:
    """Their award as it was corrected last."""
    return AwardRow.person_id == person.id, AwardRow.state != "replaced"


def undrawn(uow: Uow, person: registry.Person) -> Money:
    """What of their own pension, of months they lived, waits to be drawn."""
    last = str(last_month(person))
    found = payout.of_person(uow, person.id, MOST)
    return Money(sum(one.amount_fen for one in found if one.state == "payable" and one.month <= last))


def day(person: registry.Person) -> date:
    """On which they died."""
    if person.died is None:
        raise NotDead(name=person.name)
    return person.died


def last_month(person: registry.Person) -> Month:
    """The month of death is paid still."""
    return Month.of(day(person))


def _months(person: registry.Person, first: Month) -> tuple[Select[Month], ColumnElement[Month]]:
    """Each month from one to that of death; and that month as a column."""
    series = func.generate_series(
        payout.month_of(first), payout.month_of(last_month(person)), func.make_interval(0, 1)
    )
    at: ColumnElement[Month] = cast(series.column_valued("at"), MonthType())
    return select(at), at
