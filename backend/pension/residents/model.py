"""Tables of the residents' pension 城乡居民基本养老保险. Only this folder reads or writes them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.kernel.db import Base
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.pension.model import Drawing, Held, Yearly, adding_up

SCHEMA = "pension"


class ResidentAccount(Held, Base):
    """参保和个人账户: one a person. `status` as pension.account has it; `taken_months` came with an account from the
    employees' scheme and count as paid."""

    __tablename__ = "resident_account"
    __table_args__ = (
        CheckConstraint("status in ('1','2','3','4')", name="status"),
        CheckConstraint("tier > 0 and taken_months >= 0", name="not_negative"),
        {"schema": SCHEMA},
    )
    person_id: Mapped[int] = mapped_column(ForeignKey("registry.person.id"), primary_key=True)
    status: Mapped[str] = mapped_column(String(1))
    opened: Mapped[Month]
    hukou: Mapped[str] = mapped_column(String(6))  # 户籍地
    tier: Mapped[Money]  # 缴费档次, of the years to come
    taken_months: Mapped[int]


class ResidentYear(Yearly, Base):
    """个人账户年度记账, as pension.account_year."""

    __tablename__ = "resident_year"
    __table_args__ = (*adding_up(), {"schema": SCHEMA})
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(
        ForeignKey("pension.resident_account.person_id"), primary_key=True, index=True
    )


class ResidentPayment(Base):
    """缴费记录: a year paid by the person, or what a collective adds to one. Written once; reversed it stays.

    `subsidy` is the government's, in the account from the day of the payment; `allotted` the finance bureau's slip by
    which its money came, `returned` the slip that settled one whose payment was reversed. `batch` is the voucher,
    none where the year was paid before these books.
    """

    __tablename__ = "resident_payment"
    __table_args__ = (
        CheckConstraint("kind in ('own','collective')", name="kind"),
        CheckConstraint("channel in ('bank','tax','treasury')", name="channel"),
        CheckConstraint("amount > 0 and subsidy >= 0", name="not_negative"),
        CheckConstraint("kind = 'own' or subsidy = 0", name="subsidy"),
        CheckConstraint("(reversed_at is null) = (reason is null)", name="reversed"),
        CheckConstraint(
            "returned is null or (reversed_at is not null and allotted is not null)", name="returned"
        ),
        Index(
            "uq_resident_payment_year",
            "person_id",
            "year",
            "kind",
            unique=True,
            postgresql_where=text("reversed_at is null"),
        ),
        Index(
            "uq_resident_payment_reference",
            "channel",
            "reference",
            unique=True,
            postgresql_where=text("reversed_at is null"),
        ),
        Index(
            "ix_resident_payment_unsettled",
            "id",
            postgresql_where=text(
                "subsidy > 0 and returned is null and (allotted is null) = (reversed_at is null)"
            ),
        ),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("pension.resident_account.person_id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    year: Mapped[int] = mapped_column(SmallInteger)
    amount: Mapped[Money]
    subsidy: Mapped[Money]
    channel: Mapped[str] = mapped_column(String(10))
    reference: Mapped[str] = mapped_column(String(40))
    payer: Mapped[str] = mapped_column(String(100))  # of a collective: its name; else the person
    received_on: Mapped[date]
    batch: Mapped[int | None]
    allotted: Mapped[str | None] = mapped_column(String(40))
    booked_at: Mapped[datetime]
    reversed_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(200))
    returned: Mapped[str | None] = mapped_column(String(40))


class ResidentMove(Base):
    """转入转出: a balance that came from the employees' scheme or went there. `months` came with it."""

    __tablename__ = "resident_move"
    __table_args__ = (
        CheckConstraint("kind in ('in','out')", name="kind"),
        CheckConstraint("amount >= 0 and months >= 0", name="not_negative"),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("pension.resident_account.person_id"), index=True)
    kind: Mapped[str] = mapped_column(String(3))
    amount: Mapped[Money]
    months: Mapped[int]
    at: Mapped[datetime]


class ResidentAward(Drawing, Base):
    """待遇核定: what stays the same every month. The basic part is the one in force for each month."""

    __tablename__ = "resident_award"
    __table_args__ = (
        CheckConstraint("account >= 0 and addition >= 0 and balance >= 0", name="not_negative"),
        CheckConstraint("state in ('active','suspended','ended')", name="state"),
        Index("ix_resident_award_decided_at", "decided_at"),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("pension.resident_account.person_id"), unique=True)
    area: Mapped[str] = mapped_column(String(6))
    decided_on: Mapped[date]
    reached: Mapped[Month]  # 满六十周岁
    months: Mapped[int]  # paid
    first_month: Mapped[Month]
    pays_from: Mapped[Month]  # the first month that is paid here
    balance: Mapped[Money]
    account: Mapped[Money]
    addition: Mapped[Money]
    state: Mapped[str] = mapped_column(String(10), default="active")
    decided_at: Mapped[datetime]
    steps: Mapped[dict[str, Any]]


class ResidentGrant(Base):
    """一次性待遇: what is left in the account, or funeral money, goes to who inherits. Undone where the death was a
    mistake."""

    __tablename__ = "resident_grant"
    __table_args__ = (
        CheckConstraint("kind in ('inheritance','funeral')", name="kind"),
        CheckConstraint("amount > 0", name="positive"),
        Index(
            "uq_resident_grant_once",
            "person_id",
            "kind",
            unique=True,
            postgresql_where=text("undone_at is null"),
        ),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("pension.resident_account.person_id"))
    kind: Mapped[str] = mapped_column(String(12))
    heir_id: Mapped[int] = mapped_column(ForeignKey("registry.person.id"), index=True)
    month: Mapped[Month]
    amount: Mapped[Money]
    document: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
