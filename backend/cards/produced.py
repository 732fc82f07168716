"""What the world says of blank cards and productions, and hears: CRD-24, CRD-25, CRD-27 … CRD-30, CRD-Q3, CRD-Q4."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from backend.kernel.fields import FileId, Shape
from backend.registry.schema import Area

MOST = 100_000  # cards in a production
MOST_BLANKS = 10_000_000
PRODUCTION_STATES = {
    "waiting": "等着写文件",
    "writing": "正在写文件",
    "sent": "已送制卡",
    "back": "已回盘",
}
MOVES = {
    "received": "入库",
    "arrived": "调入",
    "sent": "调出",
    "spoilt": "作废",
    "counted": "盘点差异",
    "production": "制卡领用",
    "returned": "制卡退回",
}
Blanks = Annotated[int, Field(ge=1, le=MOST_BLANKS, title="张数")]
Place = Annotated[Area, Field(title="地点", description="卡管机构或者网点所在的行政区划")]
Document = Annotated[
    str, Field(pattern=r"^[^<>|=+@]{2,60}$", title="单据编号", description="送货单、调拨单、盘点表的编号")
]
ShortNote = Annotated[str, Field(max_length=200, pattern=r"^[^<>|]*$", title="说明")]


class MakeProduction(Shape):
    """把等着制卡的申领编成一个批次，给每张卡编号，写成制卡文件。"""

    area: Place
    most: int = Field(default=1000, ge=1, le=MOST, title="最多多少张")


class ProductionMade(Shape):
    """批次已经编好，后台正在写制卡文件。"""

    no: int = Field(title="批次号")
    n: int = Field(title="张数")
    key_version: int = Field(title="密钥版本")
    blanks_left: int = Field(title="空白卡还剩")


class ReadProduction(Shape):
    """制卡回盘：逐行核对，全部对得上才登记。"""

    no: int = Field(ge=1, le=2**62, title="批次号")
    returned: FileId = Field(title="回盘文件", json_schema_extra={"widget": "file"})


class ProductionRead(Shape):
    """回盘已经登记。"""

    no: int = Field(title="批次号")
    made: int = Field(title="做好（张）")
    again: int = Field(title="没有做好，下一批再做（张）")
    refused: int = Field(title="资料有误，退给申请人（张）")
    spoilt: int = Field(title="用坏的空白卡（张）")


class AskProductions(Shape):
    """制卡批次，新的在前。"""

    no: int | None = Field(default=None, ge=1, le=2**62, title="只看一个批次")


class ProductionView(Shape):
    no: int = Field(title="批次号")
    area_name: str = Field(title="地点")
    n: int = Field(title="张数")
    key_version: int = Field(title="密钥版本")
    state: str
    state_name: str = Field(title="状态")
    written: int = Field(title="已经写好（张）")
    made: int = Field(title="做好（张）")
    failed: int = Field(title="没有做好（张）")
    made_on: date = Field(title="编批日期")
    digest: str | None = Field(title="文件摘要（SM3）")
    signature: str | None = Field(title="文件签名（SM2）")


class FailedLine(Shape):
    no: int = Field(title="序号")
    card_no: str = Field(title="卡号")
    result: str = Field(title="结果")
    reason: str = Field(title="原因")


class Productions(Shape):
    productions: tuple[ProductionView, ...] = Field(title="制卡批次")
    failed: tuple[FailedLine, ...] = Field(title="没有做好的", description="只看一个批次时列出")


class ReceiveBlanks(Shape):
    """空白卡入库。"""

    place: Place
    n: Blanks
    document: Document
    note: ShortNote = ""


class SendBlanks(Shape):
    """空白卡从一个地方调到另一个地方，一次记两头。"""

    place: Place = Field(title="调出地点")
    other: Place = Field(title="调入地点")
    n: Blanks
    document: Document
    note: ShortNote = ""


class SpoilBlanks(Shape):
    """空白卡坏了、印错了，作废销毁。"""

    place: Place
    n: Blanks
    document: Document
    note: ShortNote = Field(min_length=2, title="原因")


class CountBlanks(Shape):
    """盘点空白卡：账上的改成数到的，差异留下。"""

    place: Place
    counted: int = Field(ge=0, le=MOST_BLANKS, title="数到的张数")
    document: Document
    note: ShortNote = Field(min_length=2, title="差异的原因")


class StockChanged(Shape):
    place: str = Field(title="地点")
    n: int = Field(title="现在有（张）")
    moved: int = Field(title="这次变动（张）")


class AskStock(Shape):
    """空白卡库存和最近的变动。"""

    place: Place | None = Field(default=None, title="只看一个地点")


class StockView(Shape):
    place: str
    place_name: str = Field(title="地点")
    n: int = Field(title="张数")


class MoveView(Shape):
    at: datetime = Field(title="时间")
    place_name: str = Field(title="地点")
    kind: str
    kind_name: str = Field(title="变动")
    n: int = Field(title="张数")
    balance: int = Field(title="结存")
    document: str = Field(title="单据")
    note: str = Field(title="说明")


class StockSeen(Shape):
    total: int = Field(title="合计（张）")
    at_factory: int = Field(title="正在制卡（张）")
    stock: tuple[StockView, ...] = Field(title="库存")
    moves: tuple[MoveView, ...] = Field(title="最近的变动")
