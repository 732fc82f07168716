"""What the world says to transfers of pension relations and hears from them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from backend.kernel.fields import FileId, Shape
from backend.levy.certified import CertificateView
from backend.registry.schema import Area, Ident

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
FEN = {"widget": "amount"}
Agency = Annotated[
    str, Field(min_length=2, max_length=100, pattern=r"^[^<>|]+$", examples=["示例市社会保险事业管理中心"])
]
Letter = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^<>|]+$")]
Slip = Annotated[
    str,
    Field(
        pattern=r"^[0-9A-Za-z-]{1,60}$",
        title="银行回单号",
        description="同一张回单只用一次",
        examples=["2026112400001"],
    ),
]
Note = Annotated[str, Field(min_length=2, max_length=200, pattern=r"^[^<>|]+$", title="原因")]
AmountFen = Annotated[int, Field(ge=0, le=10**11, json_schema_extra={"widget": "amount"})]
WithMoney = Annotated[
    bool | None,
    Field(
        title="资金随同划转",
        description="不选就按政策参数；对方来函写明划转或者不划转的，照来函选",
    ),
]


class Certify(Shape):
    """开一张基本养老保险参保缴费凭证，到别的地方参保以后凭它申请转移。"""

    ident: Ident


class Voucher(Shape):
    """参保缴费凭证已经开好。"""

    certificate: CertificateView = Field(title="参保缴费凭证")
    paper: FileId | None = Field(default=None, title="打印件")


class ApplyIn(Shape):
    """申请把外地的养老保险关系转到本地。"""

    ident: Ident
    other_area: Area = Field(title="转出地", description="原来参保的地方")
    other_agency: Agency = Field(title="转出地经办机构", description="参保缴费凭证上印的机构名称")
    hukou: Area = Field(title="户籍所在地")
    posted: bool = Field(
        default=False,
        title="组织调动",
        description="经县级以上党委组织部门、人力资源社会保障行政部门批准调动的，不受年龄限制",
    )


class AcceptIn(Shape):
    """受理转入申请，给转出地发联系函；不符合条件的写明原因。"""

    ident: Ident
    accepted: bool = Field(default=True, title="受理")
    reason: Annotated[str, Field(max_length=200, pattern=r"^[^<>|]*$")] = Field(
        default="", title="不受理的原因", description="受理的不填；不受理的要写明，本人看得到"
    )


class TellIn(Shape):
    """登记转出地发来的信息表：总数照着表填，逐月逐年的由文件读出，两样要对得上。"""

    ident: Ident
    file: FileId = Field(title="信息表", description="xlsx 或者 CSV，栏目和本系统转出的信息表一样")
    account_fen: AmountFen = Field(title="个人账户转移额（元）")
    pooled_fen: AmountFen = Field(title="统筹基金转移额（元）")
    temporary: bool = Field(
        default=False, title="转出的是临时账户", description="临时账户的单位缴费可以超过 12%，按转出地的数"
    )
    deemed_months: int = Field(
        default=0, ge=0, le=960, title="视同缴费月数", description="只登记；计入年限要另外认定"
    )
    with_money: WithMoney = None


class ReceiveMoney(Shape):
    """登记转移资金到账。"""

    ident: Ident
    amount_fen: int = Field(gt=0, le=10**11, title="到账金额（元）", json_schema_extra={"widget": "amount"})
    slip: Slip
    received_on: date = Field(title="到账日期", json_schema_extra={"widget": "day"})


class FinishIn(Shape):
    """办结转入：月份计入年限，钱记入个人账户；重复的月份只留本地的，外地那一份退给本人。"""

    ident: Ident


class TakeLetter(Shape):
    """登记外地发来的联系函：这个人的养老保险关系要转走。"""

    ident: Ident
    other_area: Area = Field(title="转入地", description="要转到哪里去")
    other_agency: Agency = Field(title="转入地经办机构", description="联系函的落款")
    letter: Letter = Field(title="联系函编号")
    received_on: date = Field(title="收到日期", json_schema_extra={"widget": "day"})


class SendOut(Shape):
    """办理转出：结清利息，冻结个人账户，发出信息表；资金随后划付。"""

    ident: Ident
    with_money: WithMoney = None


class PayOut(Shape):
    """把转移资金划给转入地，划完办结。"""

    ident: Ident
    slip: Slip
    paid_on: date = Field(title="划付日期", json_schema_extra={"widget": "day"})


class Withdraw(Shape):
    """撤销没有办完的转移：已经到账的钱退回转出地，已经冻结的账户恢复。"""

    ident: Ident
    reason: Note
    slip: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{0,60}$")] = Field(
        default="", title="退回的银行回单号", description="有钱要退回转出地的必填"
    )


class FlagTemporary(Shape):
    """认定临时基本养老保险缴费账户：关系留在原来的地方，在本地缴的费以后归集。"""

    ident: Ident
    hukou: Area = Field(title="户籍所在地")
    kept_area: Area | None = Field(
        default=None,
        title="关系保留在哪里",
        description="原来的参保地；以前没有参过保的不填，由户籍所在地归集",
    )
    document: Letter = Field(title="认定依据", description="文书的名称或者文号")


class Flagged(Shape):
    """已经认定为临时账户。"""

    name: str = Field(title="姓名")
    hukou: str = Field(title="户籍所在地", json_schema_extra={**PLACE})
    kept_area: str | None = Field(title="关系保留在哪里", json_schema_extra={**PLACE})
    first: str = Field(title="首次在本地参保", json_schema_extra={"widget": "month"})
    age: str = Field(title="当时的年龄")


class RefundDouble(Shape):
    """两地重复缴费的月份：本地后来才缴的，个人缴费退给本人。"""

    ident: Ident


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
    overdue: bool = Field(title="已超期限")
    with_money: bool = Field(title="资金随同划转")
    account_fen: int = Field(title="个人账户转移额（分）")
    pooled_fen: int = Field(title="统筹基金转移额（分）")
    total_fen: int = Field(title="转移总额（分）")
    received_fen: int = Field(title="已经到账（分）")
    short_fen: int = Field(title="还差（分）", description="到账和信息表差多少，多了是负数")
    booked_fen: int = Field(title="记入个人账户（分）")
    doubled_fen: int = Field(title="重复缴费退还（分）")
    months: int = Field(title="转移的缴费月数")
    doubled: tuple[str, ...] = Field(title="重复的月份")
    deemed_months: int = Field(title="视同缴费月数")
    file: FileId | None = Field(default=None, title="信息表")
    steps: tuple[StepView, ...] = Field(title="办理经过")
    money: tuple[MoneyView, ...] = Field(title="资金")
    warnings: tuple[str, ...] = Field(default=(), title="说明")


class AskOwnTransfers(Shape):
    """查询自己的关系转移。"""

    ident: Ident


class Transfers(Shape):
    """关系转移，最近的在前。"""

    transfers: tuple[TransferView, ...] = Field(title="关系转移")


class Print(Shape):
    """打印一件转移的文书，发给对方经办机构。"""

    ident: Ident
    what: Literal["letter", "table"] = Field(
        title="文书",
        json_schema_extra={"labels": {"letter": "联系函（转入）", "table": "信息表（转出）"}},
    )


class Printed(Shape):
    """文书已经做好。"""

    case: int = Field(title="转移编号")
    name: str = Field(title="姓名")
    paper: FileId = Field(title="打印件")


class AskTable(Shape):
    """查看一件转移的信息表。"""

    ident: Ident
    case: int = Field(ge=1, le=2**62, title="转移编号")


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


class AskWaiting(Shape):
    """没有办完的转移，期限近的在前。"""

    direction: Literal["in", "out"] | None = Field(
        default=None, title="方向", description="不选就是全部", json_schema_extra={"labels": {**DIRECTIONS}}
    )


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


class AskPlace(Shape):
    """查询在哪里领取养老金：按户籍和各地的缴费月数。"""

    ident: Ident
    hukou: Area | None = Field(
        default=None, title="户籍所在地", description="不填就用办理转移时登记的，没有登记的按登记的行政区划"
    )


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


class MoveScheme(Shape):
    """到了退休年龄，职工和居民养老保险之间的衔接，只办一次。"""

    ident: Ident
    direction: Literal["to_employees", "to_residents"] = Field(
        title="方向",
        json_schema_extra={
            "labels": {
                "to_employees": "居民转入职工（职工缴费已满最低年限）",
                "to_residents": "职工转入居民（职工缴费不满最低年限）",
            }
        },
    )
    document: Letter = Field(title="申请书编号")


class SchemeMoved(Shape):
    """制度衔接已经办好。"""

    name: str = Field(title="姓名")
    direction: str = Field(title="方向", json_schema_extra={"labels": {**SCHEMES}})
    amount_fen: int = Field(title="转移的个人账户（分）")
    months: int = Field(title="计入居民养老保险的缴费月数", description="居民转入职工的，居民缴费年限不折算")
