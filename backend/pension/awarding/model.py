"""Tables of awards that replace each other: why, by how much each paid month differs, and how that was settled."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.kernel.db import Base
from backend.kernel.period import Month
from backend.pension.model import SCHEMA


class Replacement(Base):
    """重新核定: which award replaced which, for what reason and by which document."""

    __tablename__ = "replacement"
    __table_args__ = ({"schema": SCHEMA},)
    award_id: Mapped[int] = mapped_column(ForeignKey("pension.award.id"), primary_key=True)
    replaces: Mapped[int] = mapped_column(ForeignKey("pension.award.id"), unique=True)
    reason: Mapped[str] = mapped_column(String(2))  # 重算原因代码
    document: Mapped[str] = mapped_column(String(60))
    made_by: Mapped[str]
    made_at: Mapped[datetime]


class Difference(Base):
    """差额: by how much a month that was posted would be other under the award that has replaced its own.

    In fen, below nothing where it was too much; `account`: of it the account's part. It counts as long as the month
    is due: a month that is stopped or claimed back takes its differences with it (`differences`).
    """

    __tablename__ = "difference"
    __table_args__ = (
        CheckConstraint("fen <> 0 or account <> 0", name="not_nothing"),
        Index("ix_difference_person_id", "person_id"),
        Index("ix_difference_payable_id", "payable_id"),
        {"schema": SCHEMA},
    )
    award_id: Mapped[int] = mapped_column(ForeignKey("pension.award.id"), primary_key=True)
    payable_id: Mapped[int] = mapped_column(ForeignKey("payout.payable.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("registry.person.id"))
    month: Mapped[Month]
    fen: Mapped[int] = mapped_column(BigInteger)
    account: Mapped[int] = mapped_column(BigInteger)


class Settlement(Base):
    """补差结算: what of a person's differences was posted as 养老金补差 (`batch_id`) or claimed back (`recovery_id`).

    One that has neither waits: the person's pension is suspended, or they had a supplement in this month already.
    `account`: what the individual account gave of it (below nothing: got back).
    """

    __tablename__ = "settlement"
    __table_args__ = (
        CheckConstraint("(recovery_id is not null) = (fen < 0)", name="claimed"),
        CheckConstraint("batch_id is null or fen > 0", name="posted"),
        Index("ix_settlement_person_id", "person_id"),
        Index(
            "uq_settlement_waiting",
            "person_id",
            unique=True,
            postgresql_where=text("fen > 0 and batch_id is null"),
        ),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("registry.person.id"))
    fen: Mapped[int] = mapped_column(BigInteger)
    account: Mapped[int] = mapped_column(BigInteger)
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("payout.batch.id"))
    recovery_id: Mapped[int | None] = mapped_column(ForeignKey("payout.recovery.id"), unique=True)
    made_at: Mapped[datetime]


class Notice(Base):
    """待遇核定表: under which code the paper of an award was issued; an award has one, however often it is printed."""

    __tablename__ = "notice"
    __table_args__ = ({"schema": SCHEMA},)
    award_id: Mapped[int] = mapped_column(ForeignKey("pension.award.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(19), unique=True)
