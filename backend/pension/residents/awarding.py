"""Awarding 待遇核定: who has reached sixty and paid long enough is paid from the next month on (国发〔2014〕8号 第六条)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.kernel.money import ZERO, Money
from backend.kernel.params import Lookup
from backend.kernel.period import Month
from backend.kernel.rules import Step, Steps
from backend.kernel.settings import settings
from backend.pension import years
from backend.pension.awarding.balance import Held, at_retirement
from backend.pension.residents.accounts import account_of, months_of
from backend.pension.residents.books import RESIDENTS
from backend.pension.residents.enrolling import NotPaying, require_eligible
from backend.pension.residents.model import ResidentAccount, ResidentAward
from backend.pension.residents.paid import own_payments
from backend.pension.residents.schema import STATUS, AwardView, Decide
from backend.pension.residents.standing import stop_of
from backend.pension.residents.terms import Span, look, span
from backend.pension.rules.residents import YEAR, long_payment_fen, share_fen
from backend.registry import service as registry

LAW = "国发〔2014〕8号 第五条"


class AwardedAlready(Refusal):
    """{name}的居民养老待遇已经核定过（核定编号 {award}，从 {first} 起发放），不需要再办。"""


class NotOldEnough(Refusal):
    """{name}到 {reached} 才满 {age} 周岁，满了以后再来办理。"""

    status = 422


class MonthsShort(Refusal):
    """{name}缴了 {months} 个月，还差 {short} 个月才满 {required} 个月，没有核定。可以补缴没有缴的年度（RES-03）。"""


@dataclass(frozen=True)
class _Case:
    """Who has reached the age, with how many months, and what the law asks of them."""

    who: registry.Person
    account: ResidentAccount
    months: int
    terms: Span


def _ready(uow: Uow, cmd: Decide) -> _Case:
    who, at = registry.person(uow, cmd.ident, lock=True), look(uow.today)
    account = account_of(uow, who.id, who.name, lock=True)
    if known := award_of(uow, who.id):
        raise AwardedAlready(name=who.name, award=known.id, first=known.first_month)
    if account.status != "1":
        raise NotPaying(name=who.name, status=STATUS[account.status])
    require_eligible(uow, who, at)
    terms = span(who.birth, at)
    if terms.reached > Month.of(uow.today):
        raise NotOldEnough(name=who.name, reached=terms.reached, age=at.value("resident.benefit.age"))
    months = months_of(uow, account)
    if months < terms.required:
        short = terms.required - months
        raise MonthsShort(name=who.name, months=months, short=short, required=terms.required)
    return _Case(who, account, months, terms)


@item(
    "RES-08",
    "居民养老待遇核定",
    may=Permission.PENSION_DECIDE,
    review=1,
    ready=_ready,
    guide=Guide(
        what="年满六十周岁、累计缴费满十五年，核定每月领多少居民养老金，从次月起发放；"
        "制度实施时已经满六十周岁的不用缴费。",
        who="参加城乡居民基本养老保险、没有领取其他基本养老保障待遇的人",
        bring=("居民身份证", "户口簿", "社会保障卡"),
        days="十五个工作日",
        law="国发〔2014〕8号 第六条",
    ),
)
def award(uow: Uow, cmd: Decide) -> AwardView:
    found = _ready(uow, cmd)
    row = _decide(uow, found.who, found.account, found.months, found.terms, look(uow.today))
    return view_of(uow, found.who, row)


def _decide(
    uow: Uow, who: registry.Person, account: ResidentAccount, months: int, terms: Span, at: Lookup
) -> ResidentAward:
    last = max(terms.reached, account.opened, _completed(uow, account, terms))
    held, steps = at_retirement(years.since(uow, who.id, None, RESIDENTS), last, books=RESIDENTS), Steps()
    part, addition = parts(held.total, months, terms.minimum, at, steps)
    first = last + 1
    row = ResidentAward(
        person_id=who.id,
        area=settings().area,
        decided_on=uow.today,
        reached=terms.reached,
        months=months,
        first_month=first,
        pays_from=first,
        balance=held.total,
        account=part,
        addition=addition,
        state="active",
        decided_at=uow.now,
        steps=told(held, steps, at),
    )
    account.status = "4"
    uow.session.add(row)
    uow.session.flush()
    years.open_year(uow, ResidentAccount.person_id == who.id, books=RESIDENTS)
    return row


def parts(held: Money, months: int, minimum: int, at: Lookup, steps: Steps) -> tuple[Money, Money]:
    """What stays the same every month: the account's part, and what long payment adds where the area adds it."""
    divisor = at.value("resident.benefit.divisor")
    part = Money(share_fen(held.fen, divisor))
    steps.add("个人账户养老金", f"{held.text} ÷ {divisor}", part.text, LAW)
    each = at.optional("resident.benefit.long_payment")
    if each is None:
        return part, ZERO
    addition = Money(long_payment_fen(months, minimum, each.value.fen))
    beyond = max(0, months // YEAR - minimum // YEAR)
    steps.add("长缴加发", f"{beyond} 年 × {each.value.text}", addition.text, each.source)
    return part, addition


def basic_at(month: Month, at: Lookup) -> Money:
    """基础养老金 in force in a month."""
    found: Money = at.found("resident.benefit.basic", month.first).value
    return found


def told(held: Held, steps: Steps, at: Lookup) -> dict[str, Any]:
    """First how the account came to what it is divided as."""
    said = list(at.warnings())
    if held.interim:
        said.append(
            f"{held.interim_year} 年的记账利率还没有公布，个人账户的利息按最近公布的 {held.rate} 计到开始领取的前一个月。"
        )
    worked = (*held.steps(LAW, resident=True), *steps.all())
    return {"steps": [one.model_dump(mode="json") for one in worked], "warnings": said}


def _completed(uow: Uow, account: ResidentAccount, terms: Span) -> Month:
    """When enough had been paid: the month of the payment that made it so."""
    months, last = account.taken_months, terms.reached
    for row in own_payments(uow, account.person_id):
        if months >= terms.required:
            break
        months, last = months + YEAR, Month.of(row.received_on)
    return last


def award_of(uow: Uow, person_id: int) -> ResidentAward | None:
    return uow.session.scalar(select(ResidentAward).where(ResidentAward.person_id == person_id))


def view_of(uow: Uow, who: registry.Person, row: ResidentAward) -> AwardView:
    month = max(row.first_month, Month.of(uow.today))
    at = look(uow.today)
    basic = basic_at(month, at)
    steps = Steps()
    steps.add("基础养老金", f"{month} 的标准", basic.text, at.used()[-1].source)
    total = basic + row.account + row.addition
    steps.add("合计", f"{basic.text} + {row.account.text} + {row.addition.text}", total.text, LAW)
    kept = [Step(**one) for one in row.steps["steps"]]
    return AwardView(
        award=row.id,
        name=who.name,
        decided_on=row.decided_on,
        reached=str(row.reached),
        months=row.months,
        first_month=str(row.first_month),
        balance_fen=row.balance.fen,
        basic_fen=basic.fen,
        account_fen=row.account.fen,
        addition_fen=row.addition.fen,
        total_fen=total.fen,
        state=row.state,
        stopped=stop_of(uow, row),
        steps=(steps.all()[0], *kept, steps.all()[1]),
        warnings=tuple(dict.fromkeys([*row.steps["warnings"], *at.warnings()])),
    )
