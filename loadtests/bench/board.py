"""Board: a large job board — vacancies of the demo city as search takes them, and what seekers ask of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any
from urllib.parse import urlencode

from backend.demo.city import City
from backend.demo.load import SEED
from backend.demo.places import districts
from backend.demo.published import minimum_wage
from backend.employment.rules import SCHOOLING
from backend.kernel import codes
from backend.kernel.settings import settings
from search.pinyin import spell
from search.port import Document, Occupation, Query, Sort

EMPLOYERS_OF = 20_000  # a city of so many people has employers enough for a large board
QUERIES = 400
YUAN_FEN = 100


def table() -> tuple[Occupation, ...]:
    return tuple((one.code, one.name, one.aliases) for one in codes.choices("occupation"))


def documents(n: int, today: date) -> Iterator[Document]:
    """So many open vacancies, the same on every run of a day."""
    city = City(SEED, today, EMPLOYERS_OF, tuple((code, name, tuple(more)) for code, name, more in table()))
    names = {code: (name, *aliases) for code, name, aliases in table()}
    for one in city.vacancies(n, minimum_wage(today).fen):
        yield Document(
            id=f"V{one.key:08d}",
            title=one.title,
            published=one.published or today,
            employer=city.employers[one.employer].name,
            body=f"{one.work}\n{'；'.join(one.conditions)}",
            area=one.area,
            occupation=one.occupation,
            occupation_names=names.get(one.occupation, ()),
            salary_min_fen=one.pay_min_fen,
            salary_max_fen=one.pay_max_fen,
            education=SCHOOLING[one.education],
            type=one.type,
            openings=one.headcount,
        )


@dataclass(frozen=True)
class Asked:
    """One search, as the engine takes it and as an address."""

    query: Query
    path: str


def asked(seed: int, today: date) -> list[Asked]:
    """400 searches of words, filters and sorts as people mix them; another seed asks others."""
    rng = Random(f"queries:{seed}")
    rows = [row for row in table() if not row[0].endswith("-00")]
    return [_one(rng, rows, today) for _ in range(QUERIES)]


def _one(rng: Random, rows: list[Occupation], today: date) -> Asked:
    said: dict[str, Any] = {"q": _words(rng, rows)}
    for name, chance, options in (
        ("area", 0.4, [one.code for one in districts()]),
        ("occupation", 0.1, [row[0][:4] + "-00-00" for row in rows]),
        ("salary_min", 0.3, ["4000", "6000", "8000", "10000"]),
        ("education", 0.2, ["20", "30", "60", "70"]),
        ("type", 0.2, ["full", "part", "intern"]),
        ("days", 0.2, ["3", "7", "14", "30"]),
    ):
        if rng.random() < chance:
            said[name] = rng.choice(options)
    said["sort"] = rng.choices([Sort.RELEVANCE, Sort.NEWEST, Sort.SALARY], [7, 2, 1])[0]
    query = Query(
        said["q"],
        area=said.get("area", settings().area[:2] + "0100"),
        occupation=said.get("occupation"),
        salary_min_fen=int(said["salary_min"]) * YUAN_FEN if "salary_min" in said else None,
        education=SCHOOLING[said["education"]] if "education" in said else None,
        type=said.get("type"),
        days=int(said["days"]) if "days" in said else None,
        today=today,
        sort=said["sort"],
    )
    return Asked(query, f"/api/v1/vacancies?{urlencode(said)}")


def _words(rng: Random, rows: list[Occupation]) -> str:
    """A name people use for an occupation, two of them, one and a wish, its sound, or nothing at all."""
    kind = rng.random()
    if kind < 0.1:
        return ""
    _, name, aliases = rng.choice(rows)
    word = rng.choice([name, *aliases])[:12]
    if kind < 0.2:
        return spell(word).replace(" ", "")
    if kind < 0.3:
        return f"{word} {rng.choice(['双休', '包吃住', '五险一金', '白班', '兼职'])}"
    if kind < 0.4:
        return f"{word} {rng.choice(rows)[1][:6]}"
    return word
