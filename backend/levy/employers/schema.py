"""Shapes of an employer's registration: its insurances, where it pays, what changed, and its end."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic.config import JsonDict

from backend.kernel import codes
from backend.kernel.fields import MonthText, Shape
from backend.registry.schema import Area, Phone, Uscc

INSURANCES: JsonDict = {
    "110": "养老保险",
    "310": "医疗保险（含生育保险）",
    "210": "失业保险",
    "410": "工伤保险",
}
ENDINGS: JsonDict = {
    "closed": "依法终止（解散、撤销、关闭）",
    "bankrupt": "破产",
    "merged": "合并或者分立",
    "moved": "迁出本统筹区",
    "no_employees": "不再用工",
}
Industry = Annotated[
    str, AfterValidator(codes.checked("industry")), Field(json_schema_extra={"widget": "code:industry"})
]
InjuryClass = Annotated[int, Field(ge=1, le=8)]
Ground = Annotated[str, Field(max_length=200, title="依据")]


class InsureEmployer(Shape):
    """用人单位办理社会保险登记：参加哪些险种、从哪个月起、在哪里缴费。"""

    uscc: Uscc
    since: MonthText = Field(title="从哪个月起参保", description="第一名职工开始工作的月份")
    pension: bool = Field(default=True, title="养老保险")
    medical: bool = Field(default=True, title="医疗保险（含生育保险）")
    unemployment: bool = Field(default=True, title="失业保险")
    injury: bool = Field(default=True, title="工伤保险")
    ground: Ground | None = Field(
        default=None,
        title="没有全部参加的依据",
        description="法律规定各项保险都要参加；国家另有规定、可以不参加某一项的，写明文件名称和条文",
    )
    pay_area: Area | None = Field(
        default=None,
        title="缴费地",
        description="向哪里的经办机构缴费；不填就是单位登记的地区",
        json_schema_extra={"widget": "code:area"},
    )
    industry: Industry | None = Field(default=None, title="行业", description="不填就按单位登记的行业")
    injury_class: InjuryClass | None = Field(
        default=None, title="工伤保险行业类别", description="一类至八类；不填就按行业对应的类别"
    )


class ChangeEmployer(Shape):
    """登记事项有变化的，只填变了的几项；名称变更要和营业执照一致。"""

    uscc: Uscc
    name: str | None = Field(
        default=None, min_length=2, max_length=100, pattern=r"^[^<>|]+$", title="单位名称"
    )
    address: str | None = Field(default=None, min_length=2, max_length=120, title="地址")
    contact: str | None = Field(default=None, min_length=2, max_length=50, title="联系人")
    phone: Phone | None = Field(default=None, title="电话")
    pay_area: Area | None = Field(default=None, title="缴费地", json_schema_extra={"widget": "code:area"})
    industry: Industry | None = Field(default=None, title="行业")
    injury_class: InjuryClass | None = Field(
        default=None,
        title="工伤保险行业类别",
        description="一类至八类；改了行业、不填这一项，就按行业对应的类别",
    )
    class_since: MonthText | None = Field(
        default=None, title="行业类别从哪个月起", description="类别有变化的才填；以前的月份仍按原来的类别"
    )


class ChangeInsurance(Shape):
    """单位增加或者停止参加一个险种：在职职工跟着从那个月起参加或者停止。"""

    uscc: Uscc
    insurance: Literal["110", "310", "210", "410"] = Field(
        title="险种", json_schema_extra={"labels": INSURANCES}
    )
    change: Literal["begin", "cease"] = Field(
        title="参加还是停止", json_schema_extra={"labels": {"begin": "参加", "cease": "停止参加"}}
    )
    since: MonthText = Field(title="从哪个月起")
    ground: Ground = Field(min_length=2, description="写明文件名称和条文")


class CancelEmployer(Shape):
    """单位注销社会保险登记：欠费、滞纳金都缴清，待转金退完，职工都减员以后才能办。"""

    uscc: Uscc
    reason: Literal["closed", "bankrupt", "merged", "moved", "no_employees"] = Field(
        title="注销原因", json_schema_extra={"labels": ENDINGS}
    )


class AskRegistration(Shape):
    """一个单位的社会保险登记：参加的险种、缴费地、变更和办到哪里了。"""

    uscc: Uscc


class Part(Shape):
    """An insurance the employer takes part in."""

    insurance: str
    insurance_name: str = Field(title="险种")
    since: str = Field(title="起")
    until: str | None = Field(title="止")


class Change(Shape):
    """What changed, from what to what."""

    kind_name: str = Field(title="变更类型")
    what: str = Field(title="事项")
    before: str | None = Field(title="变更前")
    after: str | None = Field(title="变更后")
    month: str | None = Field(title="从哪个月起")
    changed_on: date = Field(title="变更日期")


class FiledCase(Shape):
    """What the employer has handed in, and how far it is."""

    no: int = Field(title="办件号")
    item: str = Field(title="事项编号")
    title: str = Field(title="事项")
    state: str
    state_name: str = Field(title="状态")
    opened_at: datetime = Field(title="受理时间")
    note: str = Field(title="审核意见")


class Registration(Shape):
    """An employer's registration."""

    name: str = Field(title="单位名称")
    insured_on: date | None = Field(title="社会保险登记日期")
    cancelled_on: date | None = Field(title="社会保险登记注销日期")
    pay_area_name: str | None = Field(title="缴费地")
    industry_name: str = Field(title="行业")
    injury_class: int = Field(title="工伤保险行业类别")
    class_verified: bool = Field(title="行业类别的对应表已经核实")
    parts: tuple[Part, ...] = Field(title="险种")
    changes: tuple[Change, ...] = Field(title="变更")
    cases: tuple[FiledCase, ...] = Field(title="办件")
    register_days: int = Field(title="登记期限（天）")
    change_days: int = Field(title="变更和注销期限（天）")
    office_days: int = Field(title="经办机构办理期限（工作日）")


class InsuranceChanged(Shape):
    """险种变更已经登记。"""

    name: str = Field(title="单位名称")
    insurance_name: str = Field(title="险种")
    since: str = Field(title="从哪个月起")
    people: int = Field(title="跟着变更的职工（人）")


class Cancelled(Shape):
    """社会保险登记已经注销。"""

    name: str = Field(title="单位名称")
    cancelled_on: date = Field(title="注销日期")
