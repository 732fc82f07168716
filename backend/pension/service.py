"""Commands and questions of basic pension: account, statement, award, monthly payment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from backend.kernel import codes, params
from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow
from backend.kernel.errors import NotFound, Refusal
from backend.kernel.items import Guide, item, question
from backend.kernel.money import HALF_UP, ZERO, Money
from backend.kernel.period import Month
from backend.kernel.sentences import read
from backend.kernel.settings import settings
from backend.payout import service as payout
from backend.pension import auditing, interest, offsetting, scenarios, stopping, visits, years
from backend.pension.calculators import (
    AskMinimumContribution,
    AskPension,
    AskRetirementAge,
    PensionEstimate,
    minimum_contribution,
    pension,
    retirement_age,
)
from backend.pension.checking import check
from backend.pension.model import Account, Working
from backend.pension.model import Award as AwardRow
from backend.pension.paying import ITEM, pay_month, run_month
from backend.pension.schema import (
    AskMine,
    Award,
    AwardView,
    Overview,
    StepView,
    StopView,
)
from backend.pension.statement import STATUS, NoAccount, account_of, statement
from backend.registry import service as registry

__all__ = [
    "NoAccount",
    "auditing",
    "award",
    "check",
    "interest",
    "mine",
    "offsetting",
    "on_enrolled",
    "pay_month",
    "run_month",
    "scenarios",
    "statement",
    "stopping",
    "visits",
]
TRACK = {"1": 60, "2": 55}  # of one newly enrolled; a woman's 50 track comes with evidence of her post


class AlreadyAwarded(Refusal):
    """{name}的养老待遇已经核定过（核定编号 {award}），不需要再办。"""


class NotYet(Refusal):
    """还没有到可以退休的时间：最早 {earliest}，最晚 {latest}，请核对退休年月。"""


class NotRetiredYet(Refusal):
    """{retired} 还没有到，到了退休当月再来办理核定，退休以前的缴费才能都算进去。"""


class TooFewMonths(Refusal):
    """缴费 {months} 个月，还差 {short} 个月才满 {minimum} 个月；可以延长缴费，或者转入城乡居民养老保险。"""


@dataclass(frozen=True)
class _Dates:
    """When a person may retire."""

    legal: date
    earliest: date
    latest: date
    age: str
    minimum_months: int


def on_enrolled(uow: Uow, fact: registry.Enrolled) -> None:
    """A first enrolment opens the individual account."""
    if uow.session.get(Account, fact.person_id) is None:
        uow.session.add(
            Account(
                person_id=fact.person_id,
                status="1",
                opened=fact.started,
                track=TRACK[fact.sex],
                months_paid=0,
                deemed_months=0,
                index_sum=0,
            )
        )
        uow.session.flush()


def _dates(sex: str, track: int, birth: date) -> _Dates:
    """The retirement rule of 2025, by the public calculator's own function."""
    found = retirement_age(
        read(
            AskRetirementAge,
            {"sex": "male" if sex == "1" else "female", "track": track, "birth": birth.isoformat()},
        )
    )
    legal = date.fromisoformat(found.date)
    return _Dates(
        legal=legal,
        earliest=date.fromisoformat(found.earliest),
        latest=date.fromisoformat(found.latest),
        age=f"{found.age.years}岁" + (f"{found.age.months}个月" if found.age.months else ""),
        minimum_months=found.minimum_contribution_months,
    )


def index(index_sum: int, months_paid: int) -> Decimal:
    """平均缴费指数: the mean over all paid months (`index_sum` in ten-thousandths), to four places."""
    if not months_paid:
        return Decimal(1)
    mean = Decimal(index_sum) / Decimal(10_000) / months_paid
    return mean.quantize(Decimal("0.0001"), rounding=HALF_UP)


@question("PEN-Q1", "我的养老保险", may=Permission.PENSION_READ, by=(Kind.CITIZEN,))
def mine(uow: Uow, ask: AskMine) -> Overview:
    person = registry.person(uow, ask.ident)
    account = account_of(uow, person.id, person.name)
    when = _dates(person.sex, account.track, person.birth)
    awarded = _award_of(uow, person.id)
    bank = registry.bank_account(uow, person.id)
    return Overview(
        name=person.name,
        status=STATUS[account.status],
        months_paid=account.months_paid,
        deemed_months=account.deemed_months,
        balance_fen=years.balance(uow, person.id).fen,
        average_index=str(index(account.index_sum, account.months_paid)),
        retirement=when.legal,
        retirement_age=when.age,
        earliest=when.earliest,
        latest=when.latest,
        minimum_months=when.minimum_months,
        award=_award_view(uow, *awarded) if awarded else None,
        bank=f"{bank.bank} ****{bank.number[-4:]}" if bank else None,
        by_bank=bank is not None and bank.standing,
    )


@item(
    "PEN-04",
    "养老待遇核定",
    may=Permission.PENSION_DECIDE,
    review=2,
    guide=Guide(
        what="到了退休年龄、缴费年限够了，核定每月领多少养老金，次月开始发放；参保到退休当月为止，不用另办停保。",
        who="参加企业职工基本养老保险、达到退休条件的人",
        bring=("居民身份证", "社会保障卡", "职工档案（有视同缴费年限的）"),
        days="十五个工作日",
        law="社会保险法 第十六条",
    ),
)
def award(uow: Uow, cmd: Award) -> AwardView:
    person = registry.person(uow, cmd.ident, lock=True)
    account = account_of(uow, person.id, person.name, lock=True)
    if known := _award_of(uow, person.id):
        raise AlreadyAwarded(name=person.name, award=known[0].id)
    when = _dates(person.sex, account.track, person.birth)
    retired = Month.parse(cmd.retired) if cmd.retired else Month(when.legal.year, when.legal.month)
    if (
        not Month(when.earliest.year, when.earliest.month)
        <= retired
        <= Month(when.latest.year, when.latest.month)
    ):
        raise NotYet(earliest=when.earliest, latest=when.latest)
    if retired > Month.of(uow.today):
        raise NotRetiredYet(retired=retired)
    months = account.months_paid + account.deemed_months
    minimum = minimum_contribution(AskMinimumContribution(year=retired.year)).months
    if months < minimum:
        raise TooFewMonths(months=months, short=minimum - months, minimum=minimum)
    base, provisional = _base(person.area, retired)
    facts = Facts(
        area=person.area,
        retired=retired,
        base=base,
        index=index(account.index_sum, account.months_paid),
        months=months,
        deemed_months=account.deemed_months,
        account=years.balance(uow, person.id),
        age=(retired.year - person.birth.year) * 12 + retired.month - person.birth.month,
    )
    estimate = work_out(facts)
    basic, of_account, transitional, additions = amounts(estimate)
    row = AwardRow(
        person_id=person.id,
        area=settings().area,
        decided_on=uow.today,
        retired=retired,
        first_month=retired + 1,
        pays_from=retired + 1,
        basic=basic,
        account=of_account,
        transitional=transitional,
        additions=additions,
        total=basic + of_account + transitional + additions,
        provisional=provisional,
        state="active",
        decided_at=uow.now,
    )
    account.status = "4"
    uow.session.add(row)
    uow.session.flush()
    working = Working(award_id=row.id, facts=facts.view(), steps=told(estimate))
    uow.session.add(working)
    uow.session.flush()
    uow.emit(registry.Retired(person.id, retired))
    years.open_year(uow, Account.person_id == person.id)  # what is paid from the account is booked this year
    return _award_view(uow, row, working)


@dataclass(frozen=True)
class Facts:
    """What an award is worked out from. `age` is in months, `index` the average to four places."""

    area: str
    retired: Month
    base: Money
    index: Decimal
    months: int
    deemed_months: int
    account: Money
    age: int

    def view(self) -> dict[str, str | int]:
        return {
            "area": self.area,
            "retired": str(self.retired),
            "base": self.base.text,
            "index": str(self.index),
            "months": self.months,
            "deemed_months": self.deemed_months,
            "account": self.account.text,
            "age": f"{self.age // 12}岁{self.age % 12}个月",
        }


def work_out(facts: Facts) -> PensionEstimate:
    """The national and provincial formula, by the public calculator's own function."""
    return pension(
        read(
            AskPension,
            {
                "area": facts.area,
                "retired": str(facts.retired),
                "base": facts.base.text,
                "index": facts.index,
                "months": facts.months,
                "deemed_months": facts.deemed_months,
                "account": facts.account.text,
                "age": {"years": facts.age // 12, "months": facts.age % 12},
            },
        )
    )


def amounts(estimate: PensionEstimate) -> tuple[Money, Money, Money, Money]:
    """Basic, account, transitional, additions."""
    added = sum((Money.yuan(one.amount) for one in estimate.additions), ZERO)
    return Money.yuan(estimate.basic), Money.yuan(estimate.account), Money.yuan(estimate.transitional), added


def _base(area: str, retired: Month) -> tuple[Money, bool]:
    """计发基数 in force for the retirement month, and whether it is an earlier year's (then provisional)."""
    found = params.found("pension.benefit.base", retired.first, area)
    return found.value, found.since.year < retired.year


def told(estimate: PensionEstimate) -> dict[str, Any]:
    """The steps of an award as they are kept."""
    return {
        "steps": [step.model_dump(mode="json") for step in estimate.steps],
        "warnings": list(estimate.warnings),
    }


def _award_of(uow: Uow, person_id: int) -> tuple[AwardRow, Working] | None:
    found = uow.session.execute(
        select(AwardRow, Working)
        .join(Working, Working.award_id == AwardRow.id)
        .where(AwardRow.person_id == person_id, AwardRow.state != "replaced")
    ).one_or_none()
    return (found[0], found[1]) if found else None


def _award_view(uow: Uow, row: AwardRow, working: Working) -> AwardView:
    held = None if row.state == "active" else payout.standing(uow, row.person_id, ITEM)
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
        state=row.state,
        state_label=stopping.STATES[row.state],
        stopped=StopView(since=str(held.since), reason=codes.name("stop_reason", held.reason))
        if held
        else None,
        provisional=row.provisional,
        facts=working.facts,
        steps=tuple(StepView(**step) for step in working.steps["steps"]),
        warnings=tuple(working.steps["warnings"]),
    )


@question("PEN-Q3", "待遇核定详情", may=Permission.PENSION_READ, by=(Kind.CITIZEN,))
def view_award(uow: Uow, ask: AskMine) -> AwardView:
    person = registry.person(uow, ask.ident)
    found = _award_of(uow, person.id)
    if found is None:
        raise NotFound(what=f"{person.name}的养老待遇核定")
    return _award_view(uow, *found)
