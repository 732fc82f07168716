"""Tables of what a running pension needs: proofs of life, reminders, disability allowances. Only this folder writes them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.kernel.db import Base
from backend.kernel.money import Money
from backend.kernel.period import Month

SCHEMA = "pension"


class Proof(Base):
    """资格认证: on this day a person was known to live, in this way. Written once, never changed."""

    __tablename__ = "proof"
    __table_args__ = (
        CheckConstraint("way in ('collection','card','portal','visit','match')", name="way"),
        {"schema": SCHEMA},
    )
    person_id: Mapped[int] = mapped_column(ForeignKey("registry.person.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    way: Mapped[str] = mapped_column(String(10), primary_key=True)
    evidence: Mapped[str] = mapped_column(String(200))
    made_by: Mapped[str]
    made_at: Mapped[datetime]


class Reminder(Base):
    """认证提醒: who was told that their proof was good until `lapsed`, and until when they may still give one.

    Once a lapse; a new proof makes it moot. `suspended_from`: the month from which nothing was paid after it.
    """

    __tablename__ = "reminder"
    __table_args__ = (
        UniqueConstraint("person_id", "lapsed"),
        CheckConstraint("told_on > lapsed and grace_until >= told_on", name="order"),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("registry.person.id"))
    lapsed: Mapped[date]
    told_on: Mapped[date]
    grace_until: Mapped[date]
    suspended_from: Mapped[Month | None]


class Disability(Base):
    """病残津贴: who is paid it for which months, from `first_month` on and no more from `until` on.

    `kind`: full 按基本养老金计发, basic 按基础养老金计发, limited 缴费没有满最低年限、只领有限的月数; as it was decided.
    What a month comes to stands in `DisabilityRate`; months that are stopped stand in payout.
    """

    __tablename__ = "disability"
    __table_args__ = (
        CheckConstraint("kind in ('full','basic','limited')", name="kind"),
        CheckConstraint("until >= first_month", name="order"),
        ExcludeConstraint(
            ("person_id", "="),
            (text("daterange(first_month, until)"), "&&"),
            name="disability_once_at_a_time",
        ),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("registry.person.id"))
    area: Mapped[str] = mapped_column(String(6))
    kind: Mapped[str] = mapped_column(String(7))
    document: Mapped[str] = mapped_column(String(60))  # the appraisal's number 劳动能力鉴定结论
    appraised: Mapped[date]
    applied: Mapped[date]
    legal: Mapped[date]  # 法定退休时间, as it was known then
    first_month: Mapped[Month]
    until: Mapped[Month]
    decided_on: Mapped[date]
    ended_by: Mapped[str | None] = mapped_column(String(60))  # by which document it ended before its time


class DisabilityRate(Base):
    """What an allowance comes to from a month on, until a later rate's month; from which facts, by which steps."""

    __tablename__ = "disability_rate"
    __table_args__ = (
        CheckConstraint("total = basic + account + transitional + additions and total > 0", name="adds_up"),
        {"schema": SCHEMA},
    )
    disability_id: Mapped[int] = mapped_column(ForeignKey("pension.disability.id"), primary_key=True)
    since: Mapped[Month] = mapped_column(primary_key=True)
    basic: Mapped[Money]
    account: Mapped[Money]
    transitional: Mapped[Money]
    additions: Mapped[Money]
    total: Mapped[Money]
    facts: Mapped[dict[str, Any]]
    steps: Mapped[dict[str, Any]]
