"""What the world says to the residents' pension and hears from it."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field

from backend.kernel import codes
from backend.kernel.fields import MonthText, Shape
from backend.kernel.rules import Step
from backend.levy.schema import CHANNELS, Channel
from backend.payout.recovery.schema import Document
from backend.pension.schema import StopView, YearView
from backend.registry.schema import Ident

STATUS = {"1": "参保缴费", "2": "终止", "3": "已转出", "4": "领取待遇"}
STATES = {"active": "正常发放", "suspended": "暂停发放", "ended": "停止发放"}
KINDS = {"own": "本人缴费", "collective": "集体补助"}
Amount = Annotated[int, Field(gt=0, le=10**8, json_schema_extra={"widget": "amount"})]
Year = Annotated[int, Field(ge=2009, le=2099, title="缴费年度", examples=[2026])]
Tier = Annotated[
    int, Field(gt=0, le=100_000, title="缴费档次（元/年）", description="当地公布的档次之一", examples=[500])
]
Slip = Annotated[
    str,
    Field(
        pattern=r"^[0-9A-Za-z-]{4,40}$",
        title="流水号",
        description="银行、税务或者国库给这笔钱的编号",
        examples=["20261124-0001"],
    ),
]
Through = Annotated[Channel, Field(title="到账渠道", json_schema_extra={"labels": {**CHANNELS}})]


class Enrol(Shape):
    """参加城乡居民基本养老保险：年满十六周岁、不在学校读书、没有参加职工养老保险的人，在户籍地参保。"""

    ident: Ident
    hukou: Annotated[str, AfterValidator(codes.checked("area"))] = Field(
        title="户籍所在地", json_schema_extra={"widget": "code:area"}, examples=["310115"]
    )
    tier: Tier
    student: bool = Field(default=False, title="在校学生", description="在校学生不参加，毕业以后再参保")


class Enrolled(Shape):
    """已经参保。"""

    name: str = Field(title="姓名")
    since: str = Field(title="参保月份")
    tier_fen: int = Field(title="每年缴费档次（分）")
    subsidy_fen: int = Field(title="每年政府补贴（分）")
    reaches: str = Field(title="到领取年龄的月份")
    required_months: int = Field(title="领取待遇要缴满的月数")
    warnings: tuple[str, ...] = Field(title="说明")


class ChooseTier(Shape):
    """选择以后每年缴费的档次；今年缴过的从明年起。"""

    ident: Ident
    tier: Tier


class Chosen(Shape):
    """档次已经选好。"""

    name: str = Field(title="姓名")
    tier_fen: int = Field(title="每年缴费档次（分）")
    subsidy_fen: int = Field(title="每年政府补贴（分）")
    since: int = Field(title="从哪一年起")


class Pay(Shape):
    """收一个人一年的居民养老保险费：按当地档次，一年一次；写以前的年度是补缴。"""

    ident: Ident
    year: Year
    amount_fen: Amount = Field(title="金额（元）")
    channel: Through
    reference: Slip
    received_on: date = Field(title="到账日期", json_schema_extra={"widget": "day"})


class PayOnline(Shape):
    """自己在网上缴一年的居民养老保险费。"""

    ident: Ident
    year: Year
    tier: Tier


class Collective(Shape):
    """村集体或者其他组织给一个人缴费的补助、资助，记入本人个人账户。"""

    ident: Ident
    year: Year
    amount_fen: Amount = Field(title="金额（元）")
    payer: str = Field(min_length=2, max_length=100, title="补助单位", examples=["示例村村民委员会"])
    channel: Through
    reference: Slip
    received_on: date = Field(title="到账日期", json_schema_extra={"widget": "day"})


class Reverse(Shape):
    """一笔缴费记错了、或者重复参保要退的，冲正：退给原来的渠道，个人账户和政府补贴一起减去。"""

    channel: Through
    reference: Slip
    reason: str = Field(min_length=2, max_length=200, title="原因")


class PaymentView(Shape):
    """一笔缴费。"""

    year: int = Field(title="缴费年度")
    kind: str = Field(title="来源", json_schema_extra={"labels": {**KINDS}})
    amount_fen: int = Field(title="缴费（分）")
    subsidy_fen: int = Field(title="政府补贴（分）")
    payer: str = Field(title="缴款人")
    channel: str = Field(title="到账渠道", json_schema_extra={"labels": {**CHANNELS}})
    reference: str = Field(title="流水号")
    received_on: date = Field(title="到账日期")
    reversed_on: date | None = Field(title="冲正日期")


class Receipt(Shape):
    """收到一笔缴费（或者已经冲正）。"""

    name: str = Field(title="姓名")
    payment: PaymentView = Field(title="缴费")
    months: int = Field(title="累计缴费月数")
    balance_fen: int = Field(title="个人账户储存额（分）")


class Allot(Shape):
    """财政拨来的缴费补贴到账：金额要和还没有拨付的补贴相符。"""

    slip: Slip
    amount_fen: Amount = Field(title="金额（元）")


class Allotted(Shape):
    """补贴已经入账。"""

    slip: str = Field(title="流水号")
    n: int = Field(title="补贴的笔数")
    returned: int = Field(title="扣减的笔数", description="拨付以后冲正的缴费")
    amount_fen: int = Field(title="金额（分）")


class AskMine(Shape):
    """一个人的居民养老保险：缴了几年、账户多少、到龄能领多少、发了多少。"""

    ident: Ident


class TierView(Shape):
    tier_fen: int = Field(title="每年缴费（分）")
    subsidy_fen: int = Field(title="每年政府补贴（分）")


class Estimate(Shape):
    """一个月大约领多少：以后每年都按现在的档次缴费，基础养老金按现在的标准。"""

    from_month: str = Field(title="从哪个月起")
    months: int = Field(title="到时累计缴费月数")
    balance_fen: int = Field(title="到时个人账户（分）")
    basic_fen: int = Field(title="每月基础养老金（分）")
    account_fen: int = Field(title="每月个人账户养老金（分）")
    addition_fen: int = Field(title="每月长缴加发（分）")
    total_fen: int = Field(title="每月合计（分）")


class AwardView(Shape):
    """一份居民养老待遇核定。"""

    award: int = Field(title="核定编号")
    name: str = Field(title="姓名")
    decided_on: date = Field(title="核定日期")
    reached: str = Field(title="到龄月份")
    months: int = Field(title="累计缴费月数")
    first_month: str = Field(title="首次发放月")
    balance_fen: int = Field(title="核定时的个人账户（分）")
    basic_fen: int = Field(title="每月基础养老金（分）", description="按每个月当时的标准")
    account_fen: int = Field(title="每月个人账户养老金（分）")
    addition_fen: int = Field(title="每月长缴加发（分）")
    total_fen: int = Field(title="每月合计（分）")
    state: str = Field(title="状态", json_schema_extra={"labels": {**STATES}})
    stopped: StopView | None = Field(title="停发")
    steps: tuple[Step, ...] = Field(title="怎么算的")
    warnings: tuple[str, ...] = Field(title="说明")


class Overview(Shape):
    """我的居民养老保险。"""

    name: str = Field(title="姓名")
    status: str = Field(title="状态", json_schema_extra={"labels": {**STATUS}})
    opened: str = Field(title="参保月份")
    months: int = Field(title="累计缴费月数")
    required_months: int = Field(title="领取待遇要缴满的月数")
    balance_fen: int = Field(title="个人账户储存额（分）")
    reaches: str = Field(title="到领取年龄的月份")
    tier_fen: int = Field(title="现在每年缴费的档次（分）")
    paid_this_year: bool = Field(title="今年已缴费")
    may_pay: tuple[int, ...] = Field(title="可以缴费的年度", description="以前的年度是补缴")
    estimate: Estimate | None = Field(title="到龄大约领多少")
    award: AwardView | None = Field(title="已核定的待遇")
    payments: tuple[PaymentView, ...] = Field(title="缴费记录")
    bank: str | None = Field(title="待遇领取银行账户")
    by_bank: bool = Field(title="每月发到银行", description="不是的，每月由本人持卡领取")
    warnings: tuple[str, ...] = Field(title="说明")


class Statement(Shape):
    """居民养老保险个人账户对账单：年末 = 年初 + 本金 + 利息 - 支出。"""

    name: str = Field(title="姓名")
    status: str = Field(title="状态", json_schema_extra={"labels": {**STATUS}})
    months: int = Field(title="累计缴费月数")
    balance_fen: int = Field(title="个人账户储存额（分）")
    years: tuple[YearView, ...] = Field(title="逐年对账")


class AskTiers(Shape):
    """一年有哪些缴费档次，每档政府补贴多少。"""

    year: Year


class Tiers(Shape):
    year: int = Field(title="年度")
    tiers: tuple[TierView, ...] = Field(title="缴费档次")
    warnings: tuple[str, ...] = Field(title="说明")


class AskReached(Shape):
    """到了领取年龄、还没有核定待遇的人。"""


class ReachedView(Shape):
    ident: str = Field(title="公民身份号码")
    name: str = Field(title="姓名")
    reached: str = Field(title="到龄月份")
    months: int = Field(title="累计缴费月数")
    required_months: int = Field(title="要缴满的月数")
    short: int = Field(title="还差的月数")


class Reached(Shape):
    total: int = Field(title="人数")
    people: tuple[ReachedView, ...] = Field(title="到龄没有核定的人", description="最多两百人，先到龄的在前")


class AskScheme(Shape):
    """居民养老保险的总体情况。"""


class Scheme(Shape):
    """居民养老保险的总体情况。"""

    enrolled: int = Field(title="参保缴费的人数")
    paid_this_year: int = Field(title="今年已缴费的人数")
    receiving: int = Field(title="领取待遇的人数")
    suspended: int = Field(title="暂停发放的人数")
    accounts_fen: int = Field(title="个人账户合计（分）")
    unallotted_fen: int = Field(title="财政还没有拨付的补贴（分）")


class Decide(Shape):
    """核定居民养老待遇：年满六十周岁、缴费年限够了，从次月起发放。"""

    ident: Ident


class RunMonth(Shape):
    """发放一个月的居民养老金：全体在发人员一次记账。"""

    month: MonthText = Field(title="发放月份")


class RunDifference(Shape):
    """基础养老金标准提高以后，给已经发过的月份补发差额。"""

    since: MonthText = Field(title="从哪个月起")
    until: MonthText = Field(title="到哪个月为止")


class SettleYear(Shape):
    """给全部居民养老个人账户结一年的利息。已经结过的不再结，多结少结的更正。"""

    year: Year = Field(title="年度")


class Inherit(Shape):
    """参保人去世，个人账户里剩下的钱由继承人领取。"""

    ident: Ident = Field(title="去世的参保人的公民身份号码")
    heir: Ident = Field(title="继承人的公民身份号码", description="几个人继承的，写共同推举领取的一个人")
    document: Document = Field(title="继承证明编号", description="继承公证书、判决书或者亲属关系证明")


class Bury(Shape):
    """领取居民养老金的人去世，给办理丧事的人发丧葬补助金。"""

    ident: Ident = Field(title="去世的参保人的公民身份号码")
    heir: Ident = Field(title="领取人的公民身份号码")
    document: Document = Field(title="证明编号", description="火化证明或者死亡证明")


class Granted(Shape):
    """已经核定，可以持卡领取或者由银行发放。"""

    name: str = Field(title="去世的参保人")
    heir: str = Field(title="领取人")
    item: str = Field(title="待遇项目")
    month: str = Field(title="发放月份")
    amount_fen: int = Field(title="金额（分）")
    warnings: tuple[str, ...] = Field(title="说明")
