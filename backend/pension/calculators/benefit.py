"""pension: what a month's pension comes to, by the national formula and the province's own."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from backend.kernel.calculators import (
    AMOUNT,
    NUMBER,
    Age,
    Amount,
    Answer,
    AreaCode,
    Ask,
    MonthText,
    OneOfTwo,
    OnlyOne,
    Wage,
    calculator,
    wrong,
)
from backend.kernel.codes import full_name
from backend.kernel.errors import Wrong
from backend.kernel.money import Money
from backend.kernel.params import NATION, Lookup
from backend.kernel.period import Month
from backend.kernel.rules import Steps
from backend.pension.calculators.divisor import worked_out
from backend.pension.calculators.facts import BASE, BASIC_FORMULA, Facts, Service
from backend.pension.calculators.items import Item, additions, of_account, of_basic, of_transitional, total
from backend.pension.rules.benefit import INDEX, TWO_BASES
from backend.pension.rules.years import months_of

LONGEST_YEARS, LONGEST_MONTHS = 80, 960
OWN_RULES = ("pension.formula.", "pension.transitional.", "pension.addition.")
Years = Annotated[Decimal, Field(ge=0, le=LONGEST_YEARS, decimal_places=6), NUMBER]
Months = Annotated[int, Field(ge=0, le=LONGEST_MONTHS), NUMBER]
Index = Annotated[Decimal, Field(ge=0, le=10, decimal_places=6), NUMBER]
Divisor = Annotated[Decimal, Field(ge=1, le=400, decimal_places=1), NUMBER]
Percent = Annotated[Decimal, Field(ge=0, le=1, decimal_places=2), NUMBER]


class DeemedTooLong(Wrong):
    """视同缴费年限不能超过全部缴费年限，请核对"""


class AskPension(Ask):
    """退休核定的几项依据，照着参保缴费记录或者核定表填。"""

    area: AreaCode
    retired: MonthText = Field(title="退休年月")
    base: Wage | None = Field(
        default=None,
        json_schema_extra=AMOUNT,
        title="计发基数（元/月）",
        description="不填就用退休那年公布的；没有公布的要自己填",
    )
    provincial_base: Wage | None = Field(
        default=None,
        json_schema_extra=AMOUNT,
        title="全省计发基数（元/月）",
        description="河南、吉林填写，其他地方不填",
    )
    index: Index = Field(
        title="平均缴费指数",
        description="一般在 0.6 到 3 之间",
        examples=["0.8219"],
    )
    years: Years | None = Field(
        default=None,
        title="缴费年限（年）",
        description="含视同缴费年限；照核定表上印的小数填，和月数填一项就行",
        examples=["30.67"],
    )
    months: Months | None = Field(
        default=None, title="缴费月数", description="含视同缴费的月数", examples=["368"]
    )
    deemed_years: Years | None = Field(
        default=None, title="视同缴费年限（年）", description="没有就不填；和月数填一项就行"
    )
    deemed_months: Months | None = Field(default=None, title="视同缴费月数", description="没有就不填")
    account: Amount = Field(title="个人账户储存额（元）")
    divisor_months: Divisor | None = Field(
        default=None,
        title="计发月数",
        description="照核定表填；不知道就填退休时的年龄",
        examples=["139"],
    )
    age: Age | None = Field(default=None, title="退休时的年龄", description="和计发月数填一项就行")
    addition_rate: Percent | None = Field(
        default=None,
        title="增发比例（%）",
        description="四川按本人情况（独生子女父母、艰苦边远地区等）填写，其他地方不填",
        examples=["0.1"],
    )


class Addition(BaseModel):
    """当地增发的一项。"""

    model_config = ConfigDict(frozen=True)

    name: str = Field(title="项目")
    amount: str = Field(title="金额（元/月）")


class PensionEstimate(Answer):
    """每月多少养老金，由哪几项组成。"""

    basic: str = Field(title="基础养老金（元/月）")
    account: str = Field(title="个人账户养老金（元/月）")
    transitional: str = Field(title="过渡性养老金（元/月）")
    additions: tuple[Addition, ...] = Field(default=(), title="增发和补贴")
    total: str = Field(title="合计（元/月）")


@calculator(
    "pension",
    title="养老金测算",
    law="国发〔2005〕38号 第六条",
    hint="按计发基数、缴费指数、缴费年限和个人账户，算出退休后每月的养老金",
)
def pension(ask: AskPension) -> PensionEstimate:
    look, steps = Lookup(Month.parse(ask.retired).first, ask.area), Steps()
    facts = _facts(ask, look, steps)
    items = [
        of_basic(facts, look, steps),
        of_account(facts, _divisor(ask, look, steps), look, steps),
        of_transitional(facts, look, steps),
    ]
    more = additions(facts, look, steps)
    whole = total([*items, *more], look, steps)
    return PensionEstimate(
        basic=_yuan(items[0]),
        account=_yuan(items[1]),
        transitional=_yuan(items[2]),
        additions=tuple(Addition(name=one.name, amount=_yuan(one)) for one in more),
        total=_yuan(whole),
        steps=steps.all(),
        warnings=_warnings(ask, look),
    )


def _yuan(item: Item) -> str:
    return Money(item.fen).text


def _fen(amount: Decimal) -> int:
    return Money.yuan(amount).fen


def _facts(ask: AskPension, look: Lookup, steps: Steps) -> Facts:
    """The facts as whole numbers."""
    base = _fen(ask.base) if ask.base is not None else _published_base(look, steps)
    worked = _service(ask, "years", "months")
    if worked is None:
        raise wrong("years", OneOfTwo(other="缴费月数"), AskPension)
    deemed = _service(ask, "deemed_years", "deemed_months") or Service.of_months(0)
    if deemed.months > worked.months:
        raise wrong("deemed_years", DeemedTooLong(), AskPension)
    return Facts(
        base_fen=base,
        provincial_fen=base if ask.provincial_base is None else _fen(ask.provincial_base),
        index=int(ask.index * INDEX),
        worked=worked,
        deemed=deemed,
        account_fen=_fen(ask.account),
        addition_rate=None if ask.addition_rate is None else int(ask.addition_rate * 100),
    )


def _published_base(look: Lookup, steps: Steps) -> int:
    found = look.found(BASE)
    base: Money = found.value
    steps.add("计发基数", f"{found.since.year} 年公布的{found.label}", base.text, found.source)
    return base.fen


def _service(ask: AskPension, years_field: str, months_field: str) -> Service | None:
    """Years as printed or months as counted; where both are given they must be the same time."""
    years: Decimal | None = getattr(ask, years_field)
    months: int | None = getattr(ask, months_field)
    if years is None:
        return None if months is None else Service.of_months(months)
    scale = 10 ** max(-int(years.as_tuple().exponent), 0)
    printed = Service(months_of(int(years * scale), scale), int(years * scale), scale)
    if months is not None and months != printed.months:
        other = AskPension.model_fields[months_field].title
        raise wrong(years_field, OnlyOne(other=other), AskPension)
    return printed


def _divisor(ask: AskPension, look: Lookup, steps: Steps) -> int:
    given = None if ask.divisor_months is None else int(ask.divisor_months * 10)
    if ask.age is None:
        if given is None:
            raise wrong("divisor_months", OneOfTwo(other="退休时的年龄"), AskPension)
        return given
    tenths = worked_out(ask.age, look, steps)
    if given is not None and given != tenths:
        raise wrong("divisor_months", OnlyOne(other="退休时的年龄"), AskPension)
    return tenths


def _used_own_rule(look: Lookup) -> bool:
    """Whether any rule that the sum was worked out with is the area's own."""
    return any(one.area != NATION and one.path.startswith(OWN_RULES) for one in look.used())


def _warnings(ask: AskPension, look: Lookup) -> tuple[str, ...]:
    """What nobody has verified, what the area's formula leaves out, and a base that is not used or not this year's."""
    said = list(look.warnings())
    if not _used_own_rule(look):
        said.append(
            f"没有收集到{full_name(look.area)}自己的计发办法，按全国的公式计算，请以当地经办机构的核定为准。"
        )
    province = ask.provincial_base is not None
    takes_province = look.value(BASIC_FORMULA) in TWO_BASES
    if province and not takes_province:
        said.append(
            f"填写的全省计发基数没有用到：{full_name(look.area)}的基础养老金在这里只按一个计发基数计算。"
        )
    remark = look.optional("pension.formula.remark")
    if remark and not (province and takes_province):  # it says what is done without the province's base
        said.append(str(remark.value))
    if ask.base is None:
        found = look.found(BASE)
        if found.since.year < look.on.year:
            known = f"{found.since.year} 年的 {found.value.text} 元"
            said.append(f"{look.on.year} 年的计发基数没有公布，先按 {known}算，公布以后再补差。")
    return tuple(said)
