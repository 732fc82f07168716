"""What a search engine must do for us: the documents it takes, the questions, the form of its answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple, Protocol, Self

MAX_SIZE = 100
SALARY_BANDS_FEN = (300_000, 400_000, 600_000, 800_000, 1_000_000, 1_500_000, 2_000_000, 3_000_000)
AGES_DAYS = (1, 3, 7, 14, 30)

Facets = Mapping[str, Mapping[str, int]]
Occupation = tuple[str, str, Sequence[str]]
"""One row of the occupation table: code, name, aliases."""


class SearchRefusal(Exception):
    """检索没有完成，请稍后重试。

    A subclass is one reason; the first line of its docstring is the sentence the person reads.
    """

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.template.format(**facts))

    @property
    def code(self) -> str:
        return type(self).__name__

    @property
    def template(self) -> str:
        """The sentence before its facts: what is translated."""
        return (type(self).__doc__ or "").split("\n")[0]


class PageOutOfRange(SearchRefusal):
    """一页要在 1 到 {most} 条之间，页码从 1 开始，请改小后重试。"""


class AgeNeedsDay(SearchRefusal):
    """按发布时间筛选要说明今天是哪天，请补上日期后重试。"""


class WriterBusy(SearchRefusal):
    """另一个程序正在写这个职位索引，请等它结束，或先停掉它再试。"""


class IndexMissing(SearchRefusal):
    """{where} 还没有职位索引，请先启动后台程序建立索引。"""


class IndexClosedToWriting(SearchRefusal):
    """这个职位索引是以只读方式打开的，请由后台程序修改。"""


class EngineAway(SearchRefusal):
    """检索服务 {where} 没有应答，请确认它已启动。"""


class Sort(StrEnum):
    RELEVANCE = "relevance"
    NEWEST = "newest"
    SALARY = "salary"


class Attempt(StrEnum):
    """What was tried for the words, in this order; the last one tried is the one that answered."""

    WORDS = "words"
    WORDS_OR = "words-or"
    PINYIN = "pinyin"
    FUZZY_PINYIN = "fuzzy-pinyin"


class How(StrEnum):
    """Why a word of the question and a hit belong together."""

    WORD = "word"
    SYNONYM = "synonym"
    OCCUPATION = "occupation"
    PINYIN = "pinyin"
    INITIALS = "initials"
    FUZZY_PINYIN = "fuzzy-pinyin"


class Field(StrEnum):
    """Where in the document it was found."""

    TITLE = "title"
    OCCUPATION = "occupation"
    EMPLOYER = "employer"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class Document:
    """One vacancy as a seeker may find it.

    `area` is a GB/T 2260 code of any level and `occupation` a code such as 4-01-02-01; both are also found
    by every code above them. `education` is the least asked for, as a number that grows with schooling
    (0: none asked). A pay that is not stated is None.
    """

    id: str
    title: str
    published: date
    employer: str = ""
    body: str = ""
    area: str = ""
    occupation: str = ""
    occupation_names: tuple[str, ...] = ()
    salary_min_fen: int | None = None
    salary_max_fen: int | None = None
    education: int = 0
    type: str = ""
    openings: int = 1
    applicants: int = 0


@dataclass(frozen=True, slots=True)
class Query:
    """A seeker's question. `today` is the day it is asked; without it the age of adverts is not counted.

    `salary_min_fen`: pay that reaches this much. `education`: what the seeker has; vacancies that ask for
    no more are found. `days`: published today or in the days before, `days` days in all.
    """

    text: str = ""
    area: str | None = None
    occupation: str | None = None
    salary_min_fen: int | None = None
    education: int | None = None
    type: str | None = None
    days: int | None = None
    today: date | None = None
    sort: Sort = Sort.RELEVANCE
    page: int = 1
    size: int = 20

    def __post_init__(self) -> None:
        if not (1 <= self.size <= MAX_SIZE and self.page >= 1):
            raise PageOutOfRange(most=MAX_SIZE)
        if self.days is not None and self.today is None:
            raise AgeNeedsDay


class Piece(NamedTuple):
    """A run of text, marked when it is what was looked for. A page escapes the text and wraps marked runs."""

    text: str
    marked: bool


class Why(NamedTuple):
    """One reason: this word of the question met these letters in this field."""

    word: str
    how: How
    found: str
    field: Field


@dataclass(frozen=True, slots=True)
class Hit:
    document: Document
    title: tuple[Piece, ...]
    snippet: tuple[Piece, ...]
    why: tuple[Why, ...]

    @property
    def id(self) -> str:
        return self.document.id


@dataclass(frozen=True, slots=True)
class Answer:
    """`facets[name][value]` is the total that choosing this value would give, all other choices kept.

    `area` and `occupation` list the top level, the levels on the way to the choice, and the level below it.
    """

    total: int
    hits: tuple[Hit, ...]
    facets: Facets
    tried: tuple[Attempt, ...]
    took_ms: float = field(compare=False)


class Index(Protocol):
    """One writer and any number of readers, in one process or in many."""

    def put(self, documents: Iterable[Document]) -> None:
        """Add these, in place of those with the same ids; seen after `commit`."""

    def drop(self, ids: Iterable[str]) -> None:
        """Take these out; seen after `commit`."""

    def commit(self) -> None:
        """Show every reader what was put and dropped."""

    @property
    def needs_rebuild(self) -> bool:
        """Nothing is there yet in the form this program writes: give `rebuild` everything first."""

    def rebuild(self, documents: Iterable[Document]) -> int:
        """Start afresh with exactly these beside the old index, then switch at once; how many there are."""

    def find(self, query: Query) -> Answer:
        """One page of hits, with the total and the counts."""

    def count(self, query: Query) -> int:
        """The total alone."""

    def close(self) -> None:
        """Let go of files and connections; what was not committed is forgotten."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *failure: object) -> None: ...
