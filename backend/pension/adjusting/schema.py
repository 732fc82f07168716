"""What the world says to the yearly adjustment and hears from it (PEN-40 … PEN-42, PEN-Q40, PEN-Q41)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from backend.kernel.fields import Shape
from backend.payout.recovery.schema import Document
from backend.pension.schema import StepView
from backend.registry.schema import Ident

STATES = {"standing": "有效", "reversed": "已经撤销"}
Year = Annotated[int, Field(ge=1998, le=2099, title="调整年度", examples=[2025])]


class TryYear(Shape):
    """试算一年的养老金调整：多少人、每月每年要多少钱、谁增加多少。什么也不改。"""

    year: Year


class GroupView(Shape):
    """一组人调整前后。"""

    group: str = Field(title="分组")
    persons: int = Field(title="人数")
    before_fen: int = Field(title="调整前人均（分）")
    increase_fen: int = Field(title="人均增加（分）")
    percent: str = Field(title="增幅")
    monthly_fen: int = Field(title="每月共增加（分）")


class ExampleView(Shape):
    """一个人的试算。"""

    masked_ident: str = Field(title="公民身份号码")
    age: int = Field(title="上年末年龄")
    months: int = Field(title="缴费月数")
    before_fen: int = Field(title="调整前（分）")
    fixed_fen: int = Field(title="定额（分）")
    linked_fen: int = Field(title="挂钩（分）")
    tilted_fen: int = Field(title="倾斜（分）")
    top_up_fen: int = Field(title="补足（分）")
    after_fen: int = Field(title="调整后（分）")
    arrears_months: int = Field(title="补发月数")


class Tried(Shape):
    """试算的结果，没有保存任何数。"""

    year: int = Field(title="调整年度")
    notice: str = Field(title="依据")
    persons: int = Field(title="调整人数")
    waiting: int = Field(title="还没有轮到的人数", description="更早的年度还没有调整，要先办那一年")
    average_before_fen: int = Field(title="调整前人均（分）")
    average_increase_fen: int = Field(title="人均增加（分）")
    percent: str = Field(title="平均增幅")
    monthly_fen: int = Field(title="每月共增加（分）")
    yearly_fen: int = Field(title="全年共增加（分）")
    arrears_fen: int = Field(title="现在要补发的（分）", description="从一月到最近一次发放的月份")
    by_pension: tuple[GroupView, ...] = Field(title="按调整前的养老金")
    by_age: tuple[GroupView, ...] = Field(title="按上年末的年龄")
    examples: tuple[ExampleView, ...] = Field(
        title="十个例子", description="按调整前的养老金从低到高均匀抽取"
    )
    warnings: tuple[str, ...] = Field(title="说明")


class AdjustYear(Shape):
    """按一年的调整办法给退休人员调整养老金，从一月起补发。可以重复办理，已经调整过的不再调整。"""

    year: Year


class YearAdjusted(Shape):
    """已经调整，补发的已经记账。"""

    number: int = Field(title="调整编号")
    year: int = Field(title="调整年度")
    run: int = Field(title="第几次")
    notice: str = Field(title="依据")
    persons: int = Field(title="调整人数")
    monthly_fen: int = Field(title="每月共增加（分）")
    percent: str = Field(title="平均增幅")
    arrears_persons: int = Field(title="补发人数")
    arrears_fen: int = Field(title="补发金额（分）")
    waiting: int = Field(title="还没有轮到的人数", description="更早的年度还没有调整，请先办那一年")
    warnings: tuple[str, ...] = Field(title="说明")


class ReverseAdjustment(Shape):
    """撤销一次养老金调整：标准退回调整以前，没有领的补发撤销，已经发的追回。"""

    number: int = Field(ge=1, le=2**62, title="调整编号", description="见“养老金调整批次查询”（PEN-Q41）")
    because: str = Field(min_length=2, max_length=200, title="撤销的原因")
    document: Document


class AdjustmentReversed(Shape):
    """已经撤销。"""

    number: int = Field(title="调整编号")
    year: int = Field(title="调整年度")
    persons: int = Field(title="退回标准的人数")
    cancelled: int = Field(title="撤销补发的笔数")
    cancelled_fen: int = Field(title="撤销补发的金额（分）")
    claimed: int = Field(title="追回的笔数", description="可以一次退回、分期退回，或者从以后的待遇中抵扣")
    claimed_fen: int = Field(title="追回的金额（分）")


class AskAdjustments(Shape):
    """查询一个人历年的养老金调整。"""

    ident: Ident


class AdjustedView(Shape):
    """一年的调整：增加多少、怎么算的。"""

    year: int = Field(title="年度")
    notice: str = Field(title="依据")
    before_fen: int = Field(title="调整前（分）")
    fixed_fen: int = Field(title="定额（分）")
    linked_fen: int = Field(title="挂钩（分）")
    tilted_fen: int = Field(title="倾斜（分）")
    top_up_fen: int = Field(title="补足（分）")
    increase_fen: int = Field(title="每月增加（分）")
    after_fen: int = Field(title="调整后（分）")
    arrears_months: int = Field(title="补发月数")
    arrears_fen: int = Field(title="补发金额（分）")
    steps: tuple[StepView, ...] = Field(title="怎么算的")


class Adjustments(Shape):
    """历年的养老金调整，最近的在前面。"""

    name: str = Field(title="姓名")
    decided_fen: int = Field(title="退休时核定的（分）")
    present_fen: int = Field(title="现在每月的（分）")
    years: tuple[AdjustedView, ...] = Field(title="历年调整")
    warnings: tuple[str, ...] = Field(title="说明")


class AskRuns(Shape):
    """查询养老金调整批次。"""

    year: int | None = Field(default=None, ge=1998, le=2099, title="调整年度", description="不写就看全部")


class RunView(Shape):
    number: int = Field(title="调整编号")
    year: int = Field(title="调整年度")
    run: int = Field(title="第几次")
    notice: str = Field(title="依据")
    persons: int = Field(title="调整人数")
    monthly_fen: int = Field(title="每月共增加（分）")
    arrears_fen: int = Field(title="补发金额（分）")
    day: str = Field(title="办理日期")
    state: str = Field(title="状态", json_schema_extra={"labels": {**STATES}})
    because: str = Field(title="撤销的原因")


class Runs(Shape):
    runs: tuple[RunView, ...] = Field(title="调整批次")
