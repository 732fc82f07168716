"""Persons of the demo city 参保人: valid numbers, names of their generation, where they stand in life.

A stream is told by its seed alone: the same seed gives the same persons in the same order, and a
longer stream begins with the shorter one.
"""

from __future__ import annotations

from bisect import bisect
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from itertools import islice
from random import Random
from typing import Literal, NamedTuple

from backend.demo import numbers
from backend.demo.names import NATIONS, Names, spread
from backend.demo.places import by_population, city, districts, elsewhere, former, roads
from backend.kernel import ident

Life = Literal["child", "student", "working", "flexible", "unemployed", "retired"]
Drawn = Literal["", "card", "bank"]

MALE, FEMALE = "1", "2"
OLDEST = 99
FORMER_UNTIL = 1996  # numbers of cancelled divisions were given until about then
RETIREMENT_REFORM = 2025 * 12  # the first month of the reform, counted in months
FLEXIBLE_MONTHS = 36
# 每千人里各年龄段有多少人，五岁一段
AGES = (32, 42, 40, 38, 56, 80, 104, 100, 88, 80, 78, 72, 62, 50, 38, 23, 11, 4, 1, 1)
SCHOOLED = {
    "10": 23,
    "20": 21,
    "30": 20,
    "40": 18,
    "60": 18,
}  # 毕业年龄; others are at work from 17 at the latest
STAGES = {  # 还在上学的人已经有的文化程度, until an age
    "child": ((12, "90"), (15, "80"), (16, "70")),
    "student": ((18, "70"), (22, "60"), (99, "20")),
}
# 各年代出生的人的文化程度 (GB/T 4658 大类): of a hundred
SCHOOLING = {
    1900: {"20": 4, "30": 4, "40": 5, "60": 11, "70": 26, "80": 38, "90": 12},
    1950: {"20": 5, "30": 7, "40": 8, "60": 20, "70": 40, "80": 18, "90": 2},
    1965: {"10": 1, "20": 9, "30": 12, "40": 10, "60": 20, "70": 38, "80": 10},
    1975: {"10": 3, "20": 18, "30": 17, "40": 13, "60": 13, "70": 32, "80": 4},
    1985: {"10": 8, "20": 30, "30": 21, "40": 12, "60": 9, "70": 19, "80": 1},
    1995: {"10": 9, "20": 38, "30": 24, "40": 13, "60": 8, "70": 8},
    2005: {"10": 10, "20": 42, "30": 24, "40": 14, "60": 6, "70": 4},
}


class Person(NamedTuple):
    """One person, ready to be copied into a table."""

    key: int
    ident: str
    name: str
    sex: str
    birth: date
    nation: str
    education: str
    area: str
    phone: str
    address: str
    life: Life
    track: int  # the age of retirement before the reform: 60, 55 or 50
    retired: str  # YYYY-MM, empty while not retired
    drawn: Drawn  # how a pension is drawn


@cache
def days(year: int) -> tuple[tuple[date, str, int], ...]:
    """Every day of a year, as a citizen number writes it, and what it adds to the number's weighted sum."""
    first = date(year, 1, 1)
    every = (first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days))
    written = ((day, f"{day.year}{day.month:02d}{day.day:02d}") for day in every)
    return tuple((day, digits, numbers.citizen_weight(digits, 6)) for day, digits in written)


@cache
def orders(sex: str) -> tuple[tuple[str, int], ...]:
    """The order numbers of a sex (odd: male), and what each adds to the weighted sum."""
    written = (f"{2 * order + (3 if sex == MALE else 2):03d}" for order in range(numbers.ORDERS))
    return tuple((digits, numbers.citizen_weight(digits, 14)) for digits in written)


class Cell:
    """The citizen numbers of one division, year and sex: each is given once."""

    __slots__ = ("area", "days", "given", "orders", "size", "weight")

    def __init__(self, area: str, year: int, sex: str, phase: float) -> None:
        self.area = area
        self.weight = numbers.citizen_weight(area, 0)
        self.days = days(year)
        self.orders = orders(sex)
        self.size = len(self.days) * numbers.ORDERS
        self.given = int(phase * self.size)

    def next(self) -> tuple[str, date]:
        """A number nobody has, and the birth day it tells."""
        self.given = given = (self.given + numbers.STRIDE) % self.size
        day, digits, weight = self.days[given % len(self.days)]
        order, more = self.orders[given // len(self.days)]
        check = ident.CHECKS[(self.weight + weight + more) % 11]
        return f"{self.area}{digits}{order}{check}", day


@cache
def retirement_age_months(year: int, month: int, track: int) -> int:
    """The legal age of retirement of those born in a month (全国人大常委会 2024-09-13 决定)."""
    base_year, step, cap = {60: (1965, 4, 36), 55: (1970, 4, 36), 50: (1975, 2, 60)}[track]
    late = (year - base_year) * 12 + month - 1
    return track * 12 + (0 if late < 0 else min(late // step + 1, cap))


def month_text(months: int) -> str:
    return f"{months // 12:04d}-{months % 12 + 1:02d}"


def retired_by(birth: date, age_months: int, today: date) -> str:
    """The month in which somebody reached an age, or nothing while that day has not come."""
    reached = birth.year * 12 + birth.month - 1 + age_months
    left = today.year * 12 + today.month - 1 - reached
    if left == 0:  # the day itself decides; the 31st is the last of a shorter month
        left = today.day - min(birth.day, monthrange(today.year, today.month)[1])
    return month_text(reached) if left >= 0 else ""


class Town:
    """The chances of the city, and the numbers already given."""

    def __init__(self, seed: int, today: date) -> None:
        rng = Random(f"people:{seed}")  # noqa: S311 - a demo city is drawn, not guarded
        self.chance = rng.random
        self.today = today
        self.names = Names(rng)
        self.cells: dict[tuple[str, int, str], Cell] = {}
        self.ages = spread(
            (age, weight) for age, weight in enumerate(w for w in AGES for _ in range(5)) if age <= OLDEST
        )
        self.nations = spread(NATIONS)
        self.homes = by_population()
        self.roads = roads()
        self.starts = tuple(SCHOOLING)
        self.schools = {start: spread(shares) for start, shares in SCHOOLING.items()}

    def birth(self, sex: str) -> tuple[str, date]:
        """A citizen number nobody has, and the day it tells."""
        chance = self.chance
        age = self.ages[int(chance() * len(self.ages))]
        year = self.today.year - 1 - age
        places = elsewhere() if chance() < (0.12 if age >= 60 else 0.4) else None
        if places is None:
            places = former() if year < FORMER_UNTIL and chance() < 0.3 else CITIZENS
        area = places[int(chance() * len(places))]
        cell = self.cells.get((area, year, sex))
        if cell is None:
            cell = self.cells[area, year, sex] = Cell(area, year, sex, chance())
        return cell.next()

    def schooling(self, year: int) -> str:
        options = self.schools[self.starts[bisect(self.starts, year) - 1]]
        return options[int(self.chance() * len(options))]

    def work(self, age: int, education: str) -> Life:
        """What somebody of an age does, retirement apart."""
        if age < 16:
            return "child"
        if age < SCHOOLED.get(education, 17):
            return "student"
        chance = self.chance()
        return "working" if chance < 0.79 else "flexible" if chance < 0.94 else "unemployed"

    def retirement(self, birth: date, track: int) -> str:
        """When somebody retired by the law of the day, or nothing."""
        legal = retirement_age_months(birth.year, birth.month, track)
        chosen = legal
        if birth.year * 12 + birth.month - 1 + legal >= RETIREMENT_REFORM:
            chance = self.chance()
            if chance < 0.10:  # 弹性提前, not below the age before the reform
                chosen = max(track * 12, legal - 1 - int(chance * 10 * FLEXIBLE_MONTHS))
            elif chance < 0.14:  # 弹性延迟
                chosen = legal + 1 + int((chance - 0.10) * 25 * FLEXIBLE_MONTHS)
        if birth.year * 12 + birth.month - 1 + chosen < RETIREMENT_REFORM:
            chosen = legal
        return retired_by(birth, chosen, self.today)

    def track(self, sex: str, education: str, life: Life) -> int:
        """60 for men; for women 55 in managerial, technical and flexible work, 50 for workers."""
        if sex == MALE:
            return 60
        chance = self.chance()
        return 55 if life == "flexible" or chance < (0.8 if education <= "30" else 0.25) else 50

    def address(self) -> tuple[str, str]:
        chance = self.chance
        home = self.homes[int(chance() * len(self.homes))]
        known = self.roads
        number = int(chance() * 1_080_000)  # one draw for lane, house, floor and flat
        lane, house, floor, flat = number // 1080, number // 24 % 45, number // 4 % 6, number % 4
        road = known[int(chance() * len(known))]
        return home.code, f"{CITY}{home.name}{road}{lane + 1}弄{house + 1}号{floor + 1}0{flat + 1}室"

    def person(self, key: int) -> Person:
        chance = self.chance
        today = self.today
        sex = MALE if chance() < 0.507 else FEMALE
        number, birth = self.birth(sex)
        nation = self.nations[int(chance() * len(self.nations))]
        age = today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))
        education = self.schooling(birth.year)
        life = self.work(age, education)
        track = self.track(sex, education, life)
        retired = self.retirement(birth, track) if age >= 50 else ""
        drawn: Drawn = ""
        if retired:
            life = "retired"
            drawn = "bank" if chance() < 0.7 else "card"
        area, address = self.address()
        name = self.names.name(sex, birth.year, nation)
        return Person(
            key,
            number,
            name,
            sex,
            birth,
            nation,
            education if life not in STAGES else next(e for until, e in STAGES[life] if age < until),
            area,
            numbers.phone("120", key),
            address,
            life,
            track,
            retired,
            drawn,
        )


CITY = city()[1]
CITIZENS = spread((district.code, district.weight // 20) for district in districts())


def people(seed: int, n: int, today: date, start: int = 0) -> Iterator[Person]:
    """Persons one by one; `start` is the index of the first, for a stream that follows the cast."""
    town = Town(seed, today)
    return islice(map(town.person, range(start, start + n)), n)
