"""Inheriting 个人账户继承: the account bears interest to the month of death, settles what was overpaid, and what is left
is the heirs' (社会保险法 第十四条, 民法典 第一千一百六十一条). It ends empty; what comes later is added (补差)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from backend.kernel import files
from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.items import Guide, item
from backend.kernel.money import ZERO, Money
from backend.kernel.period import Month
from backend.kernel.rules import Steps
from backend.payout import service as payout
from backend.pension import years
from backend.pension.benefits import FUND
from backend.pension.death import closing, facts, heirs
from backend.pension.death.heirs import Share
from backend.pension.death.listing import view
from backend.pension.death.model import SurvivorDecision
from backend.pension.death.refusals import InheritedAlready, NothingToAdd, NotInherited
from backend.pension.death.schema import InheritAccount, SupplementAccount, SurvivorDecisionView
from backend.pension.model import Account
from backend.registry import service as registry

KIND = "account"
INHERITED = "个人账户余额继承"
ENDED = "2"  # 终止
LAW = "社会保险法 第十四条"
DEBTS_LAW = "社会保险经办条例 第四十六条；民法典 第一千一百六十一条"
LOWER = "公布的记账利率比结清时用的低，多结了 {fen} 元利息，没有从账户扣回；要追回的请向领取人登记多发待遇（PAY-31）。"


def ready(uow: Uow, cmd: InheritAccount) -> tuple[registry.Person, Account, tuple[Share, ...]]:
    """Whatever stands in its way is said before anybody reviews it."""
    person = facts.deceased(uow, cmd.ident, lock=True)
    account = facts.account(uow, person, lock=True)
    if known := facts.standing(uow, person.id, KIND):
        raise InheritedAlready(name=person.name, decision=known[0].id)
    facts.require_paid(uow, person)
    return person, account, heirs.agreed(uow, person, cmd.heirs)


@item(
    "PEN-51",
    "个人账户继承",
    may=Permission.PENSION_DECIDE,
    review=2,
    ready=ready,
    guide=Guide(
        what="家人去世以后，他养老保险个人账户里剩下的钱由继承人领取：利息算到去世当月，去世以后多领的养老金先从里面扣。"
        "领过很多年养老金的，账户可能已经用完，那就没有可以继承的。",
        who="继承人：先是配偶、子女、父母；没有的，兄弟姐妹、祖父母、外祖父母；有遗嘱的按遗嘱",
        bring=(
            "去世的人的居民身份证或者户口簿",
            "死亡证明或者火化证明",
            "证明你们是一家人的：户口簿、结婚证或者派出所、公证处的证明；有遗嘱、公证书、判决书的一起带来",
            "每个领取人的居民身份证和银行卡",
            "几个人一起领的，大家签了名的分配协议",
        ),
        days="材料齐全及时核定，最近一次发放时到账",
        law="社会保险法 第十四条；民法典 第一千一百二十七条；社会保险经办条例 第四十六条",
    ),
)
def inherit(uow: Uow, cmd: InheritAccount) -> SurvivorDecisionView:
    person, account, shares = ready(uow, cmd)
    closed = closing.worked_out(years.fill(uow, person.id), facts.day(person))
    given = {one.year: one.fen for one in closed.years}
    paid = _empty(uow, account, given)
    decision = facts.decide(
        uow,
        person,
        KIND,
        total=paid.left,
        document=cmd.document,
        evidence=files.handed_in(uow, cmd.evidence),
        early_year=closed.early_year,
        facts=_kept(uow, closed, given)
        | {"status": account.status, "heirs": [asdict(one) for one in shares]},
        steps=_steps(closed, paid),
        warnings=closed.warnings,
    )
    account.status = ENDED
    heirs.share_out(uow, decision, shares, {INHERITED: paid.left})
    return view(uow, decision)


@dataclass(frozen=True)
class _More:
    """What was decided before, the newest first, and what the years bear by what is published now."""

    person: registry.Person
    earlier: Sequence[SurvivorDecision]
    closed: closing.Closed


def something_to_add(uow: Uow, cmd: SupplementAccount) -> _More:
    """Whatever stands in its way is said before anybody reviews it."""
    person = facts.deceased(uow, cmd.ident, lock=True)
    earlier = facts.standing(uow, person.id, KIND)
    if not earlier:
        raise NotInherited(name=person.name)
    closed = closing.again(_bore(earlier[0]), facts.day(person))
    if not years.balance(uow, person.id) and closed.early_year == earlier[0].early_year:
        raise NothingToAdd(name=person.name)
    return _More(person, earlier, closed)


def _bore(decision: SurvivorDecision) -> list[closing.Bearing]:
    return [closing.Bearing.read(one) for one in decision.facts["years"]]


@item(
    "PEN-53",
    "个人账户继承补差",
    may=Permission.PENSION_DECIDE,
    review=1,
    ready=something_to_add,
    guide=Guide(
        what="结清个人账户时去世那年的记账利率还没有公布、先按上年的算，公布以后补差；结清以后账户又有钱的，也补给原来的继承人。",
        who="经办机构；继承人也可以提出",
        days="复核后当场办结，最近一次发放时到账",
        law="社会保险法 第十四条；人社部发〔2017〕31号",
    ),
)
def supplement(uow: Uow, cmd: SupplementAccount) -> SurvivorDecisionView:
    """The same heirs, the same shares."""
    more = something_to_add(uow, cmd)
    person, earlier, closed = more.person, more.earlier, more.closed
    bore = _bore(earlier[0])
    account = facts.account(uow, person, lock=True)
    years.fill(uow, person.id)
    had = sum((Money(one.fen) for one in bore), ZERO)
    lower = closed.interest < had
    given = {one.year: one.fen - was.fen for one, was in zip(closed.years, bore, strict=True) if not lower}
    paid = _empty(uow, account, given)
    decision = facts.decide(
        uow,
        person,
        KIND,
        total=paid.left,
        document=cmd.document,
        evidence=None,
        early_year=closed.early_year,
        facts=_kept(uow, closed, given),
        steps=_steps(closed, paid),
        warnings=(*closed.warnings, *((LOWER.format(fen=had - closed.interest),) if lower else ())),
    )
    heirs.share_out(uow, decision, heirs.of(uow, earlier[-1]), {INHERITED: paid.left})
    return view(uow, decision)


@dataclass(frozen=True)
class _Paid:
    """What an account held, what it bore now, what of it settled debts, and what is left for the heirs."""

    held: Money
    interest: Money
    debts: Money

    @property
    def left(self) -> Money:
        return self.held + self.interest - self.debts


def _empty(uow: Uow, account: Account, given: Mapping[int, int]) -> _Paid:
    """The account bears this interest, settles the debts, and gives the rest: it holds nothing any more."""
    held = years.balance(uow, account.person_id)
    years.bear(uow, account.person_id, {year: Money(fen) for year, fen in given.items()}, rate=0)
    debts = _settle_debts(uow, account.person_id)
    paid = _Paid(held, Money(sum(given.values())), debts)
    if paid.left:
        years.pay_debt(uow, account.person_id, paid.left)
    return paid


def _settle_debts(uow: Uow, person_id: int) -> Money:
    """What the fund overpaid comes out of the account first, the oldest debt before the others."""
    settled = ZERO
    slip = f"账户结清-{person_id}-{len(facts.decided(uow, person_id)) + 1}"
    for claim, left in payout.accounted.open_claims(uow, person_id, FUND):
        amount = min(left, years.balance(uow, person_id))
        if amount:
            payout.accounted.repay_from_account(uow, claim, amount, slip)
            years.pay_debt(uow, person_id, amount)
            settled += amount
    return settled


def _kept(uow: Uow, closed: closing.Closed, given: Mapping[int, int]) -> dict[str, Any]:
    """What is needed to make it good later, or to take it back."""
    return {
        "years": [one.kept() for one in closed.years],
        "given": {str(year): fen for year, fen in given.items()},
        "booked": str(Month.of(uow.today)),
    }


def _steps(closed: closing.Closed, paid: _Paid) -> Steps:
    steps = closed.steps
    held = paid.held + paid.interest
    steps.add("账户余额", f"结清以前 {paid.held.text} + 利息 {paid.interest.text}", held.text, LAW)
    if paid.debts:
        steps.add("抵扣多领的养老金", "先从账户余额里抵扣", paid.debts.text, DEBTS_LAW)
    steps.add("由继承人领取", f"{held.text} - {paid.debts.text}", paid.left.text, LAW)
    return steps
