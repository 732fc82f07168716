"""Tables of transfers 关系转移接续: cases in and out, what was told of months and years, the money, and who has a
temporary account."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SQLColumnExpression,
    String,
    exists,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from backend.kernel.db import Base
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.pension.model import SCHEMA

OPEN = text("closed_on is null")


class TransferCase(Base):
    """转移办件: one relation on its way. `due_on`: until when the present step must be done, `due_sure`: whether all
    holidays until then were published; `content`: what it takes to undo it.

    in: applied → asked → informed → done; out: asked → decided → done; any open one may be refused or withdrawn.
    """

    __tablename__ = "transfer_case"
    __table_args__ = (
        CheckConstraint("direction in ('in','out')", name="direction"),
        CheckConstraint(
            "state in ('applied','asked','informed','decided','done','refused','withdrawn')", name="state"
        ),
        CheckConstraint("(closed_on is not null) = (state in ('done','refused','withdrawn'))", name="closed"),
        CheckConstraint("total = account + pooled and account >= 0 and pooled >= 0", name="adds_up"),
        CheckConstraint(
            "booked >= 0 and doubled >= 0"
            " and (state <> 'done' or direction = 'out' or booked + doubled = account)",
            name="booked",
        ),
        Index("uq_transfer_case_open", "person_id", unique=True, postgresql_where=OPEN),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    direction: Mapped[str] = mapped_column(String(3))
    state: Mapped[str] = mapped_column(String(10))
    person_id: Mapped[int] = mapped_column(ForeignKey("registry.person.id"), index=True)
    other_area: Mapped[str] = mapped_column(String(6))
    other_agency: Mapped[str] = mapped_column(String(100))
    hukou: Mapped[str | None] = mapped_column(String(6))
    letter: Mapped[str | None] = mapped_column(String(60))
    temporary: Mapped[bool]  # the account that moves is a temporary one
    with_money: Mapped[bool]
    deemed_months: Mapped[int] = mapped_column(Integer, default=0)
    account: Mapped[Money]
    pooled: Mapped[Money]
    total: Mapped[Money]
    booked: Mapped[Money]  # in: what of it stands in the account here now
    doubled: Mapped[Money]  # in: what of it went back to the person
    file: Mapped[str | None] = mapped_column(ForeignKey("kernel.file.id"))
    content: Mapped[dict[str, Any]]
    applied_on: Mapped[date]
    due_on: Mapped[date | None]
    due_sure: Mapped[bool]
    decided_on: Mapped[date | None]  # out: when it was frozen and told; in: when it was booked
    closed_on: Mapped[date | None]
    maker: Mapped[str]


class TransferStep(Base):
    """What happened to a case, when, by whom. Written once, never changed."""

    __tablename__ = "transfer_step"
    __table_args__ = ({"schema": SCHEMA},)
    case_id: Mapped[int] = mapped_column(ForeignKey("pension.transfer_case.id"), primary_key=True)
    no: Mapped[int] = mapped_column(Integer, primary_key=True)
    what: Mapped[str] = mapped_column(String(10))
    day: Mapped[date]
    maker: Mapped[str]
    note: Mapped[str] = mapped_column(String(200))


class TransferMonth(Base):
    """A month of the information table 信息表: where it was paid, on what base, what the account got of it.

    `counts`: the month has moved with the relation, so what becomes of dues for it later changes nothing here.
    `wage_index`: ten-thousandths. Of a month that came, as the other place told it, for those whose average wage is not
    known here; of one that left, as it was counted here (none where only the sum of them is known).
    """

    __tablename__ = "transfer_month"
    __table_args__ = (
        CheckConstraint("base > 0 and person_share >= 0 and employer_share >= 0", name="not_negative"),
        CheckConstraint("wage_index > 0", name="wage_index"),
        Index("ix_transfer_month_counts", "person_id", "month", postgresql_where=text("counts")),
        {"schema": SCHEMA},
    )
    case_id: Mapped[int] = mapped_column(ForeignKey("pension.transfer_case.id"), primary_key=True)
    month: Mapped[Month] = mapped_column(primary_key=True)
    person_id: Mapped[int]
    area: Mapped[str | None] = mapped_column(String(6))  # none: paid here
    employer_id: Mapped[int | None] = mapped_column(ForeignKey("registry.employer.id"))
    base: Mapped[Money]
    person_share: Mapped[Money]
    employer_share: Mapped[Money]
    wage_index: Mapped[int | None] = mapped_column(Integer)
    counts: Mapped[bool]


def moved(person: SQLColumnExpression[int], month: SQLColumnExpression[Month]) -> ColumnElement[bool]:
    """Whether a row's month has come or gone with a relation."""
    return exists().where(
        TransferMonth.person_id == person, TransferMonth.month == month, TransferMonth.counts.is_(True)
    )


class TransferYear(Base):
    """A year of the account that moves, as the information table tells it."""

    __tablename__ = "transfer_year"
    __table_args__ = (
        CheckConstraint("closing = opening + credited + interest - paid", name="adds_up"),
        {"schema": SCHEMA},
    )
    case_id: Mapped[int] = mapped_column(ForeignKey("pension.transfer_case.id"), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True)
    opening: Mapped[Money]
    credited: Mapped[Money]
    interest: Mapped[Money]
    paid: Mapped[Money]
    closing: Mapped[Money]


class TransferMoney(Base):
    """Money of a case: received from the other place, returned to it, or paid to it; each slip is used once."""

    __tablename__ = "transfer_money"
    __table_args__ = (
        CheckConstraint("way in ('received','returned','paid')", name="way"),
        CheckConstraint("amount > 0", name="positive"),
        Index("uq_transfer_money_slip", "way", "slip", unique=True),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("pension.transfer_case.id"), index=True)
    way: Mapped[str] = mapped_column(String(10))
    amount: Mapped[Money]
    slip: Mapped[str] = mapped_column(String(60))
    day: Mapped[date]
    batch: Mapped[int]  # in the ledger


class TemporaryAccount(Base):
    """临时基本养老保险缴费账户: the relation stays where it was; this place pays no pension. `ended_on`: gathered."""

    __tablename__ = "temporary_account"
    __table_args__ = ({"schema": SCHEMA},)
    person_id: Mapped[int] = mapped_column(ForeignKey("pension.account.person_id"), primary_key=True)
    hukou: Mapped[str] = mapped_column(String(6))
    kept_area: Mapped[str | None] = mapped_column(
        String(6)
    )  # where the relation stays; none: it never was anywhere
    document: Mapped[str] = mapped_column(String(60))
    decided_on: Mapped[date]
    maker: Mapped[str]
    ended_on: Mapped[date | None]


class RefundedMonth(Base):
    """A month that was paid in two places: what went back to the person, once."""

    __tablename__ = "refunded_month"
    __table_args__ = (CheckConstraint("amount >= 0", name="not_negative"), {"schema": SCHEMA})
    person_id: Mapped[int] = mapped_column(ForeignKey("registry.person.id"), primary_key=True)
    month: Mapped[Month] = mapped_column(primary_key=True)
    amount: Mapped[Money]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("pension.transfer_case.id"))
    refunded_on: Mapped[date]


class SchemeMove(Base):
    """制度衔接: an account that moved between the employees' and the residents' scheme at retirement age, or was paid
    out (`paid_out`), once."""

    __tablename__ = "scheme_move"
    __table_args__ = (
        CheckConstraint("direction in ('to_residents','to_employees','paid_out')", name="direction"),
        CheckConstraint("amount >= 0 and months >= 0", name="not_negative"),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("registry.person.id"), unique=True)
    direction: Mapped[str] = mapped_column(String(12))
    amount: Mapped[Money]
    months: Mapped[int]
    document: Mapped[str] = mapped_column(String(60))
    moved_on: Mapped[date]
    maker: Mapped[str]
