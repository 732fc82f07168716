"""Shapes of insuring oneself 灵活就业: enrolment, its end, and how one stands."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from pydantic.config import JsonDict

from backend.kernel import codes
from backend.kernel.fields import MonthText, Shape
from backend.registry.schema import Ident

# of leave_reason, those that somebody without an employer can have; death and retirement have items of their own
WHY: JsonDict = {
    code: codes.name("leave_reason", code)
    for code in ("6399", "6404", "6302", "6303", "6304", "6305", "6306", "6402", "6403")
}


class EnrolFlexible(Shape):
    """没有用人单位的人自己参保：从哪个月起、参加哪些险种；参保以后选缴费基数，每月自己缴费。"""

    ident: Ident
    since: MonthText = Field(title="从哪个月起参保", description="以前的月份不能补办")
    pension: bool = Field(default=True, title="养老保险")
    medical: bool | None = Field(
        default=None, title="医疗保险（含生育保险）", description="不选的，当地开放就参加"
    )
    unemployment: bool | None = Field(default=None, title="失业保险", description="不选的，当地开放就参加")


class StopFlexible(Shape):
    """自己参保的人停保：参加的险种一起停，停保以后可以再参保。"""

    ident: Ident
    until: MonthText = Field(title="参保到哪个月为止", description="这个月还要缴费，从下个月起不缴")
    reason: Literal["6399", "6404", "6302", "6303", "6304", "6305", "6306", "6402", "6403"] = Field(
        title="停保原因", json_schema_extra={"labels": WHY}
    )


class AskFlexible(Shape):
    """一个人以灵活就业身份参保的情况：参加了哪些、能不能参保或者停保。"""

    ident: Ident


class FlexiblePart(Shape):
    """An insurance one insures oneself in."""

    insurance_name: str = Field(title="险种")
    started: str = Field(title="起")
    ended: str | None = Field(title="止")


class FlexibleView(Shape):
    """How somebody stands who insures, or may insure, themselves."""

    name: str = Field(title="姓名")
    parts: tuple[FlexiblePart, ...] = Field(title="参保")
    closed: tuple[str, ...] = Field(title="不能选的险种")
    may_enrol: bool = Field(title="可以参保")
    may_stop: bool = Field(title="可以停保")
    first: str = Field(title="参保最早从哪个月起")
    earliest_end: str = Field(title="停保最早到哪个月为止")


class FlexibleEnrolled(Shape):
    """参保登记办好了，请选缴费基数；没有选的月份没法核定。"""

    name: str = Field(title="姓名")
    since: str = Field(title="参保起始月")
    insurances: tuple[str, ...] = Field(title="险种")


class FlexibleStopped(Shape):
    """停保办好了；已经核定的月份照常缴费。"""

    name: str = Field(title="姓名")
    until: str = Field(title="参保截止月")
    insurances: tuple[str, ...] = Field(title="险种")
    reason: str = Field(title="停保原因")
