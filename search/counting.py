"""How many vacancies there are: in all, and with each value of a facet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import tantivy
from tantivy import Query as Clause

from search import choices, rows
from search.narrowing import Filter, split, under
from search.port import Query

TOGETHER = 3
"""Groups of counts that are quicker in one go, though each then reads its filters over the whole index."""


def count(searcher: tantivy.Searcher, clause: Clause | None) -> int:
    """How many there are; quicker than a search, since nothing is weighed."""
    counted = searcher.aggregate(
        clause or Clause.all_query(), {"all": {"value_count": {"field": rows.PUBLISHED}}}
    )
    return int(counted["all"]["value"])


def by_value(
    searcher: tantivy.Searcher, text: Clause | None, narrowed: Mapping[str, Filter], query: Query
) -> dict[str, dict[str, int]]:
    """How many vacancies have each value, a facet's own filter left out."""
    columns = {column: facet for facet in choices.FACETS for column in _columns(facet, query)}
    groups = [
        _Group(
            {
                column: {"terms": {"field": column, "size": choices.MAX_VALUES}}
                for column, facet in columns.items()
                if facet in facets
            },
            [each for facet, each in narrowed.items() if facet not in facets],
        )
        for facets in split(narrowed)
    ]
    raw: dict[str, dict[str, int]] = {facet: {} for facet in choices.FACETS}
    for found in _counted(searcher, text, groups):
        for column, facet in columns.items():
            if column in found:
                raw[facet] |= {str(bucket["key"]): bucket["doc_count"] for bucket in found[column]["buckets"]}
    return raw


class _Group(NamedTuple):
    """Columns that are counted under the same filters."""

    asked: Mapping[str, Any]
    narrowed: Sequence[Filter]


def _counted(
    searcher: tantivy.Searcher, text: Clause | None, groups: Sequence[_Group]
) -> Iterable[Mapping[str, Any]]:
    """The counts of each group: with few filters the words are looked up once for all."""
    every = text or Clause.all_query()
    told = [" AND ".join(each.text for each in group.narrowed if each.text) for group in groups]
    plain = all(each.text for group in groups for each in group.narrowed)
    if text is None or not plain or len(groups) > TOGETHER:
        return [searcher.aggregate(under(text, group.narrowed), dict(group.asked)) for group in groups]
    together: dict[str, Any] = {}
    for at, (group, its_filters) in enumerate(zip(groups, told, strict=True)):
        together |= (
            {str(at): {"filter": its_filters, "aggs": dict(group.asked)}} if its_filters else group.asked
        )
    found = searcher.aggregate(every, together)
    return [found, *(found[str(at)] for at, its_filters in enumerate(told) if its_filters)]


def _columns(facet: str, query: Query) -> list[str]:
    """One, or those of the levels that are shown: down to one below the choice."""
    if facet not in rows.LEVELS:
        return [rows.COLUMNS[facet]]
    shown = len(choices.chosen_path(facet, query)) + 1
    return [rows.column(facet, level) for level in range(1, min(shown, rows.LEVELS[facet]) + 1)]
