"""Why a vacancy was found: the words that met, where they stand in the title and text, and a passage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from search import pinyin, words
from search.port import Attempt, Document, Field, Hit, How, Piece, Why
from search.reading import SOUND, Near, Reading, Unit
from search.thesaurus import named

SNIPPET_LETTERS = 90
BEFORE_LETTERS = 20
MAX_WHYS = 6


def explain(document: Document, reading: Reading | None, tried: Sequence[Attempt]) -> Hit:
    whys = tuple(dict.fromkeys(_whys(document, reading, tried[-1])))[:MAX_WHYS] if reading and tried else ()
    found = [why.found for why in whys]
    return Hit(document, mark(document.title, found), snippet(document.body, found), whys)


def mark(text: str, found: Iterable[str]) -> tuple[Piece, ...]:
    """The text in runs, those that fold to one of these marked."""
    starts, folded = _letters(text)
    marked = [False] * len(text)
    for word in filter(None, found):
        at = folded.find(word)
        while at >= 0:
            for letter in range(starts[at], starts[at + len(word) - 1] + 1):
                marked[letter] = True
            at = folded.find(word, at + 1)
    return tuple(_runs(text, marked))


def snippet(text: str, found: Sequence[str]) -> tuple[Piece, ...]:
    """A passage of the text around the first word found, or its beginning."""
    folded = words.fold(text)
    places = [at for word in found if word and (at := folded.find(word)) >= 0]
    first = _letters(text)[0][min(places)] if places else 0
    start = 0 if first <= BEFORE_LETTERS else first - BEFORE_LETTERS
    passage = text[start : start + SNIPPET_LETTERS]
    before, after = "…" if start else "", "…" if start + SNIPPET_LETTERS < len(text) else ""
    return mark(before + passage + after, found)


def _letters(text: str) -> tuple[list[int], str]:
    """Where each folded letter stands in the text, and the folded text."""
    folds = words.fold_each(text)
    return [at for at, fold in enumerate(folds) for _ in fold], "".join(folds)


def _runs(text: str, marked: Sequence[bool]) -> Iterator[Piece]:
    start = 0
    for end in range(1, len(text) + 1):
        if end == len(text) or marked[end] != marked[start]:
            yield Piece(text[start:end], marked[start])
            start = end


def _whys(document: Document, reading: Reading, attempt: Attempt) -> Iterator[Why]:
    texts = {
        Field.TITLE: words.fold(document.title),
        Field.EMPLOYER: words.fold(document.employer),
        Field.BODY: words.fold(document.body),
    }
    names = named(document.occupation_names)
    if attempt is not Attempt.FUZZY_PINYIN:
        for unit in reading.units:
            yield from _unit_whys(unit, texts, names, document.occupation)
    if attempt in (Attempt.WORDS_OR, Attempt.PINYIN):
        for word in (*reading.strong, *reading.weak):
            if word in texts[Field.TITLE]:
                yield Why(word, How.WORD, word, Field.TITLE)
    if attempt in (Attempt.PINYIN, Attempt.FUZZY_PINYIN):
        yield from _sounds(document.title, reading, attempt)


def _unit_whys(unit: Unit, texts: dict[Field, str], names: Sequence[str], occupation: str) -> Iterator[Why]:
    """The word itself wherever it stands; failing that, what stands for it."""
    own = list(_met(unit.word, unit.word, How.WORD, texts))
    if own:
        yield from own
        return
    title = {Field.TITLE: texts[Field.TITLE]}
    met = [why for other in unit.others for why in _met(unit.word, other.word, other.how, title)]
    yield from met
    if not met:
        named = [other.word for other in unit.others if other.word in names]
        if unit.word in names or (occupation and occupation in unit.codes):
            yield Why(unit.word, How.OCCUPATION, unit.word, Field.OCCUPATION)
        elif named:
            yield Why(unit.word, How.SYNONYM, named[0], Field.OCCUPATION)


def _met(word: str, looked_for: str, how: How, texts: dict[Field, str]) -> Iterator[Why]:
    """In the first field that has the word whole, or all the words in it."""
    for field, text in texts.items():
        if looked_for in text:
            yield Why(word, how, looked_for, field)
            return
    inside = words.parts(looked_for)
    met = [(part, field) for part in inside for field in _first_with(part, texts)]
    if 1 < len(inside) == len(met):
        yield from (Why(word, how, part, field) for part, field in met)


def _first_with(part: str, texts: dict[Field, str]) -> list[Field]:
    return [field for field, text in texts.items() if part in text][:1]


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
