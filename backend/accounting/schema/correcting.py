"""Corrections 红字冲销、更正凭证 (FIN-07, FIN-08, FIN-Q7)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from backend.accounting.schema.common import NAMES, Area, BookMonth, FundName, Year, Yuan
from backend.kernel.fields import FileId, Shape

# the chart says which these are (by_hand in params/accounts.yaml; a test compares them)
HandKind = Literal[
    "receipts_deposit",
    "treasury_deposit",
    "expenditure_deposit",
    "state_treasury_deposit",
    "bonds",
    "entrusted_investment",
    "temporary_receipts",
    "borrowings",
    "personal_account_balance",
    "risk_reserve",
    "fiscal_subsidy",
    "collective_subsidy",
    "interest_income",
    "entrusted_investment_income",
    "transfer_income",
    "superior_subsidy_income",
    "inferior_remittance_income",
    "other_income",
    "critical_illness_expense",
    "capacity_appraisal_expense",
    "injury_prevention_expense",
    "job_retention_expense",
    "skills_subsidy_expense",
    "transfer_expense",
    "superior_remittance_expense",
    "inferior_subsidy_expense",
    "other_expense",
]
Document = Annotated[
    str,
    Field(
        pattern=r"^[^<>|=+@/]{2,60}$",
        title="更正依据的文号",
        description="更正审批单、审计意见或者批复的编号",
        examples=["沪社财更〔2026〕3号"],
    ),
]
Reason = Annotated[
    str,
    Field(
        min_length=4,
        max_length=200,
        title="更正原因",
        description="原来怎样记错的",
        json_schema_extra={"widget": "textarea"},
    ),
]
Evidence = Annotated[
    FileId | None, Field(title="依据文件", description="扫描件", json_schema_extra={"widget": "file"})
]


class ReverseVoucher(Shape):
    """用红字冲销一张当年手工录入的错误凭证（划转、调剂金、更正凭证），每一笔都原样冲回。"""

    voucher: int = Field(ge=1, le=2**62, title="要冲销的凭证号", description="明细账里写着")
    document: Document
    reason: Reason
    evidence: Evidence = None
    month: BookMonth = None


class AdjustBooks(Shape):
    """在同一个基金的两个科目之间更正，也用来更正以前年度的差错。由业务明细得出的科目不在这里更正。"""

    fund: FundName
    debit: HandKind = Field(title="借方科目", json_schema_extra={"labels": {**NAMES}})
    credit: HandKind = Field(title="贷方科目", json_schema_extra={"labels": {**NAMES}})
    amount: Yuan
    document: Document = Field(
        title="更正依据的文号",
        description="更正审批单、审计意见或者批复的编号；同一文号只入账一次",
    )
    reason: Reason
    evidence: Evidence = None
    month: BookMonth = None
    area: Area = None


class Corrected(Shape):
    batch: int = Field(title="凭证号")
    month: str = Field(title="记账月份")
    amount_fen: int = Field(title="金额（分）")


class AskCorrections(Shape):
    """一个基金一年的更正：冲销了哪些凭证，更正了什么，凭什么。"""

    fund: FundName
    year: Year
    area: Area = None


class CorrectionRow(Shape):
    batch: int = Field(title="凭证号")
    month: str = Field(title="记账月份")
    reverses: int | None = Field(title="冲销的凭证号", description="更正凭证为空")
    debit: str = Field(title="借方科目")
    credit: str = Field(title="贷方科目")
    amount_fen: int = Field(title="金额（分）")
    document: str = Field(title="更正依据的文号")
    reason: str = Field(title="更正原因")
    evidence: FileId | None = Field(title="依据文件")
    maker: str = Field(title="经办")
    checker: str = Field(title="复核")
    at: datetime = Field(title="时间")


class Corrections(Shape):
    """一年的更正，先记账的在前。"""

    fund: FundName
    area: str = Field(title="统筹区", json_schema_extra={"widget": "code:area"})
    year: int = Field(title="年度")
    rows: tuple[CorrectionRow, ...] = Field(title="更正")
