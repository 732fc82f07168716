"""Jobs 就业: an employer hires, a person leaves; the enrolment follows."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.kernel.period import Month
from backend.registry.finding import employer, person
from backend.registry.model import Enrolment, Job
from backend.registry.persons import WrongDay
from backend.registry.schema import (
    Hire,
    Hired,
    Leave,
    Left,
)

PENSION = "110"


class AlreadyEmployed(Refusal):
    """{name} 已经在 {employer} 登记就业，从 {started} 起，不需要再办。"""


class NotEmployed(Refusal):
    """没有找到 {name} 在这个单位的在职记录，请核对号码和单位。"""


class StillEnrolled(Refusal):
    """{name} 的养老保险还在另一处参保（从 {started} 起），请先由原单位办理减少。"""


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
    who = person(uow, cmd.ident, lock=True)
    month = Month(cmd.started.year, cmd.started.month)
    if cmd.started < who.birth.replace(year=who.birth.year + 16, day=min(who.birth.day, 28)):
        raise WrongDay(what="入职日期", limit="年满十六周岁之日")
    if row := _current_job(uow, who.id, boss.id):
        raise AlreadyEmployed(name=who.name, employer=boss.name, started=row.started)
    if enrolled := _current_enrolment(uow, who.id):
        raise StillEnrolled(name=who.name, started=enrolled.started)
    uow.session.add_all(
        [
            Job(
                person_id=who.id,
                employer_id=boss.id,
                started=cmd.started,
                ended=None,
                occupation=cmd.occupation,
            ),
            Enrolment(
                person_id=who.id,
                insurance=PENSION,
                category="employee",
                employer_id=boss.id,
                started=month,
                ended=None,
            ),
        ]
    )
    uow.session.flush()
    uow.emit(Enrolled(who.id, who.sex, month))
    return Hired(person=who.name, employer=boss.name, enrolled_from=str(month))


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
    who = person(uow, cmd.ident, lock=True)
    job = _current_job(uow, who.id, boss.id)
    if job is None:
        raise NotEmployed(name=who.name)
    if cmd.ended < job.started:
        raise WrongDay(what="离职日期", limit=job.started)
    month = Month(cmd.ended.year, cmd.ended.month)
    job.ended = cmd.ended
    enrolled = _current_enrolment(uow, who.id)
    if enrolled is not None and enrolled.employer_id == boss.id:
        enrolled.ended = max(month, enrolled.started)
    return Left(person=who.name, employer=boss.name, enrolled_until=str(month))


def _current_job(uow: Uow, person_id: int, employer_id: int) -> Job | None:
    return uow.session.scalar(
        select(Job).where(Job.person_id == person_id, Job.employer_id == employer_id, Job.ended.is_(None))
    )


def _current_enrolment(uow: Uow, person_id: int) -> Enrolment | None:
    return uow.session.scalar(
        select(Enrolment).where(
            Enrolment.person_id == person_id, Enrolment.insurance == PENSION, Enrolment.ended.is_(None)
        )
    )
