"""Shapes of who could not be billed, and the reasons in words."""

from __future__ import annotations

from pydantic import Field

from backend.kernel.fields import MonthText, Shape

REASONS = {
    "no_base": "没有申报缴费基数，也没有上个月的应缴可以参照",
    "no_rate": "没有收录当地这一险种这个月的缴费比例或者缴费基数上下限",
    "no_level": "单位的工伤保险浮动档次不适用于它的行业类别",
    "no_terms": "灵活就业人员的这一险种没有缴费比例",
    "dead": "已经登记死亡，去世以后的月份不再缴费，参保还没有停",
    "young": "到这个月还没有满最低就业年龄，不能参保",
}
WHAT_TO_DO = {
    "no_base": "请单位（灵活就业的请本人）申报缴费基数，再做一次这个月的核定",
    "no_rate": "公布以后补录参数，再做一次这个月的核定",
    "no_level": "请核对行业类别，重新核定浮动费率（LEV-17），再做一次这个月的核定",
    "no_terms": "请核对参保险种；要参保的，补录参数以后再做一次这个月的核定",
    "dead": "请单位办理职工减少，离职日期填去世那天；灵活就业的办理灵活就业停保（LEV-28）",
    "young": "请核对出生日期和入职日期，登记错了的请更正",
}


class AskProblems(Shape):
    """一次核定里没能核定的人和原因。"""

    month: MonthText = Field(title="费款所属期")


class ProblemView(Shape):
    ident: str = Field(title="证件号码")
    name: str = Field(title="姓名")
    employer: str = Field(title="单位")
    insurance_name: str = Field(title="险种")
    reason: str = Field(title="原因")
    what_to_do: str = Field(title="怎么办")


class ReasonView(Shape):
    reason: str = Field(title="原因")
    n: int = Field(title="没能核定（笔）")
    what_to_do: str = Field(title="怎么办")


class Problems(Shape):
    """Who could not be billed: counted by reason, and the first thousand by name."""

    total: int = Field(title="没能核定（笔）")
    reasons: tuple[ReasonView, ...] = Field(title="按原因")
    problems: tuple[ProblemView, ...] = Field(title="没能核定的人")
