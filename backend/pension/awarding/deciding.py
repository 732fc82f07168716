"""Deciding 待遇核定: the first award of a person, and the row and the working that any award is kept as."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.kernel.period import Month
from backend.kernel.settings import settings
from backend.pension import years
from backend.pension.awarding.facts import Facts, amounts, told, work_out
from backend.pension.awarding.reckoning import reckon, records
from backend.pension.awarding.viewing import award_of, fresh_view
from backend.pension.careers.choosing import dates, may_retire
from backend.pension.careers.summing import Listed
from backend.pension.kept import DrawnUp, Retiring
from backend.pension.model import Account, Working
from backend.pension.model import Award as AwardRow
from backend.pension.schema import Award, AwardView
from backend.pension.statement import account_of
from backend.registry import service as registry


@dataclass(frozen=True)
class _Case:
    """Who retires when, with which months, and what they got so far, where that is kept."""

    person: registry.Person
    account: Account
    retired: Month
    months: Listed
    kept: DrawnUp | None


class AlreadyAwarded(Refusal):
    """{name}的养老待遇已经核定过（核定编号 {award}），不需要再办。"""


def _ready(uow: Uow, cmd: Award) -> _Case:
    person = registry.person(uow, cmd.ident, lock=True)
    account = account_of(uow, person.id, person.name, lock=True)
    if known := award_of(uow, person.id):
        raise AlreadyAwarded(name=person.name, award=known[0].id)
    retired = asked_or_legal(person, account, cmd.retired)
    retiring = Retiring(person.id, retired)
    uow.emit(retiring)
    months = may_retire(uow, person, account, retired, kept=retiring.kept is not None)
    return _Case(person, account, retired, months, retiring.kept)


@item(
    "PEN-04",
    "养老待遇核定",
    may=Permission.PENSION_DECIDE,
    review=2,
    ready=_ready,
    guide=Guide(
        what="到了退休年龄、缴费年限够了，核定每月领多少养老金，次月开始发放；参保到退休当月为止，不用另办停保。",
        who="参加企业职工基本养老保险、达到退休条件的人",
        bring=("居民身份证", "社会保障卡", "职工档案（有视同缴费年限的）"),
        days="十五个工作日",
        law="社会保险法 第十六条",
    ),
)
def award(uow: Uow, cmd: Award) -> AwardView:
    found = _ready(uow, cmd)
    person, account, retired = found.person, found.account, found.retired
    facts = reckon(person, account, retired, records(uow, [person.id], months=found.months))
    row, working = drawn_up(uow, person.id, facts, kept=found.kept)
    keep(uow, [(row, working)])
    account.status = "4"
    uow.emit(registry.Retired(person.id, retired))
    years.open_year(uow, Account.person_id == person.id)  # what is paid from the account is booked this year
    return fresh_view(row, working)


def asked_or_legal(person: registry.Person, account: Account, asked: str | None) -> Month:
    """The month of retirement."""
    return Month.parse(asked) if asked else dates(person.sex, account.track, person.birth).legal_month


def drawn_up(
    uow: Uow,
    person_id: int,
    facts: Facts,
    state: str = "active",
    standing: AwardRow | None = None,
    kept: DrawnUp | None = None,
) -> tuple[AwardRow, Working]:
    """Worked out (unless it is `kept`), not stored yet; `standing`: the award that this one is to replace."""
    drawn = kept or _worked_out(facts)
    basic, of_account, transitional, additions = drawn.parts
    first = facts.retired + 1
    elsewhere = standing is not None and standing.pays_from > standing.first_month
    row = AwardRow(
        person_id=person_id,
        area=settings().area,
        decided_on=uow.today,
        retired=facts.retired,
        first_month=first,
        pays_from=max(first, standing.pays_from) if standing and elsewhere else first,
        basic=basic,
        account=of_account,
        transitional=transitional,
        additions=additions,
        total=basic + of_account + transitional + additions,
        provisional=facts.provisional and kept is None,
        state=state,
        decided_at=uow.now,
    )
    return row, Working(facts=drawn.facts, steps=drawn.steps)


def _worked_out(facts: Facts) -> DrawnUp:
    estimate = work_out(facts)
    return DrawnUp(amounts(estimate), facts.view(), told(estimate, facts))


def keep(uow: Uow, drawn: Sequence[tuple[AwardRow, Working]]) -> None:
    uow.session.add_all([row for row, _ in drawn])
    uow.session.flush()
    for row, working in drawn:
        working.award_id = row.id
    uow.session.add_all([working for _, working in drawn])
    uow.session.flush()
