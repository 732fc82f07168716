"""Deck: the declared cuts, drawn so that none comes a second time before every one has been hit once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final, Generic, TypeVar

Cut = TypeVar("Cut")
PATIENCE: Final = 4  # misses that count like one hit: a cut that cannot be made must not hold up the others


@dataclass
class Deck(Generic[Cut]):
    cuts: Sequence[Cut]
    rng: Random
    hits: Counter[Cut] = field(default_factory=Counter)
    misses: Counter[Cut] = field(default_factory=Counter)

    def _drawn(self, cut: Cut) -> int:
        return self.hits[cut] + self.misses[cut] // PATIENCE

    def draw(self) -> Cut:
        least = min(map(self._drawn, self.cuts))
        return self.rng.choice([cut for cut in self.cuts if self._drawn(cut) == least])

    def note(self, cut: Cut, *, hit: bool) -> None:
        (self.hits if hit else self.misses)[cut] += 1
