"""What the world hears from transfers of pension relations."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from backend.kernel.fields import FileId, Shape
from backend.levy.certified import CertificateView

DIRECTIONS = {"in": "转入", "out": "转出"}
SCHEMES = {"to_employees": "居民转入职工", "to_residents": "职工转入居民"}
STATES = {
    "applied": "已申请，等受理",
    "asked": "已发联系函，等信息表",
    "received": "已收到联系函，等办理",
    "informed": "信息表已收到，等办结",
    "decided": "已经转出，等划付资金",
    "done": "已办结",
    "refused": "没有受理",
    "withdrawn": "已撤销",
}
STEPS = {
    "applied": "提出申请",
    "asked": "受理，发出联系函",
    "received": "收到联系函",
    "informed": "收到信息表",
    "money": "资金到账",
    "decided": "办理转出，发出信息表",
    "done": "办结",
    "refused": "没有受理",
    "withdrawn": "撤销",
}
MONEY = {"received": "收到", "returned": "退回", "paid": "划付"}
PLACE = {"widget": "code:area"}


class Voucher(Shape):
    """参保缴费凭证已经开好。"""

    certificate: CertificateView = Field(title="参保缴费凭证")
    paper: FileId | None = Field(default=None, title="打印件")


class Flagged(Shape):
    """已经认定为临时账户。"""

    name: str = Field(title="姓名")
    hukou: str = Field(title="户籍所在地", json_schema_extra={**PLACE})
    kept_area: str | None = Field(title="关系保留在哪里", json_schema_extra={**PLACE})
    first: str = Field(title="首次在本地参保", json_schema_extra={"widget": "month"})
    age: str = Field(title="当时的年龄")


class Refunded(Shape):
    """重复缴费已经退还，随发放支付。"""

    name: str = Field(title="姓名")
    months: tuple[str, ...] = Field(title="重复的月份")
    amount_fen: int = Field(title="退还金额（分）")


class StepView(Shape):
    """一步。"""

    day: date = Field(title="日期")
    what: str = Field(title="办了什么", json_schema_extra={"labels": {**STEPS}})
    note: str = Field(title="说明")


class MoneyView(Shape):
    """一笔钱。"""

    day: date = Field(title="日期")
    way: str = Field(title="去向", json_schema_extra={"labels": {**MONEY}})
    amount_fen: int = Field(title="金额（分）")
    slip: str = Field(title="银行回单号")


class TransferView(Shape):
    """一件转移：转到哪里、到了哪一步、期限到哪天、多少钱。"""

    case: int = Field(title="转移编号")
    name: str = Field(title="姓名")
    direction: str = Field(title="方向", json_schema_extra={"labels": {**DIRECTIONS}})
    state: str
    state_label: str = Field(title="状态")
    other_area: str = Field(title="对方地区", json_schema_extra={**PLACE})
    other_agency: str = Field(title="对方经办机构")
    letter: str | None = Field(title="联系函编号")
    temporary: bool = Field(title="临时账户")
    applied_on: date = Field(title="申请日期")
    due_on: date | None = Field(title="这一步的期限")
    overdue: bool | None = Field(title="已超期限")
    with_money: bool = Field(title="资金随同划转")
    account_fen: int | None = Field(title="个人账户转移额（分）")
    pooled_fen: int | None = Field(title="统筹基金转移额（分）")
    total_fen: int | None = Field(title="转移总额（分）")
    received_fen: int | None = Field(title="已经到账（分）")
    short_fen: int | None = Field(title="还差（分）", description="到账和信息表差多少，多了是负数")
    booked_fen: int | None = Field(title="记入个人账户（分）")
    doubled_fen: int | None = Field(title="重复缴费退还（分）")
    months: int | None = Field(title="转移的缴费月数")
    doubled: tuple[str, ...] = Field(title="重复的月份")
    deemed_months: int | None = Field(title="视同缴费月数")
    file: FileId | None = Field(default=None, title="信息表")
    steps: tuple[StepView, ...] = Field(title="办理经过")
    money: tuple[MoneyView, ...] = Field(title="资金")
    warnings: tuple[str, ...] = Field(default=(), title="说明")


class Transfers(Shape):
    """关系转移，最近的在前。"""

    transfers: tuple[TransferView, ...] = Field(title="关系转移")


class Printed(Shape):
    """文书已经做好。"""

    case: int = Field(title="转移编号")
    name: str = Field(title="姓名")
    paper: FileId = Field(title="打印件")


class SpanView(Shape):
    """连着的几个月，在同一个地方，基数相同。"""

    first: str = Field(title="起", json_schema_extra={"widget": "month"})
    last: str = Field(title="止", json_schema_extra={"widget": "month"})
    months: int = Field(title="月数")
    area: str = Field(title="参保地", json_schema_extra={**PLACE})
    base_fen: int = Field(title="月缴费基数（分）")
    credited_fen: int = Field(title="月记账额（分）")


class TransferYearView(Shape):
    """一年的个人账户。"""

    year: str = Field(title="年份")
    opening_fen: int = Field(title="年初（分）")
    credited_fen: int = Field(title="本金（分）")
    interest_fen: int = Field(title="利息（分）")
    paid_fen: int = Field(title="支出（分）")
    closing_fen: int = Field(title="年末（分）")


class Table(Shape):
    """一张信息表。"""

    case: int = Field(title="转移编号")
    name: str = Field(title="姓名")
    account_fen: int = Field(title="个人账户转移额（分）")
    pooled_fen: int = Field(title="统筹基金转移额（分）")
    total_fen: int = Field(title="转移总额（分）")
    spans: tuple[SpanView, ...] = Field(title="缴费经历")
    years: tuple[TransferYearView, ...] = Field(title="个人账户")


class WaitingView(Shape):
    """一件没有办完的转移。"""

    case: int = Field(title="转移编号")
    name: str = Field(title="姓名")
    direction: str = Field(title="方向", json_schema_extra={"labels": {**DIRECTIONS}})
    state_label: str = Field(title="状态")
    other_area: str = Field(title="对方地区", json_schema_extra={**PLACE})
    due_on: date | None = Field(title="这一步的期限")
    overdue: bool = Field(title="已超期限")
    total_fen: int = Field(title="转移总额（分）")


class WaitingList(Shape):
    """没有办完的转移。"""

    open: int = Field(title="没有办完的件数")
    overdue: int = Field(title="已超期限的件数")
    transfers: tuple[WaitingView, ...] = Field(title="转移")


class PlaceMonths(Shape):
    """在一个省参保多少个月。"""

    area: str = Field(title="参保地", json_schema_extra={**PLACE})
    months: int = Field(title="缴费月数")


class PlaceView(Shape):
    """在哪里领取养老金，为什么。"""

    name: str = Field(title="姓名")
    area: str = Field(title="待遇领取地", json_schema_extra={**PLACE})
    here: bool = Field(title="在本地领取")
    why: str = Field(title="为什么")
    hukou: str = Field(title="户籍所在地", json_schema_extra={**PLACE})
    temporary: bool = Field(title="本地是临时账户")
    places: tuple[PlaceMonths, ...] = Field(title="各省累计缴费月数")
    warnings: tuple[str, ...] = Field(title="说明")


class RelationEnded(Shape):
    """养老保险关系已经终止，个人账户等领取。"""

    name: str = Field(title="姓名")
    amount_fen: int = Field(title="一次性支付的个人账户（分）")
    months: int = Field(title="不再计算的缴费月数")
    warnings: tuple[str, ...] = Field(title="提醒")


class SchemeMoved(Shape):
    """制度衔接已经办好。"""

    name: str = Field(title="姓名")
    direction: str = Field(title="方向", json_schema_extra={"labels": {**SCHEMES}})
    amount_fen: int = Field(title="转移的个人账户（分）")
    months: int = Field(title="计入居民养老保险的缴费月数", description="居民转入职工的，居民缴费年限不折算")
