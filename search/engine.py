"""Which engine answers: the one on a server where its address is given, else the one in our own process."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from search.embedded import EmbeddedIndex
from search.port import Index, Occupation
from search.thesaurus import Thesaurus


def open_index(
    home: Path,
    occupations: Iterable[Occupation] = (),
    *,
    meili_url: str | None = None,
    meili_key: str | None = None,
    write: bool = False,
) -> Index:
    """The index of vacancies, for one writer or any number of readers.

    `home` is the folder of the embedded engine. The table of occupations lets a name of an occupation find
    vacancies that go by its other names.
    """
    thesaurus = partial(Thesaurus.load, tuple(occupations))
    if meili_url:
        from search.meili import MeiliIndex  # noqa: PLC0415 - its client is slow to load, and few need it

        return MeiliIndex(meili_url, thesaurus, key=meili_key, write=write)
    return EmbeddedIndex(home, thesaurus, write=write)
