"""The engine on a server of its own: Meilisearch, asked so that it finds exactly what the embedded one finds.

Which vacancies are found, and every number beside a choice, is decided by filters over our own words: they
are exact and know no limit of ten words. The server's own search only puts them in order: a word that every
vacancy has stands first in the question, so that leaving out the later words never leaves out a vacancy.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, Self

from meilisearch_python_sdk import Client
from meilisearch_python_sdk.errors import MeilisearchApiError, MeilisearchError, MeilisearchTaskFailedError
from meilisearch_python_sdk.models.search import SearchParams, SearchResultsWithUID
from meilisearch_python_sdk.models.settings import (
    Faceting,
    LocalizedAttributes,
    MeilisearchSettings,
    MinWordSizeForTypos,
    Pagination,
    TypoTolerance,
)
from meilisearch_python_sdk.models.task import TaskInfo

from search import choices, order, words
from search.choices import Bounds
from search.explain import explain
from search.packing import pack, unpack
from search.port import (
    Answer,
    Attempt,
    Document,
    EngineAway,
    IndexClosedToWriting,
    IndexMissing,
    Query,
    Sort,
)
from search.reading import (
    BODY,
    EMPLOYER,
    GRAMS,
    INITIALS,
    NAMES,
    OCCUPATION,
    PINYIN,
    SLIPS_FROM,
    SOUND,
    TITLE,
    All,
    Condition,
    Has,
    Near,
    Prefer,
    Reading,
    Some,
    condition,
    entry,
    next_attempt,
    read,
)
from search.thesaurus import Loader, Thesaurus, once

FORMAT = "v1"
"""Changes with the attributes: an index of another format counts as missing and is rebuilt."""
BATCH = 2_000
MANY = 10_000_000
LAST_PAGE = 2**31
TIMEOUT_SECONDS = 10
ASK_AGAIN_MS = 10

ID, STORED, ANYTHING, EASE, NEWEST, PAY = "id", "stored", "anything", "ease", "newest", "pay"
REACHED, BAND, PUBLISHED, EDUCATION, AREA, TYPE = "reached", "band", "published", "education", "area", "type"
EVERY = "renshe"
"""The word that every vacancy has."""
FOUND_BY = (TITLE, NAMES, EMPLOYER, BODY, GRAMS, PINYIN, INITIALS)
VALUES = {
    choices.AREA: AREA,
    choices.OCCUPATION: OCCUPATION,
    choices.EDUCATION: EDUCATION,
    choices.TYPE: TYPE,
    choices.SALARY: BAND,
    choices.AGE: PUBLISHED,
}
SORTS = {Sort.NEWEST: [f"{NEWEST}:desc"], Sort.SALARY: [f"{PAY}:desc"]}

SETTINGS = MeilisearchSettings(
    searchable_attributes=[TITLE, NAMES, EMPLOYER, BODY, ANYTHING, SOUND],
    filterable_attributes=[*FOUND_BY, *VALUES.values(), REACHED],
    sortable_attributes=[NEWEST, PAY, EASE],
    displayed_attributes=[STORED],
    ranking_rules=["sort", "words", "typo", "proximity", "attribute", "exactness", f"{EASE}:desc"],
    localized_attributes=[LocalizedAttributes(locales=["zho"], attribute_patterns=["*"])],
    pagination=Pagination(max_total_hits=MANY),
    faceting=Faceting(max_values_per_facet=choices.MAX_VALUES, sort_facet_values_by={"*": "count"}),
    typo_tolerance=TypoTolerance(
        disable_on_attributes=[TITLE, NAMES, EMPLOYER, BODY, ANYTHING],
        min_word_size_for_typos=MinWordSizeForTypos(one_typo=SLIPS_FROM[0], two_typos=SLIPS_FROM[1]),
    ),
)


def _row(document: Document) -> dict[str, Any]:
    row: dict[str, Any] = {name: list(found) for name, found in entry(document).items()}
    row |= {
        ID: _key(document.id),
        STORED: pack(document),
        ANYTHING: EVERY,
        AREA: choices.area_path(document.area),
        OCCUPATION: choices.occupation_path(document.occupation),
        EDUCATION: document.education,
        PUBLISHED: document.published.toordinal(),
        NEWEST: order.newest_key(document),
        PAY: order.salary_key(document),
        EASE: order.ease_of(document),
    }
    if document.type:
        row[TYPE] = document.type
    if reached := choices.pay_reached_fen(document):
        row |= {REACHED: reached, BAND: choices.salary_band(document)}
    return row


def _key(document_id: str) -> str:
    """Any id in the few letters that the server takes."""
    return document_id.encode().hex()


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _filter(wanted: Condition) -> str:
    """What a vacancy must have, in the server's filter language."""
    match wanted:
        case Has(name, word):
            return f"{name} = {_quoted(word)}"
        case All(parts):
            return f"({' AND '.join(map(_filter, parts))})"
        case Some(parts):
            return f"({' OR '.join(map(_filter, parts))})"
        case Prefer(needed, _):
            return _filter(needed)
        case Near():
            raise AssertionError("slips are for the search, not for a filter")


def _filters(bounds: Bounds) -> dict[str, str]:
    """Each chosen filter, by the facet it belongs to."""
    exact = {choices.AREA: bounds.area, choices.OCCUPATION: bounds.occupation, choices.TYPE: bounds.type}
    filters = {facet: f"{VALUES[facet]} = {_quoted(value)}" for facet, value in exact.items() if value}
    if bounds.education_most is not None:
        filters[choices.EDUCATION] = f"{EDUCATION} <= {bounds.education_most}"
    if bounds.salary_least_fen is not None:
        filters[choices.SALARY] = f"{REACHED} >= {bounds.salary_least_fen}"
    if bounds.published_least is not None:
        filters[choices.AGE] = f"{PUBLISHED} >= {bounds.published_least}"
    return filters


class _Asked:
    """What the words came to: the last attempt made, as a filter or, where slips are allowed, as a search."""

    def __init__(self, reading: Reading | None = None, tried: Sequence[Attempt] = ()) -> None:
        self.reading, self.tried = reading, tuple(tried)
        self.filter: str | None = None
        self.slipped: str | None = None
        if reading and tried:
            wanted = condition(tried[-1], reading)
            if isinstance(wanted, Near):
                self.slipped = wanted.word
            else:
                self.filter = _filter(wanted)

    def params(self, uid: str, filters: Iterable[str], **more: Any) -> SearchParams:
        """A search that finds these vacancies under these filters, in no order of its own."""
        every = [each for each in (self.filter, *filters) if each]
        if self.slipped is not None:
            more |= {"query": self.slipped, "attributes_to_search_on": [SOUND]}
        return SearchParams(
            index_uid=uid,
            filter=list(every),
            matching_strategy="all" if self.slipped is not None else "last",
            attributes_to_retrieve=[STORED],
            **{"page": 1, "hits_per_page": 0, **more},
        )

    def ranked(self) -> dict[str, Any]:
        """The words by which the server puts them in order."""
        if self.reading is None or self.slipped is not None:
            return {}
        told = [unit.word for unit in self.reading.units]
        told.sort(key=len, reverse=True)
        attributes = [TITLE, NAMES, EMPLOYER, BODY, ANYTHING]
        return {"query": " ".join((EVERY, *told)), "attributes_to_search_on": attributes}


class MeiliIndex:
    """An index of vacancies on a server; changes are kept here until `commit`."""

    def __init__(
        self,
        url: str,
        thesaurus: Thesaurus | Loader,
        *,
        key: str | None = None,
        name: str = "vacancies",
        write: bool = False,
    ) -> None:
        self.url, self.write = url, write
        self._loaded = once(thesaurus)
        self.uid = f"{name}_{FORMAT}"
        self._client = Client(url, key, timeout=TIMEOUT_SECONDS)
        self._put: dict[str, Document] = {}
        self._dropped: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    @contextmanager
    def _server(self) -> Iterator[Client]:
        try:
            yield self._client
        except MeilisearchApiError as error:
            if error.code == "index_not_found":
                raise IndexMissing(where=self.url) from error
            raise
        except MeilisearchTaskFailedError:
            raise
        except MeilisearchError as error:
            raise EngineAway(where=self.url) from error

    def _writing(self) -> None:
        if not self.write:
            raise IndexClosedToWriting

    @property
    def needs_rebuild(self) -> bool:
        with self._server() as client:
            return client.get_raw_index(self.uid) is None

    def put(self, documents: Iterable[Document]) -> None:
        self._writing()
        for document in documents:
            self._put[document.id] = document
            self._dropped.discard(document.id)

    def drop(self, ids: Iterable[str]) -> None:
        self._writing()
        for each in ids:
            self._put.pop(each, None)
            self._dropped.add(each)

    def commit(self) -> None:
        self._writing()
        with self._server() as client:
            if self.needs_rebuild:
                self._create(client, self.uid)
            index = client.index(self.uid)
            tasks = [index.delete_documents([_key(each) for each in self._dropped])] if self._dropped else []
            self._done(client, [*tasks, *self._add(client, self.uid, self._put.values())])
        self._put.clear()
        self._dropped.clear()

    def rebuild(self, documents: Iterable[Document]) -> int:
        """Filled beside the old one, then the two change names in one step."""
        self._writing()
        fresh = f"{self.uid}_next"
        with self._server() as client:
            client.index(fresh).delete_if_exists()
            self._create(client, fresh)
            self._done(client, self._add(client, fresh, documents))
            if self.needs_rebuild:
                self._create(client, self.uid)
            self._done(client, [client.swap_indexes([(self.uid, fresh)])])
            client.index(fresh).delete_if_exists()
            self._put.clear()
            self._dropped.clear()
            return client.index(self.uid).get_stats().number_of_documents

    def _create(self, client: Client, uid: str) -> None:
        index = client.create_index(uid, ID)
        self._done(client, [index.update_settings(SETTINGS), index.update_prefix_search("disabled")])

    def _add(self, client: Client, uid: str, documents: Iterable[Document]) -> list[TaskInfo]:
        rows = map(_row, documents)
        tasks = []
        while batch := list(islice(rows, BATCH)):
            tasks.append(client.index(uid).add_documents(batch, compress=True))
        return tasks

    def _done(self, client: Client, tasks: Sequence[TaskInfo]) -> None:
        for task in tasks:
            client.wait_for_task(
                task.task_uid, timeout_in_ms=None, interval_in_ms=ASK_AGAIN_MS, raise_for_status=True
            )

    def close(self) -> None:
        self._client.close()

    def _search(self, params: Sequence[SearchParams]) -> list[SearchResultsWithUID[dict[str, Any]]]:
        with self._server() as client:
            results = client.multi_search(list(params))
        if not isinstance(results, list):
            raise TypeError("a search without federation answers with a list")
        return results

    def _understood(self, text: str) -> _Asked:
        """Try the words, then some of them, then their sound: decided by the text alone, without filters."""
        if not words.fold(text[: words.TEXT_LIMIT]):
            return _Asked()
        reading = read(text, self._loaded())
        tried: list[Attempt] = []
        hits = 0
        asked = _Asked(reading)
        while attempt := next_attempt(tried[-1] if tried else None, reading, hits):
            tried.append(attempt)
            asked = _Asked(reading, tried)
            hits = self._total(asked, ())
        return asked

    def _total(self, asked: _Asked, filters: Iterable[str]) -> int:
        [found] = self._search([asked.params(self.uid, filters)])
        return found.total_hits or 0

    def count(self, query: Query) -> int:
        return self._total(self._understood(query.text), _filters(Bounds.of(query)).values())

    def find(self, query: Query) -> Answer:
        started = time.perf_counter()
        asked = self._understood(query.text)
        filters = _filters(Bounds.of(query))
        free = [facet for facet in choices.FACETS if facet not in filters]
        groups = [group for group in (free, *([facet] for facet in filters)) if group]
        page, whole, *counted = self._search(
            [
                self._page(asked, filters, query),
                asked.params(self.uid, filters.values()),
                *(self._counts(asked, filters, group) for group in groups),
            ]
        )
        documents = [unpack(hit[STORED]) for hit in page.hits]
        hits = tuple(explain(document, asked.reading, asked.tried) for document in documents)
        raw = {
            facet: (found.facet_distribution or {}).get(VALUES[facet], {})
            for group, found in zip(groups, counted, strict=True)
            for facet in group
        }
        took_ms = round((time.perf_counter() - started) * 1000, 2)
        return Answer(whole.total_hits or 0, hits, choices.facets(raw, query), asked.tried, took_ms)

    def _page(self, asked: _Asked, filters: Mapping[str, str], query: Query) -> SearchParams:
        by_words = query.sort is Sort.RELEVANCE and asked.reading is not None
        how = asked.ranked() if by_words else {"sort": SORTS.get(query.sort, SORTS[Sort.NEWEST])}
        page = min(query.page, LAST_PAGE)
        return asked.params(self.uid, filters.values(), page=page, hits_per_page=query.size, **how)

    def _counts(self, asked: _Asked, filters: Mapping[str, str], group: Sequence[str]) -> SearchParams:
        others = [each for facet, each in filters.items() if facet not in group]
        return asked.params(self.uid, others, facets=[VALUES[facet] for facet in group])
