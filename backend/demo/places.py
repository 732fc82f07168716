"""Places of the demo city 区划和地址: the districts it borrows, where its people were born, its streets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from random import Random

from backend.demo.names import spread, told


@dataclass(frozen=True)
class District:
    code: str
    name: str
    short: str
    weight: int


@cache
def districts() -> tuple[District, ...]:
    read = (text.split() for text in told("places")["districts"].values())
    return tuple(
        District(code, name, short, int(weight))
        for code, (name, short, weight) in zip(told("places")["districts"], read, strict=True)
    )


@cache
def by_population() -> tuple[District, ...]:
    """The districts, each as often as people live there."""
    return spread((district, district.weight) for district in districts())


@cache
def city() -> tuple[str, str]:
    """The city's code and name."""
    known = told("places")["city"]
    return known["code"], known["name"]


@cache
def roads() -> tuple[str, ...]:
    return tuple(told("places")["roads"].split())


@cache
def former() -> tuple[str, ...]:
    """Divisions since cancelled; numbers given there stay valid."""
    return tuple(told("places")["former"].split())


@cache
def elsewhere() -> tuple[str, ...]:
    return tuple(told("places")["elsewhere"].split())


def street(district: District, rng: Random) -> str:
    """A street and house number for an office or a shop."""
    known = roads()
    return (
        f"{city()[1]}{district.name}{known[int(rng.random() * len(known))]}{1 + int(rng.random() * 1800)}号"
    )
