"""Vacancies 招聘职位: real occupations and tasks, lawful conditions, adverts of the last sixty days."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import accumulate, islice
from math import sqrt
from random import Random
from typing import Literal, NamedTuple

from backend.demo.companies import Employer
from backend.demo.occupations import RANK, Family, Occupation, Occupations
from backend.demo.places import districts

State = Literal["draft", "open", "filled", "expired"]
Type = Literal["full", "part", "intern"]

RECENT_DAYS = 60
VALID_DAYS = (30, 45, 60, 90)
SHORT_DAYS = 15  # how long an advert was valid that has expired by now
STATES: tuple[tuple[float, State], ...] = (
    (0.03, "draft"),
    (0.07, "filled"),
    (0.12, "expired"),
    (1.0, "open"),
)
OFFICE = 4  # from this rank of schooling on, work in an office: interns rather than part-timers, no shifts
NOT_FULL = 0.13
SCHOOLS = {
    "10": "研究生学历", "20": "本科及以上学历", "30": "大专及以上学历", "40": "中专、技校及以上学历",
    "60": "高中及以上学历", "70": "初中及以上学历", "80": "学历不限", "90": "学历不限",
}  # fmt: skip
YEARS = {
    0: "经验不限，上岗前免费培训",
    1: "有一年以上相关工作经验",
    2: "有两年以上相关工作经验",
    3: "有三年以上相关工作经验",
}
EXPERIENCED = 3
GRADES = {
    0: ("", "", "", "初级", "助理"),
    1: ("",),
    2: ("", "", "", "资深"),
    EXPERIENCED: ("", "资深", "高级"),
}
GRADED = ("工程师", "设计师", "专员", "顾问", "会计", "律师", "策划师", "编辑", "程序设计员")
LEADING = ("经理", "总监", "主管", "长", "专家")
PERKS = ("双休", "五险一金", "带薪年假", "提供工作餐", "提供宿舍", "长白班", "近地铁", "节日福利")
HOURS: dict[Type, tuple[str, ...]] = {
    "full": (
        "每天工作八小时，每周休息两天。",
        "每天工作不超过八小时，每周四十小时，法定节假日正常休息。",
        "实行轮班，每周工作不超过四十小时，加班依法支付加班工资。",
    ),
    "part": (
        "每天工作不超过四小时，每周不超过二十四小时，工资每半个月结算一次。",
        "按排班上岗，每天不超过四小时，工资按周结算。",
    ),
    "intern": (
        "实习期三个月，由师傅带教，表现好的可以签订劳动合同。",
        "每周到岗三天以上，提供实习指导和实习证明。",
    ),
}
OPENINGS = ("主要工作是{}。", "在岗期间{}。", "您将{}。", "{}。")
STARTED = ("主持", "在", "负责")
WELFARE = (
    "单位依法签订劳动合同，缴纳社会保险。",
    "入职即签订劳动合同，参加社会保险，享受带薪年休假。",
    "按月足额发放工资，提供岗位技能培训。",
)


class Vacancy(NamedTuple):
    """One advert, ready to be copied into a table."""

    key: int
    employer: int
    title: str
    occupation: str
    type: Type
    headcount: int
    pay_min_fen: int  # a month
    pay_max_fen: int
    education: str
    experience_years: int
    conditions: tuple[str, ...]
    work: str  # what the work is, three to six sentences
    area: str
    address: str
    state: State
    published: date | None
    valid_until: date | None
    source: str  # on whose behalf an agency recruits


class Board:
    """The chances of the city's labour market."""

    def __init__(
        self,
        seed: int,
        employers: Sequence[Employer],
        occupations: Occupations,
        today: date,
        minimum_wage_fen: int,
    ) -> None:
        self.rng = Random(f"vacancies:{seed}")  # noqa: S311 - a demo city is drawn, not guarded
        self.chance = self.rng.random
        self.occupations = occupations
        self.today = today
        self.least_fen = -(-minimum_wage_fen // 10_000) * 10_000  # whole hundreds of yuan
        self.employers = [one for one in employers if one.kind != "agency"]
        self.agencies = [one for one in employers if one.kind == "agency"]
        # larger employers post more, but not in proportion
        self.reach = list(accumulate(sqrt(one.size) for one in self.employers))
        self.shorts = {district.code: district.short for district in districts()}

    def draw(self, options: Sequence[str]) -> str:
        return options[int(self.chance() * len(options))]

    def employer(self) -> Employer:
        return self.employers[bisect(self.reach, self.chance() * self.reach[-1])]

    def type(self, family: Family, occupation: Occupation) -> Type:
        if self.chance() >= NOT_FULL or all(name.endswith(LEADING) for name in occupation.titles):
            return "full"
        return "intern" if RANK[family.education] >= OFFICE else "part"

    def title(self, occupation: Occupation, years: int, type: Type, place: str) -> str:
        known = occupation.titles
        if type != "full":
            known = tuple(name for name in known if not name.endswith(LEADING))
        name = known[0] if self.chance() < 0.3 else self.draw(known)
        if name.endswith(GRADED) and not name.startswith(("助理", "高级", "初级", "资深")):
            name = self.draw(GRADES[years]) + name
        if type != "full":
            return f"{name}（{'兼职' if type == 'part' else '实习'}）"
        chance = self.chance()
        if chance < 0.2:
            return f"{name}（{place}）"
        return f"{name}（{self.draw(PERKS)}）" if chance < 0.32 else name

    def pay(self, family: Family, years: int, extra: int, type: Type) -> tuple[int, int]:
        """From and to, in whole hundreds of yuan: not below the minimum wage, not a bait of twice as much."""
        low = family.pay_low_fen * (92 + 8 * years + 7 * extra + int(self.chance() * 16)) // 100
        high = low * (120 + int(self.chance() * 60)) // 100
        if type != "full":
            low, high = low * 55 // 100, high * 55 // 100
        low = max(self.least_fen, low // 10_000 * 10_000)
        return low, max(low + 20_000, min(high, low * 9 // 5) // 10_000 * 10_000)

    def conditions(self, family: Family, education: str, years: int, type: Type) -> tuple[str, ...]:
        known = [SCHOOLS[education], YEARS[years] if type != "intern" else "欢迎在校学生"]
        first = int(self.chance() * len(family.needs))
        known.append(family.needs[first])
        if self.chance() < 0.5:
            known.append(family.needs[(first + 1) % len(family.needs)])
        return tuple(known)

    def work(self, family: Family, type: Type) -> str:
        """Three to six sentences: the occupation's typical tasks, then hours and welfare."""
        kept = sorted(self.rng.sample(range(len(family.tasks)), 2 + int(self.chance() * 3)))
        first, *others = (family.tasks[n] for n in kept)
        opening = "{}。" if first.startswith(STARTED) else self.draw(OPENINGS)
        sentences = [opening.format(first), *(f"{task}。" for task in others)]
        hours = HOURS[type]
        office = type == "full" and RANK[family.education] >= OFFICE
        sentences.append(self.draw(hours[:-1] if office else hours))
        if type == "full" and self.chance() < 0.6:
            sentences.append(self.draw(WELFARE))
        return "".join(sentences)

    def days(self) -> tuple[State, date | None, date | None]:
        """Where the advert stands today, when it was published and until when it is valid."""
        chance = self.chance()
        state = next(state for until, state in STATES if chance < until)
        if state == "draft":
            return state, None, None
        if state == "expired":
            ago = SHORT_DAYS + 1 + int(self.chance() * (RECENT_DAYS - SHORT_DAYS - 1))
            published = self.today - timedelta(days=ago)
            return state, published, published + timedelta(days=SHORT_DAYS)
        ago = int(self.chance() * RECENT_DAYS)
        fitting = [days for days in VALID_DAYS if days > ago]
        published = self.today - timedelta(days=ago)
        return state, published, published + timedelta(days=fitting[int(self.chance() * len(fitting))])

    def vacancy(self, key: int) -> Vacancy:
        chance = self.chance
        employer = self.employer()
        through = employer
        if self.agencies and employer.kind == "company" and chance() < 0.05:
            through = self.agencies[int(chance() * len(self.agencies))]
        families = self.occupations.of(employer.section, employer.division)
        family = families[int(chance() * len(families))]
        occupation = family.occupations[int(chance() * len(family.occupations))]
        type = self.type(family, occupation)
        years = 0 if type != "full" else (0, 0, 1, 1, 2, EXPERIENCED)[int(chance() * 6)]
        extra = int(chance() < 0.15 and family.education in {"30", "40", "60"} and type == "full")
        education = {"30": "20", "40": "30", "60": "30"}[family.education] if extra else family.education
        low, high = self.pay(family, years, extra, type)
        state, published, until = self.days()
        return Vacancy(
            key,
            through.key,
            self.title(occupation, years, type, self.shorts[employer.area]),
            occupation.code,
            type,
            1 + min(int(0.7 / max(chance(), 0.02)), max(1, employer.size // 3)),
            low,
            high,
            education,
            years,
            self.conditions(family, education, years, type),
            self.work(family, type),
            employer.area,
            employer.address,
            state,
            published,
            until,
            employer.name if through is not employer else "",
        )


def vacancies(
    seed: int,
    n: int,
    employers: Sequence[Employer],
    occupations: Occupations,
    today: date,
    minimum_wage_fen: int,
) -> Iterator[Vacancy]:
    """Adverts one by one; a longer stream begins with the shorter one."""
    board = Board(seed, employers, occupations, today, minimum_wage_fen)
    return islice(map(board.vacancy, range(n)), n)
