"""Schemas of levy 征缴: what is declared, billed, received and asked."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field
from pydantic.config import JsonDict

from backend.kernel.fields import MonthText, Shape
from backend.levy.deferred import DeferralView
from backend.registry.schema import Ident, Uscc

Channel = Literal["bank", "tax", "treasury"]
CHANNELS: JsonDict = {"bank": "银行", "tax": "税务", "treasury": "国库"}
KINDS = {"dues": "应缴社会保险费", "late_fee": "滞纳金"}
LARGEST = 10**15  # fen
REFERENCE = r"^[0-9A-Za-z-]{4,40}$"
Fen = Annotated[int, Field(gt=0, le=LARGEST, title="金额（元）", json_schema_extra={"widget": "amount"})]

Year = Annotated[
    int | None, Field(ge=1992, le=2099, title="年份", description="不填就是最近的", examples=["2026"])
]


class DeclareBase(Shape):
    """单位申报一名职工的缴费基数，也就是上年度月平均工资；低于下限、高于上限的，核定时按上下限计算。"""

    uscc: Uscc
    ident: Ident
    since: MonthText = Field(title="从哪个月起")
    wage_fen: Fen = Field(title="上年度月平均工资（元）")


class ChooseBase(Shape):
    """灵活就业人员自己选缴费基数，不低于下限、不高于上限。"""

    ident: Ident
    since: MonthText = Field(title="从哪个月起")
    base_fen: Fen = Field(title="缴费基数（元）")


class Declared(Shape):
    """What was declared, and how long it is good for."""

    name: str = Field(title="姓名")
    since: str = Field(title="起")
    until: str = Field(title="止")
    wage_fen: int = Field(title="申报的月平均工资（分）")


class BillMonth(Shape):
    """核定一个月的应缴：全市参保人，各险种一次完成；再做一次只补还没有核定的人。"""

    month: MonthText = Field(title="费款所属期")


class RunView(Shape):
    """One run of a month's bills."""

    run: int = Field(title="核定批次")
    month: str = Field(title="费款所属期")
    n: int = Field(title="应缴明细（笔）")
    total_fen: int = Field(title="应缴合计（分）")
    problems: int = Field(title="没能核定（笔）")


class Reassess(Shape):
    """补缴和补差：一个单位（或者其中一个人、一名灵活就业人员）以前几个月的应缴，按申报和参数重新算，只办差额。"""

    uscc: Uscc | None = Field(default=None, title="统一社会信用代码", description="灵活就业人员不填")
    ident: Ident | None = Field(default=None, title="公民身份号码", description="不填就是单位的全部职工")
    since: MonthText = Field(title="从哪个月起")
    until: MonthText = Field(title="到哪个月止")
    wage_fen: Fen | None = Field(
        default=None,
        title="查实的月平均工资（元）",
        description="申报错了的才填，只用于这个人的这几个月；不填就按已经申报的",
    )


class ReassessedView(Shape):
    """补缴和补差核定的结果。"""

    run: int = Field(title="核定批次")
    lines: int = Field(title="差额明细（笔）")
    supplement_fen: int = Field(title="补缴（分）")
    difference_fen: int = Field(title="补差（分）")
    reduction_fen: int = Field(title="核减（分）")
    returned_fen: int = Field(title="其中已缴、转为待转金（分）")
    left_out: str = Field(title="没有收录费率、这次没有办的险种")


class TakeReceipt(Shape):
    """一笔到账：银行、税务或者国库送来的一条消息。同一渠道的流水号只收一次。"""

    channel: Channel = Field(title="渠道", json_schema_extra={"labels": CHANNELS})
    reference: str = Field(pattern=REFERENCE, title="流水号")
    payer: str = Field(
        default="",
        max_length=40,
        title="缴款人",
        description="统一社会信用代码或者证件号码；认不出的先记待转金",
    )
    amount_fen: Fen
    received_on: date = Field(title="到账日期", json_schema_extra={"widget": "day"})


class ReceiptView(Shape):
    """A receipt and where it went."""

    receipt: int = Field(title="到账编号")
    channel_name: str = Field(title="渠道")
    reference: str = Field(title="流水号")
    payer: str = Field(title="缴款人")
    amount_fen: int = Field(title="金额（分）")
    dues_fen: int = Field(title="抵缴社会保险费（分）")
    late_fee_fen: int = Field(title="抵缴滞纳金（分）")
    unallocated_fen: int = Field(title="待转金（分）")
    refunded_fen: int = Field(title="已退回（分）")
    reversed: bool = Field(title="已冲正")


class AllocateReceipt(Shape):
    """待转金查清了是谁的，记到那一户。"""

    channel: Channel = Field(title="渠道", json_schema_extra={"labels": CHANNELS})
    reference: str = Field(pattern=REFERENCE, title="流水号")
    payer: str = Field(max_length=40, title="缴款人", description="统一社会信用代码或者证件号码")


class ReverseReceipt(Shape):
    """冲正一笔到账：银行退回、记错的钱，抵缴过的应收恢复欠费。"""

    channel: Channel = Field(title="渠道", json_schema_extra={"labels": CHANNELS})
    reference: str = Field(pattern=REFERENCE, title="流水号")
    reason: str = Field(min_length=2, max_length=200, title="原因")


class RefundReceipt(Shape):
    """待转金退回：多缴的、不该收的钱，按原路退回。"""

    channel: Channel = Field(title="渠道", json_schema_extra={"labels": CHANNELS})
    reference: str = Field(pattern=REFERENCE, title="流水号")
    reason: str = Field(min_length=2, max_length=200, title="原因")


class WriteOff(Shape):
    """核销一张确实收不回来的应收单，要两个人复核。"""

    bill: int = Field(gt=0, title="应收单号")
    reason: str = Field(min_length=2, max_length=200, title="原因和依据")


class AskEmployerBills(Shape):
    """一个单位的应缴和欠费。"""

    uscc: Uscc
    year: Year = None


class AskPersonBills(Shape):
    """一个灵活就业人员的应缴和欠费。"""

    ident: Ident
    year: Year = None


class BillView(Shape):
    bill: int = Field(title="应收单号")
    month: str = Field(title="核定月份")
    insurance_name: str = Field(title="险种")
    kind_name: str = Field(title="项目")
    n: int = Field(title="人数")
    whole_fen: int = Field(title="减免以前应缴（分）")
    relief_fen: int = Field(title="按政策减免单位部分（分）；负数是撤销减免以后补缴的")
    undeclared: int = Field(title="没有申报、按上月核定的（人）")
    undeclared_percent: int = Field(title="没有申报的，按上月缴费额的百分之几")
    due_fen: int = Field(title="应缴（分）")
    paid_fen: int = Field(title="已缴（分）")
    written_off_fen: int = Field(title="核销（分）")
    owed_fen: int = Field(title="欠缴（分）")
    due_day: date = Field(title="缴款期限")
    deferred: bool = Field(default=False, title="按协议缓缴")


class FeeView(Shape):
    """How a late fee comes about: what came late (or has not come yet) × days × rate."""

    month: str = Field(title="核定月份")
    insurance_name: str = Field(title="险种")
    due_day: date = Field(title="缴款期限")
    until: date = Field(title="算到")
    days: int = Field(title="逾期天数")
    deferred: bool = Field(title="不算缓缴期")
    halted: bool = Field(title="缓缴中，不再增加")
    late_fen: int = Field(title="逾期的社会保险费（分）")
    rate: str = Field(title="每日比例")
    fee_fen: int = Field(title="滞纳金（分）")
    raised: bool = Field(title="已经核定")


class MonthSum(Shape):
    """One month's dues of a payer in all insurances."""

    month: str = Field(title="核定月份")
    due_fen: int = Field(title="应缴（分）")
    paid_fen: int = Field(title="已缴（分）")
    owed_fen: int = Field(title="欠缴（分）")


class Bills(Shape):
    """What a payer owes, the newest first."""

    owed_fen: int = Field(title="欠缴合计（分）")
    overdue_fen: int = Field(title="其中已经逾期（分）")
    deferred_fen: int = Field(title="逾期里按协议缓缴的（分）")
    fee_fen: int = Field(title="今天缴清另加的滞纳金（分）")
    settle_fen: int = Field(title="今天缴清要缴（分）")
    due_day: date | None = Field(title="最近的缴款期限")
    overdue_since: date | None = Field(title="最早的逾期期限")
    unallocated_fen: int = Field(title="预缴和待转（分）")
    months: tuple[MonthSum, ...] = Field(title="最近十二个月")
    fees: tuple[FeeView, ...] = Field(title="滞纳金怎么算的")
    compounding: bool = Field(title="连续不申报，逐月再乘")
    bills: tuple[BillView, ...] = Field(title="应收单")
    deferrals: tuple[DeferralView, ...] = Field(title="缓缴协议")


class AskOwnLines(Shape):
    """一个人逐月、逐险种的应缴和是不是缴清了。"""

    ident: Ident
    year: Year = None


class OwnLine(Shape):
    """One month of one person in one insurance."""

    month: str = Field(title="费款所属期")
    insurance_name: str = Field(title="险种")
    payer: str = Field(title="缴费单位")
    base_fen: int = Field(title="缴费基数（分）")
    employer_fen: int = Field(title="单位部分（分）")
    relief_fen: int = Field(title="单位部分已经减免（分）")
    person_fen: int = Field(title="个人部分（分）")
    paid: bool = Field(title="已缴清")


class OwnLines(Shape):
    """What was levied for a person, the newest month first."""

    lines: tuple[OwnLine, ...] = Field(title="缴费明细")


class AskOwnBase(Shape):
    """灵活就业人员现在的缴费基数和可以选的范围。"""

    ident: Ident


class OwnBase(Shape):
    """A flexible worker's base, and between what they choose."""

    month: str = Field(title="从哪个月起可以选")
    base_fen: int | None = Field(title="已经选的缴费基数（分）")
    until: str | None = Field(title="用到")
    floor_fen: int = Field(title="缴费基数下限（分）")
    ceiling_fen: int = Field(title="缴费基数上限（分）")
    floor_due_fen: int = Field(title="按下限每月缴（分）")
    ceiling_due_fen: int = Field(title="按上限每月缴（分）")


class AskEmployeeBases(Shape):
    """一个单位的职工和申报的缴费基数，没有申报的在前。"""

    uscc: Uscc
    ident: Ident | None = Field(default=None, title="只看一名职工")
    page: int = Field(default=1, ge=1, le=1000, title="第几页")
    size: int = Field(default=20, ge=1, le=1000, title="每页几名")


class EmployeeBase(Shape):
    """An employee, and what was declared for the next month to be billed."""

    ident: str = Field(title="证件号码")
    handle: str = Field(title="查询代号")
    name: str = Field(title="姓名")
    month: str = Field(title="下一个要核定的月份")
    wage_fen: int | None = Field(title="申报的月平均工资（分）")
    until: str | None = Field(title="用到")
    billed_fen: int | None = Field(title="上一次核定的基数（分）")


class EmployeeBases(Shape):
    """Who works there and on what base, who has none first."""

    total: int = Field(title="职工（人）")
    undeclared: int = Field(title="没有申报（人）")
    month: str = Field(title="费款所属期")
    due_day: date = Field(title="缴款期限")
    floor_fen: int = Field(title="缴费基数下限（分）")
    ceiling_fen: int = Field(title="缴费基数上限（分）")
    share_percent: int = Field(title="没有申报的，按上月的百分之几核定")
    employees: tuple[EmployeeBase, ...] = Field(title="职工")


class AskEmployerReceipts(Shape):
    """一个单位缴来的钱和去向。"""

    uscc: Uscc
    year: Year = None


class AskPersonReceipts(Shape):
    """一个灵活就业人员缴来的钱和去向。"""

    ident: Ident
    year: Year = None


class PartView(Shape):
    """What of a receipt went to one bill."""

    month: str = Field(title="核定月份")
    insurance_name: str = Field(title="险种")
    kind_name: str = Field(title="项目")
    amount_fen: int = Field(title="金额（分）")


class PaidReceipt(Shape):
    """A receipt of a payer, and where it went."""

    reference: str = Field(title="流水号")
    channel_name: str = Field(title="渠道")
    received_on: date = Field(title="到账日期")
    amount_fen: int = Field(title="金额（分）")
    unallocated_fen: int = Field(title="待转金（分）")
    refunded_fen: int = Field(title="已退回（分）")
    reversed: bool = Field(title="已冲正")
    parts: tuple[PartView, ...] = Field(title="去向")


class Receipts(Shape):
    """A payer's receipts, the newest first."""

    receipts: tuple[PaidReceipt, ...] = Field(title="到账")


class PayOnline(Shape):
    """单位在网上用演示银行缴费，可以缴清，也可以先缴一部分。"""

    uscc: Uscc
    amount_fen: Fen


class PayOwnOnline(Shape):
    """灵活就业人员在网上用演示银行缴费，可以缴清，也可以先缴一部分。"""

    ident: Ident
    amount_fen: Fen


class AskArrears(Shape):
    """已经逾期的欠费，按金额从大到小。"""


class ArrearsView(Shape):
    number: str = Field(title="统一社会信用代码或者证件号码")
    name: str = Field(title="名称")
    since: str = Field(title="最早欠费月份")
    bills: int = Field(title="应收单（张）")
    owed_fen: int = Field(title="欠缴（分）")
    deferred_fen: int = Field(title="其中缓缴中（分）")


class Arrears(Shape):
    """Who is overdue."""

    payers: tuple[ArrearsView, ...] = Field(title="欠费的缴款人")
