"""Budgets 基金预算 (FIN-04, FIN-Q5)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from backend.accounting.schema.common import Area, BudgetKindName, FundName, Section, Year
from backend.kernel.fields import Shape


class SetBudget(Shape):
    """登记或者调整一个科目一年的预算；调整要写原因，各版都留着。"""

    fund: FundName
    year: Year
    kind: BudgetKindName
    amount: Annotated[
        Decimal,
        Field(
            ge=0,
            le=10**13,
            decimal_places=2,
            title="金额（元）",
            examples=["1000000.00"],
            json_schema_extra={"widget": "amount"},
        ),
    ]
    reason: str = Field(default="", max_length=200, title="依据、调整原因", description="调整时必填")
    area: Area = None


class BudgetSet(Shape):
    version: int = Field(title="第几版")
    before_fen: int | None = Field(title="原来的金额（分）")
    amount_fen: int = Field(title="金额（分）")


class AskBudget(Shape):
    """一个基金一年的预算执行。"""

    fund: FundName
    year: Year
    area: Area = None


class BudgetRow(Shape):
    section: Section
    code: str = Field(title="科目编号")
    account: str = Field(title="科目名称")
    budget_fen: int | None = Field(title="预算数（分）")
    version: int = Field(title="预算第几版", description="没有预算为 0")
    actual_fen: int = Field(title="执行数（分）")
    share: str = Field(title="执行进度")


class BudgetVersion(Shape):
    code: str = Field(title="科目编号")
    account: str = Field(title="科目名称")
    version: int = Field(title="第几版")
    amount_fen: int = Field(title="金额（分）")
    reason: str = Field(title="依据、调整原因")
    maker: str = Field(title="经办")
    checker: str = Field(title="复核")
    made_at: datetime = Field(title="时间")


class BudgetReport(Shape):
    """预算执行：每个科目的预算数、执行数和进度。"""

    fund: FundName
    area: str = Field(title="统筹区", json_schema_extra={"widget": "code:area"})
    year: int = Field(title="年度")
    rows: tuple[BudgetRow, ...] = Field(title="科目")
    income_budget_fen: int = Field(title="收入预算合计（分）")
    income_fen: int = Field(title="收入执行合计（分）")
    income_share: str = Field(title="收入执行进度")
    expense_budget_fen: int = Field(title="支出预算合计（分）")
    expense_fen: int = Field(title="支出执行合计（分）")
    expense_share: str = Field(title="支出执行进度")
    versions: tuple[BudgetVersion, ...] = Field(title="预算的各版")
