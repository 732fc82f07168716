"""How many vacancies there are: in all, and with each value of a facet."""

from __future__ import annotations

from collections.abc import Mapping

import tantivy
from tantivy import Query as Clause

from search import choices, rows
from search.narrowing import under
from search.port import Query


def count(searcher: tantivy.Searcher, clause: Clause | None) -> int:
    """How many there are; quicker than a search, since nothing is weighed."""
    counted = searcher.aggregate(
        clause or Clause.all_query(), {"all": {"value_count": {"field": rows.PUBLISHED}}}
    )
    return int(counted["all"]["value"])


def by_value(
    searcher: tantivy.Searcher, text: Clause | None, narrowed: Mapping[str, Clause], query: Query
) -> dict[str, dict[str, int]]:
    """How many vacancies have each value, a facet's own filter left out."""
    raw: dict[str, dict[str, int]] = {}
    free = [facet for facet in choices.FACETS if facet not in narrowed]
    for facets in filter(None, (free, *([facet] for facet in narrowed))):
        others = [clause for facet, clause in narrowed.items() if facet not in facets]
        columns = {column: facet for facet in facets for column in _columns(facet, query)}
        asked = {column: {"terms": {"field": column, "size": choices.MAX_VALUES}} for column in columns}
        for column, found in searcher.aggregate(under(text, others), asked).items():
            numbers = {str(bucket["key"]): bucket["doc_count"] for bucket in found["buckets"]}
            raw.setdefault(columns[column], {}).update(numbers)
    return raw


def _columns(facet: str, query: Query) -> list[str]:
    """One, or those of the levels that are shown: down to one below the choice."""
    if facet not in rows.LEVELS:
        return [rows.COLUMNS[facet]]
    shown = len(choices.chosen_path(facet, query)) + 1
    return [rows.column(facet, level) for level in range(1, min(shown, rows.LEVELS[facet]) + 1)]
