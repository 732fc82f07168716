"""What the bureau sees of its kiosks: all of them, one with its history, its cash of a day, differences (KSK-Q31 … KSK-Q34)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from backend.kernel.fields import Shape
from backend.kiosks.schema import HAPPENINGS, OVER, SHORT, STATES, Counted, DeviceWord, Kiosk


class AskFleet(Shape):
    """查询全部自助机。"""


class OfKind(Shape):
    fen: int = Field(title="面额（分）")
    cassette: int = Field(title="钞箱（张）")
    elsewhere: int = Field(title="其他位置（张）")


class KioskView(Shape):
    """一台自助机现在的情况。"""

    kiosk: str = Field(title="自助机编号")
    name: str = Field(title="名称")
    area_name: str = Field(title="所在地")
    state: str = Field(title="状态", json_schema_extra={"labels": {**STATES}})
    at: datetime | None = Field(title="最后报告")
    age_s: int | None = Field(title="距今秒数")
    since: datetime | None = Field(title="状态开始")
    serve: bool = Field(title="可以服务")
    reason: str = Field(title="原因")
    devices: tuple[DeviceWord, ...] = Field(title="设备")
    kinds: tuple[OfKind, ...] = Field(title="现金")
    cassette_fen: int | None = Field(title="钞箱现金（分）")
    inside_fen: int | None = Field(title="机内现金（分）")
    book_fen: int = Field(title="账面库存现金（分）")
    daily_fen: int = Field(title="近十四天平均每天付出（分）")
    days: int | None = Field(title="还够几天")
    off_fen: int = Field(title="和账不符（分）", description="没有事在办的时候，机内现金减账面应有")
    open: int = Field(title="没有办完")
    outbox: int = Field(title="没有报告")
    doubts: tuple[str, ...] = Field(title="待核实的领取单")
    cases: int = Field(title="没有处理的现金差额")
    bags: int = Field(title="待装的封包")
    version: str = Field(title="软件版本")
    skew_s: int | None = Field(title="时钟相差秒数")
    services: tuple[str, ...] | None = Field(title="提供的服务")


class Fleet(Shape):
    now: datetime = Field(title="查询时间")
    kiosks: tuple[KioskView, ...] = Field(title="自助机")


class AskKiosk(Shape):
    """查询一台自助机。"""

    kiosk: Kiosk


class HappeningView(Shape):
    at: datetime = Field(title="时间")
    what: str = Field(title="事记", json_schema_extra={"labels": {**HAPPENINGS}})
    detail: str = Field(title="内容")
    who: str = Field(title="办理人")


class CountView(Counted):
    at: datetime = Field(title="时间")
    first: str = Field(title="清点人")
    second: str = Field(title="复点人")
    state: str = Field(
        title="状态",
        json_schema_extra={"labels": {"agreed": "账实相符", "open": "待处理", "decided": "已处理"}},
    )
    way: str | None = Field(title="处理方式", json_schema_extra={"labels": {**OVER, **SHORT}})
    reason: str | None = Field(title="原因")


class BagView(Shape):
    sheet: str = Field(title="加钞单号")
    bag: str = Field(title="封包号")
    amount_fen: int = Field(title="金额（分）")
    booked_at: datetime = Field(title="登记时间")
    placed_at: datetime | None = Field(title="装入时间")


class KioskHistory(Shape):
    kiosk: KioskView = Field(title="现在")
    happenings: tuple[HappeningView, ...] = Field(title="事记")
    counts: tuple[CountView, ...] = Field(title="清点")
    bags: tuple[BagView, ...] = Field(title="封包")


class AskDay(Shape):
    """查询一台自助机一天的现金日结单。"""

    kiosk: Kiosk
    day: date = Field(title="日期", ge=date(2000, 1, 1), le=date(2099, 12, 31))


class DaySheet(Shape):
    """现金日结单：期初、装入、付出、取回、差额、期末，和机内计数。"""

    kiosk: str = Field(title="自助机编号")
    name: str = Field(title="名称")
    day: date = Field(title="日期")
    opening_fen: int = Field(title="日初账面（分）")
    loaded_fen: int = Field(title="加钞（分）")
    paid_fen: int = Field(title="付出（分）")
    paid: int = Field(title="付出笔数")
    taken_fen: int = Field(title="取出回库（分）")
    counted_fen: int = Field(title="清点长短款（分）", description="长款为正，短款为负")
    closing_fen: int = Field(title="日终账面（分）")
    waiting_fen: int = Field(title="已登记未装入的封包（分）")
    held: tuple[str, ...] = Field(title="没有结清的领取单")
    held_fen: int = Field(title="没有结清的金额（分）")
    reported_at: datetime | None = Field(title="最后报告")
    inside: dict[str, Any] = Field(title="机内计数（分）")
    inside_fen: int | None = Field(title="机内合计（分）")


class AskDifferences(Shape):
    """查询现金差额。"""

    state: Literal["open", "decided"] = Field(
        default="open",
        title="状态",
        json_schema_extra={"labels": {"open": "待处理", "decided": "已处理"}},
    )


class Differences(Shape):
    differences: tuple[CountView, ...] = Field(title="现金差额")
