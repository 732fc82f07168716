"""Occupations: the national table as search takes it, and suggestions while an employer types a title."""

from __future__ import annotations

from functools import cache

from backend.kernel import codes
from search.occupations import Occupations
from search.port import Occupation
from search.thesaurus import Thesaurus


@cache
def table() -> tuple[Occupation, ...]:
    return tuple((one.code, one.name, one.aliases) for one in codes.choices("occupation"))


@cache
def _suggester() -> Occupations:
    return Occupations((row for row in table() if not row[0].endswith("-00")), Thesaurus.load())


def suggest(text: str, n: int = 5) -> list[tuple[str, str]]:
    """The likeliest occupations of a title: code and name."""
    return [(code, name) for code, name, _ in _suggester().suggest(text[:60], n)] if text.strip() else []
