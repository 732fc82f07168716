"""What the world says to transfers of pension relations; what it hears stands in `shown`."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from backend.kernel.fields import FileId, Shape
from backend.pension.transferring.shown import DIRECTIONS
from backend.registry.schema import Area, Ident

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


class RefundDouble(Shape):
    """两地重复缴费的月份：本地后来才缴的，个人缴费退给本人。"""

    ident: Ident


class AskOwnTransfers(Shape):
    """查询自己的关系转移。"""

    ident: Ident


class Print(Shape):
    """打印一件转移的文书，发给对方经办机构。"""

    ident: Ident
    what: Literal["letter", "table"] = Field(
        title="文书",
        json_schema_extra={"labels": {"letter": "联系函（转入）", "table": "信息表（转出）"}},
    )


class AskTable(Shape):
    """查看一件转移的信息表。"""

    ident: Ident
    case: int = Field(ge=1, le=2**62, title="转移编号")


class AskWaiting(Shape):
    """没有办完的转移，期限近的在前。"""

    direction: Literal["in", "out"] | None = Field(
        default=None, title="方向", description="不选就是全部", json_schema_extra={"labels": {**DIRECTIONS}}
    )


class AskPlace(Shape):
    """查询在哪里领取养老金：按户籍和各地的缴费月数。"""

    ident: Ident
    hukou: Area | None = Field(
        default=None, title="户籍所在地", description="不填就用办理转移时登记的，没有登记的按登记的行政区划"
    )


class EndRelation(Shape):
    """到了退休年龄缴费不够、不转居民养老也不延长缴费的，终止职工养老保险关系，个人账户一次性支付。只办一次。"""

    ident: Ident
    document: Letter = Field(title="书面申请编号")
    confirmed: bool = Field(
        False, title="已经书面告知可以延长缴费、转入居民养老保险，也告知了终止的后果，本人已书面确认"
    )


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
