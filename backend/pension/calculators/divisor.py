"""divisor-months: by how many months the individual account is divided."""

from __future__ import annotations

from pydantic import Field

from backend.kernel.calculators import Age, Answer, Ask, MonthText, calculator
from backend.kernel.params import Lookup
from backend.kernel.period import Month
from backend.kernel.rules import Steps
from backend.pension.rules.divisor import OLDEST, YOUNGEST, divisor_tenths, held


class AskDivisorMonths(Ask):
    """退休时的年龄和退休年月。"""

    age: Age = Field(title="退休时的年龄")
    retired: MonthText = Field(title="退休年月", description="2025 年起按月份折算，以前按整岁")


class DivisorMonths(Answer):
    """个人账户养老金计发月数。"""

    months: str = Field(title="计发月数")


@calculator(
    "divisor-months",
    title="计发月数查询",
    law="国发〔2005〕38号 附件",
    hint="按退休年龄查个人账户养老金要除以多少个月",
)
def divisor_months(ask: AskDivisorMonths) -> DivisorMonths:
    look, steps = Lookup(Month.parse(ask.retired).first), Steps()
    tenths = worked_out(ask.age, look, steps)
    return DivisorMonths(months=tenths_text(tenths), steps=steps.all(), warnings=look.warnings())


def worked_out(age: Age, look: Lookup, steps: Steps) -> int:
    """计发月数 in tenths, and the step that explains it."""
    months = age.exact.in_months
    found = look.found("pension.divisor.months")
    table = {int(year): value for year, value in found.value.items()}
    reading = look.found("pension.divisor.age_reading")
    tenths = divisor_tenths(months, table, by_month=reading.value == "month")
    years, over = divmod(held(months), 12)
    formula = f"{years} 岁：{table[years]}"
    law = found.source
    if held(months) != months:
        formula = f"不满 {YOUNGEST} 岁按 {YOUNGEST} 岁，超过 {OLDEST} 岁按 {OLDEST} 岁；{formula}"
    elif over and reading.value == "month":
        formula = f"{table[years]} - ({table[years]} - {table[years + 1]}) ÷ 12 × {over}，四舍五入到 0.1"
        law = reading.source
    elif over:
        formula = f"按整岁 {formula}"
    steps.add("计发月数", formula, tenths_text(tenths), law)
    return tenths


def tenths_text(tenths: int) -> str:
    """
    >>> tenths_text(1384), tenths_text(1950)
    ('138.4', '195')
    """
    whole, rest = divmod(tenths, 10)
    return f"{whole}.{rest}" if rest else str(whole)
