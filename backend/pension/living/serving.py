"""Serving 服刑: a pensioner in prison is paid nothing, neither then nor later (劳社厅函〔2001〕44号).

被判处拘役、有期徒刑以上刑罚的，服刑期间停发，期满后按服刑前的标准继续发给；在押还没有定罪的暂停（PEN-21），判无罪的补发（PEN-22）。
Who was in custody and is then sentenced is not paid for the custody either.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.kernel.period import Month
from backend.payout import service as payout
from backend.pension.awarding.viewing import STATES
from backend.pension.benefits import FUND, ITEM
from backend.pension.living.served import Imprison, Release
from backend.pension.model import Award
from backend.pension.schema import Resumed, Suspended
from backend.pension.stopping import (
    SERVING,
    NotRunning,
    award_of,
    go_on,
    suspended,
    take_back,
)
from backend.registry import service as registry

CUSTODY = "08"  # 停发原因: 涉嫌犯罪被通缉或者在押，还没有定罪
LAW = "劳社厅函〔2001〕44号、劳社厅函〔2003〕315号"


@dataclass(frozen=True)
class _Case:
    """Whose pension, and which months are concerned."""

    name: str
    award: Award
    since: Month
    until: Month | None = None


class NotSoLate(Refusal):
    """{what}不能晚于今天（{today}），请到了那一天再办。"""

    status = 422


class ReleasedBefore(Refusal):
    """刑满释放日期（{released}）早于判决生效或者停发的日期（{since}），请核对。"""

    status = 422


class ServesAlready(Refusal):
    """{name}已经从 {since} 起因为服刑停发，不用再办。"""


class DoesNotServe(Refusal):
    """{name}没有因为服刑停发，没有可以恢复的；别的原因停发的，请办“养老待遇恢复”（PEN-22）。"""


def _require_past(uow: Uow, what: str, day: date) -> None:
    if day > uow.today:
        raise NotSoLate(what=what, today=uow.today)


def _sentenced(uow: Uow, cmd: Imprison) -> _Case:
    person = registry.person(uow, cmd.ident, lock=True)
    award = award_of(uow, person.id, person.name)
    if award.state not in ("active", "suspended"):
        raise NotRunning(name=person.name, state=STATES[award.state])
    if held := payout.standing(uow, person.id, ITEM, SERVING):
        raise ServesAlready(name=person.name, since=held.since)
    _require_past(uow, "判决生效日期", cmd.effective)
    since = max(Month.of(cmd.effective) + 1, award.first_month)
    if cmd.released is None:
        return _Case(person.name, award, since)
    _require_past(uow, "刑满释放日期", cmd.released)
    if cmd.released < cmd.effective:
        raise ReleasedBefore(released=cmd.released, since=cmd.effective)
    return _Case(person.name, award, since, max(Month.of(cmd.released) + 1, since))


@item(
    "PEN-27",
    "养老待遇服刑停发",
    may=Permission.PENSION_DECIDE,
    review=1,
    ready=_sentenced,
    guide=Guide(
        what="领取养老金的人服刑，从判决生效的次月起停发，服刑的月份以后也不补发；判处管制、宣告缓刑、监外执行的照发，不用办。",
        who="经办机构、亲属",
        bring=("判决书或者执行通知书",),
        law=LAW,
    ),
)
def imprison(uow: Uow, cmd: Imprison) -> Suspended:
    """A custody that goes before it stays unpaid."""
    found = _sentenced(uow, cmd)
    person_id, ends = found.award.person_id, found.until or found.since
    payout.lift(uow, person_id=person_id, what=ITEM, since=ends, reason=CUSTODY)
    swept = _stop(uow, found, cmd.document, claims=cmd.claims)
    go_on(uow, found.award)
    return suspended(found.name, found.since, SERVING, swept)


def _stop(uow: Uow, case: _Case, document: str, *, claims: bool) -> payout.Swept:
    return payout.stop(
        uow,
        person_id=case.award.person_id,
        fund=FUND,
        what=ITEM,
        since=case.since,
        until=case.until,
        reason=SERVING,
        document=document,
        claims=claims,
    )


def _released(uow: Uow, cmd: Release) -> _Case:
    """`until`: the first month that is paid again."""
    person = registry.person(uow, cmd.ident, lock=True)
    award = award_of(uow, person.id, person.name)
    held = payout.standing(uow, person.id, ITEM, SERVING)
    if held is None or award.state != "suspended":
        raise DoesNotServe(name=person.name)
    _require_past(uow, "刑满释放日期", cmd.released)
    until = Month.of(cmd.released) + 1
    if until < held.since:
        raise ReleasedBefore(released=cmd.released, since=held.since)
    return _Case(person.name, award, held.since, until)


@item(
    "PEN-28",
    "养老待遇刑满恢复",
    may=Permission.PENSION_DECIDE,
    review=1,
    ready=_released,
    guide=Guide(
        what="刑满释放，从次月起按服刑前的标准恢复发放，参加以后的调整；服刑的月份不补发。判无罪的，请办“养老待遇恢复”，停发的月份补发。",
        who="刑满释放的人",
        bring=("居民身份证", "释放证明书"),
        law=LAW,
    ),
)
def release(uow: Uow, cmd: Release) -> Resumed:
    """Months after the release that were drawn and claimed, because nobody knew of it then, were due."""
    found = _released(uow, cmd)
    award, again = found.award, found.until or found.since
    held = payout.standing(uow, award.person_id, ITEM, SERVING)
    if held and payout.claimed_from(uow, award.person_id, ITEM, again):
        document, claims = held.document, held.claims
        take_back(uow, award, reason=SERVING, document=document, because=cmd.document)
        _stop(uow, found, document, claims=claims)
    payout.lift(uow, person_id=award.person_id, what=ITEM, since=again, reason=SERVING)
    go_on(uow, award)
    return Resumed(name=found.name, since=str(again))
