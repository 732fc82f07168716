"""flexible-contribution: what somebody without an employer pays for a month, insurance by insurance."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from backend.kernel import codes
from backend.kernel.calculators import Answer, AreaCode, Ask, MonthText, Wage, calculator, wrong
from backend.kernel.errors import Wrong
from backend.kernel.money import Money
from backend.kernel.params import Found, Lookup
from backend.kernel.period import Month
from backend.kernel.rules import Steps, half_up, millionths, percent, share_fen
from backend.levy.calculators.limits import PENSION, Limits, limits_of, old, warnings_of

LAW = "社会保险法 第十条、第二十三条；国办发〔2019〕13号 第三条"
MONTHS = 12


class OutsideLimits(Wrong):
    """“{title}”要在下限 {floor} 元和上限 {ceiling} 元之间，由您自己选"""


def _tier(given: Any) -> Any:
    """A form and a command line send text."""
    return int(given) if isinstance(given, str) and given in {"1", "2"} else given


class AskFlexible(Ask):
    """灵活就业人员在上下限之间自己选缴费基数。"""

    area: AreaCode
    month: MonthText = Field(title="费款所属期", description="缴哪个月的费")
    base: Wage = Field(
        title="所选的缴费基数（元/月）", description="在当地公布的上下限之间选", examples=["7162"]
    )
    medical_tier: Annotated[Literal[1, 2], BeforeValidator(_tier)] = Field(
        default=1,
        title="医疗保险档次",
        description="分档缴费的地方（重庆）填写，其他地方不用",
        json_schema_extra={"labels": {"1": "一档", "2": "二档"}},
    )


class FlexibleContribution(Answer):
    """每个险种缴多少；当地没有开放或者没有收录的不列。"""

    pension: str = Field(title="养老保险（元/月）")
    account: str = Field(title="其中划入个人账户（元/月）")
    medical: str | None = Field(default=None, title="医疗保险（元/月）")
    unemployment: str | None = Field(default=None, title="失业保险（元/月）")
    total: str = Field(title="合计（元/月）")


@calculator(
    "flexible-contribution",
    title="灵活就业人员社会保险费测算",
    law=LAW,
    hint="没有用人单位的人自己缴，按所选的基数算出每月各缴多少",
)
def flexible_contribution(ask: AskFlexible) -> FlexibleContribution:
    look, steps = Lookup(Month.parse(ask.month).first, ask.area), Steps()
    limits = limits_of(PENSION, look)
    base = _chosen(ask, limits, steps)
    pension = _share("养老保险", base, look.found("pension.contribution.flexible_rate"), steps)
    account = _share("其中划入个人账户", base, look.found("pension.contribution.account_rate"), steps)
    medical = _medical(ask, base, look, steps)
    known = look.optional("unemployment.flexible.rate")
    unemployment = None if known is None else _share("失业保险", base, known, steps)
    paid = [fen for fen in (pension, medical, unemployment) if fen is not None]
    total = Money(sum(paid)).text
    steps.add("合计", " + ".join(Money(fen).text for fen in paid), total, LAW)
    return FlexibleContribution(
        pension=Money(pension).text,
        account=Money(account).text,
        medical=None if medical is None else Money(medical).text,
        unemployment=None if unemployment is None else Money(unemployment).text,
        total=total,
        steps=steps.all(),
        warnings=(*warnings_of(look, limits), *_left_out(look, medical, unemployment)),
    )


def _chosen(ask: AskFlexible, limits: Limits, steps: Steps) -> int:
    """The base as chosen; OutsideLimits where nobody may choose it."""
    fen = Money.yuan(ask.base).fen
    floor, ceiling = limits.floor.value.text, limits.ceiling.value.text
    if not limits.floor_fen <= fen <= limits.ceiling_fen:
        raise wrong("base", OutsideLimits(floor=floor, ceiling=ceiling), AskFlexible)
    chosen = Money(fen).text
    steps.add("缴费基数", f"在下限 {floor} 和上限 {ceiling} 之间选 {chosen}", chosen, limits.law)
    return fen


def _share(name: str, base: int, known: Found, steps: Steps) -> int:
    fen = share_fen(base, millionths(known.value))
    steps.add(name, f"{Money(base).text} × {percent(known.value)}", Money(fen).text, known.source)
    return fen


def _medical(ask: AskFlexible, base: int, look: Lookup, steps: Steps) -> int | None:
    """A fixed amount a month, one a year by tier, or a share of the base; None where nothing is known."""
    name = "医疗保险"
    if amount := look.optional("medical.flexible.amount"):
        steps.add(name, "每人每月的定额", amount.value.text, amount.source)
        return int(amount.value.fen)
    if yearly := look.optional("medical.flexible.yearly"):
        year: Money = yearly.value[str(ask.medical_tier)]
        fen = half_up(year.fen, MONTHS)
        steps.add(name, f"每年 {year.text} ÷ {MONTHS}", Money(fen).text, yearly.source)
        return fen
    if rate := look.optional("medical.flexible.rate"):
        look.found("medical.flexible.base")
        return _share(name, base, rate, steps)
    return None


def _left_out(look: Lookup, medical: int | None, unemployment: int | None) -> list[str]:
    """What the sum leaves out, and a fixed amount that is older than a year."""
    said: list[str] = []
    place = codes.full_name(look.area)
    if medical is None:
        said.append(f"{place}灵活就业人员的医疗保险缴费标准没有收录，这里没有算，请问当地医保经办机构。")
    if unemployment is None:
        said.append(f"没有查到{place}让灵活就业人员参加失业保险，这里没有算。")
    fixed = look.optional("medical.flexible.amount") or look.optional("medical.flexible.yearly")
    if fixed and old(fixed, look.on):
        said.append(f"医疗保险的定额从 {fixed.since} 起执行，满一年以后的没有收录，先按它算。")
    return said
