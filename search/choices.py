"""The choices beside the results: what each filter takes, what lies above a code, and the numbers shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from search.port import AGES_DAYS, SALARY_BANDS_FEN, Document, Query

AREA, OCCUPATION, EDUCATION, TYPE, SALARY, AGE = "area", "occupation", "education", "type", "salary", "age"
FACETS = (AREA, OCCUPATION, EDUCATION, TYPE, SALARY, AGE)
MAX_VALUES = 5_000
AREA_LEVELS = (2, 4, 6, 9, 12)
AREA_LETTERS = 6
OCCUPATION_LEVELS = 4
MANY_CODES = 16_384
MAX_NUMBER = 2**53 - 1
"""The greatest that every engine takes."""


@lru_cache(maxsize=MANY_CODES)
def area_path(code: str) -> tuple[str, ...]:
    """A GB/T 2260 code and those above it, the widest first; a level of zeros is no level.

    >>> area_path("310115")
    ('310000', '310100', '310115')
    >>> area_path("31")
    ('310000',)
    """
    ends = [end for end in AREA_LEVELS if end <= len(code)]
    starts = [0, *ends]
    return tuple(
        code[:end].ljust(AREA_LETTERS, "0")
        for start, end in zip(starts, ends, strict=False)
        if code[start:end].strip("0")
    )


@lru_cache(maxsize=MANY_CODES)
def occupation_path(code: str) -> tuple[str, ...]:
    """An occupation code and those above it, the widest first.

    >>> occupation_path("4-01-02-00")
    ('4-00-00-00', '4-01-00-00', '4-01-02-00')
    """
    levels = code.split("-")[:OCCUPATION_LEVELS]
    return tuple(
        "-".join(levels[:size] + ["00"] * (OCCUPATION_LEVELS - size))
        for size in range(1, len(levels) + 1)
        if levels[size - 1].strip("0")
    )


PATHS: Mapping[str, Callable[[str], tuple[str, ...]]] = {AREA: area_path, OCCUPATION: occupation_path}


def pay_reached_fen(document: Document) -> int:
    """The most that is offered; nothing where no pay is stated."""
    return document.salary_max_fen or document.salary_min_fen or 0


def salary_band(document: Document) -> int:
    """How many of the bands this pay reaches."""
    return sum(band <= pay_reached_fen(document) for band in SALARY_BANDS_FEN)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The filters of a query as engines apply them: exact codes and lowest or highest numbers."""

    area: str | None
    occupation: str | None
    type: str | None
    education_most: int | None
    salary_least_fen: int | None
    published_least: int | None

    @classmethod
    def of(cls, query: Query) -> Bounds:
        day = _day(query)
        least = query.salary_min_fen or 0
        since = None if query.days is None or day is None else day - query.days + 1
        return cls(
            _last(AREA, query.area),
            _last(OCCUPATION, query.occupation),
            query.type or None,
            None if query.education is None else min(max(query.education, 0), MAX_NUMBER),
            None if least <= 0 else min(least, MAX_NUMBER),
            None if since is None else max(since, 0),
        )


def _last(facet: str, chosen: str | None) -> str | None:
    """The chosen code in its full form; one that is no code at all finds nothing."""
    return (PATHS[facet](chosen) or (chosen,))[-1] if chosen else None


def _day(query: Query) -> int | None:
    return None if query.today is None else query.today.toordinal()


def facets(raw: Mapping[str, Mapping[str, int]], query: Query) -> dict[str, dict[str, int]]:
    """The numbers to show from the number of vacancies with each single value.

    A facet whose filter is a bound counts all that the bound lets through, so that every number is the
    total that its choice gives.
    """
    education, bands, days = (
        {int(value): number for value, number in raw[facet].items()} for facet in (EDUCATION, SALARY, AGE)
    )
    day = _day(query)
    return {
        AREA: _on_the_way(AREA, raw[AREA], query),
        OCCUPATION: _on_the_way(OCCUPATION, raw[OCCUPATION], query),
        EDUCATION: {
            str(most): sum(number for asked, number in education.items() if asked <= most)
            for most in sorted(education)
        },
        TYPE: dict(sorted(raw[TYPE].items(), key=_most_first)),
        SALARY: _reaching(bands, {band: at + 1 for at, band in enumerate(SALARY_BANDS_FEN)}),
        AGE: {} if day is None else _reaching(days, {age: day - age + 1 for age in AGES_DAYS}),
    }


def _reaching(numbers: Mapping[int, int], least: Mapping[int, int]) -> dict[str, int]:
    """For each choice, how many have at least what it asks for; choices that find nothing are left out."""
    totals = {
        str(choice): sum(number for value, number in numbers.items() if value >= needed)
        for choice, needed in least.items()
    }
    return {choice: total for choice, total in totals.items() if total}


def _most_first(each: tuple[str, int]) -> tuple[int, str]:
    return -each[1], each[0]


def chosen_path(facet: str, query: Query) -> tuple[str, ...]:
    """The codes from the top down to the chosen one."""
    chosen = query.area if facet == AREA else query.occupation
    return PATHS[facet](chosen) if chosen else ()


def _on_the_way(facet: str, numbers: Mapping[str, int], query: Query) -> dict[str, int]:
    """The top level, the levels on the way to the chosen code, and the one below it."""
    unfolded = {"", *chosen_path(facet, query)}
    shown = {code: number for code, number in numbers.items() if ("", *PATHS[facet](code))[-2] in unfolded}
    return dict(sorted(shown.items(), key=_most_first))
