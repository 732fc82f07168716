"""Tables of fund accounting 基金财务: what the ledger itself does not keep. Private to this folder."""

from __future__ import annotations

from datetime import datetime

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

SCHEMA = "accounting"


class Budget(Base):
    """预算: what a fund is to take in or spend on one account in a year. A revision is a further version."""

    __tablename__ = "budget"
    __table_args__ = (
        UniqueConstraint("fund", "area", "year", "kind", "version"),
        CheckConstraint("amount >= 0", name="not_negative"),
        CheckConstraint("version = 1 or length(reason) > 0", name="says_why"),
        CheckConstraint("checker <> maker", name="two_persons"),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    fund: Mapped[str] = mapped_column(String(20))
    area: Mapped[str] = mapped_column(String(6))
    year: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(SmallInteger)
    amount: Mapped[Money]
    reason: Mapped[str] = mapped_column(String(200))
    maker: Mapped[str]
    checker: Mapped[str]  # empty: set before budgets were approved by a second person
    made_at: Mapped[datetime]


class Correction(Base):
    """更正凭证: by which document and why a voucher was reversed or an adjusting one was booked.

    `batch` is its voucher in the ledger, which knows who made and who approved it; insert only.
    """

    __tablename__ = "correction"
    __table_args__ = (
        CheckConstraint("length(reason) > 0 and length(document) > 0", name="says_why"),
        # a document may reverse several vouchers and order one that sets right
        Index(
            "uq_correction_adjusts",
            "fund",
            "area",
            "document",
            unique=True,
            postgresql_where=text("reverses is null"),
        ),
        {"schema": SCHEMA},
    )
    batch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reverses: Mapped[int | None] = mapped_column(unique=True)
    fund: Mapped[str] = mapped_column(String(20))
    area: Mapped[str] = mapped_column(String(6))
    document: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(String(200))
    evidence: Mapped[str | None] = mapped_column(ForeignKey("kernel.file.id"))
