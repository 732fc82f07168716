"""Tables of 死亡待遇: what was decided after a death, and whose part of it is how much. Written once; taken back with a trace."""

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

SCHEMA = "pension"


class SurvivorDecision(Base):
    """遗属待遇和个人账户继承的核定. `no`: 1 is the decision itself, later ones add to it (补差).

    `facts`: what it was worked out from, also what is needed to take it back; `steps`: how, in words.
    """

    __tablename__ = "survivor_decision"
    __table_args__ = (
        CheckConstraint("kind in ('benefit','account')", name="kind"),
        CheckConstraint("no >= 1 and (no = 1 or kind = 'account')", name="no"),
        CheckConstraint("total >= 0", name="not_negative"),
        CheckConstraint("(withdrawn_at is null) = (withdrawn_document is null)", name="withdrawn"),
        Index(
            "uq_survivor_decision_standing",
            "person_id",
            "kind",
            "no",
            unique=True,
            postgresql_where=text("withdrawn_at is null"),
        ),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("registry.person.id"), index=True)  # who died
    name: Mapped[str] = mapped_column(String(50))  # theirs: an heir may not see their registration
    died: Mapped[date]
    kind: Mapped[str] = mapped_column(String(10))
    no: Mapped[int] = mapped_column(SmallInteger)
    total: Mapped[Money]
    document: Mapped[str] = mapped_column(String(60))
    evidence: Mapped[str | None] = mapped_column(ForeignKey("kernel.file.id"))
    facts: Mapped[dict[str, Any]]
    steps: Mapped[dict[str, Any]]
    early_year: Mapped[
        int | None
    ]  # the first year whose interest is by an earlier year's rate: to be made good
    decided_on: Mapped[date]
    decided_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_document: Mapped[str | None] = mapped_column(String(60))


class SurvivorPart(Base):
    """遗属份额: what one of the family gets of one item. `month`: in which it was posted; it is that month's payable."""

    __tablename__ = "survivor_part"
    __table_args__ = (
        CheckConstraint("amount > 0", name="positive"),
        UniqueConstraint("decision_id", "person_id", "item"),
        Index("ix_survivor_part_waiting", "item", postgresql_where=text("month is null")),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("pension.survivor_decision.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("registry.person.id"), index=True)
    name: Mapped[str] = mapped_column(String(50))
    relation: Mapped[str] = mapped_column(String(12))
    share: Mapped[str] = mapped_column(String(9))
    item: Mapped[str] = mapped_column(String(20))
    amount: Mapped[Money]
    month: Mapped[Month | None]
