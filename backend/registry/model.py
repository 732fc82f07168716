"""Tables of the registry: persons, employers, jobs held, enrolments, cards. Shared facts, one place."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.kernel.db import Base
from backend.kernel.period import Month

SCHEMA = "registry"


class Person(Base):
    """参保人. Visible to an officer of the area, to the person, and to programs (row security)."""

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("sex in ('1','2')", name="sex"),
        CheckConstraint("died is null or died >= birth", name="died"),
        Index("ix_person_name", "name"),
        Index("ix_person_died", "died", postgresql_where=text("died is not null")),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    ident: Mapped[str] = mapped_column(String(18), unique=True)
    name: Mapped[str] = mapped_column(String(50))
    sex: Mapped[str] = mapped_column(String(1))
    birth: Mapped[date]
    nation: Mapped[str] = mapped_column(String(2))
    education: Mapped[str] = mapped_column(String(2))
    area: Mapped[str] = mapped_column(String(6))
    phone: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(String(120))
    died: Mapped[date | None]
    retired: Mapped[Month | None]  # 退休年月: told by the pension system; insured to the end of it
    registered_at: Mapped[datetime]


class Employer(Base):
    """用人单位. `injury_class` is the newest one; which it was before stands in FormerClass."""

    __tablename__ = "employer"
    __table_args__ = (
        CheckConstraint("injury_class between 1 and 8", name="injury_class"),
        CheckConstraint("(insured_on is null) = (pay_area is null)", name="insured"),
        CheckConstraint("cancelled_on is null or insured_on is not null", name="cancelled"),
        Index("ix_employer_name", "name"),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    uscc: Mapped[str] = mapped_column(String(18), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    area: Mapped[str] = mapped_column(String(6))
    industry: Mapped[str] = mapped_column(String(5))
    injury_class: Mapped[int]
    address: Mapped[str] = mapped_column(String(120))
    contact: Mapped[str] = mapped_column(String(50))
    phone: Mapped[str] = mapped_column(String(20))
    licence: Mapped[str | None] = mapped_column(String(40))  # 人力资源服务许可证, of a labour agency
    verified_on: Mapped[date | None]  # 实名核验, again every six months
    registered_at: Mapped[datetime]
    insured_on: Mapped[date | None]  # 社会保险登记
    pay_area: Mapped[str | None] = mapped_column(String(6))  # 缴费地
    cancelled_on: Mapped[date | None]  # 社会保险登记注销


class Participation(Base):
    """单位参保险种: an employer takes part in an insurance from one month to another; who is hired is enrolled in it."""

    __tablename__ = "participation"
    __table_args__ = (
        CheckConstraint("until is null or until >= since", name="order"),
        ExcludeConstraint(
            ("employer_id", "="),
            ("insurance", "="),
            (text("daterange(since, until, '[]')"), "&&"),
            name="participation_once",
        ),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    employer_id: Mapped[int] = mapped_column(ForeignKey("registry.employer.id"))
    insurance: Mapped[str] = mapped_column(String(3))
    since: Mapped[Month]
    until: Mapped[Month | None]


class FormerClass(Base):
    """The injury class an employer had until a month (`since` null: from the beginning)."""

    __tablename__ = "former_class"
    __table_args__ = (
        CheckConstraint("injury_class between 1 and 8", name="injury_class"),
        CheckConstraint("since is null or until >= since", name="order"),
        ExcludeConstraint(
            ("employer_id", "="),
            (text("daterange(since, until, '[]')"), "&&"),
            name="former_class_once",
        ),
        {"schema": SCHEMA},
    )
    employer_id: Mapped[int] = mapped_column(ForeignKey("registry.employer.id"), primary_key=True)
    until: Mapped[Month] = mapped_column(primary_key=True)
    since: Mapped[Month | None]
    injury_class: Mapped[int]


class EmployerChange(Base):
    """单位变更: what of an employer's registration changed, and from what to what. Written once, never changed."""

    __tablename__ = "employer_change"
    __table_args__ = ({"schema": SCHEMA},)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    employer_id: Mapped[int] = mapped_column(ForeignKey("registry.employer.id"), index=True)
    kind: Mapped[str] = mapped_column(String(2))  # a code of employer_change
    what: Mapped[str] = mapped_column(String(20))
    before: Mapped[str | None] = mapped_column(String(200))
    after: Mapped[str | None] = mapped_column(String(200))
    month: Mapped[Month | None]  # from which it counts, where it counts from a month
    reason: Mapped[str | None] = mapped_column(String(200))
    maker: Mapped[str]
    changed_on: Mapped[date]


class Job(Base):
    """A person works for an employer from one day to another."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("ended is null or ended >= started", name="order"),
        UniqueConstraint("person_id", "employer_id", "started"),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("registry.person.id"))
    employer_id: Mapped[int] = mapped_column(ForeignKey("registry.employer.id"), index=True)
    started: Mapped[date]
    ended: Mapped[date | None]
    occupation: Mapped[str | None] = mapped_column(String(10))
    hire_reason: Mapped[str | None] = mapped_column(String(2))  # what was loaded has no reasons
    hire_reported: Mapped[date | None]
    leave_reason: Mapped[str | None] = mapped_column(String(4))
    leave_reported: Mapped[date | None]
    death_id: Mapped[int | None] = mapped_column(ForeignKey("registry.death.id"))  # the death that ended it


class Enrolment(Base):
    """参保: a person is in an insurance from one month to another, once at a time."""

    __tablename__ = "enrolment"
    __table_args__ = (
        CheckConstraint("ended is null or ended >= started", name="order"),
        ExcludeConstraint(
            ("person_id", "="),
            ("insurance", "="),
            (text("daterange(started, ended, '[]')"), "&&"),
            name="once_at_a_time",
        ),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("registry.person.id"))
    insurance: Mapped[str] = mapped_column(String(3))
    category: Mapped[str] = mapped_column(String(20))  # employee, flexible
    employer_id: Mapped[int | None] = mapped_column(ForeignKey("registry.employer.id"))
    started: Mapped[Month]
    ended: Mapped[Month | None]
    leave_reason: Mapped[str | None] = mapped_column(
        String(4)
    )  # of who insured themselves; an employee's job has it


class EndedEnrolment(Base):
    """参保 as it stood before a death ended it (or took it away: it began after the death). Where the death is taken
    back, it is put back. Written once, never changed."""

    __tablename__ = "ended_enrolment"
    __table_args__ = ({"schema": SCHEMA},)
    death_id: Mapped[int] = mapped_column(ForeignKey("registry.death.id"), primary_key=True)
    insurance: Mapped[str] = mapped_column(String(3), primary_key=True)
    started: Mapped[Month] = mapped_column(primary_key=True)
    ended: Mapped[Month | None]
    category: Mapped[str] = mapped_column(String(20))
    employer_id: Mapped[int | None] = mapped_column(ForeignKey("registry.employer.id"))


class Card(Base):
    """社会保障卡. One card of a person serves at a time."""

    __tablename__ = "card"
    __table_args__ = (
        CheckConstraint(
            "status in ('inactive','active','suspended','lost','replaced','cancelled','frozen')",
            name="status",
        ),
        CheckConstraint("(status = 'suspended') = (suspended_until is not null)", name="suspended_until"),
        CheckConstraint("key_version > 0", name="key_version"),
        CheckConstraint("profile in ('field','collect')", name="profile"),
        Index("uq_card_one_active", "person_id", unique=True, postgresql_where=text("status = 'active'")),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("registry.person.id"), index=True)
    card_no: Mapped[str] = mapped_column(String(9), unique=True)
    card_code: Mapped[str] = mapped_column(String(32), unique=True)
    area: Mapped[str] = mapped_column(String(6))
    version: Mapped[str] = mapped_column(String(4))
    issued: Mapped[date]
    expires: Mapped[date]
    status: Mapped[str] = mapped_column(String(10), default="active")
    suspended_until: Mapped[date | None]  # 临时挂失: the last day on which it rests
    key_version: Mapped[int] = mapped_column(SmallInteger, default=1)  # of the masters its keys come from
    # collect: with a counter, a log and proofs of its own; field: as the cards in people's hands are
    profile: Mapped[str] = mapped_column(String(8), default="field", server_default="field")


class BankAccount(Base):
    """Where a person's benefits go when they go to a bank."""

    __tablename__ = "bank_account"
    __table_args__ = ({"schema": SCHEMA},)
    person_id: Mapped[int] = mapped_column(ForeignKey("registry.person.id"), primary_key=True)
    bank: Mapped[str] = mapped_column(String(40))
    number: Mapped[str] = mapped_column(String(30))
    holder: Mapped[str] = mapped_column(String(50))
    standing: Mapped[bool]  # every month goes there by bank file; otherwise the person draws by card


class Death(Base):
    """死亡登记: by which document a death is known, and who reported it; and, where it was wrong, by which document
    it was taken back. It stays as a trace; a person has at most one that stands."""

    __tablename__ = "death"
    __table_args__ = (
        CheckConstraint(
            "num_nonnulls(withdrawn_at, withdrawn_by, withdrawn_document, withdrawn_reason) in (0, 4)"
            " and (withdrawn_evidence is null or withdrawn_at is not null)",
            name="withdrawn",
        ),
        Index("uq_death_standing", "person_id", unique=True, postgresql_where=text("withdrawn_at is null")),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("registry.person.id"), index=True)
    died: Mapped[date]
    document: Mapped[str] = mapped_column(String(60))
    evidence: Mapped[str | None] = mapped_column(ForeignKey("kernel.file.id"))
    reported_by: Mapped[str] = mapped_column(String(50))
    registered_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]
    withdrawn_document: Mapped[str | None] = mapped_column(String(60))
    withdrawn_reason: Mapped[str | None] = mapped_column(String(200))
    withdrawn_evidence: Mapped[str | None] = mapped_column(ForeignKey("kernel.file.id"))
