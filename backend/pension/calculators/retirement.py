"""retirement-age and minimum-contribution: when a person may retire, and how long they must have paid."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from backend.kernel import params
from backend.kernel.calculators import NUMBER, Age, Answer, Ask, MonthOrDay, calculator, wrong
from backend.kernel.errors import Wrong
from backend.kernel.params import Lookup
from backend.kernel.period import AgeYM, Month, add_months
from backend.kernel.rules import Step, Steps
from backend.pension.rules.retirement import Ages, Reform, ages

LAW = "国务院关于渐进式延迟法定退休年龄的办法"
FIRST_YEAR, LAST_YEAR = 1998, 2099
TRACKS = {"male": (60,), "female": (55, 50)}


class TrackOfSex(Wrong):
    """男职工的原退休年龄是 60，女职工是 55（管理技术岗位）或 50；特殊工种和因病提前退休不在这里测算"""


class NotBornYet(Wrong):
    """出生年月还没有到，请核对"""


def _whole(given: Any) -> Any:
    """A form and a command line send text."""
    return int(given) if isinstance(given, str) and given in {"60", "55", "50"} else given


class AskRetirementAge(Ask):
    """出生年月和原来的退休年龄。"""

    sex: Literal["male", "female"] = Field(
        title="性别", json_schema_extra={"labels": {"male": "男", "female": "女"}}
    )
    track: Annotated[Literal[60, 55, 50], BeforeValidator(_whole)] = Field(
        title="原退休年龄",
        description="改革以前的退休年龄：男职工 60；女职工管理技术岗位 55，其他岗位 50",
        json_schema_extra={"labels": {"60": "60 岁", "55": "55 岁", "50": "50 岁"}},
    )
    birth: MonthOrDay = Field(title="出生年月", description="写到月或者写到日，结果也一样细")


class RetirementAge(Answer):
    """什么时候退休。"""

    delay_months: int = Field(title="延迟月数")
    age: Age = Field(title="法定退休年龄")
    date: str = Field(title="法定退休时间")
    earliest: str = Field(title="弹性提前最早")
    latest: str = Field(title="弹性延迟最晚")
    minimum_contribution_months: int = Field(title="最低缴费月数")


class AskMinimumContribution(Ask):
    """开始领取养老金的年份。"""

    year: Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR), NUMBER] = Field(
        title="开始领取的年份", examples=[2030]
    )


class MinimumContribution(Answer):
    """最少要缴多久。"""

    months: int = Field(title="最低缴费月数")


@calculator(
    "retirement-age",
    title="法定退休年龄测算",
    law=LAW,
    hint="按出生年月算出什么时候退休，最早、最晚可以到哪天",
)
def retirement_age(ask: AskRetirementAge, today: date | None = None) -> RetirementAge:
    if ask.track not in TRACKS[ask.sex]:
        raise wrong("track", TrackOfSex(), AskRetirementAge)
    born = Month.parse(ask.birth[:7])
    if today and (born > Month.of(today) or (len(ask.birth) > 7 and date.fromisoformat(ask.birth) > today)):
        raise wrong("birth", NotBornYet(), AskRetirementAge)
    begins = params.history("pension.retirement.first_birth")[0].since
    reform = Lookup(begins).load(Reform, "pension.retirement")
    found = ages(ask.track, born, reform, Month.of(begins))
    legal = born + found.legal
    needed = minimum_contribution(AskMinimumContribution(year=min(max(legal.year, FIRST_YEAR), LAST_YEAR)))
    return RetirementAge(
        delay_months=found.delay,
        age=Age.of_months(found.legal),
        date=_later(ask.birth, found.legal),
        earliest=_later(ask.birth, found.earliest),
        latest=_later(ask.birth, found.latest),
        minimum_contribution_months=needed.months,
        steps=_steps(ask, born, reform, found) + needed.steps,
    )


def _later(birth: str, months: int) -> str:
    """As precise as the birth: a month, or a day held to the month's end."""
    if len(birth) == 7:
        return str(Month.parse(birth) + months)
    return add_months(date.fromisoformat(birth), months).isoformat()


def _steps(ask: AskRetirementAge, born: Month, reform: Reform, found: Ages) -> tuple[Step, ...]:
    steps, key = Steps(), str(ask.track)
    first, step, cap = reform.first_birth[key], reform.step_months[key], reform.delay_cap_months[key]
    if found.latest == found.legal:
        formula, law = f"{born} + {ask.track} 岁，改革开始以前已到退休年龄", "国发〔1978〕104号"
    elif born < first:
        formula, law = f"{born} 早于 {first}", f"{LAW} 第一条"
    else:
        formula = f"{first} 到 {born} 相差 {born - first} 个月，÷ {step} 取整再加 1，最多 {cap}"
        law = f"{LAW} 第一条"
    steps.add("延迟月数", formula, f"{found.delay}个月", law)
    steps.add("法定退休年龄", f"{ask.track}岁 + {found.delay}个月", AgeYM.of_months(found.legal), law)
    steps.add(
        "法定退休时间", f"{ask.birth} + {AgeYM.of_months(found.legal)}", _later(ask.birth, found.legal), law
    )
    if found.latest > found.legal:
        law = f"{LAW} 第三条"
        early, late = AgeYM.of_months(found.earliest), AgeYM.of_months(found.latest)
        steps.add(
            "弹性提前最早",
            f"最多提前 {reform.flexible_months} 个月，不低于 {ask.track} 岁：{early}",
            _later(ask.birth, found.earliest),
            law,
        )
        steps.add(
            "弹性延迟最晚",
            f"最多延迟 {reform.flexible_months} 个月：{late}",
            _later(ask.birth, found.latest),
            law,
        )
    return steps.all()


@calculator(
    "minimum-contribution",
    title="最低缴费年限测算",
    law=f"{LAW} 第二条",
    hint="按开始领取的年份，看最少要缴多少个月",
)
def minimum_contribution(ask: AskMinimumContribution) -> MinimumContribution:
    look = Lookup(date(ask.year, 1, 1))
    found = look.found("pension.minimum.months")
    steps = Steps()
    steps.add(
        "最低缴费月数",
        f"{ask.year} 年：{AgeYM.of_months(found.value).years} 年"
        + (f" {found.value % 12} 个月" if found.value % 12 else ""),
        f"{found.value}个月",
        found.source,
    )
    return MinimumContribution(months=found.value, steps=steps.all(), warnings=look.warnings())
