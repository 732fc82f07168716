"""The filters of a question in tantivy's terms: as clauses, and as the text that its counts can be split by."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from tantivy import FieldType, Occur
from tantivy import Query as Clause

from search import choices, rows
from search.choices import Bounds

PLAIN = re.compile(r"[0-9A-Za-z-]+")
"""Values that cannot be mistaken for anything else in a text that tantivy reads."""


@dataclass(frozen=True, slots=True)
class Filter:
    """`text` is what tantivy reads as the same filter; None where the value has letters that it might misread."""

    clause: Clause
    text: str | None


def filters(bounds: Bounds) -> dict[str, Filter]:
    """Each chosen filter, by the facet it belongs to."""
    exact = {choices.AREA: bounds.area, choices.OCCUPATION: bounds.occupation, choices.TYPE: bounds.type}
    chosen = {facet: _exactly(facet, value) for facet, value in exact.items() if value is not None}
    if bounds.education_most is not None:
        chosen[choices.EDUCATION] = _between(rows.EDUCATION, 0, bounds.education_most)
    if bounds.salary_least_fen is not None:
        chosen[choices.SALARY] = _between(rows.REACHED, bounds.salary_least_fen, None)
    if bounds.published_least is not None:
        chosen[choices.AGE] = _between(rows.PUBLISHED, bounds.published_least, None)
    return chosen


def _exactly(name: str, value: str) -> Filter:
    text = f'{name}:"{value}"' if PLAIN.fullmatch(value) else None
    return Filter(Clause.term_query(rows.SCHEMA, name, value, "basic"), text)


def _between(name: str, least: int, most: int | None) -> Filter:
    text = f"{name}:[{least} TO {'*' if most is None else most}]"
    return Filter(Clause.range_query(rows.SCHEMA, name, FieldType.Unsigned, least, most), text)


def under(text: Clause | None, narrowed: Iterable[Filter]) -> Clause:
    """The text and every filter; filters do not count for the order."""
    must = [] if text is None else [(Occur.Must, text)]
    must += [(Occur.Must, Clause.const_score_query(each.clause, 0.0)) for each in narrowed]
    return Clause.boolean_query(must) if must else Clause.all_query()


def split(chosen: Collection[str]) -> list[list[str]]:
    """Facets that are counted under the same filters: those without one, and each with all filters but its own."""
    free = [facet for facet in choices.FACETS if facet not in chosen]
    return [group for group in (free, *([facet] for facet in chosen)) if group]
