"""Schemas of agreements to pay later 缓缴协议 (LEV-21, LEV-22, LEV-Q23)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field
from pydantic.config import JsonDict

from backend.kernel.fields import FileId, MonthText, Shape
from backend.registry.schema import Uscc

GUARANTEES: JsonDict = {"mortgage": "抵押", "pledge": "质押", "surety": "保证"}
STATES = {"running": "履行中", "kept": "已缴清", "broken": "违约终止", "ended": "提前终止"}
PARTS = {"paid": "已缴", "open": "未到期", "short": "没有按期缴足"}
Document = Annotated[
    str,
    Field(
        pattern=r"^[^<>|=+@]{2,60}$",
        title="缓缴协议编号",
        examples=["沪社保缓〔2026〕12号"],
    ),
]


class Defer(Shape):
    """单位提供担保，签订缓缴协议：现在欠缴的社会保险费分期（或者一次）延后缴，缓缴期间免收滞纳金。"""

    uscc: Uscc
    document: Document
    parts: int = Field(ge=1, le=12, title="分几期", description="每月一期，一期就是到期一次缴清")
    first: MonthText = Field(title="第一期的月份", description="每期在当月的缴款期限以前缴")
    guarantee: Literal["mortgage", "pledge", "surety"] = Field(
        title="担保方式", json_schema_extra={"labels": GUARANTEES}
    )
    file: FileId = Field(
        title="担保文书", description="签好的协议和担保文书的扫描件", json_schema_extra={"widget": "file"}
    )
    reason: str = Field(min_length=2, max_length=200, title="缓缴的原因")


class EndDeferral(Shape):
    """提前终止缓缴协议：担保失效、转移了担保财产的，从终止那天的第二天起恢复计收滞纳金。"""

    document: Document
    reason: str = Field(min_length=2, max_length=200, title="终止的原因")


class PartOfPlan(Shape):
    """One part, and how much of it has come."""

    no: int = Field(title="期次")
    due_day: date = Field(title="缴款期限")
    amount_fen: int = Field(title="应缴（分）")
    paid_fen: int = Field(title="已缴（分）")
    state: str = Field(title="状态", json_schema_extra={"labels": dict(PARTS)})


class DeferralView(Shape):
    """An agreement, and how far it was kept."""

    document: str = Field(title="缓缴协议编号")
    uscc: str = Field(title="统一社会信用代码")
    name: str = Field(title="单位名称")
    state: str = Field(title="状态", json_schema_extra={"labels": dict(STATES)})
    amount_fen: int = Field(title="缓缴金额（分）")
    open_fen: int = Field(title="还没有缴（分）")
    since: date = Field(title="缓缴期从")
    until: date = Field(title="缓缴期到")
    waived: bool = Field(title="缓缴期免收滞纳金")
    stopped_on: date | None = Field(title="终止日期")
    guarantee: str = Field(title="担保方式", json_schema_extra={"labels": GUARANTEES})
    reason: str = Field(title="缓缴的原因")
    parts: tuple[PartOfPlan, ...] = Field(title="各期")
    warnings: tuple[str, ...] = Field(default=(), title="提醒")


class AskDeferrals(Shape):
    """缓缴协议，先看快到期和违约的。"""

    state: Literal["running", "broken", "all"] = Field(
        default="all",
        title="哪些",
        json_schema_extra={"labels": {"running": "履行中", "broken": "违约终止", "all": "全部"}},
    )


class Deferrals(Shape):
    """Agreements, the newest first."""

    deferrals: tuple[DeferralView, ...] = Field(title="缓缴协议")
