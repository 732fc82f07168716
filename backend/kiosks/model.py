"""Tables of the kiosk fleet 自助机: what each said last, what happened, who may open it, and its cash. Private to this folder."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Identity, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.kernel.db import Base
from backend.kernel.money import Money

SCHEMA = "kiosks"


class Machine(Base):
    """What the bureau has decided for one kiosk. Its key and its name stand with the devices (auth)."""

    __tablename__ = "machine"
    __table_args__ = (
        CheckConstraint("(stopped is null) = (stopped_at is null)", name="stopped"),
        {"schema": SCHEMA},
    )
    kiosk: Mapped[str] = mapped_column(String(8), ForeignKey("auth.device.id"), primary_key=True)
    stopped: Mapped[str | None]  # why it is out of service, as people at its screen read it
    stopped_by: Mapped[str | None]
    stopped_at: Mapped[datetime | None]
    services: Mapped[list[str] | None] = mapped_column(ARRAY(String))  # none: all that it can


class Standing(Base):
    """The last word of a kiosk, and what its cash should have been at that very moment where that can be said."""

    __tablename__ = "standing"
    __table_args__ = (
        CheckConstraint("(inside_fen is null) or inside_fen >= 0", name="inside"),
        {"schema": SCHEMA},
    )
    kiosk: Mapped[str] = mapped_column(String(8), ForeignKey("auth.device.id"), primary_key=True)
    at: Mapped[datetime]
    since: Mapped[datetime]  # in its present state
    state: Mapped[str] = mapped_column(String(10))
    skew_s: Mapped[int]  # its clock less ours
    report: Mapped[dict[str, Any]]
    inside_fen: Mapped[int | None]  # by the dispenser's own counts
    expected_fen: Mapped[int | None]  # by the books, when nothing was under way


class Happening(Base):
    """事记: something that changed at a kiosk, in the order it was heard of. Never changed."""

    __tablename__ = "happening"
    __table_args__ = (Index("ix_happening_kiosk_id", "kiosk", "id"), {"schema": SCHEMA})
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kiosk: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime]
    what: Mapped[str] = mapped_column(String(20))
    detail: Mapped[str]
    who: Mapped[str]


class Keeper(Base):
    """操作员: an officer who may open a kiosk, with a code of their own (argon2) and, if wanted, their own card."""

    __tablename__ = "keeper"
    __table_args__ = (UniqueConstraint("person_id"), {"schema": SCHEMA})
    login_id: Mapped[int] = mapped_column(
        ForeignKey("auth.login.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    code: Mapped[str]
    person_id: Mapped[int | None]
    failed: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]


class Entry(Base):
    """An operator who has shown who they are at a kiosk: what they then do there, they do under this ticket."""

    __tablename__ = "entry"
    __table_args__ = ({"schema": SCHEMA},)
    ticket: Mapped[str] = mapped_column(String(32), primary_key=True)
    kiosk: Mapped[str] = mapped_column(String(8))
    login_id: Mapped[int] = mapped_column(ForeignKey("auth.login.id", ondelete="CASCADE"))
    at: Mapped[datetime]


class Bag(Base):
    """封包: cash that two persons have booked out of the vault for a kiosk; put in by two persons at the machine."""

    __tablename__ = "bag"
    __table_args__ = (
        CheckConstraint("amount > 0", name="positive"),
        CheckConstraint(
            "(placed_at is null) = (first is null) and (placed_at is null) = (second is null)", name="placed"
        ),
        {"schema": SCHEMA},
    )
    kiosk: Mapped[str] = mapped_column(String(8), primary_key=True)
    sheet: Mapped[str] = mapped_column(String(32), primary_key=True)
    bag: Mapped[str] = mapped_column(String(32))
    pieces: Mapped[dict[str, Any]]
    amount: Mapped[Money]
    booked_at: Mapped[datetime]
    placed_at: Mapped[datetime | None]
    first: Mapped[str | None]
    second: Mapped[str | None]


class Count(Base):
    """清点: what two persons found in a kiosk, what the books and the dispenser said, and what became of a difference."""

    __tablename__ = "count"
    __table_args__ = (
        UniqueConstraint("kiosk", "sheet"),
        CheckConstraint("first <> second", name="two_persons"),
        CheckConstraint("difference_fen = counted_fen - book_fen", name="adds_up"),
        CheckConstraint("state in ('agreed','open','decided')", name="state"),
        CheckConstraint("(state = 'agreed') = (difference_fen = 0)", name="agreed"),
        CheckConstraint(
            "(state = 'decided') = (way is not null and reason is not null and decided_at is not null)",
            name="decided",
        ),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(start=1001), primary_key=True)
    kiosk: Mapped[str] = mapped_column(String(8))
    sheet: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]
    first: Mapped[str]
    second: Mapped[str]
    pieces: Mapped[dict[str, Any]]
    counted_fen: Mapped[int]
    book_fen: Mapped[int]
    device_fen: Mapped[int | None]
    difference_fen: Mapped[int]
    state: Mapped[str] = mapped_column(String(8))
    way: Mapped[str | None] = mapped_column(String(12))
    reason: Mapped[str | None]
    decided_at: Mapped[datetime | None]


class Taken(Base):
    """回库: cash that two persons took out of a kiosk, back to the expenditure account."""

    __tablename__ = "taken"
    __table_args__ = (
        CheckConstraint("amount > 0", name="positive"),
        CheckConstraint("first <> second", name="two_persons"),
        {"schema": SCHEMA},
    )
    kiosk: Mapped[str] = mapped_column(String(8), primary_key=True)
    sheet: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime]
    first: Mapped[str]
    second: Mapped[str]
    pieces: Mapped[dict[str, Any]]
    amount: Mapped[Money]
