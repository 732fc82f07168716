"""Disability allowance 病残津贴 (人社部发〔2024〕72号): for who can work no more before the legal age, until then.

It stands beside the awards, not among them: an award is one a person and for life, worked out once; an allowance ends,
may come again, and changes its kind. Its months are posted as an item of their own, so they are stopped, claimed back
and certified as any other. A full allowance becomes the pension as it is (`kept`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.kernel.money import ZERO, Money
from backend.kernel.params import history
from backend.kernel.period import Month
from backend.kernel.settings import settings
from backend.payout import service as payout
from backend.pension import years
from backend.pension.benefits import FUND
from backend.pension.calculators import (
    AskMinimumContribution,
    minimum_contribution,
)
from backend.pension.careers.choosing import dates
from backend.pension.kept import DrawnUp, Retiring
from backend.pension.living import drawing, viewing
from backend.pension.living.allowed import Allow, AllowanceEnded, AllowanceView, EndAllowance
from backend.pension.living.keeping import Proved
from backend.pension.living.model import Disability
from backend.pension.living.rating import GROUP, LAW, Facts, in_force, rates, terms, worked_out
from backend.pension.living.receiving import ALLOWANCE
from backend.pension.model import Account, Award
from backend.pension.rules.disability import Kind, Terms, kind, limited_months
from backend.pension.statement import account_of
from backend.pension.stopping import DEATH, UNPROVED
from backend.registry import service as registry

DOUBLE, UNENTITLED = "05", "10"  # 停发原因: 重复享受待遇、不再符合领取条件


class TooEarly(Refusal):
    """病残津贴从 {since} 起实行，申请日期不能早于这一天；以前办了病退、退职的，照原来的待遇发。"""

    status = 422


class DaysWrong(Refusal):
    """鉴定结论日期（{appraised}）不能早于出生，也不能晚于申请日期（{applied}）；申请日期不能晚于今天（{today}）。请核对。"""

    status = 422


class Dead(Refusal):
    """{name}已经登记在 {died} 去世，不能核定病残津贴。"""


class AtLegalAge(Refusal):
    """{name}的法定退休时间是 {legal}，已经到了，不再核定病残津贴；请办“养老待遇核定”（PEN-04）。"""


class HasPension(Refusal):
    """{name}已经核定了养老待遇，不能再领病残津贴。"""


class HasAllowance(Refusal):
    """{name}已经核定了病残津贴，从 {first} 起，到 {last} 为止，不用再办。"""


class StillInsured(Refusal):
    """{name}到 {month} 还在参加职工养老保险；领病残津贴的人不再缴费，请先办停保（停到申请当月），再来核定。"""


class NeverPaid(Refusal):
    """{name}没有缴费月数，也没有视同缴费月数，不能领病残津贴。"""


class NoAllowance(Refusal):
    """{name}现在没有病残津贴可以停发。"""


@dataclass(frozen=True)
class _Entitled:
    """Who may have it, by which account, from which day on, until which."""

    who: registry.Person
    account: Account
    applied: date
    legal: date


def _entitled(uow: Uow, cmd: Allow) -> _Entitled:
    who = registry.person(uow, cmd.ident, lock=True)
    account = account_of(uow, who.id, who.name, lock=True)
    applied, legal = cmd.applied or uow.today, dates(who.sex, account.track, who.birth).legal
    _require_may(uow, who, cmd.appraised, applied, legal)
    _require_free(uow, who, Month.of(applied) + 1)
    if not account.months_paid + account.deemed_months:
        raise NeverPaid(name=who.name)
    return _Entitled(who, account, applied, legal)


def _require_may(uow: Uow, who: registry.Person, appraised: date, applied: date, legal: date) -> None:
    begins = history(f"{GROUP}.near_months")[0].since
    if not who.birth <= appraised <= applied <= uow.today:
        raise DaysWrong(appraised=appraised, applied=applied, today=uow.today)
    if applied < begins:
        raise TooEarly(since=begins)
    if who.died is not None:
        raise Dead(name=who.name, died=who.died)
    if Month.of(legal) <= Month.of(applied):
        raise AtLegalAge(name=who.name, legal=legal)


def _require_free(uow: Uow, who: registry.Person, first: Month) -> None:
    """No other benefit of old age or disability, and no more contributions, from this month on."""
    if uow.session.scalar(select(Award.id).where(Award.person_id == who.id, Award.state != "replaced")):
        raise HasPension(name=who.name)
    other = uow.session.scalar(
        select(Disability).where(Disability.person_id == who.id, Disability.until > first)
    )
    if other:
        raise HasAllowance(name=who.name, first=other.first_month, last=other.until - 1)
    insured = registry.enrolled(first).subquery()
    still = select(insured).where(insured.c.person_id == who.id, insured.c.insurance == registry.PENSION)
    if uow.session.execute(still).first():
        raise StillInsured(name=who.name, month=first)


@item(
    "PEN-29",
    "病残津贴核定",
    may=Permission.PENSION_DECIDE,
    review=2,
    ready=_entitled,
    guide=Guide(
        what="还没有到法定退休年龄，因病或者非因工致残、鉴定为完全丧失劳动能力的，按月领病残津贴，从申请的次月起，到法定退休年龄为止。"
        "缴满最低年限、离退休五年以内的按基本养老金计发；超过五年的按基础养老金计发，到五年时重新核算；没有缴满的按基础养老金领有限的月数。",
        who="参加企业职工基本养老保险的人",
        bring=("居民身份证", "完全丧失劳动能力的鉴定结论书", "社会保障卡"),
        days="十五个工作日",
        law=f"社会保险法 第十七条；{LAW}",
    ),
)
def allow(uow: Uow, cmd: Allow) -> AllowanceView:
    found = _entitled(uow, cmd)
    who, applied, legal = found.who, found.applied, found.legal
    paid, first = found.account.months_paid + found.account.deemed_months, Month.of(applied) + 1
    known = terms(applied, who.area)
    minimum = minimum_contribution(AskMinimumContribution(year=applied.year)).months
    which = kind(paid, minimum, applied, legal, known)
    row = Disability(
        person_id=who.id,
        area=settings().area,
        kind=which,
        document=cmd.document,
        appraised=cmd.appraised,
        applied=applied,
        legal=legal,
        first_month=first,
        until=_until(which, paid, first, legal, known),
        decided_on=uow.today,
        ended_by=None,
    )
    rate = worked_out(uow, Facts(who, found.account, Month.of(applied), which == "full"), first)
    uow.session.add(row)
    uow.session.flush()
    rate.disability_id = row.id
    uow.session.add(rate)
    payout.lift(uow, person_id=who.id, what=ALLOWANCE, since=first)  # what ended an earlier one
    uow.session.flush()
    return viewing.view(uow, who, row)


def _until(which: Kind, paid: int, first: Month, legal: date, known: Terms) -> Month:
    """The month of the legal age is the last; of a short career an earlier one may be."""
    end = Month.of(legal) + 1
    return min(first + limited_months(paid, known), end) if which == "limited" else end


# ---- its end ----


@item(
    "PEN-32",
    "病残津贴停发",
    may=Permission.PENSION_DECIDE,
    review=1,
    guide=Guide(
        what="复查不再是完全丧失劳动能力，或者恢复就业、参保缴费的，从次月起停发病残津贴。以后又符合条件的，重新核定。",
        who="经办机构",
        bring=("复查鉴定结论书或者参保缴费记录",),
        law=LAW,
    ),
)
def end_allowance(uow: Uow, cmd: EndAllowance) -> AllowanceEnded:
    who = registry.person(uow, cmd.ident, lock=True)
    row = running(uow, who.id)
    since = Month.of(cmd.day) + 1
    if row is None or since >= row.until:
        raise NoAllowance(name=who.name)
    if not row.applied <= cmd.day <= uow.today:
        raise EndWrong(day=cmd.day, applied=row.applied, today=uow.today)
    swept = _end(uow, row, since, UNENTITLED, cmd.document, claims=cmd.claims)
    return AllowanceEnded(
        name=who.name,
        since=str(since),
        cancelled=swept.cancelled,
        cancelled_fen=swept.cancelled_fen,
        claimed=swept.claimed,
        claimed_fen=swept.claimed_fen,
    )


class EndWrong(Refusal):
    """日期（{day}）要在申请日期（{applied}）和今天（{today}）之间，请核对。"""

    status = 422


def running(uow: Uow, person_id: int) -> Disability | None:
    """The newest allowance that has not ended, locked."""
    return uow.session.scalar(
        select(Disability)
        .where(Disability.person_id == person_id, Disability.until > Disability.first_month)
        .order_by(Disability.first_month.desc())
        .limit(1)
        .with_for_update()
    )


def _end(
    uow: Uow, row: Disability, since: Month, reason: str, document: str, *, claims: bool
) -> payout.Swept:
    """No month from `since` on; what was posted for them is cancelled or, drawn, claimed back."""
    row.until, row.ended_by = max(since, row.first_month), document
    uow.session.flush()
    return payout.stop(
        uow,
        person_id=row.person_id,
        fund=FUND,
        what=ALLOWANCE,
        since=row.until,
        reason=reason,
        document=document,
        claims=claims,
    )


def on_enrolled(uow: Uow, fact: registry.Enrolled) -> None:
    """Who is insured again is paid to the end of that month. (Months before the allowance that are entered late are no
    return to work.)"""
    row = running(uow, fact.person_id)
    if row and row.first_month <= fact.started and fact.started + 1 < row.until:
        _end(uow, row, fact.started + 1, UNENTITLED, f"恢复参保 {fact.started}", claims=True)


def on_retired(uow: Uow, fact: registry.Retired) -> None:
    """The pension takes its place: what was posted after the month of retirement is not owed twice."""
    row = running(uow, fact.person_id)
    if row and row.until > fact.retired + 1:
        _end(uow, row, fact.retired + 1, DOUBLE, f"退休核定 {fact.retired}", claims=True)


def on_died(uow: Uow, fact: registry.Died) -> None:
    """It ends with the month of death; what was drawn for later months is claimed back."""
    row, after = running(uow, fact.person_id), Month.of(fact.died) + 1
    if row and row.until > after:
        payout.stop(
            uow,
            person_id=fact.person_id,
            fund=FUND,
            what=ALLOWANCE,
            since=after,
            reason=DEATH,
            document=fact.document,
            claims=True,
        )


def on_lives(uow: Uow, fact: registry.Lives) -> None:
    """The death was a mistake: the next run pays what was not paid."""
    if running(uow, fact.person_id) is None:
        return
    undone = payout.undo(
        uow,
        person_id=fact.person_id,
        fund=FUND,
        what=ALLOWANCE,
        reason=DEATH,
        document=fact.document,
        because=fact.because,
    )
    drawing.settle(uow, fact.person_id)
    if undone.to_account_fen:
        years.pay_debt(uow, fact.person_id, ZERO - Money(undone.to_account_fen))


def on_proved(uow: Uow, fact: Proved) -> None:
    """What was stopped for want of a proof is paid, with all its months, unless some of them are claimed back."""
    held = payout.standing(uow, fact.person_id, ALLOWANCE, UNPROVED)
    if held and not payout.claimed_from(uow, fact.person_id, ALLOWANCE, held.since):
        payout.lift(uow, person_id=fact.person_id, what=ALLOWANCE, since=held.since, reason=UNPROVED)


def on_retiring(uow: Uow, fact: Retiring) -> None:
    """第三条: who gets a full allowance in the month of retirement gets as much as a pension; it is not worked out anew."""
    row = running(uow, fact.person_id)
    if row is None or not row.first_month <= fact.retired < row.until:
        return
    rate = in_force(rates(uow, row), fact.retired)
    if row.kind == "full" or rate.since > row.first_month:
        parts = rate.basic, rate.account, rate.transitional, rate.additions
        fact.kept = DrawnUp(parts, rate.facts, rate.steps)
