"""What the world says to recovery 追回 and hears from it (PAY-31 … PAY-35, PEN-31, PAY-Q3, PAY-Q4)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from backend.kernel import codes
from backend.kernel.fields import MonthText, Shape
from backend.registry.schema import Ident

Reason = Annotated[
    str,
    AfterValidator(codes.checked("stop_reason")),
    Field(title="原因", json_schema_extra={"widget": "code:stop_reason"}, examples=["05"]),
]
Document = Annotated[
    str,
    Field(
        pattern=r"^[^<>|=+@]{2,60}$",
        title="文书或者凭证号",
        description="依据的文书、协议或者银行回单的编号",
        examples=["沪人社追〔2026〕12号"],
    ),
]
No = Annotated[int, Field(ge=1, le=2**62, title="追回编号")]
WAYS = {"once": "一次退回", "instalments": "分期退回", "offset": "从待遇中抵扣"}
BACK = {"returned": "退回", "offset": "抵扣", "account": "个人账户抵扣", "withdrawn": "撤销登记"}
STATES = {"open": "追回中", "overdue": "逾期", "closed": "已还清"}


class ClaimOverpaid(Shape):
    """登记一笔多发的待遇，责令退回。停发和死亡查出的多发由系统登记，不用在这里登记。"""

    ident: Ident
    amount_fen: int = Field(gt=0, le=10**10, title="多发金额（元）", json_schema_extra={"widget": "amount"})
    reason: Reason
    note: str = Field(min_length=2, max_length=200, title="说明", description="哪几个月、怎样多发的")
    document: Document


class Repay(Shape):
    """登记本人（或者亲属）退回到基金账户的钱。"""

    recovery: No
    amount_fen: int = Field(gt=0, le=10**10, title="退回金额（元）", json_schema_extra={"widget": "amount"})
    document: Document = Field(title="银行回单号", description="同一张回单只登记一次")


class AgreeInstalments(Shape):
    """难以一次退回的，签订还款协议分期退回；重新签订的，以新协议为准。"""

    recovery: No
    instalments: int = Field(ge=2, le=600, title="分几期", description="每月一期")
    first: MonthText = Field(title="第一期的月份")
    document: Document = Field(title="还款协议编号")


class AgreeOffset(Shape):
    """从以后每个月的待遇里抵扣，直到还清。"""

    recovery: No
    percent: int = Field(ge=1, le=100, title="每月抵扣待遇的百分之几")
    document: Document = Field(title="抵扣决定编号")


class WithdrawClaim(Shape):
    """登记错了的多发，还没有退回过的，撤销登记。"""

    recovery: No
    document: Document = Field(title="撤销决定编号")


class InstalmentView(Shape):
    no: int = Field(title="期数")
    due: str = Field(title="应在哪个月退回")
    amount_fen: int = Field(title="金额（分）")


class RepaymentView(Shape):
    day: date = Field(title="日期")
    way: str = Field(title="方式", json_schema_extra={"labels": {**BACK}})
    amount_fen: int = Field(title="金额（分）")


class RecoveryView(Shape):
    """一笔追回：多发了多少，还差多少，怎样还。"""

    recovery: int = Field(title="追回编号")
    name: str = Field(title="姓名")
    item: str = Field(title="待遇项目")
    amount_fen: int = Field(title="多发金额（分）")
    left_fen: int = Field(title="还没有退回（分）")
    overdue_fen: int = Field(title="逾期（分）")
    reason: str = Field(title="原因")
    note: str = Field(title="说明")
    way: str = Field(title="退回方式", json_schema_extra={"labels": {**WAYS}})
    state: str = Field(title="状态", json_schema_extra={"labels": {**STATES}})
    percent: int | None = Field(title="每月抵扣百分之几")
    agreement: str = Field(title="协议或者决定编号")
    opened: date = Field(title="登记日期")
    instalments: tuple[InstalmentView, ...] = Field(title="分期")
    repayments: tuple[RepaymentView, ...] = Field(title="已经退回的")
    law: str = Field(title="依据")


class AskRecoveries(Shape):
    """查询多发待遇的追回。"""

    state: Literal["open", "overdue", "closed"] = Field(
        default="open", title="状态", json_schema_extra={"labels": {**STATES}}
    )


class AskMine(Shape):
    """查询一个人要退回的待遇。"""

    ident: Ident


class Recoveries(Shape):
    recoveries: tuple[RecoveryView, ...] = Field(title="追回")
