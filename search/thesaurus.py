"""Which other words stand for a word: everyday synonyms and the names that one occupation goes by."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

import yaml

from search.port import How, Occupation
from search.words import fold

MARKS = re.compile(r"(?<=[\u2e80-\U0003ffff])[LS](/[LS])?$")
"""The table marks green and digital occupations by a letter after the name."""
SEPARATORS = re.compile(r"[/、,，;；()（）\[\]【】|]+")
MANY_OCCUPATIONS = 6
"""A part of a name that so many occupations share points at none of them."""


class Other(NamedTuple):
    """Another word for it, folded."""

    word: str
    how: How


@dataclass(frozen=True)
class Thesaurus:
    others: Mapping[str, tuple[Other, ...]] = field(default_factory=dict)
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    filler: frozenset[str] = frozenset()
    general: frozenset[str] = frozenset()

    @classmethod
    def load(cls, occupations: Iterable[Occupation] = ()) -> Thesaurus:
        """The everyday words of this folder, and the names and aliases of these occupations."""
        text = resources.files("search").joinpath("synonyms.yaml").read_text("utf-8")
        known = yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))  # the same text, sooner
        others: dict[str, dict[str, How]] = defaultdict(dict)
        for group in known["same"]:
            for word in map(fold, group):
                others[word] |= {other: How.SYNONYM for other in map(fold, group) if other != word}
        for word, narrower in known["wider"].items():
            others[fold(word)] |= {fold(other): How.SYNONYM for other in narrower}
        general = frozenset(map(fold, known["general"]))
        codes = _codes(occupations, others, general)
        return cls(
            {word: tuple(Other(*each) for each in found.items()) for word, found in others.items()},
            codes,
            frozenset(map(fold, known["filler"])),
            general,
        )

    def knows(self, folded: str) -> bool:
        return folded in self.others or folded in self.codes


Loader = Callable[[], Thesaurus]


def once(thesaurus: Thesaurus | Loader) -> Loader:
    """A thesaurus that is there, or that is loaded when a question first needs it."""
    return cache(thesaurus) if callable(thesaurus) else lambda: thesaurus


def names(occupation: Occupation) -> Iterator[str]:
    """The names an occupation goes by, without the table's marks."""
    _, name, aliases = occupation
    yield from dict.fromkeys(MARKS.sub("", each) for each in (name, *aliases))


@lru_cache(maxsize=8_192)
def named(occupation_names: tuple[str, ...]) -> tuple[str, ...]:
    """The names an occupation is found by, whole and in parts, folded, each once."""
    every = (part for name in occupation_names for part in (fold(name), *name_parts(name)))
    return tuple(dict.fromkeys(filter(None, every)))


def name_parts(name: str) -> Iterator[str]:
    """What stands between the slashes and brackets of a name."""
    yield from (part for each in SEPARATORS.split(name) if len(part := fold(each)) > 1)


def _codes(
    occupations: Iterable[Occupation], others: dict[str, dict[str, How]], general: frozenset[str]
) -> dict[str, tuple[str, ...]]:
    """Fill in the names that mean one occupation; what occupations each name means."""
    codes: dict[str, list[str]] = defaultdict(list)
    spoken: dict[str, list[str]] = {}
    for occupation in occupations:
        code = occupation[0]
        said = list(
            dict.fromkeys(part for name in names(occupation) for part in (fold(name), *name_parts(name)))
        )
        said = [word for word in said if word not in general]
        spoken[code] = list(dict.fromkeys(spoken.get(code, []) + said))
        for word in said:
            if code not in codes[word]:
                codes[word].append(code)
    meant = {word: tuple(found) for word, found in codes.items() if len(found) <= MANY_OCCUPATIONS}
    for word, found in meant.items():
        for code in found:
            for other in spoken[code]:
                if other != word and other in meant:
                    others[word].setdefault(other, How.OCCUPATION)
    return meant
