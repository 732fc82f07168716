"""Statements 会计报表 (FIN-Q1 … FIN-Q4)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from backend.accounting.schema.common import Area, FundName, KindName, Section
from backend.kernel.fields import MonthText, Shape


class AskFund(Shape):
    """一个基金、一个月的报表。"""

    fund: FundName
    month: MonthText = Field(title="月份")
    area: Area = None


class TrialRow(Shape):
    code: str = Field(title="科目编号")
    account: str = Field(title="科目名称")
    opening_debit_fen: int = Field(title="期初借方（分）")
    opening_credit_fen: int = Field(title="期初贷方（分）")
    debit_fen: int = Field(title="本期借方（分）")
    credit_fen: int = Field(title="本期贷方（分）")
    closing_debit_fen: int = Field(title="期末借方（分）")
    closing_credit_fen: int = Field(title="期末贷方（分）")


class TrialBalance(Shape):
    """试算平衡表：借方合计等于贷方合计。"""

    fund: FundName
    area: str = Field(title="统筹区", json_schema_extra={"widget": "code:area"})
    month: str = Field(title="月份")
    rows: tuple[TrialRow, ...] = Field(title="科目")
    opening_fen: int = Field(title="期初合计（分）")
    moved_fen: int = Field(title="本期合计（分）")
    closing_fen: int = Field(title="期末合计（分）")


class SheetRow(Shape):
    section: Section
    code: str = Field(title="科目编号")
    account: str = Field(title="科目名称")
    year_start_fen: int = Field(title="年初数（分）")
    closing_fen: int = Field(title="期末数（分）")


class BalanceSheet(Shape):
    """资产负债表：资产合计等于负债合计加净资产合计。"""

    fund: FundName
    area: str = Field(title="统筹区", json_schema_extra={"widget": "code:area"})
    month: str = Field(title="月份")
    rows: tuple[SheetRow, ...] = Field(title="项目")
    assets_start_fen: int = Field(title="资产合计，年初（分）")
    assets_fen: int = Field(title="资产合计（分）")
    liabilities_start_fen: int = Field(title="负债合计，年初（分）")
    liabilities_fen: int = Field(title="负债合计（分）")
    net_start_fen: int = Field(title="净资产合计，年初（分）")
    net_fen: int = Field(title="净资产合计（分）")


class FlowRow(Shape):
    section: Section
    code: str = Field(title="科目编号")
    account: str = Field(title="科目名称")
    month_fen: int = Field(title="本月数（分）")
    last_month_fen: int = Field(title="上年同月数（分）")
    year_fen: int = Field(title="本年累计数（分）")
    last_year_fen: int = Field(title="上年同期累计数（分）")


class Flow(Shape):
    """合计的一行。"""

    month_fen: int = Field(title="本月数（分）")
    last_month_fen: int = Field(title="上年同月数（分）")
    year_fen: int = Field(title="本年累计数（分）")
    last_year_fen: int = Field(title="上年同期累计数（分）")


class MonthFlow(Shape):
    month: str = Field(title="月份")
    income_fen: int = Field(title="收入（分）")
    expense_fen: int = Field(title="支出（分）")


class IncomeStatement(Shape):
    """收支表：本月数和本年累计数，旁边是上年的。"""

    fund: FundName
    area: str = Field(title="统筹区", json_schema_extra={"widget": "code:area"})
    month: str = Field(title="月份")
    rows: tuple[FlowRow, ...] = Field(title="科目")
    income: Flow = Field(title="收入合计")
    expense: Flow = Field(title="支出合计")
    result: Flow = Field(title="收支差额")
    months: tuple[MonthFlow, ...] = Field(title="本年各月")


class AskLedger(Shape):
    """一个科目若干个月的明细账。"""

    fund: FundName
    kind: KindName
    first_month: MonthText = Field(title="起始月份")
    last_month: MonthText = Field(title="截止月份")
    area: Area = None


class Entry(Shape):
    month: str = Field(title="月份")
    batch: int = Field(title="凭证号")
    document: str = Field(title="摘要")
    key: str = Field(title="业务号")
    debit_fen: int = Field(title="借方（分）")
    credit_fen: int = Field(title="贷方（分）")
    balance_fen: int = Field(title="余额（分）", description="按科目的正常方向")


class DetailLedger(Shape):
    """明细账：期初余额、每张凭证、期末余额，都按科目的正常方向。"""

    fund: FundName
    area: str = Field(title="统筹区", json_schema_extra={"widget": "code:area"})
    kind: KindName
    first_month: str = Field(title="起始月份")
    last_month: str = Field(title="截止月份")
    side: Literal["D", "C"] = Field(
        title="余额方向", json_schema_extra={"labels": {"D": "借方", "C": "贷方"}}
    )
    opening_fen: int = Field(title="期初余额（分）")
    entries: tuple[Entry, ...] = Field(title="凭证")
    debit_fen: int = Field(title="借方合计（分）")
    credit_fen: int = Field(title="贷方合计（分）")
    closing_fen: int = Field(title="期末余额（分）")
