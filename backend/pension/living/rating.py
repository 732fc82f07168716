"""Rating 病残津贴计发: what an allowance comes to, by the pension's own functions, and which rate holds in which month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from backend.kernel import params
from backend.kernel.db import Uow
from backend.kernel.money import ZERO, Money
from backend.kernel.params import Lookup
from backend.kernel.period import Month
from backend.kernel.rules import Step
from backend.kernel.sentences import read
from backend.pension.awarding.balance import Held, at_retirement
from backend.pension.awarding.facts import amounts
from backend.pension.awarding.reckoning import records
from backend.pension.calculators import AskPension, PensionEstimate, pension
from backend.pension.calculators.facts import BASE, provincial_base
from backend.pension.careers.summing import career
from backend.pension.living.model import Disability, DisabilityRate
from backend.pension.model import Account
from backend.pension.rules.disability import Terms
from backend.registry import service as registry

GROUP = "pension.disability"
BASIC = "基础养老金"
LAW = "人社部发〔2024〕72号"
NOT_VERIFIED = "病残津贴按人社部发〔2024〕72号的一般理解计发，没有核对过原文；请以当地经办机构的核定为准。"


def terms(day: date, area: str) -> Terms:
    """As they were on the day of application; none of them is verified (`NOT_VERIFIED`)."""
    return Lookup(day, area).load(Terms, GROUP)


@dataclass(frozen=True)
class Facts:
    """From what an allowance is worked out in a month; `whole`: as a pension, else only the basic part."""

    who: registry.Person
    account: Account
    month: Month
    whole: bool


def worked_out(uow: Uow, facts: Facts, since: Month) -> DisabilityRate:
    """The rate from a month on."""
    held = _held(uow, facts)
    given = _given(uow, facts, held.total)
    base = params.found(BASE, facts.month.first, facts.who.area)
    province = provincial_base(facts.who.area, facts.month.first)
    if province:
        given["provincial_base"] = province.value.text
    estimate = pension(read(AskPension, given | {"base": base.value.text}))
    basic = Money.yuan(estimate.basic)
    of_account = transitional = added = ZERO
    steps, warnings = (*held.steps(), *estimate.steps), list(estimate.warnings)
    if facts.whole:
        basic, of_account, transitional, added = amounts(estimate)
    else:
        steps = _as_basic(estimate)
    if held.interim:
        warnings.append(
            f"{held.interim_year} 年的记账利率没有公布，个人账户的利息按最近公布的 {held.rate} 算。"
        )
    if base.since.year < facts.month.year:
        warnings.append(
            f"{facts.month.year} 年的计发基数没有公布，按 {base.since.year} 年的 {base.value.text} 元算。"
        )
    if province and province.since.year < facts.month.year:
        warnings.append(
            f"{facts.month.year} 年的全省计发基数没有公布，按 {province.since.year} 年的 {province.value.text} 元算。"
        )
    return DisabilityRate(
        since=since,
        basic=basic,
        account=of_account,
        transitional=transitional,
        additions=added,
        total=basic + of_account + transitional + added,
        facts=_told(given, base.value),
        steps={
            "steps": [step.model_dump(mode="json") for step in steps],
            "warnings": [*warnings, NOT_VERIFIED],
        },
    )


def _held(uow: Uow, facts: Facts) -> Held:
    """The account as a pension of that month would count it; of no concern where only the basic part is paid."""
    kept = records(uow, [facts.who.id])
    years = kept.years.get(facts.who.id, ()) if facts.whole else ()
    return at_retirement(years, facts.month, taken=kept.taken.get(facts.who.id))


def _given(uow: Uow, facts: Facts, held: Money) -> dict[str, Any]:
    """As the pension's calculator is asked. What only the basic part needs leaves out account and deemed months."""
    who, account, whole = facts.who, facts.account, facts.whole
    age = (facts.month.year - who.birth.year) * 12 + facts.month.month - who.birth.month
    behind = career(uow, who.id, facts.month)
    return {
        "area": who.area,
        "retired": str(facts.month),
        "index": behind.index,
        "months": behind.months,
        "deemed_months": account.deemed_months if whole else 0,
        "account": held.text,
        "age": {"years": age // 12, "months": age % 12},
    }


def _told(given: dict[str, Any], base: Money) -> dict[str, str]:
    age = f"{given['age']['years']}岁{given['age']['months']}个月"
    return {name: str(value) for name, value in given.items()} | {"base": base.text, "age": age}


def _as_basic(estimate: PensionEstimate) -> tuple[Step, ...]:
    """The steps as far as the basic part."""
    last = next(n for n, step in enumerate(estimate.steps) if step.name == BASIC)
    only = Step(name="病残津贴", formula="只按基础养老金计发", value=estimate.basic, law=LAW)
    return (*estimate.steps[: last + 1], only)


def rates(uow: Uow, row: Disability) -> list[DisabilityRate]:
    """The newest first."""
    asked = select(DisabilityRate).where(DisabilityRate.disability_id == row.id)
    return list(uow.session.scalars(asked.order_by(DisabilityRate.since.desc())))


def in_force(known: list[DisabilityRate], month: Month) -> DisabilityRate:
    return next((one for one in known if one.since <= month), known[-1])
