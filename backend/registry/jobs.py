"""Jobs 就业: an employer hires, a person leaves; the enrolment follows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy import or_, select

from backend.kernel import codes, ident, params
from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow
from backend.kernel.errors import NotFound, Refusal
from backend.kernel.items import Guide, item
from backend.kernel.period import Month, add_months
from backend.kernel.settings import settings
from backend.registry.ending import end_if_dead
from backend.registry.finding import NotInsured, employer, insured_employer, person
from backend.registry.flexible import last_held
from backend.registry.insuring import PENSION, Enrolled, participations
from backend.registry.model import Employer, Enrolment, Job, Participation, Person
from backend.registry.persons import WrongDay
from backend.registry.rules import FROM_OUTSIDE, NEW, first_month, hire_reason, last_month, late_days
from backend.registry.schema import (
    Hire,
    Hired,
    Leave,
    Left,
)


class AlreadyEmployed(Refusal):
    """{name} 已经在 {employer} 登记就业，从 {started} 起，不需要再办。"""


class StillThere(Refusal):
    """{name} 在这个单位的上一段就业到 {ended} 为止，新的入职日期要晚于这一天，请核对日期。"""


class NotEmployed(Refusal):
    """没有找到这个人在这个单位的在职记录，请核对号码和单位。"""


class NameDiffers(Refusal):
    """没有找到证件号码 {number}、姓名“{name}”的登记信息，请对照身份证核对；没有登记过的先办个人登记。"""

    status = 404


class StillEnrolled(Refusal):
    """{name} 的养老保险还在另一处参保（从 {started} 起），请先由原单位办理减少。"""


class FlexibleMeanwhile(Refusal):
    """{name} 从 {started} 起以灵活就业身份参加养老保险，入职日期最早是本月 1 日；实际更早入职的，请和本人一起到经办机构办理。"""


class NotInsuredYet(Refusal):
    """{employer} 从 {since} 起参保，入职日期不能早于这个月；单位实际更早用工的，请先办理险种变更，把参保起始月提前。"""


class ReasonDiffers(Refusal):
    """{name} 以前{known}，增员原因不能是“{given}”，请改成“{right}”，或者不选、由系统判断。"""

    status = 422


class EnrolledMeanwhile(Refusal):
    """{name} 从 {started} 到 {ended} 已经在别处参保，入职日期在这段时间里或者更早，不能再参保；请核对入职日期。"""


class NotYetWorking(Refusal):
    """{name} 到 {day} 才满 {age} 周岁，入职日期不能早于这一天（劳动法第十五条）。"""

    status = 422


class RetiredThen(Refusal):
    """{name} 已经在 {retired} 退休、领取养老金，不能再以职工身份参保。"""


class DeadThen(Refusal):
    """{name} 登记的死亡日期是 {died}，这以后不能再参保，请核对入职日期；死亡登记错了的，请先办“死亡登记撤销”（REG-23）。"""


class DayAhead(Refusal):
    """{what}不能晚于今天（{today}），请到了那一天再办。"""

    status = 422


@item(
    "REG-03",
    "职工增加",
    may=Permission.REGISTRY_WRITE,
    by=(Kind.EMPLOYER,),
    guide=Guide(
        what="单位招用职工以后三十日内办理就业登记和参保。",
        who="用人单位",
        bring=("劳动合同",),
        law="社会保险法 第五十八条",
    ),
)
def hire(uow: Uow, cmd: Hire) -> Hired:
    boss = insured_employer(uow, cmd.uscc)
    who = _named(uow, cmd.ident, cmd.name)
    _require_day(uow, who, boss, cmd.started)
    hired = first_month(cmd.started, _of_month("hired_until_day", cmd.started))
    held = last_held(uow, who)
    part = _part_from(uow, boss, hired)
    spells = [(one, _free_from(uow, who, held.get(one.insurance), max(hired, one.since))) for one in part]
    spells = [(one, first) for one, first in spells if one.until is None or first <= one.until]
    first = min(first for _, first in spells)
    if who.died is not None and max(first for _, first in spells) > Month.of(who.died):
        raise DeadThen(name=who.name, died=who.died)
    reason = _reason(cmd, who, boss, held, first)
    uow.session.add(
        Job(
            person_id=who.id,
            employer_id=boss.id,
            started=cmd.started,
            ended=None,
            occupation=cmd.occupation,
            hire_reason=reason,
            hire_reported=uow.today,
        )
    )
    uow.session.add_all(_enrolments(who, boss, spells))
    uow.session.flush()
    for one, month in spells:
        if one.insurance == PENSION:
            uow.emit(Enrolled(who.id, who.sex, month))
    end_if_dead(uow, who)
    limit = params.value("levy.clocks.enrol_days", uow.today)
    return Hired(
        person=who.name,
        employer=boss.name,
        enrolled_from=str(first),
        insurances=tuple(codes.name("insurance", one.insurance) for one, _ in spells),
        reason=codes.name("hire_reason", reason),
        late_days=late_days(cmd.started, uow.today, limit),
        limit_days=limit,
    )


def _require_day(uow: Uow, who: Person, boss: Employer, started: date) -> None:
    """A day on which this person can have begun to work there."""
    if started > uow.today:
        raise DayAhead(what="入职日期", today=uow.today)
    if who.retired is not None:
        raise RetiredThen(name=who.name, retired=who.retired)
    if who.died is not None and started > who.died:
        raise DeadThen(name=who.name, died=who.died)
    lowest = params.value("employment.age.lowest", uow.today)
    if started < (grown := add_months(who.birth, 12 * lowest)):
        raise NotYetWorking(name=who.name, day=grown, age=lowest)
    if row := _last_job(uow, who.id, boss.id):
        if row.ended is None:
            raise AlreadyEmployed(name=who.name, employer=boss.name, started=row.started)
        if started <= row.ended:
            raise StillThere(name=who.name, ended=row.ended)


def _of_month(name: str, day: date) -> int:
    """Up to or from which day of a month coming or leaving counts."""
    return int(params.value(f"levy.months.{name}", day, settings().area))


def _part_from(uow: Uow, boss: Employer, hired: Month) -> Sequence[Participation]:
    """In what the employer takes part from the month of hiring on."""
    part = [
        one for one in participations(uow, boss.id) if one.until is None or one.until >= max(hired, one.since)
    ]
    since = min((one.since for one in part), default=None)
    if since is None:
        raise NotInsured(name=boss.name)
    if hired < since:
        raise NotInsuredYet(employer=boss.name, since=since)
    return part


def _enrolments(
    who: Person, boss: Employer, spells: Sequence[tuple[Participation, Month]]
) -> Iterator[Enrolment]:
    for one, first in spells:
        yield Enrolment(
            person_id=who.id,
            insurance=one.insurance,
            category="employee",
            employer_id=boss.id,
            started=first,
            ended=one.until,
        )


def _reason(cmd: Hire, who: Person, boss: Employer, held: dict[str, Enrolment], first: Month) -> str:
    """What the employer says, where it can be; else what the registry knows."""
    last = max(held.values(), key=lambda one: one.started, default=None)
    ended = last.ended if last else None
    right = hire_reason(ended, first, same=bool(last and last.employer_id == boss.id))
    if cmd.reason in (None, FROM_OUTSIDE) or (cmd.reason == NEW) == (right == NEW):
        return cmd.reason or right
    raise ReasonDiffers(
        name=who.name,
        known="没有参加过本市的社会保险" if right == NEW else "参加过本市的社会保险",
        given=codes.name("hire_reason", str(cmd.reason)),
        right=codes.name("hire_reason", right),
    )


def _named(uow: Uow, number: str, name: str) -> Person:
    """The person of that number and that name: an employer learns nobody's name from a number."""
    unknown = NameDiffers(number=ident.masked(number), name=name)
    try:
        who = person(uow, number, lock=True)
    except NotFound:
        raise unknown from None
    if who.name != name:
        raise unknown
    return who


def _free_from(uow: Uow, who: Person, last: Enrolment | None, hired: Month) -> Month:
    """The month of hiring, or the next where that one is paid for already by who insured them last."""
    if last is None:
        return hired
    if last.ended is None and last.employer_id is None:
        return _after_flexible(uow, who, last, hired)
    if last.ended is None:
        raise StillEnrolled(name=who.name, started=last.started)
    if hired < last.ended:
        raise EnrolledMeanwhile(name=who.name, started=last.started, ended=last.ended)
    return max(hired, last.ended + 1)


def _after_flexible(uow: Uow, who: Person, last: Enrolment, hired: Month) -> Month:
    """Who insured themselves pays for the month of hiring still; the employer from the next one."""
    if hired < Month.of(uow.today):
        raise FlexibleMeanwhile(name=who.name, started=last.started)
    if last.started > hired:
        uow.session.delete(last)
        uow.session.flush()
        return hired
    last.ended = hired
    uow.session.flush()  # it must have ended before the next one begins
    return hired + 1


@item(
    "REG-04",
    "职工减少",
    may=Permission.REGISTRY_WRITE,
    by=(Kind.EMPLOYER,),
    guide=Guide(
        what="职工离职以后十五日内办理，离职当月仍然参保。",
        who="用人单位",
        bring=("解除或者终止劳动合同的证明",),
        law="劳动合同法 第五十条",
    ),
)
def leave(uow: Uow, cmd: Leave) -> Left:
    boss = employer(uow, cmd.uscc)
    who, job = _employed(uow, cmd.ident, boss.id)
    if cmd.ended > uow.today:
        raise DayAhead(what="离职日期", today=uow.today)
    if cmd.ended < job.started:
        raise WrongDay(what="离职日期", limit=job.started)
    month = last_month(cmd.ended, _of_month("left_from_day", cmd.ended))
    job.ended, job.leave_reason, job.leave_reported = cmd.ended, cmd.reason, uow.today
    for enrolled in _enrolled_by(uow, who.id, boss.id, month):
        if enrolled.started > month:  # begun after the last employer's month, never reached
            uow.session.delete(enrolled)
        else:
            enrolled.ended = month
    limit = params.value("levy.clocks.leave_days", uow.today)
    return Left(
        person=who.name,
        employer=boss.name,
        enrolled_until=str(month),
        reason=codes.name("leave_reason", cmd.reason),
        late_days=late_days(cmd.ended, uow.today, limit),
        limit_days=limit,
    )


def _employed(uow: Uow, number: str, employer_id: int) -> tuple[Person, Job]:
    """A person who works there; of all others nothing is said, not even whether they are known."""
    try:
        who = person(uow, number, lock=True)
    except NotFound:
        raise NotEmployed from None
    job = _last_job(uow, who.id, employer_id)
    if job is None or job.ended is not None:
        raise NotEmployed
    return who, job


def _last_job(uow: Uow, person_id: int, employer_id: int) -> Job | None:
    """The newest one there; the others have all ended before it."""
    return uow.session.scalar(
        select(Job)
        .where(Job.person_id == person_id, Job.employer_id == employer_id)
        .order_by(Job.started.desc())
        .limit(1)
    )


def _enrolled_by(uow: Uow, person_id: int, employer_id: int, month: Month) -> Sequence[Enrolment]:
    """What goes on there beyond a month."""
    return uow.session.scalars(
        select(Enrolment).where(
            Enrolment.person_id == person_id,
            Enrolment.employer_id == employer_id,
            or_(Enrolment.ended.is_(None), Enrolment.ended > month),
        )
    ).all()
