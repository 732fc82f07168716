"""What is due 应缴: declared bases, rates of employers, runs, lines, bills, certificates. Private to this folder."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

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
from sqlalchemy.orm import Mapped, mapped_column

from backend.kernel.db import Base
from backend.kernel.money import Money
from backend.kernel.period import Month

SCHEMA = "levy"


class DeclaredBase(Base):
    """缴费基数申报: a person's monthly wage as declared, good from one month to the end of that base year.

    The limits of each insurance are not applied here: they belong to the month of the bill.
    """

    __tablename__ = "declared_base"
    __table_args__ = (
        CheckConstraint("wage > 0", name="positive"),
        CheckConstraint("until >= since", name="order"),
        Index(
            "uq_declared_base_since",
            "person_id",
            "employer_id",
            "since",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("registry.person.id"))
    employer_id: Mapped[int | None] = mapped_column(ForeignKey("registry.employer.id"), index=True)
    since: Mapped[Month]
    until: Mapped[Month]
    wage: Mapped[Money]
    declared_at: Mapped[datetime]


class Floating(Base):
    """浮动费率: at how many per cent of its class's rate an employer stands from a month on, until the next decision.

    One row a decision: what holds in a month is the newest one up to it, so two never hold at once.
    """

    __tablename__ = "floating"
    __table_args__ = (
        CheckConstraint("percent between 1 and 1000", name="percent"),
        {"schema": SCHEMA},
    )
    employer_id: Mapped[int] = mapped_column(
        ForeignKey("registry.employer.id"), primary_key=True, autoincrement=False
    )
    since: Mapped[Month] = mapped_column(primary_key=True)
    percent: Mapped[int] = mapped_column(SmallInteger)
    basis: Mapped[str] = mapped_column(String(200))
    decided_at: Mapped[datetime]


class Relief(Base):
    """阶段性减免: by which policy an employer's share of a month is reduced; one row a month, so never by two.

    `policy`: small, large (`levy.relief` in the parameters), or none: it was granted and taken back.
    """

    __tablename__ = "relief"
    __table_args__ = (
        CheckConstraint("policy in ('small','large','none')", name="policy"),
        {"schema": SCHEMA},
    )
    employer_id: Mapped[int] = mapped_column(
        ForeignKey("registry.employer.id"), primary_key=True, autoincrement=False
    )
    month: Mapped[Month] = mapped_column(primary_key=True)
    policy: Mapped[str] = mapped_column(String(10))
    basis: Mapped[str] = mapped_column(String(200))
    decided_at: Mapped[datetime]


class Run(Base):
    """应收核定: one month's bills, made as one set. `run` counts from 1: a later one bills who was missing.

    `kind`: monthly, or back: what was billed too little in months before (补缴、补差).
    """

    __tablename__ = "run"
    __table_args__ = (
        UniqueConstraint("area", "month", "kind", "run"),
        CheckConstraint("kind in ('monthly','back')", name="kind"),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    area: Mapped[str] = mapped_column(String(6))
    month: Mapped[Month]
    kind: Mapped[str] = mapped_column(String(10))
    run: Mapped[int] = mapped_column(SmallInteger)
    n: Mapped[int]
    total: Mapped[Money]
    problems: Mapped[int]
    maker: Mapped[str]
    made_at: Mapped[datetime]


class DueLine(Base):
    """应缴明细: what one person's month costs in one insurance.

    `seq` counts from 1. Further lines say by how much the first was too little (difference 补差, of a bill of their
    own) or too much (reduction 核减, of the run whose bill it lowers); all together they are the month.
    `employer_share` is what is to be paid of it; `relief` is what policy has taken off it.
    Of a flexible worker both shares are the worker's own: the pooled part stands under `employer_share`.
    That run, person and employer are there is checked once a statement, not once a row (migration 0006).
    """

    __tablename__ = "due_line"
    __table_args__ = (
        CheckConstraint(
            "case kind when 'difference' then employer_share >= 0 and person_share >= 0"
            " when 'reduction' then employer_share <= 0 and person_share <= 0"
            " else base > 0 and employer_share >= 0 and person_share >= 0 and relief >= 0 end",
            name="signs",
        ),
        CheckConstraint(
            "kind in ('declared','undeclared','supplement','difference','reduction')", name="kind"
        ),
        Index("ix_due_line_further", "month", "person_id", postgresql_where=text("seq > 1")),
        Index(
            "ix_due_line_run_id", "run_id", postgresql_using="brin", postgresql_with={"autosummarize": "on"}
        ),
        {"schema": SCHEMA},
    )
    month: Mapped[Month] = mapped_column(primary_key=True)  # 费款所属期
    person_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    insurance: Mapped[str] = mapped_column(String(3), primary_key=True)
    seq: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    run_id: Mapped[int]
    employer_id: Mapped[int | None]
    kind: Mapped[str] = mapped_column(String(10))
    base: Mapped[Money]
    employer_share: Mapped[Money]
    person_share: Mapped[Money]
    relief: Mapped[Money]


class Bill(Base):
    """应收单: what a payer owes for one insurance and month; late fees are a bill of their own.

    `relief` is what policy has taken off its lines (below zero where one was taken back); `undeclared` counts
    the persons who were billed by the month before.
    """

    __tablename__ = "bill"
    __table_args__ = (
        CheckConstraint("(employer_id is null) <> (person_id is null)", name="one_payer"),
        CheckConstraint("due >= 0 and paid >= 0 and written_off >= 0", name="not_negative"),
        CheckConstraint("paid + written_off <= due", name="not_too_much"),
        CheckConstraint("kind in ('dues','late_fee')", name="kind"),
        CheckConstraint("(kind = 'late_fee') = (late_of is not null)", name="late_of"),
        UniqueConstraint("late_of", "late_receipt"),
        Index(
            "ix_bill_employer_open",
            "employer_id",
            "month",
            postgresql_where=text("paid + written_off < due and voided_at is null"),
        ),
        Index(
            "ix_bill_person_open",
            "person_id",
            "month",
            postgresql_where=text("paid + written_off < due and voided_at is null"),
        ),
        Index("ix_bill_employer_month", "employer_id", "month"),
        Index("ix_bill_person_month", "person_id", "month"),
        Index("ix_bill_run_id", "run_id"),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    run_id: Mapped[int | None]
    employer_id: Mapped[int | None] = mapped_column(ForeignKey("registry.employer.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("registry.person.id"))
    insurance: Mapped[str] = mapped_column(String(3))
    month: Mapped[Month]  # in which it was billed; a line's own month may be an earlier one
    kind: Mapped[str] = mapped_column(String(10))
    late_of: Mapped[int | None] = mapped_column(ForeignKey("levy.bill.id"))  # the dues that came late
    late_receipt: Mapped[int | None] = mapped_column(ForeignKey("levy.receipt.id"))  # and with which money
    n: Mapped[int]  # lines
    undeclared: Mapped[int]
    due: Mapped[Money]
    relief: Mapped[Money]
    due_day: Mapped[date]
    paid: Mapped[Money]
    written_off: Mapped[Money]
    voided_at: Mapped[datetime | None]  # of a late fee whose receipt was reversed: never owed
    settled_at: Mapped[datetime | None]


OPEN = (Bill.paid + Bill.written_off < Bill.due) & Bill.voided_at.is_(None)


def owed_fen(bill: Bill) -> int:
    return 0 if bill.voided_at else bill.due.fen - bill.paid.fen - bill.written_off.fen


class Problem(Base):
    """Who could not be billed in a run, and why; nobody else is stopped by it."""

    __tablename__ = "problem"
    __table_args__ = ({"schema": SCHEMA},)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("levy.run.id"), index=True)
    person_id: Mapped[int]
    employer_id: Mapped[int | None]
    insurance: Mapped[str] = mapped_column(String(3))
    reason: Mapped[str] = mapped_column(String(20))


class Certificate(Base):
    """参保缴费证明: what was certified of whom, under a code that nobody can guess. Written once, never changed."""

    __tablename__ = "certificate"
    __table_args__ = (
        CheckConstraint("(employer_id is null) <> (person_id is null)", name="one_holder"),
        CheckConstraint("(kind = 'employer') = (employer_id is not null)", name="kind"),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    kind: Mapped[str] = mapped_column(String(10))  # as in certified.TITLES
    employer_id: Mapped[int | None] = mapped_column(ForeignKey("registry.employer.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("registry.person.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    number: Mapped[str] = mapped_column(String(18))
    content: Mapped[dict[str, Any]]
    issued_on: Mapped[date]
    issued_at: Mapped[datetime]
