"""Enrolling 参保: who may take part, and which tier they choose (国发〔2014〕8号 第三条、第四条)."""

from __future__ import annotations

from backend.kernel import codes
from backend.kernel.actor import Kind, Permission, reach
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item, question
from backend.kernel.money import Money
from backend.kernel.params import Lookup
from backend.kernel.period import Month, add_months
from backend.kernel.settings import settings
from backend.pension.residents.accounts import account_of
from backend.pension.residents.model import ResidentAccount
from backend.pension.residents.paid import paid_years
from backend.pension.residents.schema import (
    STATUS,
    AskTiers,
    ChooseTier,
    Chosen,
    Enrol,
    Enrolled,
    Tiers,
    TierView,
)
from backend.pension.residents.terms import look, span, tiers
from backend.registry import service as registry

EMPLOYEES = "110"


class EnrolledAlready(Refusal):
    """{name}从 {since} 起已经参加城乡居民基本养老保险（{status}），不用再办。"""


class TooYoung(Refusal):
    """{name}到 {day} 才满 {age} 周岁，满了以后才能参保。"""

    status = 422


class AtSchool(Refusal):
    """在校学生不参加城乡居民基本养老保险，没有办理。毕业以后再来参保。"""

    status = 422


class HukouElsewhere(Refusal):
    """户籍在{place}的，要在户籍地参保，这里不能办。请到户籍地的经办机构办理。"""

    status = 422


class WithEmployees(Refusal):
    """{name}从 {since} 起参加企业职工基本养老保险，同一时间只能参加一种，没有办理。已经离开单位的，请先停保。"""


class PensionedElsewhere(Refusal):
    """{name}已经在 {retired} 退休、领取职工养老金，不能再参加城乡居民基本养老保险。"""


class Deceased(Refusal):
    """{name}登记的死亡日期是 {died}，不能办理；登记错了的，请先办“死亡登记撤销”（REG-23）。"""


class NoSuchTier(Refusal):
    """没有一年 {tier} 元的档次，没有办理。请从当地公布的档次里选：{tiers} 元。"""

    status = 422


@item(
    "RES-01",
    "居民养老保险参保登记",
    may=Permission.REGISTRY_WRITE,
    by=(Kind.CITIZEN,),
    guide=Guide(
        what="参加城乡居民基本养老保险，选好缴费档次，以后每年缴一次费，政府给补贴；满六十周岁按月领养老金。",
        who="年满十六周岁（不含在校学生）、不属于职工养老保险范围的城乡居民，在户籍地参保",
        bring=("居民身份证", "户口簿"),
        law="国发〔2014〕8号 第三条；社会保险法 第二十二条",
    ),
)
def enrol(uow: Uow, cmd: Enrol) -> Enrolled:
    who, at = registry.person(uow, cmd.ident, lock=True), look(uow.today)
    require_eligible(uow, who, at)
    if cmd.student:
        raise AtSchool
    if not cmd.hukou.startswith(reach(settings().area)):
        raise HukouElsewhere(place=codes.full_name(cmd.hukou))
    subsidy = subsidy_of(at, cmd.tier)
    account = uow.session.get(ResidentAccount, who.id, with_for_update=True)
    if account is not None and account.status in ("1", "4"):
        raise EnrolledAlready(name=who.name, since=account.opened, status=STATUS[account.status])
    account = open_account(uow, who.id, cmd.hukou, Money.yuan(str(cmd.tier)))
    known = span(who.birth, at)
    return Enrolled(
        name=who.name,
        since=str(account.opened),
        tier_fen=account.tier.fen,
        subsidy_fen=subsidy.fen,
        reaches=str(known.reached),
        required_months=known.required,
        warnings=at.warnings(),
    )


def open_account(uow: Uow, person_id: int, hukou: str, tier: Money) -> ResidentAccount:
    """A new account, or one that had been closed, from this month on."""
    account = uow.session.get(ResidentAccount, person_id, with_for_update=True)
    if account is None:
        account = ResidentAccount(person_id=person_id, taken_months=0)
        uow.session.add(account)
    account.status, account.opened = "1", Month.of(uow.today)
    account.hukou, account.tier = hukou, tier
    uow.session.flush()
    return account


def require_eligible(uow: Uow, who: registry.Person, at: Lookup) -> None:
    """Alive, old enough, and in no employee's pension scheme."""
    if who.died is not None:
        raise Deceased(name=who.name, died=who.died)
    if who.retired is not None:
        raise PensionedElsewhere(name=who.name, retired=who.retired)
    age = at.value("resident.contribution.lowest_age")
    if (grown := add_months(who.birth, 12 * age)) > uow.today:
        raise TooYoung(name=who.name, day=grown, age=age)
    held = registry.flexible.last_held(uow, who).get(EMPLOYEES)
    if held is not None and held.ended is None:
        raise WithEmployees(name=who.name, since=held.started)


def subsidy_of(at: Lookup, tier: int) -> Money:
    """What the government adds to a tier, where there is such a tier."""
    known = tiers(at)
    if tier not in known:
        raise NoSuchTier(tier=tier, tiers="、".join(map(str, known)))
    return known[tier]


@item(
    "RES-02",
    "居民养老保险缴费档次选择",
    may=Permission.REGISTRY_WRITE,
    by=(Kind.CITIZEN,),
    guide=Guide(
        what="改选每年缴费的档次，多缴多得；今年已经缴过的，从明年起按新的档次。",
        who="参加城乡居民基本养老保险、还没有领取待遇的人",
        bring=("居民身份证",),
        law="国发〔2014〕8号 第四条",
    ),
)
def choose(uow: Uow, cmd: ChooseTier) -> Chosen:
    who, at = registry.person(uow, cmd.ident, lock=True), look(uow.today)
    account = account_of(uow, who.id, who.name, lock=True)
    require_paying(account, who.name)
    subsidy = subsidy_of(at, cmd.tier)
    account.tier = Money.yuan(str(cmd.tier))
    paid = uow.today.year in paid_years(uow, who.id)
    return Chosen(
        name=who.name,
        tier_fen=account.tier.fen,
        subsidy_fen=subsidy.fen,
        since=uow.today.year + paid,
    )


class NotPaying(Refusal):
    """{name}的居民养老保险现在是“{status}”，不用再缴费。"""


def require_paying(account: ResidentAccount, name: str) -> None:
    if account.status != "1":
        raise NotPaying(name=name, status=STATUS[account.status])


@question("RES-Q2", "居民养老保险缴费档次", may=Permission.PENSION_READ, by=(Kind.ANYONE,))
def listed(uow: Uow, ask: AskTiers) -> Tiers:
    at = look(uow.today.replace(year=ask.year, month=1, day=1))
    if ask.year == uow.today.year:
        at = look(uow.today)
    return Tiers(year=ask.year, tiers=tier_views(at), warnings=at.warnings())


def tier_views(at: Lookup) -> tuple[TierView, ...]:
    return tuple(
        TierView(tier_fen=Money.yuan(str(tier)).fen, subsidy_fen=subsidy.fen)
        for tier, subsidy in tiers(at).items()
    )
