"""Schemas of the disability allowance 病残津贴 (PEN-29, PEN-30, PEN-32, PEN-Q22)."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import Field

from backend.kernel.fields import MonthText, Shape
from backend.payout.recovery.schema import Document
from backend.pension.schema import FACTS, StepView, StopView
from backend.registry.schema import Ident

KINDS = {
    "full": "按基本养老金计发",
    "basic": "按基础养老金计发，离法定退休年龄五年时重新核算",
    "limited": "缴费没有满最低年限，按基础养老金计发，领有限的月数",
}
FROM = FACTS | {"retired": "核定年月", "age": "核定时的年龄"}
STATES = {"coming": "还没有开始", "running": "正在发放", "stopped": "暂停发放", "over": "已经结束"}


class Allow(Shape):
    """核定病残津贴：还没有到法定退休年龄，因病或者非因工致残、鉴定为完全丧失劳动能力的人，从申请的次月起发放。"""

    ident: Ident
    document: Document = Field(
        title="劳动能力鉴定结论书号",
        description="结论为“完全丧失劳动能力”",
        examples=["沪劳鉴〔2026〕12号"],
    )
    appraised: date = Field(title="鉴定结论日期")
    applied: date | None = Field(default=None, title="申请日期", description="不写就是今天")


class EndAllowance(Shape):
    """停发病残津贴：复查不再是完全丧失劳动能力，或者恢复就业、参保缴费的，从次月起停发。"""

    ident: Ident
    why: Literal["recovered", "working"] = Field(
        title="原因",
        json_schema_extra={
            "labels": {"recovered": "复查不再是完全丧失劳动能力", "working": "恢复就业、参保缴费"}
        },
    )
    day: date = Field(title="复查结论或者恢复缴费的日期")
    claims: bool = Field(
        default=True, title="追回已经领走的", description="停发的月份里已经领走的，登记为多发待遇"
    )
    document: Document


class AllowanceEnded(Shape):
    """病残津贴已经停发。"""

    name: str = Field(title="姓名")
    since: str = Field(title="停发起始月")
    cancelled: int = Field(title="撤销的月数")
    cancelled_fen: int = Field(title="撤销的金额（分）")
    claimed: int = Field(title="要追回的月数")
    claimed_fen: int = Field(title="要追回的金额（分）")


class AskAllowance(Shape):
    """查询一个人的病残津贴。"""

    ident: Ident


class RateView(Shape):
    """从一个月起每月多少钱，怎么算的。"""

    since: str = Field(title="起")
    total_fen: int = Field(title="合计（分）")
    basic_fen: int = Field(title="基础养老金（分）")
    account_fen: int = Field(title="个人账户养老金（分）", description="从个人账户里支出")
    transitional_fen: int = Field(title="过渡性养老金（分）")
    additions_fen: int = Field(title="增发和补贴（分）")
    facts: dict[str, Any] = Field(title="核定依据", json_schema_extra={"labels": {**FROM}})
    steps: tuple[StepView, ...] = Field(title="怎么算的")


class AllowanceView(Shape):
    """一份病残津贴：多少钱、领到哪个月、怎么算的。"""

    name: str = Field(title="姓名")
    kind: str = Field(title="计发办法", json_schema_extra={"labels": {**KINDS}})
    state: str = Field(title="状态", json_schema_extra={"labels": {**STATES}})
    total_fen: int = Field(title="现在每月（分）")
    first_month: str = Field(title="首次发放月")
    last_month: str = Field(title="最后一个月", description="到了法定退休年龄改领养老金")
    legal: date = Field(title="法定退休时间")
    document: str = Field(title="劳动能力鉴定结论书号")
    appraised: date = Field(title="鉴定结论日期")
    decided_on: date = Field(title="核定日期")
    stopped: StopView | None = Field(title="停发")
    rates: tuple[RateView, ...] = Field(title="各段标准")
    warnings: tuple[str, ...] = Field(title="说明")


class RunAllowances(Shape):
    """发放一个月的病残津贴：到五年的先重新核算，以前还没有发的一起补发。"""

    month: MonthText = Field(title="发放月份")
