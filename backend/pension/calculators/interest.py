"""account-interest: what an individual account bears in a year, by the method its place uses."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import Field

from backend.kernel.calculators import NUMBER, Amount, AmountsOfYear, Answer, Ask, calculator
from backend.kernel.money import Money
from backend.kernel.params import Found, Lookup
from backend.kernel.rules import Steps, millionths, percent, shown
from backend.pension.rules.interest import THOUSAND, YEAR, annual_fen, monthly_product_fen, monthly_products

FIRST_YEAR, LAST_YEAR = 1998, 2099
MONTHLY_PRODUCT: Final = "monthly-product"
METHODS = {"monthly-product": "月积数法", "annual": "年度计算法"}
LAW = "劳办发〔1997〕116号"
PLACES = 6  # decimals shown of what goes on without end


class AskAccountInterest(Ask):
    """一年的个人账户：上年末有多少，每个月记入多少。"""

    year: Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR), NUMBER] = Field(title="年度", examples=[2025])
    method: Literal["monthly-product", "annual"] = Field(
        title="计息办法",
        description="月积数法按每月记入的早晚计息，年度计算法按全年平均；用哪种由当地定",
        json_schema_extra={"labels": dict(METHODS)},
    )
    opening: Amount = Field(title="上年末储存额（元）", examples=["50000"])
    monthly: AmountsOfYear = Field(title="每月记入（元）")


class AccountInterest(Answer):
    """当年利息和年末储存额。"""

    interest: str = Field(title="当年利息（元）")
    credited: str = Field(title="当年记入（元）")
    closing: str = Field(title="年末储存额（元）")


@calculator(
    "account-interest",
    title="个人账户利息测算",
    law="劳办发〔1997〕116号；人社部发〔2017〕31号",
    hint="按公布的记账利率，算出养老保险个人账户一年的利息和年末储存额",
)
def account_interest(ask: AskAccountInterest) -> AccountInterest:
    look, steps = Lookup(date(ask.year, 1, 1)), Steps()
    rate = look.found("pension.account.interest_rate")
    opening, credits = Money.yuan(ask.opening), [Money.yuan(amount).fen for amount in ask.monthly]
    credited = Money(sum(credits))
    steps.add("当年记入", _added(credits), credited.text, LAW)
    before = Decimal(opening.fen) / 100 * rate.value
    steps.add("上年末储存额的利息", f"{opening.text} × {percent(rate.value)}", shown(before), rate.source)
    work = _by_products if ask.method == MONTHLY_PRODUCT else _by_year
    interest = Money(work(opening, credits, before, rate, look, steps))
    closing = opening + credited + interest
    steps.add("年末储存额", f"{opening.text} + {credited.text} + {interest.text}", closing.text, LAW)
    return AccountInterest(
        interest=interest.text,
        credited=credited.text,
        closing=closing.text,
        steps=steps.all(),
        warnings=look.warnings(),
    )


def _added(credits: list[int]) -> str:
    """Twelve equal amounts as a product, others one by one."""
    if len(set(credits)) == 1:
        return f"{Money(credits[0]).text} × {YEAR}"
    return " + ".join(Money(credit).text for credit in credits)


def _by_products(
    opening: Money, credits: list[int], before: Decimal, rate: Found, look: Lookup, steps: Steps
) -> int:
    products = Money(monthly_products(credits))
    formula = " + ".join(f"{Money(credit).text}×{YEAR - n}" for n, credit in enumerate(credits))
    steps.add("月积数", formula, products.text, LAW)
    own = Decimal(products.fen) / 100 * rate.value / YEAR
    steps.add("当年记入的利息", f"{products.text} × {percent(rate.value)} ÷ {YEAR}", _shown(own), rate.source)
    fen = monthly_product_fen(opening.fen, credits, millionths(rate.value))
    return _rounded(before, own, fen, steps)


def _by_year(
    opening: Money, credits: list[int], before: Decimal, rate: Found, look: Lookup, steps: Steps
) -> int:
    factor = look.found("pension.account.annual_factor")
    credited = Money(sum(credits))
    own = Decimal(credited.fen) / 100 * rate.value * factor.value / 2
    formula = f"{credited.text} × {percent(rate.value)} × {shown(factor.value)} × 1/2"
    steps.add("当年记入的利息", formula, _shown(own), factor.source)
    fen = annual_fen(opening.fen, credited.fen, millionths(rate.value), int(factor.value * THOUSAND))
    return _rounded(before, own, fen, steps)


def _rounded(before: Decimal, own: Decimal, fen: int, steps: Steps) -> int:
    steps.add("当年利息", f"{shown(before)} + {_shown(own)}，四舍五入到分", Money(fen).text, LAW)
    return fen


def _shown(amount: Decimal) -> str:
    return shown(round(amount, PLACES))
