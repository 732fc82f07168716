"""Which occupation of the national table a title means: suggestions while an employer types.

A title and the names and aliases of the table are compared by their runs of one to three letters, rare runs
counting more (TF-IDF, cosine). Nothing is learned from vacancies, so the table alone decides.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from heapq import nsmallest
from typing import NamedTuple

from search import pinyin, words
from search.port import Occupation
from search.thesaurus import Thesaurus, names

TITLE_LIMIT = 100
RUN_SIZES = (1, 2, 3)
MORE_NAMES, MORE_WEIGHT = 3, 0.15
"""Further names of the same occupation that fit too add this much of their likeness."""
WHOLE_WEIGHT, WHOLE_LETTERS = 0.2, 6
"""A name that stands whole in the title adds so much, all of it from this length on."""
START_WEIGHT = 0.3
"""A name that begins with what was typed so far adds this, so that half a word suffices."""
SOUND_WEIGHT, INITIALS_WEIGHT = 1.0, 0.6


class Suggestion(NamedTuple):
    code: str
    name: str
    score: float


class _Name(NamedTuple):
    folded: str
    row: int
    sound: str
    initials: str


class Occupations:
    def __init__(self, table: Iterable[Occupation], thesaurus: Thesaurus) -> None:
        """The table of (code, name, aliases); of the thesaurus, the words that say nothing about the work."""
        self._thesaurus = thesaurus
        called: dict[str, dict[str, str]] = defaultdict(dict)
        for row in table:
            called[row[0]] |= {folded: name for name in names(row) if (folded := words.fold(name))}
        self._rows = [(code, next(iter(known.values()))) for code, known in called.items() if known]
        self._names = [
            _Name(folded, row, pinyin.spell(folded), pinyin.initials(folded))
            for row, known in enumerate(filter(None, called.values()))
            for folded in known
        ]
        self._called: dict[str, list[int]] = defaultdict(list)
        self._starting: dict[str, list[int]] = defaultdict(list)
        for at, name in enumerate(self._names):
            self._called[name.folded].append(at)
            for typed in range(2, len(name.folded)):
                self._starting[name.folded[:typed]].append(at)
        counted = [_runs(name.folded) for name in self._names]
        spread = Counter(run for runs in counted for run in runs)
        self._rarity = {run: math.log((len(counted) + 1) / (seen + 1)) + 1 for run, seen in spread.items()}
        self._having: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for at, runs in enumerate(counted):
            for run, weight in self._weighed(runs).items():
                self._having[run].append((at, weight))

    def suggest(self, text: str, n: int = 5) -> list[Suggestion]:
        """The n occupations most like this title, the likeliest first; none where nothing is alike."""
        title = words.fold(self._told(text[:TITLE_LIMIT]))
        likeness = self._by_sound(title) if pinyin.looks_spelled(title) else {}
        if not likeness:
            likeness = self._by_letters(title)
        fitting: dict[int, list[float]] = defaultdict(list)
        for at, much in likeness.items():
            fitting[self._names[at].row].append(much)
        scored = ((_together(several), row) for row, several in fitting.items())
        best = nsmallest(n, scored, key=lambda each: (-each[0], self._rows[each[1]]))
        return [Suggestion(*self._rows[row], round(score, 4)) for score, row in best]

    def _told(self, text: str) -> str:
        """The title without the words that every advert has, unless nothing else tells the work."""
        told = [word for word in words.cut(text) if word not in self._thesaurus.filler]
        return " ".join(told) if any(word not in self._thesaurus.general for word in told) else text

    def _by_letters(self, title: str) -> Mapping[int, float]:
        likeness: dict[int, float] = defaultdict(float)
        for run, weight in self._weighed(_runs(title)).items():
            for at, facing in self._having[run]:
                likeness[at] += weight * facing
        for name in {title[at:end] for at in range(len(title)) for end in range(at + 1, len(title) + 1)}:
            for at in self._called.get(name, ()):
                likeness[at] += WHOLE_WEIGHT * min(1.0, len(name) / WHOLE_LETTERS)
        for at in self._starting.get(title, ()):
            likeness[at] += START_WEIGHT
        return likeness

    def _by_sound(self, spelled: str) -> Mapping[int, float]:
        """Names that are said, or begin, so; the nearer to the whole name the better."""
        return dict(self._sounding(spelled))

    def _sounding(self, spelled: str) -> Iterator[tuple[int, float]]:
        for at, name in enumerate(self._names):
            if name.sound.startswith(spelled):
                yield at, SOUND_WEIGHT * len(spelled) / len(name.sound)
            elif name.initials.startswith(spelled):
                yield at, INITIALS_WEIGHT * len(spelled) / len(name.initials)

    def _weighed(self, runs: Mapping[str, int]) -> dict[str, float]:
        """The runs that the table has, by how often and how rare, to length one."""
        weights = {run: math.sqrt(n) * self._rarity[run] for run, n in runs.items() if run in self._rarity}
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return {run: weight / length for run, weight in weights.items()}


def _runs(folded: str) -> Counter[str]:
    return Counter(folded[at : at + size] for size in RUN_SIZES for at in range(len(folded) - size + 1))


def _together(several: list[float]) -> float:
    best, *more = sorted(several, reverse=True)
    return best + MORE_WEIGHT * sum(more[:MORE_NAMES])
