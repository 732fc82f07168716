"""The gate of search quality: thousands of real titles, asked for by the names that occupations go by.

A title counts as right when a person gave it the occupation whose name is asked for. The titles carry no
codes and no names here, so only words can find them; the table of occupations is known, the titles are not.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from search.embedded import EmbeddedIndex
from search.occupations import Occupations
from search.port import Document, Index, Query
from search.thesaurus import Thesaurus
from tests.search.corpus import bare_titles, names_of, occupations, thesaurus, titles

TOP = 10
ENOUGH_TITLES = 3


def alias_queries(one_in: int = 1) -> dict[str, set[str]]:
    """Each name of an occupation that has titles, and the ids of the titles it should find."""
    right: dict[str, set[str]] = defaultdict(set)
    for number, (_, code) in enumerate(titles()):
        if number % one_in == 0:
            right[code].add(str(number))
    asked: dict[str, set[str]] = defaultdict(set)
    for code, called in names_of().items():
        if len(right[code]) >= ENOUGH_TITLES:
            for name in called:
                asked[name] |= right[code]
    return asked


def ndcg(found: list[str], right: set[str]) -> float:
    gained = sum(1 / math.log2(rank + 2) for rank, each in enumerate(found[:TOP]) if each in right)
    return gained / sum(1 / math.log2(rank + 2) for rank in range(min(TOP, len(right))))


def measured(index: Index, asked: Mapping[str, set[str]]) -> tuple[float, float]:
    """The mean nDCG@10 and the share of questions that find nothing."""
    answers = {name: index.find(Query(name, size=TOP)) for name in asked}
    gains = [ndcg([hit.id for hit in answers[name].hits], right) for name, right in asked.items()]
    empty = sum(answer.total == 0 for answer in answers.values())
    return sum(gains) / len(gains), empty / len(gains)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an index of all titles."""
    home = tmp_path_factory.mktemp("bare")
    with EmbeddedIndex(home, thesaurus(), write=True) as index:
        index.rebuild(bare_titles())
    return home


def test_titles_are_found_by_the_names_of_their_occupation(home: Path) -> None:
    asked = alias_queries()
    quality, empty = measured(EmbeddedIndex(home, thesaurus()), asked)
    assert len(asked) > 1_400
    assert quality >= 0.46
    assert empty <= 0.01


def test_without_the_table_of_occupations_everyday_words_still_find_most(home: Path) -> None:
    quality, empty = measured(EmbeddedIndex(home, Thesaurus.load()), alias_queries())
    assert quality >= 0.31
    assert empty <= 0.03


def suggested_titles(known: Occupations, one_in: int) -> Iterator[Document]:
    """Titles with the occupation that is suggested first, as an employer in a hurry takes it."""
    for document in islice(bare_titles(), 0, None, one_in):
        for suggestion in known.suggest(document.title, n=1):
            names = names_of()[suggestion.code]
            yield replace(document, occupation=suggestion.code, occupation_names=names)


def test_the_first_suggested_occupation_makes_titles_easier_to_find(tmp_path: Path) -> None:
    asked = alias_queries(one_in=5)
    with EmbeddedIndex(tmp_path / "bare", thesaurus(), write=True) as index:
        index.rebuild(islice(bare_titles(), 0, None, 5))
        quality_without, _ = measured(index, asked)
    with EmbeddedIndex(tmp_path / "coded", thesaurus(), write=True) as index:
        index.rebuild(suggested_titles(Occupations(occupations(), thesaurus()), one_in=5))
        quality, empty = measured(index, asked)
    assert quality >= 0.54
    assert quality > quality_without
    assert empty <= 0.01
