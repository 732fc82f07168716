"""Why a vacancy was found: the words that met, where they stand in the title and text, and a passage."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

from search import pinyin, words
from search.port import Attempt, Document, Field, Hit, How, Piece, Why
from search.reading import SOUND, Near, Reading, Unit
from search.thesaurus import named

SNIPPET_LETTERS = 90
BEFORE_LETTERS = 20
MAX_WHYS = 6


class _Texts:
    """The texts of a vacancy, folded when first looked into: the body, the longest, often need not be."""

    def __init__(self, document: Document) -> None:
        self._document = document

    @cached_property
    def title(self) -> str:
        return words.fold(self._document.title)

    @cached_property
    def _employer(self) -> str:
        return words.fold(self._document.employer)

    @cached_property
    def body(self) -> str:
        return words.fold(self._document.body)

    def first_with(self, word: str) -> Field | None:
        """The first field that has the word."""
        if word in self.title:
            return Field.TITLE
        if word in self._employer:
            return Field.EMPLOYER
        return Field.BODY if word in self.body else None

    def in_title(self, word: str) -> Field | None:
        return Field.TITLE if word in self.title else None


def explain(document: Document, reading: Reading | None, tried: Sequence[Attempt]) -> Hit:
    texts = _Texts(document)
    whys: tuple[Why, ...] = ()
    if reading and tried:
        whys = tuple(dict.fromkeys(_whys(document, texts, reading, tried[-1])))[:MAX_WHYS]
    found = [why.found for why in whys if why.found]
    passage = _passage(document.body, texts.body if found else "", found)
    return Hit(document, _mark(document.title, found), passage, whys)


def _mark(text: str, found: Sequence[str]) -> tuple[Piece, ...]:
    """The text in runs, those that fold to one of these marked."""
    folded = words.fold(text) if found else ""
    places = [place for word in found for place in _places(word, folded)]
    if not places:
        return (Piece(text, False),) if text else ()
    starts = [at for at, fold in enumerate(words.fold_each(text)) for _ in fold]
    return tuple(_runs(text, sorted((starts[start], starts[end - 1] + 1) for start, end in places)))


def _places(word: str, folded: str) -> Iterator[tuple[int, int]]:
    at = folded.find(word)
    while at >= 0:
        yield at, at + len(word)
        at = folded.find(word, at + 1)


def _runs(text: str, marked: Sequence[tuple[int, int]]) -> Iterator[Piece]:
    """Those that touch are one run."""
    done, (start, end) = 0, marked[0]
    for next_start, next_end in (*marked[1:], (len(text) + 1, len(text) + 1)):
        if next_start <= end:
            end = max(end, next_end)
            continue
        if done < start:
            yield Piece(text[done:start], False)
        yield Piece(text[start:end], True)
        done, start, end = end, next_start, next_end
    if done < len(text):
        yield Piece(text[done:], False)


def _passage(text: str, folded: str, found: Sequence[str]) -> tuple[Piece, ...]:
    """A part of the text around the first word found, or its beginning."""
    places = [at for word in found if (at := folded.find(word)) >= 0]
    first = _stands_at(text, min(places)) if places else 0
    start = 0 if first <= BEFORE_LETTERS else first - BEFORE_LETTERS
    passage = text[start : start + SNIPPET_LETTERS]
    before, after = "…" if start else "", "…" if start + SNIPPET_LETTERS < len(text) else ""
    return _mark(before + passage + after, found)


def _stands_at(text: str, place: int) -> int:
    """Where in the text a letter of the folded text stands."""
    for at, fold in enumerate(words.fold_each(text)):
        place -= len(fold)
        if place < 0:
            return at
    raise ValueError("a place in the folded text comes from a letter of the text")


def _whys(document: Document, texts: _Texts, reading: Reading, attempt: Attempt) -> Iterator[Why]:
    names = named(document.occupation_names)
    if attempt is not Attempt.FUZZY_PINYIN:
        for unit in reading.units:
            yield from _unit_whys(unit, texts, names, document.occupation)
    if attempt in (Attempt.WORDS_OR, Attempt.PINYIN):
        for word in (*reading.strong, *reading.weak):
            if word in texts.title:
                yield Why(word, How.WORD, word, Field.TITLE)
    if attempt in (Attempt.PINYIN, Attempt.FUZZY_PINYIN):
        yield from _sounds(document.title, reading, attempt)


def _unit_whys(unit: Unit, texts: _Texts, names: Sequence[str], occupation: str) -> Iterator[Why]:
    """The word itself wherever it stands; failing that, what stands for it."""
    own = _met(unit.word, unit.word, How.WORD, texts.first_with)
    if own:
        yield from own
        return
    met = [why for other in unit.others for why in _met(unit.word, other.word, other.how, texts.in_title)]
    yield from met
    if not met:
        named = [other.word for other in unit.others if other.word in names]
        if unit.word in names or (occupation and occupation in unit.codes):
            yield Why(unit.word, How.OCCUPATION, unit.word, Field.OCCUPATION)
        elif named:
            yield Why(unit.word, How.SYNONYM, named[0], Field.OCCUPATION)


def _met(word: str, looked_for: str, how: How, where: Callable[[str], Field | None]) -> list[Why]:
    """In the first field that has the word whole, or all the words in it."""
    if field := where(looked_for):
        return [Why(word, how, looked_for, field)]
    inside = words.parts(looked_for)
    met = [Why(word, how, part, field) for part in inside if (field := where(part))]
    return met if 1 < len(inside) == len(met) else []


def _sounds(title: str, reading: Reading, attempt: Attempt) -> Iterator[Why]:
    """The words of the title that sound like the question."""
    spans = sorted(pinyin.spans(title), key=lambda each: len(each[0]))
    if attempt is Attempt.FUZZY_PINYIN:
        wanted = Near(SOUND, pinyin.near(pinyin.spell(reading.folded)))
        for span, spoken in spans:
            if pinyin.slips(wanted.word, pinyin.near("".join(spoken)), wanted.slips) <= wanted.slips:
                yield Why(reading.folded, How.FUZZY_PINYIN, span, Field.TITLE)
        return
    for asked in dict.fromkeys((reading.folded, *reading.chunks)):
        spelled = pinyin.spell(asked)
        for span, spoken in spans:
            if "".join(spoken) == spelled and span != asked:
                yield Why(asked, How.PINYIN, span, Field.TITLE)
            elif pinyin.looks_spelled(asked) and "".join(each[0] for each in spoken) == asked:
                yield Why(asked, How.INITIALS, span, Field.TITLE)
