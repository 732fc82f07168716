"""Cards that may have been copied. Private to this folder."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Identity, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.kernel.db import Base


class Copied(Base):
    """疑似复制的卡: a card whose count did not go up as that of one single card does; frozen since."""

    __tablename__ = "copied"
    __table_args__ = ({"schema": "payout"},)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    card_id: Mapped[int] = mapped_column(ForeignKey("registry.card.id"), index=True)
    kiosk: Mapped[str] = mapped_column(String(8))
    order: Mapped[str] = mapped_column(String(16))
    count: Mapped[int]  # what this one said
    known: Mapped[int]  # how far the card had been already
    at: Mapped[datetime]
