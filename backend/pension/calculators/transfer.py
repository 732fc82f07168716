"""transfer: how much money goes along when a pension relation moves to another place."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from backend.kernel.calculators import Amount, Answer, Ask, calculator
from backend.kernel.money import Money
from backend.kernel.params import Lookup
from backend.kernel.rules import Steps, millionths, percent
from backend.pension.rules.transfer import pooled_fen

LAW = "国办发〔2009〕66号 第四条"


class AskTransfer(Ask):
    """转移时的个人账户，和 1998 年以来缴过费的工资。"""

    account: Amount = Field(
        title="个人账户储存额（元）", description="1998 年以前只算个人缴费的本息，1998 年起算全部储存额"
    )
    wages_since_1998: Amount = Field(
        title="1998 年以来的缴费工资合计（元）",
        description="1998 年 1 月起各年的实际缴费工资加起来，不满一年的按实际缴费的月数",
        examples=["360000"],
    )


class TransferAmount(Answer):
    """转移多少钱。"""

    pooled: str = Field(title="统筹基金转移额（元）")
    total: str = Field(title="转移总额（元）")


@calculator(
    "transfer",
    title="关系转移资金测算",
    law=LAW,
    hint="养老保险关系转到外地时，按个人账户和缴费工资算出随着转移的钱",
)
def transfer(ask: AskTransfer, today: date) -> TransferAmount:
    look, steps = Lookup(today), Steps()
    rate = look.found("pension.transfer.pooled_rate")
    account, wages = Money.yuan(ask.account), Money.yuan(ask.wages_since_1998)
    pooled = Money(pooled_fen(wages.fen, millionths(rate.value)))
    steps.add("统筹基金转移额", f"{wages.text} × {percent(rate.value)}", pooled.text, rate.source)
    steps.add("转移总额", f"{account.text} + {pooled.text}", (account + pooled).text, LAW)
    return TransferAmount(
        pooled=pooled.text,
        total=(account + pooled).text,
        steps=steps.all(),
        warnings=look.warnings(),
    )
