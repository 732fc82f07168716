"""Names of the demo city 姓名: by generation and sex, with rare characters and names written with a dot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from itertools import product
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import yaml

HERE = Path(__file__).parent
HAN = "01"
RARE_IN = 400  # one in so many carries a rare character
NATIONS = {  # 民族 (GB/T 3304): of ten thousand persons in a large eastern city
    "01": 9740, "03": 55, "15": 35, "11": 32, "06": 28, "08": 22, "10": 18, "02": 16, "14": 10, "07": 10,
    "05": 12, "12": 8, "09": 5, "04": 5, "17": 2, "22": 2, "29": 1,
}  # fmt: skip
T = TypeVar("T")


@cache
def told(name: str) -> Any:
    """A data file of the demo, as text only."""
    return yaml.load((HERE / f"{name}.yaml").read_text("utf-8"), yaml.BaseLoader)


def spread(weights: Mapping[T, int] | Iterable[tuple[T, int]]) -> tuple[T, ...]:
    """Each thing as often as its weight says, so that one random index is a fair draw.

    >>> spread({"a": 2, "b": 1})
    ('a', 'a', 'b')
    """
    pairs = weights.items() if isinstance(weights, Mapping) else weights
    return tuple(thing for thing, weight in pairs for _ in range(weight))


@cache
def surnames() -> tuple[str, ...]:
    return spread({name: int(weight) for name, weight in told("names")["surnames"].items()})


@cache
def given(sex: str, year: int) -> tuple[str, ...]:
    """Given names of those born in a year: popular ones, one character, pairs of the time's characters."""
    cohorts = told("names")["cohorts"]
    known = cohorts[max(start for start in cohorts if int(start) <= year)][sex]
    first, second = known["first"].split(), known["second"].split()
    pairs = tuple(a + b for a, b in product(first, second) if a != b)
    whole, single = tuple(known["whole"].split()), tuple(known["single"].split())
    return whole * (len(pairs) // len(whole)) + pairs + single * 12


class Names:
    """Draws names with one source of chance."""

    def __init__(self, rng: Random) -> None:
        self.chance = rng.random
        self.surnames = surnames()
        book = told("names")
        self.rare = {sex: tuple(book["rare"][sex].split()) for sex in "12"}
        self.own = {nation: tuple(names.split()) for nation, names in book["own_surnames"].items()}
        self.dotted = book["minorities"]
        self.alone = book["given_only"]

    def draw(self, options: tuple[str, ...]) -> str:
        return options[int(self.chance() * len(options))]

    def name(self, sex: str, year: int, nation: str = HAN) -> str:
        if nation != HAN:
            return self.other(sex, year, nation)
        options = given(sex, year)
        chance = self.chance
        surname = self.surnames[int(chance() * len(self.surnames))]
        if chance() * RARE_IN < 1:
            rare = self.draw(self.rare[sex])
            return surname + (rare if chance() < 0.6 else rare + self.draw(options)[-1])
        return surname + options[int(chance() * len(options))]

    def other(self, sex: str, year: int, nation: str) -> str:
        if nation in self.dotted:
            known = self.dotted[nation]
            return f"{self.draw(tuple(known[sex].split()))}·{self.draw(tuple(known['fathers'].split()))}"
        if nation in self.alone:
            name = self.draw(tuple(self.alone[nation][sex].split()))
            return name if len(name) > 1 else name * 2
        return self.draw(self.own.get(nation, self.surnames)) + self.draw(given(sex, year))
