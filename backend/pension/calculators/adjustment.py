"""pension-adjustment: what a year's adjustment adds to a pension, by the notice of the area for that very year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from backend.kernel.calculators import NUMBER, Answer, AreaCode, Ask, Wage, calculator
from backend.kernel.money import Money
from backend.kernel.params import Found, Lookup, Missing
from backend.kernel.rules import FEN, JIAO, Steps, millionths, percent
from backend.pension.calculators.benefit import LONGEST_MONTHS
from backend.pension.rules.adjustment import (
    BY_MONTH,
    PLAIN,
    UP,
    YEAR,
    Increase,
    Pensioner,
    Scheme,
    Tiers,
    fixed_fen,
    increase,
    tier,
)

GROUP = "pension.adjustment"
FIRST_YEAR, LAST_YEAR = 1998, 2099
OLDEST = 150
AMOUNTS = ("fixed", "fixed_guard", "years", "short", "rate", "ages", "favoured_least", "least")  # of one year
COUNTING = ("years_reading", "rounding")  # hold until another is set
UNITS = {"fen": FEN, "jiao": JIAO}
GROUPS = {"none": "不是", "favoured": "企业退休军转干部等保护人员"}


class AskPensionAdjustment(Ask):
    """调整前的养老金、缴费月数和年龄。"""

    area: AreaCode
    year: Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR), NUMBER] = Field(
        title="调整年度", examples=[2025], description="上一年 12 月 31 日以前退休的人，从这一年 1 月起调整"
    )
    pension: Wage = Field(
        title="调整前的养老金（元/月）", description="上一年 12 月的养老金", examples=["4280"]
    )
    months: Annotated[int, Field(ge=0, le=LONGEST_MONTHS), NUMBER] = Field(
        title="缴费月数", description="含视同缴费的月数", examples=["368"]
    )
    age: Annotated[int, Field(ge=0, le=OLDEST), NUMBER] = Field(
        title="上年末的年龄（岁）", description="到上一年 12 月 31 日满多少岁", examples=["68"]
    )
    group: Literal["none", "favoured"] = Field(
        default="none",
        title="保护人员",
        description="有的地方给企业退休军转干部等人员另定最低标准",
        json_schema_extra={"labels": dict(GROUPS)},
    )


class PensionAdjustment(Answer):
    """每月增加多少，由哪几部分组成。"""

    fixed: str = Field(title="定额调整（元/月）")
    linked: str = Field(title="挂钩调整（元/月）")
    tilted: str = Field(title="倾斜调整（元/月）")
    top_up: str = Field(title="补足最低标准（元/月）")
    increase: str = Field(title="每月增加（元）")
    pension: str = Field(title="调整后的养老金（元/月）")


@dataclass(frozen=True)
class Known:
    """A year's scheme in an area, and on whose word each part of it stands."""

    year: int
    scheme: Scheme
    notice: str
    parts: Mapping[str, Found]
    warnings: tuple[str, ...]

    def law(self, part: str) -> str:
        return self.parts[part].source if part in self.parts else self.notice


def known(year: int, area: str) -> Known:
    """What the area has set for that very year; an earlier year's notice is never taken for this one's."""
    look = Lookup(date(year, 1, 1), area)
    notice = look.found(f"{GROUP}.notice")
    if notice.since.year != year:
        raise Missing(notice.path, notice.label, area, look.on)
    parts = {name: one for name in AMOUNTS if (one := _of_year(look, name)) is not None}
    parts |= {name: look.found(f"{GROUP}.{name}") for name in COUNTING}
    used = {name: one.value for name, one in parts.items()}
    [(short_years, short)] = _tiers(used.get("short")) or ((0, 0),)
    scheme = Scheme(
        fixed=_tiers(used.get("fixed"), 100),
        guarded=used.get("fixed_guard") == "yes",
        years=_tiers(used.get("years")),
        short_years=short_years,
        short=short,
        reading=used["years_reading"],
        rate=millionths(used.get("rate", Decimal(0))),
        ages=_tiers(used.get("ages")),
        favoured_least=_fen(used.get("favoured_least")),
        least=_fen(used.get("least")),
        unit=UNITS[used["rounding"]],
    )
    return Known(year, scheme, str(notice.value), parts, look.warnings())


def _of_year(look: Lookup, name: str) -> Found | None:
    """Not every notice has every part; an earlier year's part is not this one's."""
    found = Lookup(look.on, look.area).optional(f"{GROUP}.{name}")
    if found is None or found.since.year != look.on.year:
        return None
    return look.found(found.path)


def _fen(amount: Money | None) -> int:
    return amount.fen if amount else 0


def _tiers(table: Mapping[str, Money] | None, scale: int = 1) -> Tiers:
    """Bounds are whole yuan (counted in fen: `scale`) or years."""
    return tuple(sorted((int(bound) * scale, amount.fen) for bound, amount in (table or {}).items()))


@calculator(
    "pension-adjustment",
    title="养老金调整测算",
    law="社会保险法 第十八条",
    hint="按当地公布的年度调整办法，算出已经退休的人每月增加多少养老金",
)
def pension_adjustment(ask: AskPensionAdjustment) -> PensionAdjustment:
    found = known(ask.year, ask.area)
    one = Pensioner(Money.yuan(ask.pension).fen, ask.months, ask.age, int(ask.group == "favoured"))
    given = increase(one, found.scheme, PLAIN)
    return PensionAdjustment(
        fixed=_text(given.fixed),
        linked=_text(given.linked),
        tilted=_text(given.tilted),
        top_up=_text(given.top_up),
        increase=_text(given.total),
        pension=_text(one.pension + given.total),
        steps=explained(one, given, found).all(),
        warnings=found.warnings,
    )


def _text(fen: int) -> str:
    return Money(fen).text


def explained(one: Pensioner, given: Increase, found: Known) -> Steps:
    """Each part, so that a pensioner can do the sum again."""
    steps = Steps()
    if found.scheme.fixed:
        steps.add("定额调整", _fixed_said(one, found.scheme), _text(given.fixed), found.law("fixed"))
    if found.scheme.years:
        steps.add(
            "与缴费年限挂钩", _years_said(one.months, found.scheme), _text(given.by_years), found.law("years")
        )
    if found.scheme.rate:
        rounded = "，四舍五入到角" if found.scheme.unit == JIAO else ""
        formula = f"{_text(one.pension)} × {percent(found.parts['rate'].value)}{rounded}"
        steps.add("与养老金水平挂钩", formula, _text(given.by_pension), found.law("rate"))
    if found.scheme.ages:
        steps.add("高龄倾斜", _age_said(one.age, found), _text(given.tilted), found.law("ages"))
    if given.top_up:
        _top_up_said(steps, one, given, found)
    parts = " + ".join(_text(fen) for fen in (given.fixed, given.linked, given.tilted, given.top_up) if fen)
    steps.add("每月增加", parts or "0", _text(given.total), found.notice)
    total = f"{_text(one.pension)} + {_text(given.total)}"
    steps.add("调整后的养老金", total, _text(one.pension + given.total), found.notice)
    return steps


def _fixed_said(one: Pensioner, scheme: Scheme) -> str:
    usual = tier(one.pension, scheme.fixed)
    if len(scheme.fixed) == 1:
        return f"每人每月 {_text(usual)}"
    said = f"调整前 {_text(one.pension)}，{_between(one.pension, scheme.fixed)}，每月 {_text(usual)}"
    guarded = fixed_fen(one.pension, scheme)
    if guarded == usual:
        return said
    upto = _text(one.pension + guarded)
    return f"{said}；加上以后低于低一档调整后的上限 {upto}，按上限：{upto} - {_text(one.pension)}"


def _between(pension: int, tiers: Tiers) -> str:
    from_ = max(bound for bound, _ in tiers if bound <= pension)
    until = min((bound for bound, _ in tiers if bound > pension), default=None)
    if until is None:
        return f"{_text(from_)} 以上"
    return f"不到 {_text(until)}" if not from_ else f"{_text(from_)} 到不满 {_text(until)}"


def _years_said(months: int, scheme: Scheme) -> str:
    if months < scheme.short_years * YEAR:
        return f"缴费不满 {scheme.short_years} 年，每月 {_text(scheme.short)}"
    years, odd = divmod(months, YEAR)
    counted = f"{years + bool(odd) if scheme.reading == UP else years}"
    if scheme.reading == BY_MONTH:
        counted = f"{months}÷12"
    said = f"{months} 个月，计 {counted} 年"
    if len(scheme.years) == 1:
        return f"{said}：{counted} × {_text(scheme.years[0][1])}"
    rest = "，".join(f"超过 {bound} 年的部分每年 {_text(fen)}" for bound, fen in scheme.years[1:])
    return f"{said}：每年 {_text(scheme.years[0][1])}，{rest}"


def _age_said(age: int, found: Known) -> str:
    when = f"{found.year - 1} 年末 {age} 岁"
    lowest = found.scheme.ages[0][0]
    if age < lowest:
        return f"{when}，不满 {lowest} 岁"
    return f"{when}，满 {max(bound for bound, _ in found.scheme.ages if bound <= age)} 岁"


def _top_up_said(steps: Steps, one: Pensioner, given: Increase, found: Known) -> None:
    before = one.pension + given.fixed + given.linked
    favoured = one.favoured * max(0, found.scheme.favoured_least - before)
    if favoured:
        formula = f"保护人员 {_text(found.scheme.favoured_least)} - {_text(before)}（高龄倾斜以前）"
        steps.add("补足最低标准", formula, _text(favoured), found.law("favoured_least"))
    if rest := given.top_up - favoured:
        formula = f"{_text(found.scheme.least)} - {_text(before + favoured + given.tilted)}"
        steps.add("补足最低标准", formula, _text(rest), found.law("least"))
