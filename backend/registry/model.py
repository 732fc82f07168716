"""Tables of the registry: persons, employers, jobs held, enrolments, cards. Shared facts, one place."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, String, UniqueConstraint, text
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
    registered_at: Mapped[datetime]


class Employer(Base):
    """用人单位."""

    __tablename__ = "employer"
    __table_args__ = (
        CheckConstraint("injury_class between 1 and 8", name="injury_class"),
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


class Card(Base):
    """社会保障卡. One card of a person serves at a time."""

    __tablename__ = "card"
    __table_args__ = (
        CheckConstraint("status in ('active','lost','replaced','cancelled')", name="status"),
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
