"""The filters of a question in tantivy's terms."""

from __future__ import annotations

from collections.abc import Iterable

from tantivy import FieldType, Occur
from tantivy import Query as Clause

from search import choices, rows
from search.choices import Bounds


def filters(bounds: Bounds) -> dict[str, Clause]:
    """Each chosen filter, by the facet it belongs to."""
    exact = {choices.AREA: bounds.area, choices.OCCUPATION: bounds.occupation, choices.TYPE: bounds.type}
    chosen = {
        facet: Clause.term_query(rows.SCHEMA, facet, value, "basic")
        for facet, value in exact.items()
        if value is not None
    }
    if bounds.education_most is not None:
        chosen[choices.EDUCATION] = _between(rows.EDUCATION, None, bounds.education_most)
    if bounds.salary_least_fen is not None:
        chosen[choices.SALARY] = _between(rows.REACHED, bounds.salary_least_fen, None)
    if bounds.published_least is not None:
        chosen[choices.AGE] = _between(rows.PUBLISHED, bounds.published_least, None)
    return chosen


def _between(name: str, least: int | None, most: int | None) -> Clause:
    return Clause.range_query(rows.SCHEMA, name, FieldType.Unsigned, least, most)


def under(text: Clause | None, narrowed: Iterable[Clause]) -> Clause:
    """The text and every filter; filters do not count for the order."""
    must = [] if text is None else [(Occur.Must, text)]
    must += [(Occur.Must, Clause.const_score_query(each, 0.0)) for each in narrowed]
    return Clause.boolean_query(must) if must else Clause.all_query()
