"""benefit-place: in which of the places where somebody was insured the pension is claimed and paid."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from backend.kernel import codes
from backend.kernel.calculators import NUMBER, Answer, Ask, calculator, wrong
from backend.kernel.errors import Wrong
from backend.kernel.params import Lookup
from backend.kernel.rules import Steps
from backend.kernel.text import plain
from backend.pension.rules.transfer import Places, Stay, Why, benefit_place

LAW = "国办发〔2009〕66号 第六条"
LONGEST, MOST, MONTHS = 40, 60, 960  # characters of a place, places, months
LINE = re.compile(
    r"(?P<area>\S.*?)[\s,，:：]+(?P<months>\d{1,3})\s*(?:个月)?[\s,，]*(?P<current>当前|现在|current)?"
)
SAID: dict[Why, str] = {
    "hukou": "养老保险关系在户籍所在地，在户籍所在地领取",
    "here": "关系不在户籍所在地，在关系所在地累计满十年，就在关系所在地领取",
    "back": "关系所在地累计不满十年，转回上一个满十年的参保地领取",
    "gathered": "在每个参保地都不满十年，关系和资金归集到户籍所在地领取",
}


class PlaceLine(Wrong):
    """第 {line} 行看不懂：一行写一个地方，先写地区再写月数，例如“上海 130”；现在的参保地在后面写“当前”"""


class OneCurrent(Wrong):
    """“当前”只能有一个地方，请核对"""


class PlaceMissing(Wrong):
    """请填写“{title}”"""


def _named(text: str) -> str:
    if not (name := plain(text)):
        raise PlaceMissing
    return name


Place = Annotated[str, Field(max_length=LONGEST, examples=["310000"]), AfterValidator(_named)]


class InsuredPlace(BaseModel):
    """在一个地方参保多少个月。"""

    model_config = ConfigDict(frozen=True, extra="forbid")

    area: Place = Field(title="参保地")
    months: Annotated[int, Field(ge=0, le=MONTHS), NUMBER] = Field(title="缴费月数（含视同）")
    current: bool = Field(default=False, title="当前", description="养老保险关系现在在这里")
    temporary: bool = Field(
        default=False, title="临时账户", description="临时缴费账户的参保地不作为待遇领取地"
    )


def _lines(given: Any) -> Any:
    """A form sends one place a line."""
    if not isinstance(given, str):
        return given
    return [_line(no, line) for no, line in enumerate(given.splitlines(), 1) if line.strip()]


def _some(given: tuple[Any, ...]) -> tuple[Any, ...]:
    if not given:
        raise PlaceMissing
    return given


def _line(no: int, line: str) -> dict[str, Any]:
    found = LINE.fullmatch(plain(line))
    if found is None or len(found["area"]) > LONGEST or int(found["months"]) > MONTHS:
        raise PlaceLine(line=no)
    return {
        "area": found["area"],
        "months": int(found["months"]),
        "current": found["current"] is not None,
    }


class AskBenefitPlace(Ask):
    """户籍在哪里，先后在哪些地方参保、各多少个月。"""

    hukou: Place = Field(title="户籍所在地", description="省、自治区、直辖市，写代码或者名称，和下面写的一致")
    places: Annotated[
        tuple[InsuredPlace, ...], Field(max_length=MOST), BeforeValidator(_lines), AfterValidator(_some)
    ] = Field(
        title="参保地",
        description="从早到晚，一行写一个地方和月数；养老保险关系现在所在的地方后面写“当前”，不写就是最后一个",
        examples=["310000 130"],
        json_schema_extra={"widget": "textarea", "minItems": 1},
    )


class BenefitPlace(Answer):
    """在哪里领取养老金。"""

    area: str = Field(title="待遇领取地")


@calculator(
    "benefit-place",
    title="待遇领取地测算",
    law=LAW,
    hint="在几个省参过保的，按户籍和各地的缴费月数看在哪里领取养老金",
)
def place(ask: AskBenefitPlace, today: date) -> BenefitPlace:
    marked = [at for at, one in enumerate(ask.places) if one.current]
    if len(marked) > 1:
        raise wrong("places", OneCurrent(), AskBenefitPlace)
    stays = [Stay(one.area, one.months, one.temporary) for one in ask.places]
    look, steps = Lookup(today), Steps()
    area = decided(Places(ask.hukou, stays, marked[0] if marked else None), look, steps)
    return BenefitPlace(area=area, steps=steps.all(), warnings=look.warnings())


def decided(places: Places, look: Lookup, steps: Steps) -> str:
    """The place, with the steps that explain it."""
    enough = int(look.value("pension.transfer.place_months"))
    order = " → ".join(called(one.area) for one in places.real) or "没有"
    places = by_province(places)
    for area, months in places.sums.items():
        steps.add("累计缴费月数", called(area), f"{months}个月", "人社部规〔2016〕5号 第一条")
    area, why = benefit_place(places, enough)
    here = called(places.here) if places.here else "没有"
    steps.add("养老保险关系所在地", order, here, "国办发〔2009〕66号 第五条")
    steps.add("待遇领取地", SAID[why], called(area), LAW)
    return area


def by_province(places: Places) -> Places:
    """Codes of one province are one place: written as it was where it was always written with the same code, else with
    the province's. What is no code is a place of its own.

    >>> [one.area for one in by_province(Places("310115", [Stay("310000", 1), Stay("440300", 1)])).stays]
    ['310000', '440300']
    >>> [one.area for one in by_province(Places("310115", [Stay("440100", 1), Stay("440300", 1)])).stays]
    ['440000', '440000']
    """
    codes_of = defaultdict[str, set[str]](set)
    for area in (places.hukou, *(one.area for one in places.stays)):
        codes_of[province(area)].add(area)

    def written(area: str) -> str:
        return area if len(codes_of[province(area)]) == 1 else province(area)

    stays = [replace(one, area=written(one.area)) for one in places.stays]
    return replace(places, hukou=written(places.hukou), stays=stays)


def province(area: str) -> str:
    """The province's code of a place that was written as a code.

    >>> province("310115"), province("上海")
    ('310000', '上海')
    """
    return area[:2] + "0000" if codes.known("area", area) else area


def called(area: str) -> str:
    """A place that was written as a code, by its name.

    >>> called("310000"), called("上海")
    ('上海市', '上海')
    """
    return codes.full_name(area) if codes.known("area", area) else area
