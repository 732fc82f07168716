"""Employers of the demo city 用人单位: companies, public bodies and labour agencies, sized by Zipf's law."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import count, cycle, islice
from random import Random
from typing import Literal, NamedTuple

from backend.demo import numbers
from backend.demo.names import Names, spread, told
from backend.demo.places import District, by_population, city, districts, street

Kind = Literal["company", "body", "agency"]
COMPANY_KIND, AGENCY_TRADE = "91", "人力资源"
VERIFY_EVERY_DAYS = 180  # 实名核验, again every six months
PERSONS_TO_EMPLOYER = 22
AGENCY_EVERY = 90
BODIES_UNTIL = 16  # of every so many employers one is a public body
LARGEST = 6000
FIRST = 1  # the cast's own company is number 0


class Employer(NamedTuple):
    """One employer, ready to be copied into a table."""

    key: int
    uscc: str
    name: str
    kind: Kind
    section: str  # GB/T 4754 门类
    division: str  # GB/T 4754 大类
    injury_class: int
    size: int
    area: str
    address: str
    contact: str
    phone: str
    licence: str  # 人力资源服务许可证, of an agency
    verified_on: date


@dataclass(frozen=True)
class Trade:
    division: str
    section: str
    injury_class: int
    weight: int
    words: tuple[str, ...]


@cache
def trades() -> tuple[Trade, ...]:
    read = ((division, line.split()) for division, line in told("trades")["trades"].items())
    return tuple(
        Trade(division, section, int(injury), int(weight), tuple(words))
        for division, (section, injury, weight, *words) in read
    )


@cache
def words() -> tuple[str, ...]:
    """Shop names of two characters, in an order that does not look like one."""
    known = told("trades")["words"]
    pairs = sorted({a + b for a in known["first"].split() for b in known["second"].split() if a != b})
    return tuple(pairs[k * numbers.STRIDE % len(pairs)] for k in range(len(pairs)))


def employers_for(persons: int) -> int:
    """How many employers a city of so many persons has."""
    return max(40, persons // PERSONS_TO_EMPLOYER)


def zipf(chance: float) -> int:
    """A headcount: half of all employers have one person, one in a thousand has a thousand and more."""
    return min(LARGEST, int(1 / (chance + 1 / LARGEST)) or 1)


class Register:
    """The register of companies: what names and codes it has given."""

    def __init__(self, seed: int, today: date) -> None:
        self.rng = Random(f"companies:{seed}")  # noqa: S311 - a demo city is drawn, not guarded
        self.today = today
        self.names = Names(self.rng)
        self.trades = spread((trade, trade.weight) for trade in trades())
        self.given: dict[tuple[str, str], count[int]] = {}
        self.bodies = cycle(
            (line.split(), district) for line in told("trades")["bodies"] for district in districts()
        )

    def named(self, district: District, trade: str) -> str:
        """A name nobody in the district's trade has: 示例市 + 区 + 字号 + 行业 + 有限公司."""
        known = words()
        start = int(self.rng.random() * len(known))
        nth = next(self.given.setdefault((district.code, trade), count(start)))
        return f"{city()[1]}{district.short}{known[nth % len(known)]}{trade}有限公司"

    def company(self, key: int) -> Employer:
        home = self.home()
        trade = self.trades[int(self.rng.random() * len(self.trades))]
        word = trade.words[int(self.rng.random() * len(trade.words))]
        return self.employer(
            key, "company", COMPANY_KIND, self.named(home, word), trade.section, trade.division,
            trade.injury_class, zipf(self.rng.random()), home, "",
        )  # fmt: skip

    def agency(self, key: int) -> Employer:
        home = self.home()
        licence = f"（示例）人服证字〔{self.today.year - 1 - key % 4}〕第{home.code}{key:05d}号"
        name = self.named(home, AGENCY_TRADE)
        size = 20 + zipf(self.rng.random())
        return self.employer(key, "agency", COMPANY_KIND, name, "L", "72", 2, size, home, licence)

    def body(self, key: int) -> Employer:
        (kind, section, division, name), home = next(self.bodies)
        size = 30 + zipf(self.rng.random()) // 2
        return self.employer(
            key, "body", kind, f"{city()[1]}{name.replace('{区}', home.name)}", section, division,
            1 if section == "S" else 2, size, home, "",
        )  # fmt: skip

    def home(self) -> District:
        known = by_population()
        return known[int(self.rng.random() * len(known))]

    def employer(
        self, key: int, kind: Kind, register: str, name: str, section: str, division: str,
        injury_class: int, size: int, home: District, licence: str,
    ) -> Employer:  # fmt: skip
        chance = self.rng.random
        sex = "1" if chance() < 0.35 else "2"
        return Employer(
            key,
            numbers.credit_code(key, home.code, register),
            name,
            kind,
            section,
            division,
            injury_class,
            size,
            home.code,
            street(home, self.rng),
            self.names.name(sex, 1980 + int(chance() * 20)),
            numbers.phone("121", key),
            licence,
            self.today - timedelta(days=int(chance() * (VERIFY_EVERY_DAYS - 30))),
        )

    def one(self, key: int) -> Employer:
        if key % AGENCY_EVERY == FIRST:
            return self.agency(key)
        if key % BODIES_UNTIL == FIRST + 1 and key // BODIES_UNTIL < self.most_bodies:
            return self.body(key)
        return self.company(key)

    @property
    def most_bodies(self) -> int:
        """As many as have names of their own."""
        return len(districts()) * len(told("trades")["bodies"])


def companies(seed: int, n: int, today: date, start: int = FIRST) -> Iterator[Employer]:
    """Employers one by one; a longer stream begins with the shorter one. Number 0 belongs to the cast."""
    register = Register(seed, today)
    return islice(map(register.one, range(start, start + n)), n)
