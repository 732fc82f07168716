"""Schemas of levy 征缴: what is declared, billed, received and asked."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field
from pydantic.config import JsonDict

from backend.kernel.fields import FileId, MonthText, Shape
from backend.kernel.language import EN, ZH
from backend.registry.schema import Ident, Uscc

Channel = Literal["bank", "tax", "treasury"]
CHANNELS: JsonDict = {"bank": "银行", "tax": "税务", "treasury": "国库"}
KINDS = {"dues": "应缴社会保险费", "late_fee": "滞纳金"}
REASONS = {
    "no_base": "没有申报缴费基数，也没有上个月的应缴可以参照",
    "no_terms": "这一险种没有适用的缴费比例",
}
LARGEST = 10**15  # fen
REFERENCE = r"^[0-9A-Za-z-]{4,40}$"
LANGUAGES: JsonDict = {ZH: "中文", EN: "英文"}
Language = Annotated[
    Literal["zh-CN", "en"], Field(title="结果文件的语言", json_schema_extra={"labels": LANGUAGES})
]
Fen = Annotated[int, Field(gt=0, le=LARGEST, title="金额（元）", json_schema_extra={"widget": "amount"})]


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


class DeclareBases(Shape):
    """单位用一张表申报全部职工的缴费基数，xlsx 或者 CSV，最多五万行；每行分别受理或者退回，原因写在结果文件里。"""

    uscc: Uscc
    file: FileId = Field(
        title="申报表",
        description="第一行写栏目名：公民身份号码（设成文本格式）、从哪个月起、上年度月平均工资（元）",
    )
    dry: bool = Field(default=False, title="只试算", description="只检查每一行，不申报")
    language: Language = "zh-CN"


class BasesDeclared(Shape):
    """缴费基数批量申报的结果。"""

    lines: int = Field(title="申报（行）")
    accepted: int = Field(title="受理（行）")
    refused: int = Field(title="退回（行）")
    dry: bool = Field(title="只试算")
    results: FileId = Field(title="结果文件")


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


class AskProblems(Shape):
    """一次核定里没能核定的人和原因。"""

    month: MonthText = Field(title="费款所属期")


class ProblemView(Shape):
    ident: str = Field(title="证件号码")
    name: str = Field(title="姓名")
    employer: str = Field(title="单位")
    insurance_name: str = Field(title="险种")
    reason: str = Field(title="原因")


class Problems(Shape):
    """Who could not be billed."""

    problems: tuple[ProblemView, ...] = Field(title="没能核定的人")


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


class TakeReceiptFile(Shape):
    """一个到账文件：一个渠道一天的到账，首行写渠道和日期，末行写笔数和金额；收过的不会再收。"""

    channel: Channel = Field(title="渠道", json_schema_extra={"labels": CHANNELS})
    day: date = Field(title="文件日期", json_schema_extra={"widget": "day"})
    file: FileId = Field(title="到账文件", description="GB 18030 编码的文本，各栏用竖线隔开")
    language: Language = "zh-CN"


class FileTaken(Shape):
    """到账文件的结果。"""

    lines: int = Field(title="文件里（笔）")
    taken: int = Field(title="收下（笔）")
    taken_fen: int = Field(title="收下（分）")
    waiting: int = Field(title="其中认不出缴款人（笔）")
    waiting_fen: int = Field(title="其中认不出缴款人（分）")
    already: int = Field(title="以前收过（笔）")
    already_fen: int = Field(title="以前收过（分）")
    refused: int = Field(title="退回（笔）")
    refused_fen: int = Field(title="退回（分）")
    results: FileId = Field(title="结果文件")


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


class AskPersonBills(Shape):
    """一个灵活就业人员的应缴和欠费。"""

    ident: Ident


class BillView(Shape):
    bill: int = Field(title="应收单号")
    month: str = Field(title="核定月份")
    insurance_name: str = Field(title="险种")
    kind_name: str = Field(title="项目")
    n: int = Field(title="人数")
    due_fen: int = Field(title="应缴（分）")
    paid_fen: int = Field(title="已缴（分）")
    written_off_fen: int = Field(title="核销（分）")
    owed_fen: int = Field(title="欠缴（分）")
    due_day: date = Field(title="缴款期限")


class Bills(Shape):
    """What a payer owes, the newest first."""

    owed_fen: int = Field(title="欠缴合计（分）")
    overdue_fen: int = Field(title="其中已经逾期（分）")
    unallocated_fen: int = Field(title="预缴和待转（分）")
    bills: tuple[BillView, ...] = Field(title="应收单")


class AskArrears(Shape):
    """已经逾期的欠费，按金额从大到小。"""


class ArrearsView(Shape):
    number: str = Field(title="统一社会信用代码或者证件号码")
    name: str = Field(title="名称")
    since: str = Field(title="最早欠费月份")
    bills: int = Field(title="应收单（张）")
    owed_fen: int = Field(title="欠缴（分）")


class Arrears(Shape):
    """Who is overdue."""

    payers: tuple[ArrearsView, ...] = Field(title="欠费的缴款人")
