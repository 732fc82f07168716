"""Schemas of what is given up or goes back 核销、退回、冲正, and of money that waits 待转金 (LEV-09, LEV-Q24, LEV-Q25)."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field
from pydantic.config import JsonDict

from backend.kernel.fields import Shape

KINDS: JsonDict = {"write_off": "核销", "refund": "退回", "reversal": "冲正"}


class AskAdjustments(Shape):
    """一年里核销的欠费、退回的待转金、冲正的到账，各有原因。"""

    year: int = Field(ge=1992, le=2099, title="年份", examples=["2026"])
    kind: Literal["all", "write_off", "refund", "reversal"] = Field(
        default="all", title="哪些", json_schema_extra={"labels": {"all": "全部", **KINDS}}
    )


class AdjustmentView(Shape):
    day: date = Field(title="日期")
    kind: str = Field(title="事项", json_schema_extra={"labels": KINDS})
    number: str = Field(title="统一社会信用代码或者证件号码")
    name: str = Field(title="名称")
    what: str = Field(title="应收单号或者到账流水号")
    amount_fen: int = Field(title="金额（分）")
    reason: str = Field(title="原因和依据")


class Adjustments(Shape):
    """What was given up or went back in a year, the newest first."""

    write_off_fen: int = Field(title="核销合计（分）")
    refund_fen: int = Field(title="退回合计（分）")
    reversal_fen: int = Field(title="冲正合计（分）")
    adjustments: tuple[AdjustmentView, ...] = Field(title="明细")


class AskWaiting(Shape):
    """还没有用掉的到账：没有认出缴款人的（待查清），和预缴、多缴的（等下个月核定，或者退回）。"""

    payer: Literal["all", "unknown", "known"] = Field(
        default="all",
        title="哪些",
        json_schema_extra={"labels": {"all": "全部", "unknown": "没有认出缴款人", "known": "预缴和多缴"}},
    )


class WaitingView(Shape):
    channel_name: str = Field(title="渠道")
    reference: str = Field(title="流水号")
    payer: str = Field(title="缴款人")
    name: str = Field(title="名称")
    received_on: date = Field(title="到账日期")
    amount_fen: int = Field(title="金额（分）")
    waiting_fen: int = Field(title="待转金（分）")


class Waiting(Shape):
    """Money that waits, the oldest first."""

    receipts: int = Field(title="到账（笔）")
    waiting_fen: int = Field(title="待转金合计（分）")
    waiting: tuple[WaitingView, ...] = Field(title="待转金")
