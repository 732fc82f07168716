"""resident-pension: what a resident is paid a month, from what has been paid and what will be."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from backend.kernel.calculators import NUMBER, Amount, Answer, AreaCode, Ask, MonthText, calculator
from backend.kernel.money import Money
from backend.kernel.params import Lookup
from backend.kernel.period import Month
from backend.kernel.rules import Steps
from backend.pension.residents.awarding import LAW, parts
from backend.pension.residents.enrolling import subsidy_of
from backend.pension.rules.residents import YEAR

PAID = Annotated[int, Field(ge=0, le=80), NUMBER]


class AskResidentPension(Ask):
    """账户里有多少、缴了几年、以后每年按哪一档再缴几年。"""

    area: AreaCode
    month: MonthText = Field(title="从哪个月起领取", examples=["2026-12"])
    account: Amount = Field(title="现在的个人账户储存额（元）", examples=["15000"])
    years: PAID = Field(title="已经缴了几年", examples=[14])
    tier: Annotated[int, Field(ge=0, le=100_000), NUMBER] = Field(
        default=0, title="以后每年的缴费档次（元）", description="不再缴的写 0", examples=[500]
    )
    more: PAID = Field(default=0, title="再缴几年", examples=[1])


class ResidentPension(Answer):
    """一个月的居民养老金。"""

    total: str = Field(title="每月合计（元）")
    basic: str = Field(title="每月基础养老金（元）")
    account: str = Field(title="每月个人账户养老金（元）")
    addition: str = Field(title="每月长缴加发（元）")
    balance: str = Field(title="到时个人账户（元）")
    missing: int = Field(title="还差的年数", description="缴费满十五年才能领取；制度实施时年龄大的可以少")


@calculator(
    "resident-pension",
    title="居民养老金测算",
    law="国发〔2014〕8号",
    hint="按个人账户和缴费年数，算出城乡居民一个月领多少养老金",
)
def resident_pension(ask: AskResidentPension) -> ResidentPension:
    at, steps = Lookup(Month.parse(ask.month).first, ask.area), Steps()
    held = Money.yuan(ask.account)
    if ask.tier and ask.more:
        yearly = Money.yuan(str(ask.tier)) + subsidy_of(at, ask.tier)
        held = Money(held.fen + yearly.fen * ask.more)
        formula = f"{Money.yuan(ask.account).text} + {yearly.text} × {ask.more}"
        steps.add("到时个人账户", formula, held.text, LAW)
    basic = at.found("resident.benefit.basic")
    steps.add("基础养老金", f"{ask.month} 的标准", basic.value.text, basic.source)
    minimum = at.value("resident.benefit.minimum")
    years = ask.years + (ask.more if ask.tier else 0)
    part, addition = parts(held, years * YEAR, minimum, at, steps)
    total = basic.value + part + addition
    steps.add("合计", f"{basic.value.text} + {part.text} + {addition.text}", total.text, LAW)
    return ResidentPension(
        total=total.text,
        basic=basic.value.text,
        account=part.text,
        addition=addition.text,
        balance=held.text,
        missing=max(0, minimum // YEAR - years),
        steps=steps.all(),
        warnings=at.warnings(),
    )
