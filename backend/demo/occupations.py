"""Occupations of the demo city 职业: the table it is given, sorted into families with their typical tasks."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from backend.demo.names import spread, told

RANK = {"90": 0, "80": 1, "70": 2, "60": 3, "40": 3, "30": 4, "20": 5, "10": 6}  # 文化程度, low to high
MARKS = re.compile(r"(?:L/S|L|S)$|[(（].*?[)）]")  # 绿色职业 and 数字职业 marks, remarks in brackets
NAMED = frozenset(told("tasks")["named"].split())  # two characters that are a job by themselves
LONG = re.compile(
    r"[\u4e00-\u9fffA-Za-z+#]*[\u4e00-\u9fff]?(?:员|师|工|手|长|经理|主管|总监|专家|教练|顾问|代表|助理|秘书|学徒|医生|翻译|编辑"
    r"|老师|会计|护士|司机|主播|客服|运营|开发|设计|策划|推广|经纪人|主持人|销售|采购|测试|店长|导游|保安|保洁|月嫂|导购)"
)
UNFIT = re.compile(r"其他|宗教|党|民族|[男女]")
NO_TITLE = re.compile(
    rf"{UNFIT.pattern}|公务员|创始人|合伙人|董事|总裁|首席|行长|校长|[场厂]长|人员$|^副|^[^\u4e00-\u9fff]"
)
OFTEN = 6  # an occupation with many names is looked for more often, up to so many times
SPOKEN = (  # how adverts call what the table calls 人员
    ("工程技术人员", "工程师"),
    ("技术人员", "技术员"),
    ("研究人员", "研究员"),
    ("专业人员", "专员"),
    ("人员", "员"),
)


@dataclass(frozen=True)
class Occupation:
    """One occupation and the titles under which people look for it."""

    code: str
    name: str
    titles: tuple[str, ...]


@dataclass(frozen=True)
class Family:
    """Occupations with the same kind of work."""

    name: str
    industries: frozenset[str]  # GB/T 4754 门类 or 大类
    weight: int
    pay_low_fen: int
    pay_high_fen: int
    education: str
    needs: tuple[str, ...]
    tasks: tuple[str, ...]
    occupations: tuple[Occupation, ...]  # each as often as it is advertised


@cache
def prefixes() -> Mapping[str, int | None]:
    """Which family a code prefix belongs to; None where the city has no such posts."""
    known = told("tasks")
    found: dict[str, int | None] = dict.fromkeys(known["excluded"].split())
    for number, family in enumerate(known["families"]):
        found |= dict.fromkeys(family["codes"].split(), number)
    return found


def family_of(code: str) -> int | None:
    """The family with the longest prefix of a code.

    >>> told("tasks")["families"][family_of("2-08-03-00")]["name"]
    '幼儿教育'
    """
    known = prefixes()
    return next((known[code[:n]] for n in range(len(code), 0, -1) if code[:n] in known), None)


def plain(name: str) -> str:
    """An occupation's name without its marks.

    >>> plain("快递员L"), plain("地质调查员L/S"), plain("失效分析工程师(FA)")
    ('快递员', '地质调查员', '失效分析工程师')
    """
    return MARKS.sub("", MARKS.sub("", name)).strip()


def spoken(name: str) -> str:
    """An occupation's name as an advert says it.

    >>> spoken("云计算工程技术人员S"), spoken("会计专业人员"), spoken("保洁员L")
    ('云计算工程师', '会计专员', '保洁员')
    """
    known = plain(name)
    return next((known.removesuffix(said) + so for said, so in SPOKEN if known.endswith(said)), known)


def titles(name: str, aliases: Iterable[str]) -> tuple[str, ...]:
    """What an advert may call the occupation: its name and those aliases that are one plain title."""
    parts = (part.strip() for alias in aliases for part in re.split(r"[/、]", plain(alias)))
    fit = (
        p for p in parts if p in NAMED or (3 <= len(p) <= 10 and LONG.fullmatch(p) and not NO_TITLE.search(p))
    )
    return tuple(dict.fromkeys((spoken(name), *fit)))


class Occupations:
    """The families of a table of occupations (code, name, aliases), by industry."""

    def __init__(self, table: Iterable[tuple[str, str, Iterable[str]]]) -> None:
        rows = {code: (name, tuple(aliases)) for code, name, aliases in table}
        groups = {code for one in rows for code in (f"{one[:5]}00-00", f"{one[:8]}00") if code != one}
        members: dict[int, list[Occupation]] = defaultdict(list)
        for code, (name, aliases) in rows.items():
            family = family_of(code)
            if family is not None and code not in groups and not UNFIT.search(name):
                members[family].append(Occupation(code, plain(name), titles(name, aliases)))
        self.families = tuple(
            _family(told, tuple(members[number]))
            for number, told in enumerate(told("tasks")["families"])
            if members[number]
        )
        self.everywhere = spread((family, family.weight) for family in self.families)
        self.known: dict[tuple[str, str], tuple[Family, ...]] = {}

    def of(self, section: str, division: str) -> tuple[Family, ...]:
        """The families an industry employs, each as often as it does."""
        known = self.known.get((section, division))
        if known is None:
            fit = [family for family in self.families if family.industries & {section, division}]
            known = spread((family, family.weight) for family in fit) or self.everywhere
            self.known[section, division] = known
        return known


def _family(known: Mapping[str, Any], occupations: tuple[Occupation, ...]) -> Family:
    low, high = (int(yuan) * 100 for yuan in known["pay"].split())
    return Family(
        name=known["name"],
        industries=frozenset((known.get("divisions") or known["sections"]).split()),
        weight=int(known["weight"]),
        pay_low_fen=low,
        pay_high_fen=high,
        education=known["education"],
        needs=tuple(known["needs"].split()),
        tasks=tuple(known["tasks"]),
        occupations=spread((one, min(len(one.titles), OFTEN)) for one in occupations),
    )
