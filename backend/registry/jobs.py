"""Jobs 就业: an employer hires, a person leaves; the enrolment follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from backend.kernel import ident, params
from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow
from backend.kernel.errors import NotFound, Refusal
from backend.kernel.items import Guide, item
from backend.kernel.period import Month, add_months
from backend.registry.finding import employer, person
from backend.registry.model import Enrolment, Job, Person
from backend.registry.persons import WrongDay
from backend.registry.schema import (
    Hire,
    Hired,
    Leave,
    Left,
)

PENSION = "110"
TOGETHER = (PENSION, "210", "310", "410")  # 五险统一征缴; 生育 is levied with 310 (国办发〔2019〕10号)


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


class EnrolledMeanwhile(Refusal):
    """{name} 从 {started} 到 {ended} 已经在别处参保，入职日期在这段时间里或者更早，不能再参保；请核对入职日期。"""


class NotYetWorking(Refusal):
    """{name} 到 {day} 才满 {age} 周岁，入职日期不能早于这一天（劳动法第十五条）。"""

    status = 422


class DayAhead(Refusal):
    """{what}不能晚于今天（{today}），请到了那一天再办。"""

    status = 422


@dataclass(frozen=True)
class Enrolled:
    """Fact: a person is in the pension insurance from this month."""

    person_id: int
    sex: str
    started: Month


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
    boss = employer(uow, cmd.uscc)
    who = _named(uow, cmd.ident, cmd.name)
    if cmd.started > uow.today:
        raise DayAhead(what="入职日期", today=uow.today)
    lowest = params.value("employment.age.lowest", uow.today)
    if cmd.started < (grown := add_months(who.birth, 12 * lowest)):
        raise NotYetWorking(name=who.name, day=grown, age=lowest)
    if row := _last_job(uow, who.id, boss.id):
        if row.ended is None:
            raise AlreadyEmployed(name=who.name, employer=boss.name, started=row.started)
        if cmd.started <= row.ended:
            raise StillThere(name=who.name, ended=row.ended)
    month = _first_month(uow, who, Month.of(cmd.started))
    uow.session.add_all(
        [
            Job(
                person_id=who.id,
                employer_id=boss.id,
                started=cmd.started,
                ended=None,
                occupation=cmd.occupation,
            ),
            *(
                Enrolment(
                    person_id=who.id,
                    insurance=insurance,
                    category="employee",
                    employer_id=boss.id,
                    started=month,
                    ended=None,
                )
                for insurance in TOGETHER
            ),
        ]
    )
    uow.session.flush()
    uow.emit(Enrolled(who.id, who.sex, month))
    return Hired(person=who.name, employer=boss.name, enrolled_from=str(month))


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


def _first_month(uow: Uow, who: Person, hired: Month) -> Month:
    """The month of hiring, or the next where the last employer has paid for that one already."""
    last = uow.session.scalar(
        select(Enrolment)
        .where(Enrolment.person_id == who.id, Enrolment.insurance == PENSION)
        .order_by(Enrolment.started.desc())
        .limit(1)
    )
    if last is None:
        return hired
    if last.ended is None:
        raise StillEnrolled(name=who.name, started=last.started)
    if hired < last.ended:
        raise EnrolledMeanwhile(name=who.name, started=last.started, ended=last.ended)
    return max(hired, last.ended + 1)


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
    month = Month.of(cmd.ended)
    job.ended = cmd.ended
    for enrolled in _enrolled_by(uow, who.id, boss.id):
        if enrolled.started > month:  # begun after the last employer's month, never reached
            uow.session.delete(enrolled)
        else:
            enrolled.ended = month
    return Left(person=who.name, employer=boss.name, enrolled_until=str(month))


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


def _enrolled_by(uow: Uow, person_id: int, employer_id: int) -> Sequence[Enrolment]:
    return uow.session.scalars(
        select(Enrolment).where(
            Enrolment.person_id == person_id,
            Enrolment.employer_id == employer_id,
            Enrolment.ended.is_(None),
        )
    ).all()
