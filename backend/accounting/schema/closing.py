"""Periods, closing, reopening, the year (FIN-Q6, FIN-01, FIN-02, FIN-06)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from backend.accounting.schema.common import Area, FundName, Year
from backend.kernel.fields import MonthText, Shape

STATUS = {"open": "未结账", "closed": "已结账"}
WHAT = {"closed": "结账", "reopened": "反月结"}


class AskPeriods(Shape):
    """会计期间：哪些月份结了账，谁结的。"""

    year: Year | None = Field(default=None, title="年度", description="不填就是全部")


class PeriodRow(Shape):
    month: str = Field(title="月份")
    status: Literal["open", "closed"] = Field(title="状态", json_schema_extra={"labels": {**STATUS}})
    opened_at: datetime = Field(title="打开时间")
    closed_at: datetime | None = Field(title="结账时间")


class StepRow(Shape):
    month: str = Field(title="月份")
    what: Literal["closed", "reopened"] = Field(title="事项", json_schema_extra={"labels": {**WHAT}})
    maker: str = Field(title="经办")
    checkers: str = Field(title="审核")
    reason: str = Field(title="原因")
    at: datetime = Field(title="时间")


class Periods(Shape):
    due: str = Field(title="下一个要结的月份")
    periods: tuple[PeriodRow, ...] = Field(title="会计期间")
    steps: tuple[StepRow, ...] = Field(title="结账和反月结的记录")


class CloseMonth(Shape):
    """结一个月的账。账不平、前面有月份没结、这个月还没过完，都不能结。"""

    month: MonthText = Field(title="月份")


class ReopenMonth(Shape):
    """打开最近结账的月份，原因永久留存。"""

    month: MonthText = Field(title="月份")
    reason: str = Field(min_length=4, max_length=500, title="原因", json_schema_extra={"widget": "textarea"})


class PeriodChanged(Shape):
    month: str = Field(title="月份")
    status: Literal["open", "closed"] = Field(title="状态", json_schema_extra={"labels": {**STATUS}})


class CloseYear(Shape):
    """把已经结账的一年的收入和支出转入基金结余，每个基金一张凭证。"""

    year: Year
    area: Area = None


class CarriedFund(Shape):
    fund: FundName
    batch: int = Field(title="凭证号")
    income_fen: int = Field(title="收入（分）")
    expense_fen: int = Field(title="支出（分）")
    result_fen: int = Field(title="转入结余（分）")


class YearClosed(Shape):
    year: int = Field(title="年度")
    month: str = Field(title="记账月份")
    funds: tuple[CarriedFund, ...] = Field(title="各基金")
