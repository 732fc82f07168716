"""contribution: what employer and person pay for a month, of one insurance."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, Literal

from pydantic import Field

from backend.kernel import codes, params
from backend.kernel.calculators import Answer, AreaCode, Ask, MonthText, Wage, calculator, wrong
from backend.kernel.errors import Refusal, Wrong
from backend.kernel.money import Money
from backend.kernel.params import Lookup
from backend.kernel.period import Month
from backend.kernel.rules import Steps, millionths, percent, share_fen
from backend.levy.calculators.injury import (
    CLASSES,
    Cut,
    Floating,
    IndustryClass,
    NoSuchStep,
    Share,
    cut_unknown,
    rate_of,
)
from backend.levy.calculators.limits import Limits, limits_of, warnings_of
from backend.levy.rules.contribution import base_fen

INJURY, MATERNITY = "injury", "maternity"
MATERNITY_RATE = "medical.contribution.maternity_rate"
EMPLOYERS: Final[Mapping[str, str]] = {
    "pension": "pension.contribution.employer_rate",
    "medical": "medical.contribution.employer_rate",
    "unemployment": "unemployment.contribution.employer_rate",
    "maternity": MATERNITY_RATE,
}
PERSONS: Final[Mapping[str, str]] = {
    "pension": "pension.contribution.person_rate",
    "medical": "medical.contribution.person_rate",
    "unemployment": "unemployment.contribution.person_rate",
}
LAWS: Final[Mapping[str, str]] = {
    "pension": "社会保险法 第十条",
    "medical": "社会保险法 第二十三条",
    "unemployment": "社会保险法 第四十四条",
    "injury": "社会保险法 第三十三条",
    "maternity": "社会保险法 第五十三条",
}
INSURANCES = {
    "pension": "养老保险",
    "medical": "医疗保险",
    "unemployment": "失业保险",
    "injury": "工伤保险",
    "maternity": "生育保险",
}


class ClassNeeded(Wrong):
    """测算工伤保险请填写“{title}”，一类到八类，单位的缴费通知上有"""


class MaternityMerged(Refusal):
    """{area}（{code}）在 {day} 没有单独的生育保险费（{parameter}）：{since} 起已和职工基本医疗保险合并缴纳，请测算医疗保险。"""


class AskContribution(Ask):
    """在职职工一个月、一个险种的应缴额。"""

    area: AreaCode
    month: MonthText = Field(title="费款所属期", description="缴哪个月的费")
    insurance: Literal["pension", "medical", "unemployment", "injury", "maternity"] = Field(
        title="险种", json_schema_extra={"labels": dict(INSURANCES)}
    )
    wage: Wage = Field(
        title="缴费工资（元/月）",
        description="上一年的月平均工资；当年新参加工作的，是第一个月的工资",
    )
    industry_class: IndustryClass | None = Field(
        default=None,
        title="行业类别",
        description="工伤保险填写，其他险种不用；按行业的工伤风险分",
        json_schema_extra={"labels": dict(CLASSES)},
    )
    floating: Floating = Field(
        default=100,
        title="浮动档次",
        description="工伤保险填写；占行业基准费率的百分之几，单位的缴费通知上有",
        json_schema_extra={"labels": {str(step): f"{step}%" for step in (50, 80, 100, 120, 150)}},
    )
    cut: Cut | None = Field(
        default=None,
        title="阶段性下调",
        description="工伤保险填写；当地基金结余多的时候下调的幅度，不填就用收录的",
        json_schema_extra={"labels": {"0": "没有下调", "20": "下调 20%", "50": "下调 50%"}},
    )


class Contribution(Answer):
    """单位和个人各缴多少。"""

    base: str = Field(title="缴费基数（元/月）")
    employer: str = Field(title="单位缴费（元）")
    person: str = Field(title="个人缴费（元）")
    total: str = Field(title="合计（元）")


@calculator(
    "contribution",
    title="社会保险费测算",
    law="社会保险法 第十条、第二十三条、第三十五条、第四十四条",
    hint="按地区、月份和工资，算出一个险种单位和个人各缴多少",
)
def contribution(ask: AskContribution) -> Contribution:
    look, steps = Lookup(Month.parse(ask.month).first, ask.area), Steps()
    if ask.insurance == MATERNITY:
        _refuse_merged(look)
    limits = limits_of(ask.insurance, look)
    base = held(ask.wage, limits, steps)
    employer = _paid("单位缴费", base, _employers_rate(ask, look, steps), steps)
    person = _persons(ask.insurance, base, look, steps)
    total = Money(employer + person).text
    steps.add("合计", f"{Money(employer).text} + {Money(person).text}", total, LAWS[ask.insurance])
    return Contribution(
        base=Money(base).text,
        employer=Money(employer).text,
        person=Money(person).text,
        total=total,
        steps=steps.all(),
        warnings=_warnings(ask, look, limits),
    )


def _refuse_merged(look: Lookup) -> None:
    """Where the nation has ended the maternity contribution and the area has none of its own."""
    history = params.history(MATERNITY_RATE)
    ended = [one.since for one in history if one.value == params.ENDED and one.since <= look.on]
    if ended and look.optional(MATERNITY_RATE) is None:
        raise MaternityMerged(
            area=codes.full_name(look.area),
            code=look.area,
            day=str(look.on),
            since=str(ended[-1]),
            parameter=MATERNITY_RATE,
        )


def held(wage: Decimal, limits: Limits, steps: Steps) -> int:
    """缴费基数 in fen, and the step that explains it."""
    fen = Money.yuan(wage).fen
    base = base_fen(fen, limits.floor_fen, limits.ceiling_fen)
    wages, floor, ceiling = Money(fen).text, limits.floor.value.text, limits.ceiling.value.text
    formula = f"{wages} 在下限 {floor} 和上限 {ceiling} 之间"
    if base > fen:
        formula = f"{wages} 低于下限 {floor}，按下限"
    elif base < fen:
        formula = f"{wages} 高于上限 {ceiling}，按上限"
    steps.add("缴费基数", formula, Money(base).text, limits.law)
    return base


def _employers_rate(ask: AskContribution, look: Lookup, steps: Steps) -> Share:
    if ask.insurance != INJURY:
        known = look.found(EMPLOYERS[ask.insurance])
        return Share(known.value, known.source)
    if ask.industry_class is None:
        raise wrong("industry_class", ClassNeeded(), AskContribution)
    try:
        return rate_of(ask.industry_class, ask.floating, ask.cut, look, steps)
    except NoSuchStep as found:
        raise wrong("floating", found, AskContribution) from None


def _persons(insurance: str, base: int, look: Lookup, steps: Steps) -> int:
    """个人缴费; nothing for what the law has the employer alone pay."""
    if insurance not in PERSONS:
        steps.add("个人缴费", "职工不缴纳", Money(0).text, LAWS[insurance])
        return 0
    known = look.found(PERSONS[insurance])
    return _paid("个人缴费", base, Share(known.value, known.source), steps)


def _paid(name: str, base: int, rate: Share, steps: Steps) -> int:
    fen = share_fen(base, millionths(rate.value))
    steps.add(name, f"{Money(base).text} × {percent(rate.value)}", Money(fen).text, rate.law)
    return fen


def _warnings(ask: AskContribution, look: Lookup, limits: Limits) -> tuple[str, ...]:
    said = warnings_of(look, limits)
    if ask.insurance == INJURY and ask.cut is None and cut_unknown(look):
        said += (
            "没有查到当地这个月有没有阶段性下调工伤保险费率，这里按没有下调算；下调了的，请选下调多少。",
        )
    return said
