"""Tables of employment 就业服务: vacancies, findings, applications, messages. Private to this folder."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Identity,
    Index,
    String,
    UniqueConstraint,
    case,
    literal,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from backend.employment.rules.standing import LINES, OTHERWISE, Test
from backend.kernel.db import Base
from backend.kernel.money import Money

SCHEMA = "employment"
ACTIVE = ("new", "in_progress", "postponed", "to_be_hired", "pool")


class Vacancy(Base):
    """招聘职位. Where it stands is derived from its dates (`standing`), never stored."""

    __tablename__ = "vacancy"
    __table_args__ = (
        CheckConstraint("pay_min > 0 and pay_max >= pay_min", name="pay"),
        CheckConstraint("salary_min > 0 and salary_max >= salary_min", name="salary"),
        CheckConstraint("pay_unit in ('month','day','hour')", name="pay_unit"),
        CheckConstraint("type in ('full','part','temporary','intern')", name="type"),
        CheckConstraint("headcount between 1 and 9999", name="headcount"),
        CheckConstraint("experience_years between 0 and 40", name="experience"),
        CheckConstraint("(reviewed_at is null) = (passed is null)", name="reviewed"),
        CheckConstraint("reviewed_at is null or submitted_at is not null", name="order"),
        CheckConstraint("passed is not true or first_published is not null", name="published"),
        CheckConstraint("not forwarded or source <> '' or passed is not true", name="source"),
        Index("ix_vacancy_employer_id_id", "employer_id", "id"),
        # "passed is true" word for word: PostgreSQL does not see that it means the same as "passed"
        Index("ix_vacancy_valid_until", "valid_until", postgresql_where=text("passed is true")),
        Index(
            "ix_vacancy_occupation_first_published",
            "occupation",
            text("first_published desc"),
            postgresql_ops={"occupation": "text_pattern_ops"},
            postgresql_where=text("passed is true"),
        ),
        Index("ix_vacancy_area", "area", postgresql_ops={"area": "text_pattern_ops"}),
        Index(
            "ix_vacancy_waiting",
            "submitted_at",
            postgresql_where=text("submitted_at is not null and reviewed_at is null"),
        ),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    no: Mapped[str] = mapped_column(String(11), unique=True)
    employer_id: Mapped[int] = mapped_column(ForeignKey("registry.employer.id"))
    title: Mapped[str] = mapped_column(String(60))
    occupation: Mapped[str] = mapped_column(String(10))
    area: Mapped[str] = mapped_column(String(6))
    address: Mapped[str] = mapped_column(String(120))
    work: Mapped[str] = mapped_column(String(4000))
    conditions: Mapped[str] = mapped_column(String(2000))
    benefits: Mapped[str] = mapped_column(String(1000))
    education: Mapped[str] = mapped_column(String(2))
    experience_years: Mapped[int]
    type: Mapped[str] = mapped_column(String(10))
    headcount: Mapped[int]
    pay_unit: Mapped[str] = mapped_column(String(5))
    pay_min: Mapped[Money]  # as the employer wrote it, by pay_unit
    pay_max: Mapped[Money]
    salary_min: Mapped[Money]  # the same in a month: what is searched and sorted
    salary_max: Mapped[Money]
    contact: Mapped[str] = mapped_column(String(50))
    phone: Mapped[str] = mapped_column(String(20))
    forwarded: Mapped[bool]
    source: Mapped[str] = mapped_column(String(100))  # where a forwarded advert comes from
    written_by: Mapped[str]
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    reviewed_at: Mapped[datetime | None]
    passed: Mapped[bool | None]
    withdrawn_at: Mapped[datetime | None]
    filled_at: Mapped[datetime | None]
    valid_until: Mapped[date]
    first_published: Mapped[datetime | None]
    expiry_told: Mapped[date | None]  # the valid_until whose passing the indexer has been told of


class Finding(Base):
    """审查发现: what the last check found against a vacancy."""

    __tablename__ = "finding"
    __table_args__ = (
        CheckConstraint("severity in ('block','review')", name="severity"),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    vacancy_id: Mapped[int] = mapped_column(
        ForeignKey("employment.vacancy.id", ondelete="CASCADE"), index=True
    )
    rule: Mapped[str] = mapped_column(String(20))
    severity: Mapped[str] = mapped_column(String(6))
    field: Mapped[str] = mapped_column(String(20))
    excerpt: Mapped[str] = mapped_column(String(60))
    law: Mapped[str] = mapped_column(String(60))
    clause: Mapped[str] = mapped_column(String(400))
    advice: Mapped[str] = mapped_column(String(200))


class Review(Base):
    """审查记录: every decision about publishing, by the check or by a person; never changed."""

    __tablename__ = "review"
    __table_args__ = (
        CheckConstraint(
            "decision in ('published','queued','refused','appealed')",
            name="decision",
        ),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    vacancy_id: Mapped[int] = mapped_column(
        ForeignKey("employment.vacancy.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime]
    by: Mapped[str]  # CHECK, or the actor
    by_name: Mapped[str]
    decision: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(500))
    findings: Mapped[dict[str, Any]]  # as they stood


class Refresh(Base):
    """刷新记录: the employer says the vacancy is still to be had; once a day."""

    __tablename__ = "refresh"
    __table_args__ = ({"schema": SCHEMA},)
    vacancy_id: Mapped[int] = mapped_column(
        ForeignKey("employment.vacancy.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class Application(Base):
    """求职申请: one of a person for a vacancy."""

    __tablename__ = "application"
    __table_args__ = (
        UniqueConstraint("vacancy_id", "person_id"),
        CheckConstraint(
            "state in ('new','in_progress','postponed','to_be_hired','accepted','refused','cancelled',"
            "'obsolete','pool')",
            name="state",
        ),
        CheckConstraint("(state = 'refused') = (refusal is not null)", name="refusal"),
        Index("ix_application_person_id", "person_id"),
        Index("ix_application_state_vacancy_id", "state", "vacancy_id"),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    no: Mapped[str] = mapped_column(String(11), unique=True)
    vacancy_id: Mapped[int] = mapped_column(ForeignKey("employment.vacancy.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("registry.person.id"))
    state: Mapped[str] = mapped_column(String(12))
    letter: Mapped[str] = mapped_column(String(1000))
    phone: Mapped[str] = mapped_column(String(20))
    refusal: Mapped[str | None] = mapped_column(String(20))
    applied_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]  # the employer's first answer
    changed_at: Mapped[datetime]


class ApplicationStep(Base):
    """One change of an application's state; never changed itself."""

    __tablename__ = "application_step"
    __table_args__ = (
        CheckConstraint("by in ('seeker','employer','system')", name="by"),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("employment.application.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(12))
    refusal: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(500))


class Outbox(Base):
    """What the indexer has to look at again, in the order of commits."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_at", "at"), {"schema": SCHEMA})
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    vacancy_id: Mapped[int]
    at: Mapped[datetime]


class CountedFigures(Base):
    """供求情况 as counted within the last minute: however many ask, it is counted once."""

    __tablename__ = "counted_figures"
    __table_args__ = ({"schema": SCHEMA},)
    asked: Mapped[str] = mapped_column(String(200), primary_key=True)
    at: Mapped[datetime]
    answer: Mapped[dict[str, Any]]


class Message(Base):
    """站内消息 to a person."""

    __tablename__ = "message"
    __table_args__ = (Index("ix_message_person_id_at", "person_id", "at"), {"schema": SCHEMA})
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("registry.person.id"))
    at: Mapped[datetime]
    title: Mapped[str] = mapped_column(String(60))
    body: Mapped[str] = mapped_column(String(1000))
    vacancy: Mapped[str] = mapped_column(String(11), default="")  # the one it is about
    read_at: Mapped[datetime | None]


def standing(today: date) -> ColumnElement[str]:
    """Where each vacancy stands on a day: the table of rules/standing.py as an SQL expression."""
    return case(
        *((_condition(getattr(Vacancy, fact), test, today), literal(name)) for name, fact, test in LINES),
        else_=literal(OTHERWISE),
    )


def _condition(column: Any, test: Test, today: date) -> ColumnElement[bool]:
    conditions: dict[Test, ColumnElement[bool]] = {
        "is set": column.is_not(None),
        "is not set": column.is_(None),
        "is no": column.is_(False),
        "is past": column < today,
    }
    return conditions[test]


def is_open(today: date) -> ColumnElement[bool]:
    """`standing(today) = 'open'` said so that an index can help."""
    tests = [_condition(getattr(Vacancy, fact), test, today) for _, fact, test in LINES]
    first, *rest = (~test for test in tests)
    for test in rest:
        first &= test
    return first & Vacancy.passed.is_(True)
