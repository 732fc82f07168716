"""Schemas of proof of life 资格认证 (PEN-23 … PEN-26, CRD-14, PEN-Q20, PEN-Q21)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from backend.kernel.fields import FileId, Shape
from backend.payout.schema import HEX16
from backend.registry.schema import Ident

WAYS = {
    "collection": "自助机上持卡领取",
    "card": "自助机上持卡认证",
    "portal": "网上本人确认",
    "visit": "上门核实",
    "match": "数据比对",
}
PAYMENTS = {
    "goes_on": "照常发放",
    "resumed": "恢复发放，停发的月份随下一次发放补发",
    "at_counter": "停发的月份里有已经领走、正在追回的，请到窗口办理恢复",
}
STATES = {
    "good": "在有效期内",
    "lapsed": "已经到期，还没有提醒",
    "reminded": "已经提醒，在宽限期内",
    "overdue": "宽限期已过，下次暂停",
    "suspended": "没有认证，已经暂停发放",
}
Evidence = Annotated[str, Field(min_length=2, max_length=200, pattern=r"^[^<>|]+$")]


class ProveSelf(Shape):
    """本人确认健在、继续领取养老待遇。不做人脸比对；经办机构可能上门或者打电话核实。"""

    ident: Ident


class ProveVisit(Shape):
    """工作人员上门见到本人，登记资格认证。"""

    ident: Ident
    day: date = Field(title="见到本人的日期")
    evidence: Evidence = Field(
        title="怎样核实的",
        description="在哪里见到、核对了什么证件，谁在场",
        examples=["家中，核对居民身份证"],
    )
    photo: FileId | None = Field(default=None, title="照片或者核实表", description="没有就不交")


class ProveMatch(Shape):
    """数据比对证明本人健在：一行一个人。成批的用文件报盘。"""

    ident: Ident
    day: date = Field(title="数据上的日期", description="例如就诊、乘车、办证的那一天")
    source: Evidence = Field(title="数据来源", examples=["医保门诊结算"])


class ProveByCard(Shape):
    """自助机上插卡、输对密码以后，确认本人健在。"""

    visit: str = Field(pattern=HEX16, title="来访号")
    photo: FileId | None = Field(
        default=None, title="现场照片", description="有摄像头的自助机才有；只留存，不比对人脸"
    )


class Proved(Shape):
    """资格认证已经登记。"""

    name: str = Field(title="姓名")
    day: date = Field(title="认证日期")
    way: str = Field(title="认证方式", json_schema_extra={"labels": {**WAYS}})
    valid_until: date = Field(title="有效到")
    payment: str = Field(title="发放", json_schema_extra={"labels": {**PAYMENTS}})
    warnings: tuple[str, ...] = Field(title="说明")


class AskProof(Shape):
    """查询资格认证：上一次是哪天、有效到哪天。"""

    ident: Ident


class ProofView(Shape):
    """一次认证。"""

    day: date = Field(title="认证日期")
    way: str = Field(title="认证方式", json_schema_extra={"labels": {**WAYS}})
    evidence: str = Field(title="依据")


class ProofState(Shape):
    """资格认证现在怎样：有效到哪天，过了怎么办。"""

    name: str = Field(title="姓名")
    state: str = Field(title="状态", json_schema_extra={"labels": {**STATES}})
    valid_until: date = Field(title="有效到")
    last_day: date | None = Field(title="上一次认证", description="没有的，从第一次核定待遇算起")
    last_way: str | None = Field(title="认证方式", json_schema_extra={"labels": {**WAYS}})
    grace_until: date | None = Field(
        title="最晚认证日期", description="过了这一天还没有认证，下个月起暂停发放"
    )
    suspended_from: str | None = Field(title="停发起始月")
    proofs: tuple[ProofView, ...] = Field(title="认证记录", description="最近的在前")
    warnings: tuple[str, ...] = Field(title="说明")


class AskLapses(Shape):
    """资格认证到期的人。现在办“到期提醒和暂停”，会提醒和暂停的就是这些人。"""

    state: Literal["lapsed", "reminded", "overdue", "suspended"] = Field(
        default="overdue",
        title="哪些",
        json_schema_extra={"labels": {k: v for k, v in STATES.items() if k != "good"}},
    )


class LapseView(Shape):
    """一个到期没有认证的人。"""

    ident: str = Field(title="公民身份号码")
    name: str = Field(title="姓名")
    phone: str = Field(title="电话")
    address: str = Field(title="住址")
    lapsed: date = Field(title="有效到")
    grace_until: date | None = Field(title="最晚认证日期")
    suspended_from: str | None = Field(title="停发起始月")


class Lapses(Shape):
    """到期清单：最早到期的在前，最多一千人。"""

    lapsed: int = Field(title="还没有提醒（人）")
    reminded: int = Field(title="在宽限期内（人）")
    overdue: int = Field(title="下次暂停（人）")
    suspended: int = Field(title="已经暂停（人）")
    people: tuple[LapseView, ...] = Field(title="名单")
    warnings: tuple[str, ...] = Field(title="说明")


class RunLapses(Shape):
    """提醒到期没有认证的人；提醒以后过了宽限期的，从下个月起暂停发放。先看“资格认证到期清单”，那就是会办的人。"""


class LapsesRun(Shape):
    """到期提醒和暂停已经办好。"""

    reminded: int = Field(title="这次提醒的（人）")
    grace_until: date = Field(title="最晚认证日期")
    suspended: int = Field(title="这次暂停的（人）")
    suspended_from: str = Field(title="停发起始月")
    waiting: int = Field(title="还在宽限期内的（人）")
    warnings: tuple[str, ...] = Field(title="说明")
