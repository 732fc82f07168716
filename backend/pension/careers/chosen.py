"""Shapes of when to retire: what a person or employer says about it, and what they hear."""

from __future__ import annotations

from datetime import date

from pydantic import Field
from pydantic.config import JsonDict

from backend.kernel.fields import MonthText, Shape
from backend.pension.careers.schema import KINDS, Because, Paper
from backend.registry.schema import Ident, Uscc

CHOICES: JsonDict = {"early": "弹性提前退休", "late": "弹性延迟退休"}


class TellEarly(Shape):
    """书面告知选择弹性提前退休：至少在选择的退休时间三个月以前。"""

    ident: Ident
    month: MonthText = Field(title="选择的退休年月")
    told_on: date | None = Field(
        default=None,
        title="书面告知的日期",
        description="柜台补录以前收到的书面告知才填，不填就是今天；网上办理的不填",
    )
    document: Paper | None = Field(default=None, title="告知书的文书号", description="补录的要填")


class AskLate(Shape):
    """申请弹性延迟退休，单位同意以后有效；已经约定的，可以申请提早结束。"""

    ident: Ident
    month: MonthText = Field(title="延迟到哪个月退休")
    document: Paper | None = Field(default=None, title="书面申请的文书号", description="柜台办理的要填")


class AgreeLate(Shape):
    """单位同意职工弹性延迟退休（或者提早结束），和职工书面约定的月份一致。"""

    uscc: Uscc
    ident: Ident
    month: MonthText = Field(title="约定到哪个月退休")
    agreed_on: date | None = Field(
        default=None,
        title="书面约定的日期",
        description="柜台补录以前签的协议才填，不填就是今天；网上办理的不填",
    )
    document: Paper | None = Field(
        default=None, title="协议的文书号", description="补录的要填；单位注销以后提早结束的也要填"
    )


class WithdrawChoice(Shape):
    """撤回弹性提前退休的告知，或者单位还没有同意的延迟申请。"""

    ident: Ident
    because: Because


class Chosen(Shape):
    """选择的退休时间，和有关的期限。"""

    name: str = Field(title="姓名")
    kind: str = Field(title="选择", json_schema_extra={"labels": CHOICES})
    month: str = Field(title="退休年月")
    since: date = Field(title="告知或者申请的日期")
    deadline: date | None = Field(title="最晚在哪天办", description="提早结束延迟退休的没有期限")
    agreed: str | None = Field(title="单位同意到哪个月", description="空白就是还没有同意，或者不用单位同意")
    agreed_on: date | None = Field(title="书面约定的日期")
    legal: date = Field(title="法定退休时间")


class ChoiceWithdrawn(Shape):
    """已经撤回，按法定退休时间。"""

    name: str = Field(title="姓名")
    kind: str = Field(title="撤回的选择", json_schema_extra={"labels": CHOICES})
    legal: date = Field(title="法定退休时间")


class AskRetiring(Shape):
    """一个人什么时候可以退休，选择了什么，哪天以前要办。"""

    ident: Ident


class TrackView(Shape):
    """一次退休岗位的认定。"""

    before: int = Field(title="以前的原退休年龄")
    after: int = Field(title="认定的原退休年龄")
    post: str = Field(title="岗位")
    evidence: str = Field(title="证明材料")
    document: str = Field(title="文书号")
    decided_on: date = Field(title="认定日期")


class OtherView(Shape):
    """国家另有规定的退休时间。"""

    no: int = Field(title="认定编号")
    earliest: str = Field(title="最早")
    latest: str = Field(title="最晚")
    rule: str = Field(title="依据的规定")
    evidence: str = Field(title="证明材料")
    decided_on: date = Field(title="认定日期")


class SpecialStanding(Shape):
    """特殊工种够不够提前退休。"""

    months: dict[str, int] = Field(title="各类的月数", json_schema_extra={"labels": KINDS})
    short_months: int = Field(title="还差几个月", description="0 就是够了")
    earliest: str | None = Field(title="最早可以退休的月份")


class Retiring(Shape):
    """什么时候可以退休。"""

    name: str = Field(title="姓名")
    track: int = Field(title="原退休年龄")
    tracks: tuple[TrackView, ...] = Field(title="退休岗位认定的历史")
    retirement_age: str = Field(title="法定退休年龄")
    legal: date = Field(title="法定退休时间")
    earliest: date = Field(title="弹性提前最早")
    latest: date = Field(title="弹性延迟最晚")
    months: int = Field(title="现在的缴费月数")
    minimum_months: int = Field(title="到法定退休时间要满的缴费月数")
    tell_by: date | None = Field(
        title="最早退休要在哪天以前告知", description="空白就是不能弹性提前，或者已经来不及"
    )
    agree_by: date | None = Field(
        title="延迟退休要在哪天以前约定", description="空白就是不能弹性延迟，或者已经来不及"
    )
    choice: Chosen | None = Field(title="已经选择的")
    special: SpecialStanding | None = Field(title="特殊工种")
    other: OtherView | None = Field(title="国家另有规定")
    warnings: tuple[str, ...] = Field(title="说明")


class AskRequests(Shape):
    """一个单位的职工，哪些申请了弹性延迟退休（或者提早结束），等单位同意。"""

    uscc: Uscc


class RequestView(Shape):
    """一名职工的申请。"""

    name: str = Field(title="姓名")
    ident: str = Field(title="公民身份号码")
    month: str = Field(title="申请到哪个月退休")
    asked_on: date = Field(title="申请日期")
    agreed: str | None = Field(title="现在约定到哪个月", description="空白就是还没有约定")
    deadline: date | None = Field(title="最晚在哪天约定", description="提早结束延迟退休的没有期限")


class Requests(Shape):
    """等单位同意的申请，先到的在前。"""

    requests: tuple[RequestView, ...] = Field(title="等单位同意的申请")
