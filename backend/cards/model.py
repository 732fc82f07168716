"""Tables of cards: their history, applications, productions, blank cards, codes for the telephone, key versions.

Which card of a person serves stands in `registry.card`; what is here is how it came to that.
"""

from __future__ import annotations

from datetime import date, datetime

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

SCHEMA = "cards"


class Event(Base):
    """What happened to a card: from which state into which, by which deed, whose. Written once, never changed."""

    __tablename__ = "event"
    __table_args__ = ({"schema": SCHEMA},)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    card_id: Mapped[int] = mapped_column(ForeignKey("registry.card.id"), index=True)
    deed: Mapped[str] = mapped_column(String(12))
    before: Mapped[str] = mapped_column(String(10))  # empty: it came to be
    after: Mapped[str] = mapped_column(String(10))
    until: Mapped[date | None]  # 临时挂失
    note: Mapped[str] = mapped_column(String(200))
    evidence: Mapped[str | None] = mapped_column(ForeignKey("kernel.file.id"))
    maker: Mapped[str]
    at: Mapped[datetime]


class Stop(Base):
    """停用卡名单: a card stopped, or serves again. Serials have no gaps: who has them up to one knows all before."""

    __tablename__ = "stop"
    __table_args__ = ({"schema": SCHEMA},)
    serial: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    card_id: Mapped[int] = mapped_column(ForeignKey("registry.card.id"), index=True)
    mark: Mapped[str] = mapped_column(
        String(32)
    )  # of the card's code: a kiosk knows it by the card, nobody by the list
    stopped: Mapped[bool]
    at: Mapped[datetime]


class Application(Base):
    """申领: somebody asks for a card, the first one or another; at most one is under way."""

    __tablename__ = "application"
    __table_args__ = (
        CheckConstraint(
            "state in ('applied','approved','producing','made','handed','refused','withdrawn','ended')",
            name="state",
        ),
        CheckConstraint("reason in ('first','lost','damaged','expired','changed')", name="reason"),
        CheckConstraint(
            "(closed_on is not null) = (state in ('handed','refused','withdrawn','ended'))", name="closed"
        ),
        Index("uq_application_open", "person_id", unique=True, postgresql_where=text("closed_on is null")),
        Index("ix_application_waiting", "state", "id", postgresql_where=text("closed_on is null")),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("registry.person.id"), index=True)
    reason: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10))
    photo: Mapped[str] = mapped_column(ForeignKey("kernel.file.id"))
    area: Mapped[str] = mapped_column(String(6))  # where it is fetched
    said: Mapped[str] = mapped_column(String(200), default="")  # why it was refused, or is made again
    maker: Mapped[str]
    applied_at: Mapped[datetime]
    closed_on: Mapped[date | None]


class Production(Base):
    """制卡批次: cards that are made together, from one file, under one transport key."""

    __tablename__ = "production"
    __table_args__ = (
        CheckConstraint("state in ('waiting','writing','sent','back')", name="state"),
        CheckConstraint("n > 0 and written between 0 and n", name="counts"),
        CheckConstraint(
            "(state in ('sent','back')) = (digest is not null) and (digest is null) = (signature is null)",
            name="sent",
        ),
        CheckConstraint(
            "(state = 'back') = (back is not null) and (back is null or made + failed = n)", name="back"
        ),
        Index("ix_production_unwritten", "id", postgresql_where=text("state in ('waiting','writing')")),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    area: Mapped[str] = mapped_column(String(6))
    n: Mapped[int]
    key_version: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    written: Mapped[int] = mapped_column(default=0)  # lines of the file so far
    digest: Mapped[str | None] = mapped_column(String(64))  # SM3 of the lines
    signature: Mapped[str | None] = mapped_column(String(160))
    maker: Mapped[str]
    made_on: Mapped[date]
    made_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    back: Mapped[str | None] = mapped_column(ForeignKey("kernel.file.id"))
    back_at: Mapped[datetime | None]
    made: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)


class Line(Base):
    """One card of a production, with the numbers it gets. Numbers are never given twice, whatever comes of it."""

    __tablename__ = "line"
    __table_args__ = (
        CheckConstraint("result in ('','00','01','02','03','04','99')", name="result"),
        UniqueConstraint("card_no"),
        UniqueConstraint("card_code"),
        Index("ix_line_application_id", "application_id"),
        {"schema": SCHEMA},
    )
    production_id: Mapped[int] = mapped_column(ForeignKey("cards.production.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("cards.application.id"))
    card_no: Mapped[str] = mapped_column(String(9))
    card_code: Mapped[str] = mapped_column(String(32))
    result: Mapped[str] = mapped_column(String(2), default="")
    reason: Mapped[str] = mapped_column(String(100), default="")


class Stock(Base):
    """空白卡库存: how many blank cards lie at a place."""

    __tablename__ = "stock"
    __table_args__ = (CheckConstraint("n >= 0", name="n"), {"schema": SCHEMA})
    place: Mapped[str] = mapped_column(String(6), primary_key=True)
    n: Mapped[int]


class StockMove(Base):
    """Blank cards came or went, and how many lay there afterwards. Written once, never changed."""

    __tablename__ = "stock_move"
    __table_args__ = (
        CheckConstraint(
            "kind in ('received','arrived','sent','spoilt','counted','production','returned')", name="kind"
        ),
        CheckConstraint(
            "n <> 0 and balance >= 0 and (kind = 'counted'"
            " or (n > 0) = (kind in ('received','arrived','returned')))",
            name="n",
        ),
        Index("ix_stock_move_place_id", "place", "id"),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    place: Mapped[str] = mapped_column(ForeignKey("cards.stock.place"))
    kind: Mapped[str] = mapped_column(String(10))
    n: Mapped[int]
    balance: Mapped[int]
    document: Mapped[str] = mapped_column(String(60))  # delivery note, lot, count sheet
    note: Mapped[str] = mapped_column(String(200))
    other: Mapped[str | None] = mapped_column(String(6))  # whence or whither
    production_id: Mapped[int | None] = mapped_column(ForeignKey("cards.production.id"))
    maker: Mapped[str]
    at: Mapped[datetime]


class PhoneCode(Base):
    """电话服务码: by which a person is known on the telephone; its hash, and the wrong tries since it was right."""

    __tablename__ = "phone_code"
    __table_args__ = (CheckConstraint("wrong >= 0", name="wrong"), {"schema": SCHEMA})
    person_id: Mapped[int] = mapped_column(ForeignKey("registry.person.id"), primary_key=True)
    code: Mapped[str]
    wrong: Mapped[int] = mapped_column(SmallInteger, default=0)
    set_at: Mapped[datetime]


class PinReset(Base):
    """密码重置授权: who allowed which card a new PIN, and why. A card's challenge is answered once."""

    __tablename__ = "pin_reset"
    __table_args__ = (UniqueConstraint("card_id", "challenge"), {"schema": SCHEMA})
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    card_id: Mapped[int] = mapped_column(ForeignKey("registry.card.id"))
    challenge: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(String(200))
    evidence: Mapped[str | None] = mapped_column(ForeignKey("kernel.file.id"))
    maker: Mapped[str]
    at: Mapped[datetime]


class KeyVersion(Base):
    """密钥版本: since when cards are made with it, and until when a card that holds it is accepted."""

    __tablename__ = "key_version"
    __table_args__ = (
        CheckConstraint("version > 0", name="version"),
        CheckConstraint("accepted_until is null or accepted_until >= since", name="order"),
        {"schema": SCHEMA},
    )
    version: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    since: Mapped[date]
    accepted_until: Mapped[date | None]
    reason: Mapped[str] = mapped_column(String(200))
    maker: Mapped[str]
    at: Mapped[datetime]
