"""Tables of fund accounting 基金财务: what the ledger itself does not keep. Private to this folder."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Identity, SmallInteger, String, UniqueConstraint
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
    made_at: Mapped[datetime]
