"""Insuring oneself 灵活就业参保登记、停保 (LEV-27, LEV-28): in the insurances the area opens, from a month that is not
billed yet; what was billed stays."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select, type_coerce

from backend.kernel import codes, params
from backend.kernel.actor import Kind, Permission
from backend.kernel.db import MonthType, Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item, question
from backend.kernel.period import Month, add_months
from backend.kernel.settings import settings
from backend.levy.bases import next_month
from backend.levy.enrolled import (
    AskFlexible,
    EnrolFlexible,
    FlexibleEnrolled,
    FlexiblePart,
    FlexibleStopped,
    FlexibleView,
    StopFlexible,
)
from backend.levy.model import DueLine
from backend.levy.terms import MEDICAL, PENSION, UNEMPLOYMENT, opened
from backend.registry import service as registry

CHOICES = {"pension": PENSION, "medical": MEDICAL, "unemployment": UNEMPLOYMENT}  # by their fields


class EmployedThere(Refusal):
    """{name} 现在由 {employer} 参保，不能再以灵活就业身份参保；已经离职的，请单位先办理职工减少。"""


class InPension(Refusal):
    """{name} 已经在 {retired} 退休、领取养老金，不用再参保缴费。"""


class RegisteredDead(Refusal):
    """{name} 登记的死亡日期是 {died}，不能参保；登记错了的，请先办“死亡登记撤销”（REG-23）。"""


class TooYoung(Refusal):
    """{name} 到 {day} 才满 {age} 周岁，满了以后才能参保（劳动法第十五条）。"""

    status = 422


class EnrolledAlready(Refusal):
    """{name} 从 {since} 起已经以灵活就业身份参加{insurance}，不需要再办。"""


class EnrolledUntil(Refusal):
    """{name} 的{insurance}参保到 {until} 为止，再参保最早从 {first} 起，请改参保起始月。"""


class SincePast(Refusal):
    """{since} 已经过了或者已经核定过应缴，灵活就业不能补办以前的月份；请从 {first} 或者以后起参保。"""

    status = 422


class SinceTooFar(Refusal):
    """参保起始月最晚填 {latest}，更晚的请到时候再办。"""

    status = 422


class NotOpened(Refusal):
    """{place}没有开放灵活就业人员参加{insurance}，或者缴费比例没有收录，这里不能办；请不选这一项，要参加的请问当地经办机构。"""

    status = 422


class NothingChosen(Refusal):
    """一项保险也没有选，不能登记；请选要参加的险种。"""

    status = 422


class NotFlexible(Refusal):
    """{name} 现在没有以灵活就业身份参保，不用办停保。"""


class EndPast(Refusal):
    """最早停到 {earliest} 为止，以前的月份已经过了或者已经核定过应缴；多核定的请到经办机构办理核减。"""

    status = 422


class EndTooFar(Refusal):
    """最晚停到 {latest} 为止，更晚的请到时候再办。"""

    status = 422


@item(
    "LEV-27",
    "灵活就业参保登记",
    may=Permission.REGISTRY_WRITE,
    by=(Kind.CITIZEN,),
    guide=Guide(
        what="没有用人单位的人自己参加养老保险和当地开放的其他险种，选好缴费基数以后每月自己缴费。",
        who="无雇工的个体工商户、没有在单位参保的非全日制从业人员、其他灵活就业人员",
        bring=("居民身份证",),
        law="社会保险法 第十条、第二十三条、第五十八条",
    ),
)
def enrol_flexible(uow: Uow, cmd: EnrolFlexible) -> FlexibleEnrolled:
    who, since = registry.person(uow, cmd.ident, lock=True), Month.parse(cmd.since)
    _require_insurable(uow, who, since)
    if since < (first := next_month(uow)):
        raise SincePast(since=since, first=first)
    if since > (latest := Month.of(uow.today) + 1):
        raise SinceTooFar(latest=latest)
    chosen = _chosen(cmd, since)
    _require_free(uow, who, chosen, since)
    registry.flexible.begin(uow, who, chosen, since)
    return FlexibleEnrolled(name=who.name, since=str(since), insurances=_names(chosen))


def _require_insurable(uow: Uow, who: registry.Person, since: Month) -> None:
    """Alive, not retired, old enough, and nobody's employee."""
    if who.died is not None:
        raise RegisteredDead(name=who.name, died=who.died)
    if who.retired is not None:
        raise InPension(name=who.name, retired=who.retired)
    lowest = int(params.value("employment.age.lowest", since.first))
    if (grown := add_months(who.birth, 12 * lowest)) > since.last:
        raise TooYoung(name=who.name, day=grown, age=lowest)
    if boss := registry.flexible.boss_of(uow, who):
        raise EmployedThere(name=who.name, employer=boss.name)


def _chosen(cmd: EnrolFlexible, since: Month) -> list[str]:
    """What was asked for; where nothing was said, what the area opens."""
    area = settings().area
    open_here = {one.insurance for one in opened(area, since)}
    chosen = list[str]()
    for name, insurance in CHOICES.items():
        asked = getattr(cmd, name)
        if asked and insurance not in open_here:
            raise NotOpened(place=codes.full_name(area), insurance=codes.name("insurance", insurance))
        if insurance in open_here and asked is not False:
            chosen.append(insurance)
    if not chosen:
        raise NothingChosen
    return chosen


def _require_free(uow: Uow, who: registry.Person, chosen: Sequence[str], since: Month) -> None:
    """Nobody is twice in one insurance."""
    held = registry.flexible.last_held(uow, who)
    for insurance in chosen:
        last, name = held.get(insurance), codes.name("insurance", insurance)
        if last is None:
            continue
        if last.ended is None and last.employer_id is not None:
            boss = registry.employer_by_id(uow, last.employer_id)
            raise EmployedThere(name=who.name, employer=boss.name)
        if last.ended is None:
            raise EnrolledAlready(name=who.name, since=last.started, insurance=name)
        if last.ended >= since:
            raise EnrolledUntil(name=who.name, insurance=name, until=last.ended, first=last.ended + 1)


def _names(insurances: Sequence[str]) -> tuple[str, ...]:
    return tuple(codes.name("insurance", one) for one in insurances)


@item(
    "LEV-28",
    "灵活就业停保",
    may=Permission.REGISTRY_WRITE,
    by=(Kind.CITIZEN,),
    guide=Guide(
        what="不再自己参保的人停保；到单位就业、退休或者去世的不用办，系统自动停。",
        who="以灵活就业身份参保的人",
        law="社会保险法 第五十八条",
    ),
)
def stop_flexible(uow: Uow, cmd: StopFlexible) -> FlexibleStopped:
    who, until = registry.person(uow, cmd.ident, lock=True), Month.parse(cmd.until)
    going = registry.flexible.going(uow, who)
    if not going:
        raise NotFlexible(name=who.name)
    if until < (earliest := _earliest_end(uow, who.id)):
        raise EndPast(earliest=earliest)
    if until > (latest := Month.of(uow.today) + 1):
        raise EndTooFar(latest=latest)
    names = _names([one.insurance for one in going])
    registry.flexible.stop(uow, going, until, cmd.reason)
    return FlexibleStopped(
        name=who.name, until=str(until), insurances=names, reason=codes.name("leave_reason", cmd.reason)
    )


def _earliest_end(uow: Uow, person_id: int) -> Month:
    """Last month, or the last one that was billed."""
    billed = billed_themselves_until(uow, person_id)
    last = Month.of(uow.today) - 1
    return max(last, billed) if billed is not None else last


def billed_themselves_until(uow: Uow, person_id: int) -> Month | None:
    """The last month that a person was billed for as who insures themselves."""
    return uow.session.scalar(
        select(type_coerce(func.max(DueLine.month), MonthType())).where(
            DueLine.person_id == person_id, DueLine.employer_id.is_(None)
        )
    )


def _open_in(month: Month) -> set[str]:
    """What the area opens; nothing where its limits or rates are not on record."""
    try:
        return {one.insurance for one in opened(settings().area, month)}
    except params.Missing:
        return set()


@question("LEV-Q26", "灵活就业参保情况", may=Permission.LEVY_READ, by=(Kind.CITIZEN,))
def flexible(uow: Uow, ask: AskFlexible) -> FlexibleView:
    who, first = registry.person(uow, ask.ident), next_month(uow)
    held = registry.flexible.last_held(uow, who)
    mine = [one for one in held.values() if one.employer_id is None]
    going = {insurance for insurance, one in held.items() if one.ended is None}
    open_here = _open_in(first)
    bound = who.died or who.retired or registry.flexible.boss_of(uow, who)
    return FlexibleView(
        name=who.name,
        parts=tuple(
            FlexiblePart(
                insurance_name=codes.name("insurance", one.insurance),
                started=str(one.started),
                ended=str(one.ended) if one.ended else None,
            )
            for one in mine
        ),
        closed=tuple(name for name, insurance in CHOICES.items() if insurance not in open_here - going),
        may_enrol=not bound and bool(open_here - going),
        may_stop=any(one.ended is None for one in mine),
        first=str(first),
        earliest_end=str(_earliest_end(uow, who.id)),
    )
