"""The items of a pension, each worked out by the area's own rule, with the step a citizen can redo."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from backend.kernel.money import Money
from backend.kernel.params import Found, Lookup
from backend.kernel.rules import FEN, JIAO, Steps, percent, shown, up_to_unit
from backend.pension.calculators.facts import BASIC_FORMULA, Facts, YearsRead, read_deemed_years, read_years
from backend.pension.rules import benefit
from backend.pension.rules.benefit import INDEX, RATE

BASIC, ACCOUNT, TRANSITIONAL, TOTAL = "基础养老金", "个人账户养老金", "过渡性养老金", "合计"
LAW = "国发〔2005〕38号 第六条"
UNITS: Final[Mapping[str, tuple[int, str]]] = {"fen": (FEN, ""), "jiao": (JIAO, "，四舍五入到角")}


@dataclass(frozen=True)
class Item:
    """One item of a pension."""

    name: str
    fen: int

    @property
    def text(self) -> str:
        return Money(self.fen).text


@dataclass(frozen=True)
class Basic:
    """基础养老金 and how it came about."""

    fen: int
    formula: str


Formula = Callable[[Facts, YearsRead, int, Lookup, Steps], Basic]


def national(facts: Facts, n: YearsRead, unit: int, look: Lookup, steps: Steps) -> Basic:
    fen = benefit.basic_fen(facts.base_fen, facts.base_fen, facts.index, n.years, n.scale, unit)
    wage = f"计发基数 {facts.base} × 平均缴费指数 {facts.index_text}"
    return Basic(fen, f"(计发基数 {facts.base} + {wage}) ÷ 2 × 缴费年限 {n.text} × 1%")


def henan(facts: Facts, n: YearsRead, unit: int, look: Lookup, steps: Steps) -> Basic:
    """The province's base, and the retirement place's times the index."""
    fen = benefit.basic_fen(facts.provincial_fen, facts.base_fen, facts.index, n.years, n.scale, unit)
    wage = f"退休地计发基数 {facts.base} × 平均缴费指数 {facts.index_text}"
    return Basic(fen, f"(全省计发基数 {facts.provincial} + {wage}) ÷ 2 × 缴费年限 {n.text} × 1%")


def jilin(facts: Facts, n: YearsRead, unit: int, look: Lookup, steps: Steps) -> Basic:
    """The retirement place's base, and the province's times the index."""
    fen = benefit.basic_fen(facts.base_fen, facts.provincial_fen, facts.index, n.years, n.scale, unit)
    wage = f"全省计发基数 {facts.provincial} × 平均缴费指数 {facts.index_text}"
    return Basic(fen, f"(退休地计发基数 {facts.base} + {wage}) ÷ 2 × 缴费年限 {n.text} × 1%")


def guangdong(facts: Facts, n: YearsRead, unit: int, look: Lookup, steps: Steps) -> Basic:
    """Below the floor the first base is discounted by a = index ÷ floor."""
    known = look.found("pension.formula.index_floor")
    floor = int(known.value * INDEX)
    if facts.index >= floor:
        return national(facts, n, unit, look, steps)
    fen = benefit.discounted_basic_fen(facts.base_fen, facts.index, floor, n.years, n.scale, unit)
    a = f"{facts.index_text} ÷ {shown(known.value)}"
    steps.add("a 系数", a, shown(round(Decimal(facts.index) / floor, 6)), known.source)
    wage = f"计发基数 {facts.base} × 平均缴费指数 {facts.index_text}"
    return Basic(fen, f"(计发基数 {facts.base} × a 系数 {a} + {wage}) ÷ 2 × 缴费年限 {n.text} × 1%")


FORMULAS: Final[Mapping[str, Formula]] = {
    formula.__name__: formula for formula in (national, guangdong, henan, jilin)
}


def _unit(look: Lookup) -> tuple[int, str]:
    return UNITS[look.value("pension.formula.item_rounding")]


def of_basic(facts: Facts, look: Lookup, steps: Steps) -> Item:
    known = look.found(BASIC_FORMULA)
    unit, rounded = _unit(look)
    n = read_years(facts.worked, "缴费年限", look, steps)
    indexed = Decimal(facts.base_fen) / 100 * facts.index / INDEX
    formula = f"计发基数 {facts.base} × 平均缴费指数 {facts.index_text}"
    steps.add("指数化月平均缴费工资", formula, shown(indexed), LAW)
    basic = FORMULAS[known.value](facts, n, unit, look, steps)
    return _said(steps, Item(BASIC, basic.fen), basic.formula + rounded, known.source)


def of_account(facts: Facts, tenths: int, look: Lookup, steps: Steps) -> Item:
    unit, rounded = _unit(look)
    item = Item(ACCOUNT, benefit.account_fen(facts.account_fen, tenths, unit))
    formula = f"个人账户储存额 {Money(facts.account_fen).text} ÷ 计发月数 {shown(Decimal(tenths) / 10)}"
    return _said(steps, item, formula + rounded, LAW)


def of_transitional(facts: Facts, look: Lookup, steps: Steps) -> Item:
    """Nothing without deemed years; a province whose coefficient nobody knows refuses rather than guesses."""
    if not facts.deemed.months:
        return Item(TRANSITIONAL, 0)
    known, shape = look.found("pension.transitional.rate"), look.value("pension.transitional.shape")
    rate = int(_rate(known, facts) * RATE)
    own = look.value("pension.transitional.index") == "own"
    index, index_text = (facts.index, facts.index_text) if own else (INDEX, "1")
    unit, rounded = _unit(look)
    n = read_deemed_years(facts.deemed, look, steps)
    core = benefit.averaged_fen if shape == "averaged" else benefit.indexed_fen
    item = Item(TRANSITIONAL, core(facts.base_fen, index, n.years, n.scale, rate, unit))
    wage = f"计发基数 {facts.base} × {_index_named(own)} {index_text}"
    if shape == "averaged":
        wage = f"(计发基数 {facts.base} + {wage}) ÷ 2"
    formula = f"{wage} × 视同缴费年限 {n.text} × 计发系数 {percent(Decimal(rate) / RATE)}"
    return _said(steps, item, formula + rounded, known.source)


def _index_named(own: bool) -> str:
    return "平均缴费指数" if own else "视同缴费指数"


def _rate(known: Found, facts: Facts) -> Decimal:
    """One rate, or one by how many years were actually paid."""
    if not isinstance(known.value, Mapping):
        return Decimal(known.value)
    paid = facts.worked.months - facts.deemed.months
    tiers = sorted((int(over), rate) for over, rate in known.value.items())
    return Decimal(next((rate for over, rate in reversed(tiers) if paid > over * 12), tiers[0][1]))


def additions(facts: Facts, look: Lookup, steps: Steps) -> list[Item]:
    """What the province adds; nearly everywhere nothing."""
    found = (_own_rate(facts, look, steps), _long_service(facts, look, steps))
    return [one for one in (*found, *_zhejiang(facts, look, steps)) if one]


def _own_rate(facts: Facts, look: Lookup, steps: Steps) -> Item | None:
    """四川: 指数化月平均缴费工资 × 增发比例 × 缴费年限."""
    if not facts.addition_rate:
        return None
    known = look.found("pension.addition.own_rate")
    n = read_years(facts.worked, "缴费年限", look, Steps())
    item = Item(
        known.label,
        benefit.indexed_fen(
            facts.base_fen, facts.index, n.years, n.scale, facts.addition_rate, _unit(look)[0]
        ),
    )
    rate = percent(Decimal(facts.addition_rate) / RATE)
    wage = f"计发基数 {facts.base} × 平均缴费指数 {facts.index_text}"
    return _said(steps, item, f"{wage} × 增发比例 {rate} × 缴费年限 {n.text}", known.source)


def _long_service(facts: Facts, look: Lookup, steps: Steps) -> Item | None:
    """吉林: 实际缴费超过 20 年的，按累计年限分段增发，以两个计发基数的平均数计算."""
    known = look.optional("pension.addition.long_rates")
    if known is None:
        return None
    tiers = sorted((int(over), int(rate * RATE)) for over, rate in known.value.items())
    if facts.worked.months - facts.deemed.months <= tiers[0][0] * 12:
        return None
    n = read_years(facts.worked, "缴费年限", look, Steps())
    bounds = [over for over, _ in tiers[1:]] + [0]
    sums = [
        benefit.long_service_rate(n.years, n.scale, over, until, rate)
        for (over, rate), until in zip(tiers, bounds, strict=True)
    ]
    unit = _unit(look)[0]
    both = facts.base_fen + facts.provincial_fen
    item = Item("长缴增发", benefit.share_fen(both, sum(sums), 2 * n.scale * RATE, unit))
    parts = " + ".join(
        f"{shown(Decimal(one) / rate / n.scale)} × {percent(Decimal(rate) / RATE)}"
        for one, (_, rate) in zip(sums, tiers, strict=True)
        if one
    )
    formula = f"(退休地计发基数 {facts.base} + 全省计发基数 {facts.provincial}) ÷ 2 × ({parts})"
    return _said(steps, item, formula, known.source)


def _zhejiang(facts: Facts, look: Lookup, steps: Steps) -> list[Item | None]:
    """浙江: 基本养老金补贴和过渡调节金."""
    subsidy, start = look.optional("pension.addition.subsidy"), look.optional("pension.addition.adjustment")
    items: list[Item | None] = []
    if subsidy:
        item = Item(subsidy.label.split("（")[0], subsidy.value.fen)
        items.append(_said(steps, item, "每人每月", subsidy.source))
    if start:
        yearly: Any = look.value("pension.addition.adjustment_year")
        n = read_years(facts.worked, "缴费年限", look, Steps())
        fen = benefit.yearly_fen(yearly.fen, facts.index, n.years, n.scale, _unit(look)[0])
        own = f"平均缴费指数 {facts.index_text} × 缴费年限 {n.text} × 每年 {yearly.text}"
        formula = f"基准 {start.value.text} + {own}"
        items.append(_said(steps, Item("过渡调节金", start.value.fen + fen), formula, start.source))
    return items


def total(items: Sequence[Item], look: Lookup, steps: Steps) -> Item:
    rounding = look.found("pension.formula.total_rounding")
    fen = sum(item.fen for item in items)
    formula = " + ".join(item.text for item in items)
    if rounding.value == "jiao_up":
        fen, formula = up_to_unit(fen, JIAO), f"{formula}，见分进角"
    return _said(steps, Item(TOTAL, fen), formula, rounding.source)


def _said(steps: Steps, item: Item, formula: str, law: str) -> Item:
    steps.add(item.name, formula, item.text, law)
    return item
