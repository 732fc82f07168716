"""What the world says to basic pension and hears from it."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from backend.registry.schema import Ident, MonthText


class Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class AskMine(Shape):
    """查询本人的养老保险。"""

    ident: Ident


class AskStatement(Shape):
    """个人账户对账单。写年份看那一年逐月的记录，不写看全部年份。"""

    ident: Ident
    year: int | None = Field(default=None, ge=1990, le=2100, title="年份")


class YearView(Shape):
    """一年的个人账户：年末 = 年初 + 本金 + 利息 - 支出。"""

    year: int
    months: int
    opening_fen: int
    credited_fen: int
    interest_fen: int
    paid_fen: int
    closing_fen: int


class MonthView(Shape):
    month: str
    employer: str
    base_fen: int
    person_fen: int
    employer_fen: int


class Statement(Shape):
    """个人账户对账单。"""

    name: str
    status: str
    months_paid: int
    deemed_months: int
    balance_fen: int
    years: tuple[YearView, ...]
    months: tuple[MonthView, ...]


class Overview(Shape):
    """一个人的养老保险，一眼看完。"""

    name: str
    status: str = Field(title="账户状态")
    months_paid: int = Field(title="累计缴费月数")
    deemed_months: int = Field(title="视同缴费月数")
    balance_fen: int = Field(title="个人账户储存额（分）")
    average_index: str = Field(title="平均缴费指数")
    retirement: date = Field(title="法定退休时间")
    retirement_age: str = Field(title="法定退休年龄", examples=["61岁3个月"])
    earliest: date = Field(title="弹性提前最早")
    latest: date = Field(title="弹性延迟最晚")
    minimum_months: int = Field(title="最低缴费月数")
    award: AwardView | None = Field(title="已核定的待遇")
    bank: str | None = Field(title="待遇领取银行账户")


class Award(Shape):
    """核定养老待遇：退休当月办理，次月开始发放。"""

    ident: Ident
    retired: MonthText = Field(title="退休年月", description="不写按法定退休时间", default="")


class StepView(Shape):
    name: str
    formula: str
    value: str
    law: str


class AwardView(Shape):
    """一份待遇核定：多少钱、从哪个月起、怎么算的。"""

    award: int = Field(title="核定编号")
    retired: str = Field(title="退休年月")
    first_month: str = Field(title="首次发放月")
    decided_on: date = Field(title="核定日期")
    basic_fen: int = Field(title="基础养老金（分）")
    account_fen: int = Field(title="个人账户养老金（分）")
    transitional_fen: int = Field(title="过渡性养老金（分）")
    additions_fen: int = Field(title="增发和补贴（分）")
    total_fen: int = Field(title="合计（分）")
    provisional: bool = Field(title="预核定", description="当年计发基数公布以前先按上年的算，公布以后补差")
    facts: dict[str, Any] = Field(title="核定依据")
    steps: tuple[StepView, ...] = Field(title="怎么算的")
    warnings: tuple[str, ...] = Field(title="说明")


class RunMonth(Shape):
    """发放一个月的养老金：全体在发人员一次记账。"""

    month: MonthText = Field(title="发放月份")


Overview.model_rebuild()
