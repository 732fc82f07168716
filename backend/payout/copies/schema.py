"""What staff ask about cards that may have been copied, and hear."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from backend.kernel.fields import Shape


class AskCopied(Shape):
    """查最近停用待核查的卡。"""


class CopiedView(Shape):
    card_no: str = Field(title="卡号")
    name: str = Field(title="姓名（遮掩）")
    status_name: str = Field(title="卡片状态")
    at: datetime = Field(title="发现时间")
    kiosk: str = Field(title="自助机")
    order: str = Field(title="领取单号")
    count: int = Field(title="卡片说的次数")
    known: int = Field(title="已经登记的次数")


class CopiedCards(Shape):
    cards: tuple[CopiedView, ...] = Field(title="停用待核查的卡")
