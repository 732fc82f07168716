"""Persons and employers: register them, look at them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from backend.kernel import codes, ident
from backend.kernel.actor import Kind, Permission, reach
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item, question
from backend.registry.finding import bank_account, employer, person
from backend.registry.model import Card, Employer, Enrolment, Job, Person
from backend.registry.schema import (
    CARD_STATUS,
    CATEGORIES,
    AskEmployer,
    AskPerson,
    CardView,
    EmployerView,
    EnrolmentView,
    JobView,
    PersonView,
    Registered,
    RegisterEmployer,
    RegisterPerson,
)


class AlreadyRegistered(Refusal):
    """{what}已经登记过，不需要再登记；信息有变化请办理变更。"""


class OutOfReach(Refusal):
    """行政区划 {area} 不在您的辖区内，请转给当地经办机构办理。"""

    status = 403


class WrongDay(Refusal):
    """{what}不能早于 {limit}，请核对日期。"""

    status = 422


class NotBorn(Refusal):
    """号码里的出生日期 {birth} 还没有到，请对照证件重填。"""

    status = 422


class SexUnknown(Refusal):
    """旧版外国人永久居留身份证的号码不含性别，请填写性别。"""

    status = 422


def require_reach(uow: Uow, area: str) -> None:
    if uow.actor.kind is Kind.OFFICER and not area.startswith(reach(uow.actor.area)):
        raise OutOfReach(area=codes.name("area", area))


@item(
    "REG-01",
    "个人登记",
    may=Permission.REGISTRY_WRITE,
    guide=Guide(
        what="第一次在本市就业、参保或者求职的人，先登记个人信息。",
        who="在本市就业、参保或者求职的个人",
        bring=("居民身份证",),
        law="社会保险法 第五十八条",
    ),
)
def register_person(uow: Uow, cmd: RegisterPerson) -> Registered:
    require_reach(uow, cmd.area)
    read = ident.read(cmd.ident)
    if read.birth > uow.today:
        raise NotBorn(birth=read.birth)
    sex = read.sex or cmd.sex
    if sex is None:
        raise SexUnknown
    row = Person(
        **cmd.model_dump(exclude={"sex"}), sex=sex, birth=read.birth, died=None, registered_at=uow.now
    )
    try:
        with uow.session.begin_nested():  # one of another area cannot be seen from here, only met
            uow.session.add(row)
    except IntegrityError:
        raise AlreadyRegistered(what=f"证件号码 {ident.masked(cmd.ident)} ") from None
    return Registered(name=cmd.name, area_name=codes.name("area", cmd.area))


@item(
    "REG-02",
    "单位登记",
    may=Permission.REGISTRY_WRITE,
    guide=Guide(
        what="用人单位登记基本信息，以后招聘、参保、缴费都用同一份。",
        who="企业、事业单位、社会组织、有雇工的个体工商户",
        bring=("营业执照或登记证书",),
        law="社会保险法 第五十七条",
    ),
)
def register_employer(uow: Uow, cmd: RegisterEmployer) -> Registered:
    require_reach(uow, cmd.area)
    if uow.session.scalar(select(Employer.id).where(Employer.uscc == cmd.uscc)):
        raise AlreadyRegistered(what=f"统一社会信用代码 {cmd.uscc} ")
    uow.session.add(Employer(**cmd.model_dump(), verified_on=uow.today, registered_at=uow.now))
    uow.session.flush()
    return Registered(name=cmd.name, area_name=codes.name("area", cmd.area))


@question("REG-Q1", "个人登记信息", may=Permission.REGISTRY_READ, by=(Kind.CITIZEN,))
def view_person(uow: Uow, ask: AskPerson) -> PersonView:
    who = person(uow, ask.ident)
    on = uow.today
    bank = bank_account(uow, who.id)
    return PersonView(
        ident=who.ident,
        name=who.name,
        sex=codes.name("sex", who.sex),
        birth=who.birth,
        nation=codes.name("nation", who.nation),
        education=codes.name("education", who.education),
        area=who.area,
        area_name=codes.name("area", who.area),
        phone=who.phone,
        address=who.address,
        died=who.died,
        enrolments=_enrolments(uow, who.id),
        jobs=_jobs(uow, who.id, on),
        cards=_cards(uow, who.id),
        bank=f"{bank.bank} ****{bank.number[-4:]}" if bank else None,
    )


def _enrolments(uow: Uow, person_id: int) -> tuple[EnrolmentView, ...]:
    rows = uow.session.scalars(
        select(Enrolment).where(Enrolment.person_id == person_id).order_by(Enrolment.started.desc())
    )
    return tuple(
        EnrolmentView(
            insurance=row.insurance,
            insurance_name=codes.name("insurance", row.insurance),
            category=CATEGORIES[row.category],
            started=str(row.started),
            ended=str(row.ended) if row.ended else None,
        )
        for row in rows
    )


def _jobs(uow: Uow, person_id: int, on: date) -> tuple[JobView, ...]:
    rows = uow.session.execute(
        select(Job, Employer.name)
        .join(Employer, Employer.id == Job.employer_id)
        .where(Job.person_id == person_id)
        .order_by(Job.started.desc())
    )
    return tuple(
        JobView(
            employer=name,
            started=job.started,
            ended=job.ended,
            occupation=codes.name("occupation", job.occupation, on) if job.occupation else None,
        )
        for job, name in rows
    )


def _cards(uow: Uow, person_id: int) -> tuple[CardView, ...]:
    rows = uow.session.scalars(select(Card).where(Card.person_id == person_id).order_by(Card.issued.desc()))
    return tuple(
        CardView(
            card_no=row.card_no,
            status=row.status,
            status_name=CARD_STATUS[row.status],
            issued=row.issued,
            expires=row.expires,
        )
        for row in rows
    )


@question("REG-Q2", "单位登记信息", may=Permission.REGISTRY_READ, by=(Kind.EMPLOYER,))
def view_employer(uow: Uow, ask: AskEmployer) -> EmployerView:
    row = employer(uow, ask.uscc)
    employees = uow.session.scalar(
        select(func.count()).select_from(Job).where(Job.employer_id == row.id, Job.ended.is_(None))
    )
    return EmployerView(
        uscc=row.uscc,
        name=row.name,
        area=row.area,
        area_name=codes.name("area", row.area),
        industry=codes.name("industry", row.industry),
        injury_class=row.injury_class,
        address=row.address,
        contact=row.contact,
        phone=row.phone,
        licence=row.licence,
        verified_on=row.verified_on,
        employees=employees or 0,
        insured_on=row.insured_on,
        cancelled_on=row.cancelled_on,
    )
