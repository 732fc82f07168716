"""The demo city as a whole 示例市: the cast first, then as many others as are wanted.

Everything is told by the seed and the day; nothing here touches a database, a clock or a network.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import chain

from backend.demo import cards, cast
from backend.demo.careers import Career, careers
from backend.demo.companies import Employer, companies, employers_for
from backend.demo.occupations import Occupations
from backend.demo.people import Person, people
from backend.demo.series import Terms
from backend.demo.vacancies import Vacancy, vacancies

CAST_SEED = "cast"


@dataclass(frozen=True)
class City:
    """A city of a seed, a day and a size; `table` is the table of occupations (code, name, aliases)."""

    seed: int
    today: date
    size: int  # persons, the cast among them
    table: tuple[tuple[str, str, tuple[str, ...]], ...]

    @cached_property
    def occupations(self) -> Occupations:
        return Occupations(self.table)

    @cached_property
    def employers(self) -> tuple[Employer, ...]:
        """Number 0 is the cast's own company."""
        return (cast.company(self.today), *companies(self.seed, employers_for(self.size) - 1, self.today))

    def persons(self) -> Iterator[Person]:
        """The citizens of the cast, then the others."""
        known = cast.citizens(self.today)
        return chain(known, people(self.seed, max(0, self.size - len(known)), self.today, start=len(known)))

    def careers(self, terms: Terms, persons: Iterable[Person] | None = None) -> Iterator[Career]:
        """Careers of those who have worked. The cast have all worked for their own company."""
        first = cast.citizens(self.today)
        others = (one for one in (self.persons() if persons is None else persons) if one.key >= len(first))
        yield from careers(CAST_SEED, first, self.employers[:1], self.occupations, terms, self.today)
        yield from careers(self.seed, others, self.employers, self.occupations, terms, self.today)

    def vacancies(self, n: int, minimum_wage_fen: int) -> Iterator[Vacancy]:
        return vacancies(self.seed, n, self.employers, self.occupations, self.today, minimum_wage_fen)

    def cards(self, persons: Iterable[Person]) -> Iterator[cards.Card]:
        """A card each; the cast's are the ones printed for the kiosk."""
        fixed = {index: member.card for index, member in enumerate(cast.CITIZENS)}
        return (fixed.get(one.key) or cards.card(one, self.today) for one in persons)
