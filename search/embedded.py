"""The engine inside our own process: tantivy over a folder, one writer, readers anywhere on the machine.

The folder holds one index a generation and a file `current` that names the one in use. A rebuild fills a
new generation and then replaces that file in one step. Readers look at two file stamps before each
question, so a commit or a switch by another process is seen by the next question.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import tantivy
from tantivy import FieldType, Occur
from tantivy import Query as Clause

from search import choices, rows, words
from search.choices import Bounds
from search.explain import explain
from search.generations import Generations, Stamp
from search.packing import unpack
from search.port import (
    Answer,
    Attempt,
    Document,
    IndexClosedToWriting,
    IndexMissing,
    Query,
    Sort,
    WriterBusy,
)
from search.reading import (
    All,
    Condition,
    Has,
    Near,
    Prefer,
    Reading,
    Some,
    condition,
    next_attempt,
    read,
)
from search.thesaurus import Thesaurus

WRITER_BYTES = 30_000_000
REBUILD_BYTES = 200_000_000
COLUMNS_OF_SORTS = {Sort.NEWEST: rows.NEWEST, Sort.SALARY: rows.PAY}
KNOWN_TEXTS = 1_000
"""Between two commits; pages and filters of the same question need not be read again."""


def _clause(wanted: Condition) -> Clause:
    """What a vacancy must have, in tantivy's terms."""
    match wanted:
        case Has(name, word, weight):
            term = Clause.term_query(rows.SCHEMA, name, word, "freq" if name in rows.COUNTED else "basic")
            return term if weight == 1.0 else Clause.boost_query(term, float(weight))
        case Near(name, word):
            exact = Clause.term_query(rows.SCHEMA, name, word, "basic")
            if not wanted.slips:
                return exact
            slipped = Clause.fuzzy_term_query(rows.SCHEMA, name, word, distance=wanted.slips)
            return Clause.boolean_query([(Occur.Should, exact), (Occur.Should, slipped)])
        case All(parts):
            return Clause.boolean_query([(Occur.Must, _clause(part)) for part in parts])
        case Some(parts):
            return Clause.boolean_query([(Occur.Should, _clause(part)) for part in parts])
        case Prefer(needed, better):
            extra = [(Occur.Should, _clause(part)) for part in better]
            return Clause.boolean_query([(Occur.Must, _clause(needed)), *extra])


def _between(name: str, least: int | None, most: int | None) -> Clause:
    return Clause.range_query(rows.SCHEMA, name, FieldType.Unsigned, least, most)


def _filters(bounds: Bounds) -> dict[str, Clause]:
    """Each chosen filter, by the facet it belongs to."""
    exact = {choices.AREA: bounds.area, choices.OCCUPATION: bounds.occupation, choices.TYPE: bounds.type}
    filters = {
        facet: Clause.term_query(rows.SCHEMA, facet, value, "basic")
        for facet, value in exact.items()
        if value is not None
    }
    if bounds.education_most is not None:
        filters[choices.EDUCATION] = _between(rows.EDUCATION, None, bounds.education_most)
    if bounds.salary_least_fen is not None:
        filters[choices.SALARY] = _between(rows.REACHED, bounds.salary_least_fen, None)
    if bounds.published_least is not None:
        filters[choices.AGE] = _between(rows.PUBLISHED, bounds.published_least, None)
    return filters


def _under(text: Clause | None, filters: Iterable[Clause]) -> Clause:
    """The text and every filter; filters do not count for the order."""
    must = [] if text is None else [(Occur.Must, text)]
    must += [(Occur.Must, Clause.const_score_query(each, 0.0)) for each in filters]
    return Clause.boolean_query(must) if must else Clause.all_query()


@dataclass(frozen=True)
class _Found:
    """What the words came to: the last attempt made, and what it asks of a vacancy."""

    reading: Reading | None = None
    clause: Clause | None = None
    tried: tuple[Attempt, ...] = ()


@dataclass(frozen=True)
class _Reader:
    """An index as its files stood at one moment, and what lately asked words came to in it."""

    generation: str
    stamp: tuple[Stamp | None, Stamp | None]
    index: tantivy.Index
    searcher: tantivy.Searcher
    found: dict[str, _Found] = field(default_factory=dict)


class EmbeddedIndex:
    """A folder of vacancies. Opened for writing it is the only writer; anyone may read, in any process."""

    def __init__(self, home: Path, thesaurus: Thesaurus, *, write: bool = False) -> None:
        self.thesaurus = thesaurus
        self._generations = Generations(home)
        self._lock = threading.Lock()
        self._reader: _Reader | None = None
        self._writer: tantivy.IndexWriter | None = None
        self._written = ""
        if write:
            home.mkdir(parents=True, exist_ok=True)
            self._take()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    @property
    def needs_rebuild(self) -> bool:
        """Nothing was ever shown to readers in the form this program writes."""
        return self._generations.current() is None

    def _take(self) -> None:
        """Become the writer of the current generation, or of a first one that nobody sees before a commit."""
        while True:
            self._written = self._generations.current() or self._generations.first()
            self._writer = self._writer_of(self._written, WRITER_BYTES)
            if self._generations.current() in (None, self._written):
                return
            self._writer.wait_merging_threads()

    def _writer_of(self, generation: str, heap_bytes: int) -> tantivy.IndexWriter:
        try:
            index = tantivy.Index(rows.SCHEMA, path=str(self._generations.path(generation)))
            return index.writer(heap_bytes, 1)
        except ValueError as error:
            if "LockBusy" in str(error):
                raise WriterBusy from error
            raise

    def _writing(self) -> tantivy.IndexWriter:
        if self._writer is None:
            raise IndexClosedToWriting
        return self._writer

    def put(self, documents: Iterable[Document]) -> None:
        _put(self._writing(), documents)

    def drop(self, ids: Iterable[str]) -> None:
        writer = self._writing()
        for each in ids:
            writer.delete_documents_by_term(rows.ID, each)

    def commit(self) -> None:
        self._writing().commit()
        if self._generations.current() != self._written:
            self._generations.switch(self._written)

    def rebuild(self, documents: Iterable[Document]) -> int:
        """The old generation answers until the new one is whole; what was not committed is forgotten."""
        old = self._writing()
        generation = self._generations.create()
        try:
            self._fill(generation, documents)
            writer = self._writer_of(generation, WRITER_BYTES)
        except BaseException:
            self._generations.remove(generation)
            raise
        self._writer, self._written = writer, generation
        self._generations.switch(generation)
        old.rollback()
        old.wait_merging_threads()
        return self._latest().searcher.num_docs

    def _fill(self, generation: str, documents: Iterable[Document]) -> None:
        writer = self._writer_of(generation, REBUILD_BYTES)
        try:
            _put(writer, documents)
            writer.commit()
        finally:
            writer.wait_merging_threads()

    def close(self) -> None:
        if self._writer is not None:
            self._writer.rollback()
            self._writer.wait_merging_threads()
        self._writer = self._reader = None

    def _latest(self) -> _Reader:
        """The newest commit of the current generation."""
        reader = self._reader
        if reader is None or reader.stamp != self._generations.stamp(reader.generation):
            with self._lock:
                reader = self._reader = self._refreshed(self._reader)
        return reader

    def _refreshed(self, reader: _Reader | None) -> _Reader:
        generation = self._generations.current()
        if generation is None:
            raise IndexMissing(where=self._generations.home)
        stamp = self._generations.stamp(generation)
        if reader is None or reader.generation != generation:
            index = tantivy.Index.open(str(self._generations.path(generation)))
            index.config_reader("manual", 0)
        else:
            index = reader.index
        index.reload()
        return _Reader(generation, stamp, index, index.searcher())

    def _understood(self, reader: _Reader, text: str) -> _Found:
        """Try the words, then some of them, then their sound: decided by the text alone.

        The filters have no say, or choosing one would change what the words mean and no number beside a
        choice would be true.
        """
        text = text[: words.TEXT_LIMIT]
        if not words.fold(text):
            return _Found()
        if known := reader.found.get(text):
            return known
        reading = read(text, self.thesaurus)
        tried: list[Attempt] = []
        clause, hits = None, 0
        while attempt := next_attempt(tried[-1] if tried else None, reading, hits):
            clause = _clause(condition(attempt, reading))
            hits = _count(reader.searcher, clause)
            tried.append(attempt)
        if len(reader.found) >= KNOWN_TEXTS:
            reader.found.clear()
        reader.found[text] = found = _Found(reading, clause, tuple(tried))
        return found

    def count(self, query: Query) -> int:
        reader = self._latest()
        under = _under(self._understood(reader, query.text).clause, _filters(Bounds.of(query)).values())
        return _count(reader.searcher, under)

    def find(self, query: Query) -> Answer:
        started = time.perf_counter()
        reader = self._latest()
        searcher = reader.searcher
        found = self._understood(reader, query.text)
        filters = _filters(Bounds.of(query))
        sort = Sort.NEWEST if found.clause is None and query.sort is Sort.RELEVANCE else query.sort
        total, addresses = _page(searcher, _under(found.clause, filters.values()), query, sort)
        hits = tuple(
            explain(_unpack(searcher, address), found.reading, found.tried) for _, address in addresses
        )
        counts = choices.facets(_raw(searcher, found.clause, filters, query), query)
        took_ms = round((time.perf_counter() - started) * 1000, 2)
        return Answer(total, hits, counts, found.tried, took_ms)


def _put(writer: tantivy.IndexWriter, documents: Iterable[Document]) -> None:
    for document in documents:
        writer.delete_documents_by_term(rows.ID, document.id)
        writer.add_document(rows.row_of(document))


def _page(
    searcher: tantivy.Searcher, under: Clause, query: Query, sort: Sort
) -> tuple[int, list[tuple[float, tantivy.DocAddress]]]:
    size, skipped = query.size, (query.page - 1) * query.size
    if skipped and skipped >= (total := _count(searcher, under)):
        return total, []
    if sort is Sort.RELEVANCE:
        result = searcher.search(under, size, offset=skipped, weight_by_field=rows.EASE)
    else:
        result = searcher.search(under, size, offset=skipped, order_by_field=COLUMNS_OF_SORTS[sort])
    return result.count, result.hits  # type: ignore[attr-defined]  # missing from the stub


def _count(searcher: tantivy.Searcher, clause: Clause) -> int:
    """How many there are; quicker than a search, since nothing is weighed."""
    counted = searcher.aggregate(clause, {"all": {"value_count": {"field": rows.PUBLISHED}}})
    return int(counted["all"]["value"])


def _unpack(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> Document:
    return unpack(bytes(searcher.doc(address).get_first(rows.STORED) or b""))


def _raw(
    searcher: tantivy.Searcher, text: Clause | None, filters: Mapping[str, Clause], query: Query
) -> dict[str, dict[str, int]]:
    """How many vacancies have each value, a facet's own filter left out."""
    raw: dict[str, dict[str, int]] = {}
    free = [facet for facet in choices.FACETS if facet not in filters]
    for facets in filter(None, (free, *([facet] for facet in filters))):
        others = [clause for facet, clause in filters.items() if facet not in facets]
        columns = {column: facet for facet in facets for column in _columns(facet, query)}
        asked = {column: {"terms": {"field": column, "size": choices.MAX_VALUES}} for column in columns}
        for column, found in searcher.aggregate(_under(text, others), asked).items():
            numbers = {str(bucket["key"]): bucket["doc_count"] for bucket in found["buckets"]}
            raw.setdefault(columns[column], {}).update(numbers)
    return raw


def _columns(facet: str, query: Query) -> list[str]:
    """One, or those of the levels that are shown: down to one below the choice."""
    if facet not in rows.LEVELS:
        return [rows.COLUMNS[facet]]
    shown = len(choices.chosen_path(facet, query)) + 1
    return [rows.column(facet, level) for level in range(1, min(shown, rows.LEVELS[facet]) + 1)]
