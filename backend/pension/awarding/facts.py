"""The facts of an award, and what the formula makes of them: the public calculator's own function."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from backend.kernel import params
from backend.kernel.money import Money
from backend.kernel.params import Found
from backend.kernel.period import Month
from backend.kernel.sentences import read
from backend.pension.awarding.balance import Held
from backend.pension.calculators import AskPension, PensionEstimate, pension
from backend.pension.calculators.facts import BASE, provincial_base
from backend.pension.careers.summing import warnings as averaging


@dataclass(frozen=True)
class Facts:
    """What an award is worked out from. `age` is in months, `index` the average as the area rounds it.

    `base_year`: the year whose base it is; `held`: how the account came to what it is counted with.
    """

    area: str
    retired: Month
    base: Money
    index: Decimal
    months: int
    deemed_months: int
    account: Money
    age: int
    base_year: int | None = None
    held: Held | None = None

    @property
    def provincial(self) -> Found | None:
        """全省计发基数 in force for the retirement month, where the area's formula takes it too."""
        return provincial_base(self.area, self.retired.first)

    def view(self) -> dict[str, str | int]:
        told: dict[str, str | int] = {
            "area": self.area,
            "retired": str(self.retired),
            "base": self.base.text,
            "index": str(self.index),
            "months": self.months,
            "deemed_months": self.deemed_months,
            "account": self.account.text,
            "age": f"{self.age // 12}岁{self.age % 12}个月",
        }
        if self.base_year:
            told["base_year"] = self.base_year
        if province := self.provincial:
            told |= {"provincial_base": province.value.text, "provincial_base_year": province.since.year}
        if self.held:
            told |= {"settled": self.held.settled.text, "running": self.held.running.text}
        return told

    @property
    def waits_for_base(self) -> bool:
        """The base is an earlier year's."""
        return self.base_year is not None and self.base_year < self.retired.year

    @property
    def waits_for_province(self) -> bool:
        """The province's base is an earlier year's."""
        return self.provincial is not None and self.provincial.since.year < self.retired.year

    @property
    def waits_for_rate(self) -> bool:
        """The running year's interest is counted by an earlier year's rate."""
        return self.held is not None and self.held.interim

    @property
    def provisional(self) -> bool:
        return self.waits_for_base or self.waits_for_province or self.waits_for_rate

    def warnings(self) -> tuple[str, ...]:
        """What will be made good later, and what does not count."""
        said = []
        if self.waits_for_base:
            said.append(
                f"{self.retired.year} 年的计发基数还没有公布，先按 {self.base_year} 年的 {self.base.text} 元预核定，"
                "公布以后重新核定，多退少补。"
            )
        if self.provincial and self.waits_for_province:
            said.append(
                f"{self.retired.year} 年的全省计发基数还没有公布，先按 {self.provincial.since.year} 年的 "
                f"{self.provincial.value.text} 元预核定，公布以后重新核定，多退少补。"
            )
        if self.held and self.held.interim:
            said.append(
                f"{self.held.interim_year} 年的记账利率还没有公布，个人账户的利息先按最近公布的 {self.held.rate} 计算，"
                "公布以后重新核定，多退少补。"
            )
        if self.held and self.held.beyond:
            said.append(f"退休当月以后还有 {self.held.beyond} 个月的缴费，不计入这次核定。")
        return tuple(said)


def base_of(area: str, retired: Month) -> tuple[Money, int]:
    """计发基数 in force for the retirement month, and whose year's it is."""
    found = params.found(BASE, retired.first, area)
    return found.value, found.since.year


def work_out(facts: Facts) -> PensionEstimate:
    """The national and provincial formula, by the public calculator's own function."""
    province = facts.provincial
    return pension(
        read(
            AskPension,
            {
                "area": facts.area,
                "retired": str(facts.retired),
                "base": facts.base.text,
                "provincial_base": province.value.text if province else None,
                "index": facts.index,
                "months": facts.months,
                "deemed_months": facts.deemed_months,
                "account": facts.account.text,
                "age": {"years": facts.age // 12, "months": facts.age % 12},
            },
        )
    )


def amounts(estimate: PensionEstimate) -> tuple[Money, Money, Money, Money]:
    """Basic, account, transitional, additions; what a province rounds the whole up by is an addition, too."""
    basic, account = Money.yuan(estimate.basic), Money.yuan(estimate.account)
    transitional = Money.yuan(estimate.transitional)
    return basic, account, transitional, Money.yuan(estimate.total) - basic - account - transitional


def told(estimate: PensionEstimate, facts: Facts | None = None) -> dict[str, Any]:
    """The steps of an award as they are kept; first how the account came to what it is divided as."""
    before = facts.held.steps() if facts and facts.held else ()
    more = (*facts.warnings(), *averaging(facts.retired)) if facts else ()
    return {
        "steps": [step.model_dump(mode="json") for step in (*before, *estimate.steps)],
        "warnings": [*estimate.warnings, *more],
    }
