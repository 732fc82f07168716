"""Money in 到账: receipts, what they paid, and the reasons of what was undone. Private to this folder."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from backend.kernel.db import Base
from backend.kernel.money import Money

SCHEMA = "levy"


class Receipt(Base):
    """到账: money that came in by one channel under one reference, taken once; anew only after it was reversed."""

    __tablename__ = "receipt"
    __table_args__ = (
        Index(
            "uq_receipt_channel_reference",
            "channel",
            "reference",
            unique=True,
            postgresql_where=text("reversed_at is null"),
        ),
        Index(
            "ix_receipt_reversed", "channel", "reference", postgresql_where=text("reversed_at is not null")
        ),
        CheckConstraint(
            "amount > 0 and unallocated >= 0 and refunded >= 0 and unallocated + refunded <= amount",
            name="amounts",
        ),
        CheckConstraint("channel in ('bank','tax','treasury')", name="channel"),
        Index("ix_receipt_unallocated", "id", postgresql_where=text("unallocated > 0")),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    channel: Mapped[str] = mapped_column(String(10))
    reference: Mapped[str] = mapped_column(String(40))
    payer: Mapped[str] = mapped_column(String(40))  # as it came: a credit code, a citizen number, or neither
    employer_id: Mapped[int | None] = mapped_column(ForeignKey("registry.employer.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("registry.person.id"), index=True)
    amount: Mapped[Money]
    unallocated: Mapped[Money]  # 待转金
    refunded: Mapped[Money]
    batches: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))  # in the ledger, in order of time
    received_on: Mapped[date]
    file: Mapped[str | None] = mapped_column(ForeignKey("kernel.file.id"))  # in which it came, if in one
    taken_at: Mapped[datetime]
    reversed_at: Mapped[datetime | None]


class Settlement(Base):
    """What of a receipt went to which bill."""

    __tablename__ = "settlement"
    __table_args__ = (CheckConstraint("amount > 0", name="positive"), {"schema": SCHEMA})
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    receipt_id: Mapped[int] = mapped_column(ForeignKey("levy.receipt.id"), index=True)
    bill_id: Mapped[int] = mapped_column(ForeignKey("levy.bill.id"), index=True)
    amount: Mapped[Money]
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class Adjustment(Base):
    """核销、退回、冲正: what was given up of a bill or went back of a receipt, and why. Written once."""

    __tablename__ = "adjustment"
    __table_args__ = (
        CheckConstraint("kind in ('write_off','refund','reversal')", name="kind"),
        CheckConstraint("(kind = 'write_off') = (bill_id is not null)", name="bill"),
        CheckConstraint("(kind = 'write_off') = (receipt_id is null)", name="receipt"),
        CheckConstraint("amount > 0", name="positive"),
        Index("ix_adjustment_day", "day", "id"),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    bill_id: Mapped[int | None] = mapped_column(ForeignKey("levy.bill.id"), index=True)
    receipt_id: Mapped[int | None] = mapped_column(ForeignKey("levy.receipt.id"), index=True)
    amount: Mapped[Money]
    reason: Mapped[str] = mapped_column(String(200))
    maker: Mapped[str]
    day: Mapped[date]
