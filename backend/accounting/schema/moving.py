"""Money moved 资金划转、调剂金 (FIN-03, FIN-05)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from backend.accounting.schema.common import Area, BookMonth, Code, FundName, Slip, Yuan
from backend.kernel.fields import Shape

WAYS = {
    "receipts_to_treasury": "收入户 → 财政专户",
    "state_treasury_to_treasury": "国库 → 财政专户",
    "treasury_to_expenditure": "财政专户 → 支出户",
    "expenditure_to_treasury": "支出户 → 财政专户（退回）",
}
Way = Literal[
    "receipts_to_treasury",
    "state_treasury_to_treasury",
    "treasury_to_expenditure",
    "expenditure_to_treasury",
]


class MoveFunds(Shape):
    """在同一个基金的存款账户之间划转资金，余额不够的不划。"""

    fund: FundName
    way: Way = Field(title="划转方向", json_schema_extra={"labels": {**WAYS}})
    amount: Yuan
    slip: Slip
    month: BookMonth = None
    area: Area = None


class FundsMoved(Shape):
    batch: int = Field(title="凭证号")
    left_fen: int = Field(title="划出账户的余额（分）")
    holds_fen: int = Field(title="划入账户的余额（分）")


DIRECTIONS = {"up": "上解（下级交上级）", "down": "补助（上级拨下级）"}


class PoolFunds(Shape):
    """上下级统筹区之间的调剂金，付款和收款的账各记各的。"""

    fund: FundName
    direction: Literal["up", "down"] = Field(title="方向", json_schema_extra={"labels": {**DIRECTIONS}})
    payer: Code = Field(title="付款的统筹区", examples=["310000"], json_schema_extra={"widget": "code:area"})
    receiver: Code = Field(
        title="收款的统筹区", examples=["000000"], json_schema_extra={"widget": "code:area"}
    )
    amount: Yuan
    slip: Slip
    month: BookMonth = None


class FundsPooled(Shape):
    paid: int | None = Field(title="付款凭证号", description="付款方的账不在您的辖区时为空")
    received: int | None = Field(title="收款凭证号", description="收款方的账不在您的辖区时为空")
