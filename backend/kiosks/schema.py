"""What kiosks and the bureau say to each other: heartbeats, stops, operators, and the cash of a kiosk. The kiosk reads it too."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, SecretStr

from backend.kernel.fields import Shape
from backend.payout.notes import Notes, fields_of, worth_fen
from backend.payout.schema import HEX32, KIOSK

__all__ = ["Notes", "fields_of", "worth_fen"]
SHEET = r"^[0-9A-Za-z-]{1,32}$"
CODE = r"^[0-9]{6,12}$"
BIG = 2**62
Kiosk = Annotated[str, Field(pattern=KIOSK, title="自助机编号", examples=["00000001"])]
Sheet = Annotated[str, Field(pattern=SHEET, title="单号", examples=["2026-1124-01"])]
Because = Annotated[str, Field(min_length=2, max_length=100, title="原因")]
Place = Literal["cassette", "stacker", "shutter", "rejected", "retracted", "caught"]
PLACES = {
    "cassette": "钞箱",
    "stacker": "暂存",
    "shutter": "出钞口",
    "rejected": "废钞箱",
    "retracted": "回收箱",
    "caught": "卡在机内",
}
MachineState = Literal["serving", "visit", "closed", "stopped"]
STATES = {
    "serving": "正常服务",
    "visit": "有人在办",
    "closed": "暂停服务",
    "stopped": "故障停机",
    "silent": "失联",
    "never": "没有报告过",
    "refused": "已封停",
}
DEVICES = {
    "reader": "读卡器",
    "printer": "打印机",
    "dispenser": "出钞机",
    "pinpad": "密码键盘",
    "camera": "摄像头",
}
HEALTH = {"ok": "正常", "warns": "要留意", "failed": "故障", "away": "没有接上"}
HAPPENINGS = {
    "state": "状态变化",
    "device": "设备变化",
    "line": "恢复联系",
    "clock": "时钟不准",
    "cash": "现金和账不符",
    "stop": "远程停用",
    "start": "恢复服务",
    "services": "服务设置",
    "operator": "操作员进入",
    "bag": "封包登记",
    "placed": "装入封包",
    "count": "清点",
    "taken": "取出回库",
    "decided": "差额处理",
}
OVER = {"income": "长款，查不明原因，列其他收入", "owed": "长款，属于他人，列暂收款"}
SHORT = {"repaid": "短款，已赔回支出户", "written_off": "短款，核销，列其他支出"}
Way = Literal["income", "owed", "repaid", "written_off"]


# ---- the heartbeat (KSK-31) ----


class DeviceWord(Shape):
    """一台设备自己说的情况。"""

    name: str = Field(pattern=r"^[a-z]{2,12}$", title="设备")
    state: Literal["ok", "warns", "failed", "away"] = Field(
        title="情况", json_schema_extra={"labels": {**HEALTH}}
    )
    code: str = Field(default="", max_length=60, title="代码")
    facts: dict[str, int | str] = Field(default={}, max_length=60, title="数据")


class Lying(Shape):
    """出钞机里一处、一种面额有多少张。"""

    place: Place = Field(title="位置")
    fen: int = Field(gt=0, le=10**6, title="面额（分）")
    n: int = Field(ge=0, le=10**6, title="张数")


class Beat(Shape):
    """自助机每分钟报告一次自己的情况，有变化时马上报告。"""

    state: MachineState = Field(title="状态", json_schema_extra={"labels": {**STATES}})
    reason: str = Field(default="", max_length=200, title="停用原因", description="现场停用的，或者故障")
    devices: tuple[DeviceWord, ...] = Field(default=(), max_length=12, title="设备")
    notes: tuple[Lying, ...] | None = Field(
        default=None, max_length=100, title="现金", description="出钞机自己的计数；没有回答时为空"
    )
    journal_seq: int | None = Field(default=None, ge=1, le=BIG, title="日志序号")
    journal_head: str | None = Field(default=None, pattern=HEX32, title="日志链头")
    open: int = Field(default=0, ge=0, le=BIG, title="没有办完的领取单")
    outbox: int = Field(default=0, ge=0, le=BIG, title="没有报告的领取单")
    doubts: tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")], ...] = Field(
        default=(), max_length=200, title="待核实的领取单"
    )
    version: str = Field(default="", max_length=40, title="软件版本")
    clock: AwareDatetime = Field(title="自助机的时间")


class BagWaiting(Shape):
    """一个已经登记、还没有装进这台自助机的封包。"""

    sheet: str = Field(title="加钞单号")
    bag: str = Field(title="封包号")
    amount_fen: int = Field(title="金额（分）")
    notes: Notes = Field(title="券别")


class Heard(Shape):
    """后台对一次报告的回答：该做什么。"""

    now: datetime = Field(title="后台时间")
    serve: bool = Field(title="可以服务")
    reason: str = Field(default="", title="停用原因")
    services: tuple[str, ...] | None = Field(default=None, title="提供的服务", description="空为全部")
    bags: tuple[BagWaiting, ...] = Field(default=(), title="待装的封包")


# ---- operators and cash at the machine (KSK-32 … KSK-35) ----


class Keeping(Shape):
    """一名操作员的工号和操作码。"""

    work: str = Field(min_length=1, max_length=18, title="工号", examples=["1001"])
    code: SecretStr = Field(min_length=1, max_length=32, title="操作码")


class EnterOperator(Shape):
    """操作员要打开自助机的操作员页：用工号和操作码，或者用本人社会保障卡的来访。"""

    keeper: Keeping | None = Field(default=None, title="操作员")
    visit: str | None = Field(default=None, pattern=r"^[0-9a-f]{32}$", title="来访号")


Ticket = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$", title="操作员凭据")]


class Entered(Shape):
    admitted: bool = Field(title="可以进入")
    name: str = Field(default="", title="操作员")
    work: str = Field(default="", title="工号")
    ticket: str = Field(default="", title="凭据", description="在这台自助机上办现金时用，三十分钟内有效")
    left: int = Field(default=0, title="还可以试几次")


class PlaceBag(Shape):
    """两名操作员把一个封包装进自助机。"""

    sheet: Sheet
    first: Ticket
    second: Ticket
    again: bool = Field(default=False, title="再办一次", description="上一次没有收到回答：已经登记的照样回答")


class BagPlaced(Shape):
    sheet: str = Field(title="加钞单号")
    amount_fen: int = Field(title="金额（分）")
    notes: Notes = Field(title="券别")


class CountedNotes(Notes):
    """钞箱里清点到的张数，和其余几处清点到的金额。"""

    rejected_fen: int = Field(
        default=0, ge=0, le=10**9, title="废钞箱（元）", json_schema_extra={"widget": "amount"}
    )
    retracted_fen: int = Field(
        default=0, ge=0, le=10**9, title="回收箱（元）", json_schema_extra={"widget": "amount"}
    )
    caught_fen: int = Field(
        default=0,
        ge=0,
        le=10**9,
        title="卡在机内和别处（元）",
        json_schema_extra={"widget": "amount"},
    )

    @property
    def total_fen(self) -> int:
        return worth_fen(self.pieces) + self.rejected_fen + self.retracted_fen + self.caught_fen


class CountAtKiosk(CountedNotes):
    """两名操作员在停用的自助机上清点全部现金。"""

    sheet: Sheet
    first: Ticket
    second: Ticket


class CountAtDesk(CountedNotes):
    """自助机坏了、没有网络时，两人清点以后在柜台登记。要先远程停用。"""

    kiosk: Kiosk
    sheet: Sheet


class Counted(Shape):
    count: int = Field(title="清点号")
    kiosk: str = Field(title="自助机编号")
    sheet: str = Field(title="清点单号")
    counted_fen: int = Field(title="清点（分）")
    book_fen: int = Field(title="账面应有（分）")
    device_fen: int | None = Field(title="出钞机计数（分）")
    difference_fen: int = Field(title="差额（分）", description="多为正，少为负")


class TakeOut(Notes):
    """两名操作员从自助机取出现金，交回。"""

    sheet: Sheet
    first: Ticket
    second: Ticket


class TakenOut(Shape):
    sheet: str = Field(title="回库单号")
    amount_fen: int = Field(title="金额（分）")


# ---- what the bureau decides (KSK-41 … KSK-45) ----


class StopKiosk(Shape):
    """停用一台自助机：正在办的一笔先办完，屏幕上写明原因。"""

    kiosk: Kiosk
    reason: Because = Field(description="写给群众看的话，会显示在屏幕上", examples=["正在检修"])


class StartKiosk(Shape):
    """恢复一台停用的自助机。"""

    kiosk: Kiosk
    reason: Because = Field(examples=["检修完毕"])


class MachineSet(Shape):
    kiosk: str = Field(title="自助机编号")
    serve: bool = Field(title="可以服务")


class OfferServices(Shape):
    """设定一台自助机提供哪些服务。"""

    kiosk: Kiosk
    services: str = Field(
        default="",
        max_length=400,
        pattern=r"^([a-z][a-z0-9_-]{0,29}([,， ]+[a-z][a-z0-9_-]{0,29})*)?$",
        title="服务代码",
        description="用逗号分开；不写就是全部",
        examples=["collect,account"],
    )


class SetCode(Shape):
    """设定我自己打开自助机用的操作码。"""

    code: SecretStr = Field(min_length=6, max_length=12, title="新的操作码", description="六到十二位数字")
    card_of: str | None = Field(
        default=None,
        pattern=r"^[0-9]{17}[0-9X]$",
        title="我的公民身份号码",
        description="也想用自己的社会保障卡打开时才写",
        json_schema_extra={"widget": "ident"},
    )


class CodeSet(Shape):
    name: str = Field(title="操作员")
    by_card: bool = Field(title="也可以用社会保障卡")


class DecideDifference(Shape):
    """清点发现的长款、短款怎样处理。"""

    count: int = Field(ge=1, le=BIG, title="清点号", examples=["1001"])
    way: Way = Field(title="处理方式", json_schema_extra={"labels": {**OVER, **SHORT}})
    reason: Because = Field(description="怎么查的，根据什么")


class DifferenceDecided(Shape):
    count: int = Field(title="清点号")
    difference_fen: int = Field(title="差额（分）")
    way: str = Field(title="处理方式", json_schema_extra={"labels": {**OVER, **SHORT}})
