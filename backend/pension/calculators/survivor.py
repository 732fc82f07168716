"""survivor: the one-off money of the family of an insured person or a pensioner who died (丧葬补助金、抚恤金)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from backend.kernel.calculators import NUMBER, Answer, Ask, Wage, calculator
from backend.kernel.money import Money
from backend.kernel.params import Lookup, history
from backend.kernel.rules import Steps, half_up, shown
from backend.pension.rules.survivor import YEAR, Terms, most_twelfths, pension_fen, retired_twelfths

LAW = "人社部发〔2021〕18号"
LONGEST_MONTHS = 960
FRACTION = "发放月数除不尽：这里用没有舍入的月数乘，当地是否先保留两位小数没有核实。"
Months = Annotated[int, Field(ge=0, le=LONGEST_MONTHS), NUMBER]


class AskSurvivor(Ask):
    """死者缴了多少个月，退休的领了多少个月；去世时本省上一年度城镇居民的月人均可支配收入。"""

    contribution_months: Months = Field(
        title="缴费月数", description="包括视同缴费；退休人员填在职时的", examples=[240]
    )
    retired_months: Months | None = Field(
        default=None,
        title="已经领取养老金的月数",
        description="没有退休的不填；退休还没有领到的填 0",
        examples=[36],
    )
    monthly_base: Wage = Field(
        title="月人均可支配收入（元）",
        description="本省上一年度城镇居民人均可支配收入 ÷ 12",
        examples=["4708.50"],
    )


class SurvivorMoney(Answer):
    """遗属一次领取的丧葬补助金和抚恤金。"""

    funeral: str = Field(title="丧葬补助金（元）")
    pension_months: str = Field(title="抚恤金发放月数")
    pension: str = Field(title="抚恤金（元）")
    total: str = Field(title="合计（元）")


@dataclass(frozen=True)
class Found:
    """The amounts, in fen, and the months in twelfths."""

    funeral_fen: int
    pension_fen: int
    twelfths: int


@calculator(
    "survivor",
    title="遗属待遇测算",
    law="社会保险法 第十七条；人社部发〔2021〕18号",
    hint="参保人或者退休人员因病或者非因工去世，算出家属可以领多少丧葬补助金和抚恤金",
)
def survivor(ask: AskSurvivor) -> SurvivorMoney:
    look, steps = Lookup(history("pension.survivor.funeral_months")[-1].since), Steps()
    found = worked_out(
        ask.contribution_months, ask.retired_months, Money.yuan(ask.monthly_base).fen, look, steps
    )
    fraction = (FRACTION,) if found.twelfths * 100 % YEAR else ()
    return SurvivorMoney(
        funeral=Money(found.funeral_fen).text,
        pension_months=months_text(found.twelfths),
        pension=Money(found.pension_fen).text,
        total=Money(found.funeral_fen + found.pension_fen).text,
        steps=steps.all(),
        warnings=(*look.warnings(), *fraction),
    )


def worked_out(paid: int, received: int | None, monthly_fen: int, look: Lookup, steps: Steps) -> Found:
    """What the family gets, and the steps that explain it; `received` is None for who had not retired."""
    terms, monthly = look.load(Terms, "pension.survivor"), Money(monthly_fen).text
    funeral = monthly_fen * terms.funeral_months
    steps.add("丧葬补助金", f"{monthly} × {terms.funeral_months}", Money(funeral).text, f"{LAW} 第四条")
    most = most_twelfths(paid, terms)
    steps.add("按缴费年限的发放月数", _by_years(paid, terms), months_text(most), f"{LAW} 第五条")
    twelfths = most
    if received is not None:
        twelfths = retired_twelfths(most, received, terms)
        formula = f"{months_text(most)} - {received} ÷ {YEAR}，最少 {terms.least_months}"
        steps.add("减去已经领取养老金的年数", formula, months_text(twelfths), f"{LAW} 第五条")
    pension = pension_fen(monthly_fen, twelfths)
    steps.add(
        "抚恤金", f"{monthly} × {months_text(twelfths)}，四舍五入到分", Money(pension).text, f"{LAW} 第五条"
    )
    return Found(funeral, pension, twelfths)


def _by_years(paid: int, terms: Terms) -> str:
    """How the months follow from what was paid."""
    first = max(int(years) for years in terms.pension_months if int(years) * YEAR <= paid)
    months, held = terms.pension_months[str(first)], min(paid, terms.longest_years * YEAR)
    if held > terms.growing_years * YEAR:
        grown = f"{months} + ({held} - {terms.growing_years * YEAR}) ÷ {YEAR}"
        return f"{grown}，最多按 {terms.longest_years} 年" if held < paid else grown
    return f"缴费 {paid} 个月，满 {first} 年：{months}" if first else f"缴费 {paid} 个月：{months}"


def months_text(twelfths: int) -> str:
    """Months with two places where they have a fraction.

    >>> months_text(168), months_text(231), months_text(109)
    ('14', '19.25', '9.08')
    """
    return shown(Decimal(half_up(twelfths * 100, YEAR)) / 100)
