"""What the world says to basic pension and hears from it."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import Field

from backend.kernel.fields import MonthText, Shape
from backend.payout.recovery.schema import Document, Reason
from backend.registry.schema import Ident


class AskMine(Shape):
    """查询本人的养老保险。"""

    ident: Ident


class AskStatement(Shape):
    """个人账户对账单。写年份看那一年逐月的记录，不写看全部年份。"""

    ident: Ident
    year: int | None = Field(default=None, ge=1990, le=2100, title="年份")


class YearView(Shape):
    """一年的个人账户：年末 = 年初 + 本金 + 利息 - 支出。"""

    year: int = Field(title="年份")
    months: int = Field(title="缴费月数")
    opening_fen: int = Field(title="年初（分）")
    credited_fen: int = Field(title="本金（分）")
    interest_fen: int = Field(title="利息（分）")
    paid_fen: int = Field(title="支出（分）")
    closing_fen: int = Field(title="年末（分）")
    settled: bool = Field(title="已结息", description="一年过完、记账利率公布以后结息")
    rate: str = Field(title="记账利率", description="以前的经办机构结息的年份没有", examples=["1.5%"])


class MonthView(Shape):
    month: str = Field(title="月份")
    employer: str = Field(title="缴费单位")
    base_fen: int = Field(title="缴费基数（分）")
    person_fen: int = Field(title="个人缴纳（分）")
    employer_fen: int = Field(title="单位缴纳（分）")


class Statement(Shape):
    """个人账户对账单。"""

    name: str = Field(title="姓名")
    status: str = Field(title="账户状态")
    months_paid: int = Field(title="累计缴费月数")
    deemed_months: int = Field(title="视同缴费月数")
    balance_fen: int = Field(title="个人账户储存额（分）")
    years: tuple[YearView, ...] = Field(title="逐年对账")
    months: tuple[MonthView, ...] = Field(title="逐月缴费")


class Overview(Shape):
    """一个人的养老保险，一眼看完。"""

    name: str = Field(title="姓名")
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
    by_bank: bool = Field(title="每月发到银行", description="不是的，每月由本人持卡领取")


FACTS = {
    "area": "行政区划",
    "retired": "退休年月",
    "base": "计发基数（元/月）",
    "base_year": "计发基数的年度",
    "provincial_base": "全省计发基数（元/月）",
    "provincial_base_year": "全省计发基数的年度",
    "index": "平均缴费指数",
    "months": "缴费月数",
    "deemed_months": "视同缴费月数",
    "account": "个人账户储存额（元）",
    "settled": "其中本金和已结的利息（元）",
    "running": "其中计到退休当月的利息（元）",
    "age": "退休时的年龄",
}


class Award(Shape):
    """核定养老待遇：退休当月办理，次月开始发放。"""

    ident: Ident
    retired: MonthText | None = Field(default=None, title="退休年月", description="不写按法定退休时间")


class Suspend(Shape):
    """暂停一个人的养老待遇：从哪个月起不发。"""

    ident: Ident
    since: MonthText = Field(title="从哪个月起停发")
    reason: Reason
    claims: bool = Field(
        default=False, title="追回已经领走的", description="停发的月份里已经领走的，登记为多发待遇"
    )
    document: Document


class Suspended(Shape):
    """已经暂停；没有领的已经撤销。"""

    name: str = Field(title="姓名")
    since: str = Field(title="停发起始月")
    reason: str = Field(title="原因")
    cancelled: int = Field(title="撤销的月数")
    cancelled_fen: int = Field(title="撤销的金额（分）")
    claimed: int = Field(title="要追回的月数")
    claimed_fen: int = Field(title="要追回的金额（分）")


class Resume(Shape):
    """恢复一个人的养老待遇，停发的月份随下一次发放补发。"""

    ident: Ident
    since: MonthText | None = Field(
        default=None, title="从哪个月起恢复", description="不写就是停发的月份全部补发"
    )
    document: Document


class Resumed(Shape):
    """已经恢复，下一次发放时补发。"""

    name: str = Field(title="姓名")
    since: str = Field(title="恢复起始月")


class OffsetAccount(Shape):
    """多发的待遇，从本人养老保险个人账户的余额里抵扣。"""

    recovery: int = Field(ge=1, le=2**62, title="追回编号")
    amount_fen: int = Field(gt=0, le=10**10, title="抵扣金额（元）", json_schema_extra={"widget": "amount"})
    document: Document


class StopView(Shape):
    """为什么、从哪个月起停发。"""

    since: str = Field(title="停发起始月")
    reason: str = Field(title="原因")


class StepView(Shape):
    name: str = Field(title="项目")
    formula: str = Field(title="算式")
    value: str = Field(title="结果")
    law: str = Field(title="依据")


class ReplacesView(Shape):
    """哪一份核定被这一份代替了，为什么。"""

    award: int = Field(title="原核定编号")
    total_fen: int = Field(title="原核定合计（分）")
    reason: str = Field(title="重新核定的原因")
    document: str = Field(title="依据的文书")


class IncreaseView(Shape):
    """一年的调整增加了多少。"""

    year: int = Field(title="年度")
    increase_fen: int = Field(title="每月增加（分）")
    after_fen: int = Field(title="调整后（分）")


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
    present_fen: int = Field(title="现在每月的（分）", description="核定的合计，加上历年调整增加的")
    increases: tuple[IncreaseView, ...] = Field(title="历年调整", description="怎么算的见“我的养老金调整”")
    state: str
    state_label: str = Field(title="状态")
    stopped: StopView | None = Field(title="停发")
    provisional: bool = Field(
        title="预核定",
        description="当年的计发基数或者记账利率公布以前先按上年的算，公布以后重新核定，多退少补",
    )
    replaces: ReplacesView | None = Field(title="代替的核定")
    facts: dict[str, Any] = Field(title="核定依据", json_schema_extra={"labels": {**FACTS}})
    steps: tuple[StepView, ...] = Field(title="怎么算的")
    warnings: tuple[str, ...] = Field(title="说明")


class SettleYear(Shape):
    """给全部个人账户结一年的利息。已经结过的不再结；多结少结的按现在的利率和记录更正。"""

    year: int = Field(ge=1998, le=2099, title="年度", examples=[2025])


class YearSettled(Shape):
    """一年的利息已经结到个人账户。"""

    year: int = Field(title="年度")
    method: str = Field(title="计息办法")
    rate: str = Field(title="记账利率")
    accounts: int = Field(title="这次结息的账户数")
    interest_fen: int = Field(title="这次结的利息（分）")
    corrected: int = Field(title="更正的账户年度数", description="以前结过、现在更正的，这一年和以后各年")
    corrected_fen: int = Field(title="更正的利息（分）")
    waiting: int = Field(title="没有结息的账户数", description="更早的年度还没有结息，请先结那一年")
    warnings: tuple[str, ...] = Field(title="说明")


class RunMonth(Shape):
    """发放一个月的养老金：全体在发人员一次记账。"""

    month: MonthText = Field(title="发放月份")


Overview.model_rebuild()
