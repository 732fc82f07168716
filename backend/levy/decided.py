"""Shapes of what is decided about one employer's rates: its floating injury rate, its relief by policy."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from pydantic.config import JsonDict

from backend.kernel.fields import MonthText, Shape
from backend.kernel.rules import Step
from backend.levy.calculators.injury import Floating
from backend.registry.schema import Uscc

POLICIES: JsonDict = {
    "small": "中小微企业、以单位方式参保的个体工商户",
    "large": "大型企业等其他参保单位",
    "none": "不减免（撤销以前核定的）",
}
LEVELS: JsonDict = {str(step): f"{step}%" for step in (50, 80, 100, 120, 150)}
Basis = Annotated[
    str, Field(min_length=2, max_length=200, title="依据", description="决定或者文件的名称和文号")
]


class DecideFloating(Shape):
    """一个单位的工伤保险费率从某个月起浮动到行业基准费率的百分之几。"""

    uscc: Uscc
    since: MonthText = Field(title="从哪个月起")
    floating: Floating = Field(
        title="浮动到行业基准费率的百分之几",
        json_schema_extra={"labels": LEVELS},
    )
    basis: Basis


class FloatingDecided(Shape):
    """核定以后的工伤保险费率。"""

    employer: str = Field(title="单位")
    since: str = Field(title="从哪个月起")
    rate: str = Field(title="工伤保险费率")
    billed: int = Field(title="其中已经核定应缴、要另办补缴和补差（LEV-16）的月份（个）")


class GrantRelief(Shape):
    """一个单位这几个月的单位应缴部分按哪一类减免；个人应缴部分不减免。"""

    uscc: Uscc
    since: MonthText = Field(title="从哪个月起")
    until: MonthText = Field(title="到哪个月止")
    policy: Literal["small", "large", "none"] = Field(
        title="减免类别", json_schema_extra={"labels": POLICIES}
    )
    basis: Basis


class ReliefGranted(Shape):
    """减免核定的结果。"""

    employer: str = Field(title="单位")
    months: int = Field(title="核定的月份（个）")
    billed: int = Field(title="其中已经核定应缴、要另办补缴和补差（LEV-16）的月份（个）")


class AskRates(Shape):
    """一个单位现在的工伤保险费率怎么来的，哪些月份有减免。"""

    uscc: Uscc


class ReliefView(Shape):
    """Months in a row that are reduced by one policy."""

    policy_name: str = Field(title="减免类别")
    since: str = Field(title="起")
    until: str = Field(title="止")
    months: int = Field(title="月份（个）")


class EmployerRates(Shape):
    """An employer's injury rate and its reliefs; no rate where its level is none of its class's."""

    month: str = Field(title="月份")
    industry_name: str = Field(title="工伤保险行业类别")
    floating: int = Field(title="浮动到行业基准费率的百分之几")
    since: str | None = Field(title="从哪个月起浮动")
    rate: str | None = Field(title="工伤保险费率")
    steps: tuple[Step, ...] = Field(title="怎么算的")
    reliefs: tuple[ReliefView, ...] = Field(title="减免的月份")
