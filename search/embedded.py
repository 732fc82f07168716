"""The engine inside our own process: tantivy over a folder, one writer, readers anywhere on the machine.

The folder holds one index a generation and a file `current` that names the one in use. A rebuild fills a
new generation and then replaces that file in one step. Readers look at two file stamps before each
question, so a commit or a switch by another process is seen by the next question.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Self

import tantivy
from tantivy import Occur
from tantivy import Query as Clause

from search import choices, rows, words
from search.choices import Bounds
from search.counting import by_value, count
from search.explain import explain
from search.generations import Generations, Stamp
from search.narrowing import filters, under
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
from search.simpler import bare, simpler
from search.thesaurus import Loader, Thesaurus, once

WRITER_BYTES = 30_000_000
REBUILD_BYTES = 200_000_000
Addresses = list[tuple[float, tantivy.DocAddress]]
COLUMNS_OF_SORTS = {Sort.NEWEST: rows.NEWEST, Sort.SALARY: rows.PAY}
KNOWN_TEXTS = 1_000
"""Pages and filters of the same question need not be read again."""


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


@dataclass(frozen=True)
class _Worded:
    """What the words ask of a vacancy in one attempt: `bare` finds it, `ranked` puts it in order too."""

    reading: Reading
    wanted: Condition

    @cached_property
    def bare(self) -> Clause:
        return _clause(bare(self.wanted))

    @cached_property
    def ranked(self) -> Clause:
        return _clause(simpler(self.wanted))


@dataclass(frozen=True)
class _Asked:
    """The attempt that answers; none where nothing was typed."""

    words: _Worded | None = None
    tried: tuple[Attempt, ...] = ()

    @property
    def bare(self) -> Clause | None:
        return self.words.bare if self.words else None

    @property
    def reading(self) -> Reading | None:
        return self.words.reading if self.words else None


@dataclass(frozen=True)
class _Reader:
    """An index as its files stood at one moment, and what was found out about it since."""

    generation: str
    stamp: tuple[Stamp | None, Stamp | None]
    index: tantivy.Index
    searcher: tantivy.Searcher
    asked: dict[str, _Asked] = field(default_factory=dict)
    """Of a text, the attempt that answers."""
    counts: dict[tuple[str, Bounds], dict[str, dict[str, int]]] = field(default_factory=dict)
    """Of words and filters, what every page and order of the same question shows beside it."""
    everywhere: dict[tuple[str, str], bool] = field(default_factory=dict)
    """Whether every vacancy has this value."""


_Page = tuple[_Asked, int, Addresses]


class EmbeddedIndex:
    """A folder of vacancies. Opened for writing it is the only writer; anyone may read, in any process."""

    def __init__(self, home: Path, thesaurus: Thesaurus | Loader, *, write: bool = False) -> None:
        self._loaded = once(thesaurus)
        self._generations = Generations(home)
        self._lock = threading.Lock()
        self._worded = lru_cache(KNOWN_TEXTS)(self._words)
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
        if reader is None or not self._is_latest(reader):
            with self._lock:  # who waited here finds it done
                reader = self._reader
                if reader is None or not self._is_latest(reader):
                    reader = self._reader = self._refreshed(reader)
        return reader

    def _is_latest(self, reader: _Reader) -> bool:
        return reader.stamp == self._generations.stamp(reader.generation)

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

    def _words(self, text: str, attempt: Attempt) -> _Worded:
        reading = read(text, self._loaded())
        return _Worded(reading, condition(attempt, reading))

    def _understood(self, reader: _Reader, text: str) -> _Asked:
        """Try the words, then some of them, then their sound: decided by the text alone.

        The filters have no say, or choosing one would change what the words mean and no number beside a
        choice would be true.
        """
        if known := _known(reader, text):
            return known
        worded, hits = self._worded(text, Attempt.WORDS), 0
        tried: list[Attempt] = []
        while attempt := next_attempt(tried[-1] if tried else None, worded.reading, hits):
            tried.append(attempt)
            worded = self._worded(text, attempt)
            hits = count(reader.searcher, worded.bare)
        return _remember(reader, text, _Asked(worded, tuple(tried)))

    def count(self, query: Query) -> int:
        reader = self._latest()
        asked = self._understood(reader, _text(query))
        return count(reader.searcher, under(asked.bare, self._narrowed(reader, query).values()))

    def find(self, query: Query) -> Answer:
        started = time.perf_counter()
        reader = self._latest()
        narrowed = self._narrowed(reader, query)
        asked, total, addresses = self._first(reader, query, narrowed.values())
        hits = tuple(
            explain(_unpack(reader.searcher, address), asked.reading, asked.tried) for _, address in addresses
        )
        counts = choices.facets(_counts(reader, asked, narrowed, query), query)
        took_ms = round((time.perf_counter() - started) * 1000, 2)
        return Answer(total, hits, counts, asked.tried, took_ms)

    def _narrowed(self, reader: _Reader, query: Query) -> dict[str, Clause]:
        """The filters, without those that every vacancy passes: a board of one city is asked for that city."""
        bounds = Bounds.of(query)
        values = {choices.AREA: bounds.area, choices.OCCUPATION: bounds.occupation, choices.TYPE: bounds.type}
        return {
            facet: each
            for facet, each in filters(bounds).items()
            if not ((value := values.get(facet)) and _everywhere(reader, facet, value, each))
        }

    def _first(self, reader: _Reader, query: Query, narrowed: Iterable[Clause]) -> _Page:
        """The page; by a single word at once, and where that finds enough nothing needs to be counted first."""
        text, narrowed = _text(query), list(narrowed)
        if _known(reader, text) is None:
            asked = _Asked(self._worded(text, Attempt.WORDS), (Attempt.WORDS,))
            if asked.reading and len(asked.reading.units) == 1:
                total, addresses = _page(reader.searcher, asked, narrowed, query)
                if next_attempt(Attempt.WORDS, asked.reading, total) is None:
                    return _remember(reader, text, asked), total, addresses
        known = self._understood(reader, text)
        return known, *_page(reader.searcher, known, narrowed, query)


def _text(query: Query) -> str:
    """The words that are read; none where there are only signs."""
    text = query.text[: words.TEXT_LIMIT]
    return text if words.fold(text) else ""


def _known(reader: _Reader, text: str) -> _Asked | None:
    return reader.asked.get(text) if text else _Asked()


def _remember(reader: _Reader, text: str, asked: _Asked) -> _Asked:
    if len(reader.asked) >= KNOWN_TEXTS:
        reader.asked.clear()
    reader.asked[text] = asked
    return asked


def _counts(
    reader: _Reader, asked: _Asked, narrowed: dict[str, Clause], query: Query
) -> dict[str, dict[str, int]]:
    key = _text(query), Bounds.of(query)
    if (known := reader.counts.get(key)) is None:
        known = by_value(reader.searcher, asked.bare, narrowed, query)
        if len(reader.counts) >= KNOWN_TEXTS:
            reader.counts.clear()
        reader.counts[key] = known
    return known


def _everywhere(reader: _Reader, facet: str, value: str, its_filter: Clause) -> bool:
    """Whether every vacancy has the value; looked up first among the words, which know the deleted ones too."""
    if (known := reader.everywhere.get((facet, value))) is None:
        searcher = reader.searcher
        known = (
            searcher.doc_freq(facet, value) >= searcher.num_docs
            and count(searcher, its_filter) == searcher.num_docs
        )
        if len(reader.everywhere) >= KNOWN_TEXTS:
            reader.everywhere.clear()
        reader.everywhere[facet, value] = known
    return known


def _put(writer: tantivy.IndexWriter, documents: Iterable[Document]) -> None:
    for document in documents:
        writer.delete_documents_by_term(rows.ID, document.id)
        writer.add_document(rows.row_of(document))


def _page(
    searcher: tantivy.Searcher, asked: _Asked, narrowed: Iterable[Clause], query: Query
) -> tuple[int, Addresses]:
    size, skipped = query.size, (query.page - 1) * query.size
    by_words = query.sort is Sort.RELEVANCE and asked.words is not None
    wanted = under(asked.words.ranked if by_words and asked.words else asked.bare, narrowed)
    if skipped and skipped >= (total := count(searcher, under(asked.bare, narrowed))):
        return total, []
    if by_words:
        result = searcher.search(wanted, size, offset=skipped, weight_by_field=rows.EASE)
    else:
        column = COLUMNS_OF_SORTS.get(query.sort, rows.NEWEST)
        result = searcher.search(wanted, size, offset=skipped, order_by_field=column)
    return result.count, result.hits  # type: ignore[attr-defined]  # missing from the stub


def _unpack(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> Document:
    return unpack(bytes(searcher.doc(address).get_first(rows.STORED) or b""))
