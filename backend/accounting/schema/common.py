"""What several commands and views of fund accounting share: funds, accounts, areas, amounts."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from backend.kernel import codes
from backend.kernel.fields import MonthText
from backend.kernel.funds import LABELS, chart

Name = Literal["pension", "resident_pension", "medical", "unemployment", "injury"]
FundName = Annotated[
    Name,
    Field(title="基金", json_schema_extra={"labels": {str(fund): label for fund, label in LABELS.items()}}),
]
NAMES = {kind: known.name for kind, known in chart().items()}
Kind = Literal[
    "cash",
    "receipts_deposit",
    "treasury_deposit",
    "expenditure_deposit",
    "state_treasury_deposit",
    "temporary_payments",
    "bonds",
    "entrusted_investment",
    "temporary_receipts",
    "benefit_payable",
    "bank_clearing",
    "suspense",
    "unallocated_receipts",
    "transfers_in_transit",
    "borrowings",
    "fund_balance",
    "personal_account_balance",
    "risk_reserve",
    "contribution_income",
    "fiscal_subsidy",
    "collective_subsidy",
    "interest_income",
    "entrusted_investment_income",
    "transfer_income",
    "superior_subsidy_income",
    "inferior_remittance_income",
    "other_income",
    "benefit_expense",
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
BudgetKind = Literal[
    "contribution_income",
    "fiscal_subsidy",
    "collective_subsidy",
    "interest_income",
    "entrusted_investment_income",
    "transfer_income",
    "superior_subsidy_income",
    "inferior_remittance_income",
    "other_income",
    "benefit_expense",
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
KindName = Annotated[Kind, Field(title="会计科目", json_schema_extra={"labels": {**NAMES}})]
BudgetKindName = Annotated[BudgetKind, Field(title="收支科目", json_schema_extra={"labels": {**NAMES}})]
Code = Annotated[str, AfterValidator(codes.checked("area"))]
Area = Annotated[
    Code | None,
    Field(
        title="统筹区",
        description="不填就是本统筹区",
        examples=["310000"],
        json_schema_extra={"widget": "code:area"},
    ),
]
Yuan = Annotated[
    Decimal,
    Field(
        gt=0,
        le=10**13,
        decimal_places=2,
        title="金额（元）",
        examples=["1000000.00"],
        json_schema_extra={"widget": "amount"},
    ),
]
Year = Annotated[int, Field(ge=1900, le=2099, title="年度", examples=[2026])]
Slip = Annotated[
    str,
    Field(
        pattern=r"^[0-9A-Za-z-]{1,32}$",
        title="凭单号",
        description="同一凭单只入账一次",
        examples=["2026-1124-01"],
    ),
]
BookMonth = Annotated[MonthText | None, Field(title="记账月份", description="不填就是本月")]
SECTIONS = {"asset": "资产", "liability": "负债", "net": "净资产", "income": "收入", "expense": "支出"}
Section = Annotated[
    Literal["asset", "liability", "net", "income", "expense"],
    Field(title="类别", json_schema_extra={"labels": {**SECTIONS}}),
]
