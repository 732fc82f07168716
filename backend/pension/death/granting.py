"""Granting 遗属待遇核定: funeral money and the survivors' one-off money (社会保险法 第十七条, 人社部发〔2021〕18号)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from backend.kernel import files
from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.items import Guide, item
from backend.kernel.money import ZERO, Money
from backend.kernel.params import Lookup, history
from backend.kernel.rules import Steps, half_up
from backend.pension.calculators.survivor import FRACTION, worked_out
from backend.pension.death import facts, heirs
from backend.pension.death.heirs import Share
from backend.pension.death.listing import view
from backend.pension.death.refusals import (
    BeforeTheLaw,
    DecidedAlready,
    IncomeNotPublished,
    InjuryPays,
    NothingPaidIn,
)
from backend.pension.death.schema import ClaimSurvivors, SurvivorDecisionView
from backend.pension.rules.survivor import YEAR
from backend.registry import service as registry

KIND = "benefit"
FUNERAL, PENSION = "丧葬补助金", "抚恤金"
INCOME = "pension.survivor.disposable_income"
ELSEWHERE = (
    "丧葬补助金已经选择在失业保险领取，这里只核定抚恤金；失业保险的抚恤金能不能同时领没有核实，请按当地规定。"
)
UNROUNDED = "月人均可支配收入除不尽，先四舍五入到分再计算，当地的做法没有核实。"


@dataclass(frozen=True)
class Found:
    """What the family may get, and how it was worked out."""

    amounts: dict[str, Money]
    facts: dict[str, Any]
    steps: Steps
    warnings: tuple[str, ...]


def ready(uow: Uow, cmd: ClaimSurvivors) -> tuple[registry.Person, tuple[Share, ...], Found]:
    """Whatever stands in its way is said before anybody reviews it."""
    person = facts.deceased(uow, cmd.ident, lock=True)
    if cmd.funeral == "injury":
        raise InjuryPays
    if known := facts.standing(uow, person.id, KIND):
        raise DecidedAlready(name=person.name, decision=known[0].id)
    shares = heirs.agreed(uow, person, cmd.heirs)
    return person, shares, work_out(uow, person, funeral=cmd.funeral == "here")


@item(
    "PEN-50",
    "遗属待遇核定",
    may=Permission.PENSION_DECIDE,
    review=2,
    ready=ready,
    guide=Guide(
        what="家里有人去世，他参加过职工养老保险（在职的、已经退休的都算），家属可以一次领取丧葬补助金和抚恤金。"
        "因工死亡的到工伤保险办；几种保险的丧葬补助金只能选一项领。",
        who="配偶、子女、父母等家属；一个人来就可以，替别人领的份额要大家商量好。国家没有规定申领期限，当地有规定的按当地。",
        bring=(
            "去世的人的居民身份证或者户口簿",
            "死亡证明或者火化证明",
            "证明你们是一家人的：户口簿、结婚证或者派出所、公证处的证明，带一样就可以",
            "每个领取人的居民身份证和银行卡",
            "几个人一起领的，大家签了名的分配协议",
        ),
        days="材料齐全及时核定，最近一次发放时到账",
        law="社会保险法 第十七条、第四十九条；社会保险经办条例 第十九条；人社部发〔2021〕18号",
    ),
)
def grant(uow: Uow, cmd: ClaimSurvivors) -> SurvivorDecisionView:
    person, shares, found = ready(uow, cmd)
    decision = facts.decide(
        uow,
        person,
        KIND,
        total=sum(found.amounts.values(), ZERO),
        document=cmd.document,
        evidence=files.handed_in(uow, cmd.evidence),
        facts=found.facts | {"funeral": cmd.funeral},
        steps=found.steps,
        warnings=found.warnings,
    )
    heirs.share_out(uow, decision, shares, found.amounts)
    return view(uow, decision)


def work_out(uow: Uow, person: registry.Person, *, funeral: bool) -> Found:
    """By the law of the day of death, and the income of the year before it."""
    died = facts.day(person)
    account = facts.account(uow, person)
    paid = account.months_paid + account.deemed_months
    if not paid:
        raise NothingPaidIn(name=person.name)
    since = history("pension.survivor.funeral_months")[0].since
    if died < since:
        raise BeforeTheLaw(name=person.name, died=died, since=since)
    look, steps = Lookup(died, person.area), Steps()
    income = look.optional(INCOME)
    if income is None or income.since.year != died.year:
        raise IncomeNotPublished(year=died.year)
    monthly = half_up(income.value.fen, YEAR)
    steps.add(
        "月人均可支配收入", f"{income.value.text} ÷ {YEAR}，四舍五入到分", Money(monthly).text, income.source
    )
    received = facts.received_months(uow, person)
    amounts = worked_out(paid, received, monthly, look, steps)
    given = {FUNERAL: Money(amounts.funeral_fen)} if funeral else {}
    told = (
        (UNROUNDED, bool(income.value.fen % YEAR)),
        (FRACTION, bool(amounts.twelfths * 100 % YEAR)),
        (ELSEWHERE, not funeral),
    )
    return Found(
        amounts=given | {PENSION: Money(amounts.pension_fen)},
        facts={"months": paid, "received": received, "monthly_fen": monthly},
        steps=steps,
        warnings=(*look.warnings(), *(said for said, holds in told if holds)),
    )
