"""When a person may retire 退休时间: by age, by what was chosen in time, by special work or the state's own rules.

国务院关于渐进式延迟法定退休年龄的办法; 实施弹性退休制度暂行办法 (人社部发〔2024〕94号).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.params import value
from backend.kernel.period import Month, add_months
from backend.kernel.sentences import read
from backend.pension.calculators import (
    AskMinimumContribution,
    AskRetirementAge,
    RetirementAge,
    minimum_contribution,
    retirement_age,
)
from backend.pension.calculators.retirement import FIRST_YEAR, LAST_YEAR
from backend.pension.careers import special
from backend.pension.careers.model import Choice, OtherRule
from backend.pension.careers.summing import Listed, counted
from backend.pension.model import Account
from backend.registry import service as registry


class NotYet(Refusal):
    """还没有到可以退休的时间：最早 {earliest}，最晚 {latest}，请核对退休年月。"""


class NotRetiredYet(Refusal):
    """{retired} 还没有到，到了退休当月再来办理核定，退休以前的缴费才能都算进去。"""


class TooFewMonths(Refusal):
    """缴费 {months} 个月，还差 {short} 个月才满 {minimum} 个月；可以延长缴费、转入居民养老保险，或者终止关系（PEN-74）。"""


class EnoughBefore(Refusal):
    """{name}到 {since} 已经缴满 {minimum} 个月；到 {retired} 退休要满 {asked} 个月，还没有缴满。请按 {since} 退休核定。"""


class CountedTwice(Refusal):
    """有 {months} 个月（从 {first} 起）既认定了视同缴费，又实际缴了费，一个月只能算一次；请先更正视同缴费年限（PEN-11）。"""


class NoNotice(Refusal):
    """没有{name}提前到 {retired} 退休的书面告知；{deadline} 以前收到的请补录（PEN-15），没有的按法定退休时间 {legal} 办。"""


class ToldOther(Refusal):
    """{name}书面告知的退休年月是 {told}，不是 {retired}；请核对，改变主意的先撤回（PEN-18）再按期限重新告知（PEN-15）。"""


class NoAgreement(Refusal):
    """{name}没有和单位约定延迟到 {retired} 退休，法定退休时间是 {legal}；{deadline} 以前约定的请补录（PEN-16、PEN-17）。"""


class AgreedOther(Refusal):
    """{name}和单位约定延迟到 {agreed} 退休，不是 {retired}；提早结束的，先办 PEN-16、PEN-17（单位注销的，凭书面材料到柜台）。"""


@dataclass(frozen=True)
class Dates:
    """When a person may retire, and how that was `found`."""

    birth: date
    legal: date
    earliest: date
    latest: date
    age: str
    minimum_months: int
    found: RetirementAge

    @property
    def flexible(self) -> bool:
        return self.latest > self.legal

    @property
    def early(self) -> Iterator[Month]:
        """The months in which the person may choose to retire early, the first one first."""
        return Month.of(self.earliest).until(self.legal_month - 1)

    @property
    def legal_month(self) -> Month:
        return Month.of(self.legal)

    def spans(self, month: Month) -> bool:
        return Month.of(self.earliest) <= month <= Month.of(self.latest)

    def day_in(self, month: Month) -> date:
        """The day of a month on which the person retires, who retires in it: that of their birth, or its last."""
        return add_months(self.birth, month - Month.of(self.birth))

    def tell_by(self, month: Month) -> date:
        """The last day on which retiring early in this month can be told."""
        return add_months(self.day_in(month), -value("pension.flexible.notice_months", month.first))

    @property
    def agree_by(self) -> date:
        """The last day on which retiring late can be agreed."""
        return add_months(self.legal, -value("pension.flexible.agreement_months", self.legal_month.first))


def dates(sex: str, track: int, birth: date) -> Dates:
    """The retirement rule of 2025, by the public calculator's own function."""
    asked = {"sex": "male" if sex == "1" else "female", "track": track, "birth": birth.isoformat()}
    found = retirement_age(read(AskRetirementAge, asked))
    return Dates(
        birth=birth,
        legal=date.fromisoformat(found.date),
        earliest=date.fromisoformat(found.earliest),
        latest=date.fromisoformat(found.latest),
        age=f"{found.age.years}岁" + (f"{found.age.months}个月" if found.age.months else ""),
        minimum_months=found.minimum_contribution_months,
        found=found,
    )


def minimum(year: int) -> int:
    """最低缴费月数 of who begins to draw in a year."""
    return minimum_contribution(AskMinimumContribution(year=min(max(year, FIRST_YEAR), LAST_YEAR))).months


def needed(legal: Month, retired: Month, at_legal: int) -> int:
    """最低缴费月数 of who retires in a month and had so many months at the legal age: what the year of retirement asks.
    Who had enough at the legal age is asked no more for retiring later (94号文, 转述)."""
    enough = retired > legal and at_legal >= minimum(legal.year)
    return minimum(legal.year if enough else retired.year)


def needed_of(person: registry.Person, account: Account, listed: Listed, retired: Month) -> int:
    """The same, by what is on record."""
    legal = dates(person.sex, account.track, person.birth).legal_month
    return needed(legal, retired, counted(account, listed, legal))


def enough_since(person: registry.Person, account: Account, listed: Listed, until: Month) -> Month | None:
    """The first month from the legal one on, up to this one, in which there were as many months as its year asks."""
    legal = dates(person.sex, account.track, person.birth).legal_month
    months = legal.until(until)
    return next((one for one in months if counted(account, listed, one) >= minimum(one.year)), None)


def going_on(account: Account, listed: Listed, month: Month, now: Month) -> int:
    """How many months there are by this month if every one after `now` is paid."""
    return counted(account, listed, min(month, now)) + max(0, month - now)


def may_retire(
    uow: Uow,
    person: registry.Person,
    account: Account,
    retired: Month,
    *,
    corrected: bool = False,
    kept: bool = False,
) -> Listed:
    """Refuses whose time has not come, who has too few months (unless what they got so far is `kept`), or who has not
    said in time what they choose; where a month of retirement is `corrected`, the document says what was chosen. The
    months that were asked for come back."""
    when = dates(person.sex, account.track, person.birth)
    listed = Listed.of(uow, [person.id])
    goes_on = _goes_on_paying(account, listed, when, retired)
    free = goes_on or _by_own_rule(uow, person.id, retired)
    if retired < when.legal_month and special.opens(uow, person, retired):
        free = True
    if not free and not when.spans(retired):
        raise NotYet(earliest=when.earliest, latest=when.latest)
    if retired > Month.of(uow.today):
        raise NotRetiredYet(retired=retired)
    if not kept:
        require_months(uow, person, account, retired, listed)
    if not free and not corrected:
        _require_chosen(uow, person, when, retired)
    return listed


def _goes_on_paying(account: Account, listed: Listed, when: Dates, retired: Month) -> bool:
    """延长缴费: at the legal age there were too few months, so the person may retire as soon as there are enough."""
    legal = when.legal_month
    return retired > legal and counted(account, listed, legal) < minimum(legal.year)


def _by_own_rule(uow: Uow, person_id: int, retired: Month) -> bool:
    rule = other_rule(uow, person_id)
    return rule is not None and rule.earliest <= retired <= rule.latest


def require_months(
    uow: Uow, person: registry.Person, account: Account, retired: Month, listed: Listed | None = None
) -> None:
    listed = listed or Listed.of(uow, [person.id])
    least = needed_of(person, account, listed, retired)
    twice = listed.twice(person.id)
    if twice:
        raise CountedTwice(months=len(twice), first=twice[0])
    months = counted(account, listed, retired)
    if months >= least:
        return
    if since := enough_since(person, account, listed, retired):
        raise EnoughBefore(
            name=person.name, since=since, minimum=minimum(since.year), retired=retired, asked=least
        )
    raise TooFewMonths(months=months, short=least - months, minimum=least)


def _require_chosen(uow: Uow, person: registry.Person, when: Dates, retired: Month) -> None:
    """The legal month needs nothing, an earlier one a notice for it, a later one an agreement on it."""
    one, legal = standing(uow, person.id), when.legal_month
    late = one.agreed if one is not None else None
    if retired < legal:
        if one is None or one.kind != "early":
            raise NoNotice(
                name=person.name, retired=retired, deadline=when.tell_by(retired), legal=when.legal
            )
        if one.asked != retired:
            raise ToldOther(name=person.name, told=one.asked, retired=retired)
    elif late is not None and retired != late:
        raise AgreedOther(name=person.name, agreed=late, retired=retired)
    elif late is None and retired != legal:
        raise NoAgreement(name=person.name, retired=retired, legal=when.legal, deadline=when.agree_by)


def standing(uow: Uow, person_id: int) -> Choice | None:
    """What the person has chosen, if anything."""
    return uow.session.scalar(
        select(Choice).where(Choice.person_id == person_id, Choice.withdrawn_on.is_(None))
    )


def other_rule(uow: Uow, person_id: int) -> OtherRule | None:
    return uow.session.scalar(
        select(OtherRule).where(OtherRule.person_id == person_id, OtherRule.withdrawn_on.is_(None))
    )
