"""What is overdue 欠费: notices to pay, agreements to pay later. Private to this folder."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.kernel.db import Base
from backend.kernel.money import Money

SCHEMA = "levy"


class Notice(Base):
    """催缴通知: a payer is told to pay what is overdue by a day. Kept as it was issued; one open notice a payer.

    `bills` are the bills it names, `lines` what it says of them. It is closed when they are paid (paid), deferred by
    an agreement (deferred), or when a later notice names more (replaced).
    """

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("year", "no"),
        CheckConstraint("(employer_id is null) <> (person_id is null)", name="one_payer"),
        CheckConstraint("owed > 0 and late_fee >= 0 and pay_by > issued_on", name="amounts"),
        CheckConstraint("(closed_on is null) = (closed is null)", name="closed"),
        CheckConstraint("closed in ('paid','deferred','replaced')", name="how"),
        Index(
            "uq_notice_open",
            "employer_id",
            "person_id",
            unique=True,
            postgresql_where=text("closed_on is null"),
            postgresql_nulls_not_distinct=True,
        ),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    year: Mapped[int] = mapped_column(SmallInteger)
    no: Mapped[int]
    employer_id: Mapped[int | None] = mapped_column(ForeignKey("registry.employer.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("registry.person.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    number: Mapped[str] = mapped_column(String(18))
    bills: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    owed: Mapped[Money]  # dues and late fees that were raised already
    late_fee: Mapped[Money]  # that paying on the day of issue would have added
    issued_on: Mapped[date]
    pay_by: Mapped[date]
    issued_at: Mapped[datetime]
    closed_on: Mapped[date | None]
    closed: Mapped[str | None] = mapped_column(String(10))


class Deferral(Base):
    """缓缴协议 (社会保险法 第六十三条): an employer pays what it owes later and in parts, with a guarantee.

    Whether it was kept is read from what came in by each part's day (rules/deferring.py). Written once; `ended_on`
    is the day on which it was terminated before its time.
    """

    __tablename__ = "deferral"
    __table_args__ = (
        CheckConstraint("guarantee in ('mortgage','pledge','surety')", name="guarantee"),
        CheckConstraint("amount > 0", name="positive"),
        CheckConstraint("(ended_on is null) = (end_reason is null)", name="ended"),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    employer_id: Mapped[int] = mapped_column(ForeignKey("registry.employer.id"), index=True)
    document: Mapped[str] = mapped_column(String(60), unique=True)
    guarantee: Mapped[str] = mapped_column(String(10))
    file: Mapped[str] = mapped_column(ForeignKey("kernel.file.id"))  # the guarantee, signed
    reason: Mapped[str] = mapped_column(String(200))
    amount: Mapped[Money]
    waived: Mapped[bool]  # whether its days raise no late fee
    since: Mapped[date]
    made_at: Mapped[datetime]
    ended_on: Mapped[date | None]
    end_reason: Mapped[str | None] = mapped_column(String(200))


class DeferralPart(Base):
    """One part of an agreed plan: due on a day."""

    __tablename__ = "deferral_part"
    __table_args__ = (CheckConstraint("amount > 0", name="positive"), {"schema": SCHEMA})
    deferral_id: Mapped[int] = mapped_column(ForeignKey("levy.deferral.id"), primary_key=True)
    no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    due_day: Mapped[date]
    amount: Mapped[Money]


class DeferralBill(Base):
    """What an agreement covers: a bill is deferred once."""

    __tablename__ = "deferral_bill"
    __table_args__ = ({"schema": SCHEMA},)
    bill_id: Mapped[int] = mapped_column(ForeignKey("levy.bill.id"), primary_key=True, autoincrement=False)
    deferral_id: Mapped[int] = mapped_column(ForeignKey("levy.deferral.id"), index=True)
