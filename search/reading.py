"""How a question is read: its words, what else may stand for each, and what a vacancy must have to answer it.

What a vacancy must have is said in the few forms below, which every engine can carry out: so all engines
find the same vacancies, and only their order is each engine's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from search import pinyin, words
from search.port import Attempt, Document, How
from search.thesaurus import Other, Thesaurus, named

MAX_UNITS = 12
MAX_OTHERS, MAX_OTHERS_TOGETHER = 32, 96
"""Words that may stand for one word of the question, and for all of them: a long question means few of each."""
FEW_HITS = 10
"""With fewer vacancies than this that have all the words, those with some of them are shown too."""
SLIPS_FROM = (4, 10)
"""A sound of so many letters may have one slip of the finger, or two."""

TITLE, NAMES, EMPLOYER, BODY, GRAMS, OCCUPATION = "title", "names", "employer", "body", "grams", "occupation"
PINYIN, INITIALS, SOUND = "pinyin", "initials", "sound"

TEXT_WEIGHTS = {TITLE: 1.0, EMPLOYER: 0.5, BODY: 0.2}
HOW_WEIGHTS = {How.SYNONYM: 0.9, How.OCCUPATION: 0.75}
NAME_WEIGHT, SYNONYM_NAME_WEIGHT = 0.6, 0.5
CODE_WEIGHT = 1.5
GRAM_WEIGHT = 0.3
INITIALS_WEIGHT = 0.5


class Has(NamedTuple):
    """The field has this very word. A question has hundreds: these are the quickest to make and compare."""

    field: str
    word: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Near:
    """The field has a word that differs by no more than slips of the finger."""

    field: str
    word: str

    @property
    def slips(self) -> int:
        return sum(len(self.word) >= length for length in SLIPS_FROM)


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of them; more is better."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Prefer:
    """The first is needed; each of the others makes it better."""

    needed: Condition
    better: tuple[Condition, ...]


Condition: TypeAlias = Has | Near | All | Some | Prefer


@dataclass(frozen=True, slots=True)
class Unit:
    """One word of the question, folded, with the words that may stand for it and the occupations it names."""

    word: str
    others: tuple[Other, ...] = ()
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """`strong`: smaller words any of which is a reason to show a vacancy when too few have them all;
    `weak`: smaller words that only help to order."""

    folded: str
    chunks: tuple[str, ...]
    units: tuple[Unit, ...]
    strong: tuple[str, ...]
    weak: tuple[str, ...]

    @property
    def has_smaller(self) -> bool:
        """There is something to look for in place of the whole."""
        return len(self.units) > 1 or (*self.strong, *self.weak) != (self.folded,)


def read(text: str, thesaurus: Thesaurus) -> Reading:
    """Any text at all: what cannot be read is left out, and nothing in it is a command."""
    text = text[: words.TEXT_LIMIT]
    folded = words.fold(text)
    chunks = tuple(_chunks(text))
    known = [folded] if thesaurus.knows(folded) else [w for c in chunks for w in _known_words(c, thesaurus)]
    found = list(dict.fromkeys(known))
    told = [word for word in found if word not in thesaurus.filler] or found
    told = told[:MAX_UNITS]
    most = min(MAX_OTHERS, MAX_OTHERS_TOGETHER // max(len(told), 1))
    units = tuple(
        Unit(word, thesaurus.others.get(word, ())[:most], thesaurus.codes.get(word, ())) for word in told
    )
    small = list(dict.fromkeys(part for unit in units for part in _small(unit.word)))
    strong = [word for word in small if word not in thesaurus.general]
    weak = [word for word in small if word in thesaurus.general] if strong else []
    return Reading(folded, tuple(map(words.fold, chunks)), units, tuple(strong or small), tuple(weak))


def _chunks(text: str) -> Iterator[str]:
    """The text between signs and spaces."""
    run: list[str] = []
    for letter in (*text, " "):
        if words.fold(letter):
            run.append(letter)
        elif run:
            yield "".join(run)
            run.clear()


def _known_words(chunk: str, thesaurus: Thesaurus) -> Iterator[str]:
    """The words of a chunk, taking as one the longest row of them that the thesaurus knows."""
    row = words.cut(chunk)
    at = 0
    while at < len(row):
        ends = range(len(row), at + 1, -1)
        end = next((end for end in ends if thesaurus.knows("".join(row[at:end]))), at + 1)
        yield "".join(row[at:end])
        at = end


@lru_cache(maxsize=4_096)
def _small(word: str) -> tuple[str, ...]:
    """The words inside a word; single letters only where there is nothing longer."""
    inside = list(dict.fromkeys(words.cut_for_search(word)))
    return tuple([part for part in inside if len(part) > 1] or inside)


def entry(document: Document) -> dict[str, Iterable[str]]:
    """The words a document is found by, field by field."""
    spans = [spoken for _, spoken in pinyin.spans(document.title)]
    spelled = dict.fromkeys(map("".join, spans))
    return {
        TITLE: words.cut_for_search(document.title),
        NAMES: named(document.occupation_names),
        EMPLOYER: words.cut_for_search(document.employer),
        BODY: words.cut_for_search(document.body[: words.BODY_LIMIT]),
        GRAMS: words.grams(words.fold(document.title)),
        PINYIN: spelled,
        INITIALS: dict.fromkeys("".join(each[0] for each in spoken) for spoken in spans),
        SOUND: dict.fromkeys(map(pinyin.near, spelled)),
    }


def next_attempt(after: Attempt | None, reading: Reading, hits: int) -> Attempt | None:
    """What to try next, when the last attempt found so many; nothing when that will do.

    Latin letters that few vacancies have as they stand are tried as pinyin too: kf may be 客服.
    """
    doubtful = hits == 0 or (hits < FEW_HITS and pinyin.looks_spelled(reading.folded))
    match after:
        case None:
            return Attempt.WORDS
        case Attempt.WORDS if hits < FEW_HITS and reading.has_smaller:
            return Attempt.WORDS_OR
        case Attempt.WORDS | Attempt.WORDS_OR if doubtful:
            return Attempt.PINYIN
        case Attempt.PINYIN if hits == 0:
            return Attempt.FUZZY_PINYIN
        case _:
            return None


def condition(attempt: Attempt, reading: Reading) -> Condition:
    """What a vacancy must have in this attempt."""
    return _ATTEMPTS[attempt](reading)


def _all_words(reading: Reading) -> Condition:
    """Every word or what stands for it; or the very letters in the title; or a name of its occupation."""
    each = All(tuple(map(_unit, reading.units)))
    return Some((each, _letters(reading.folded, 1.0), Has(NAMES, reading.folded)))


def _any_word(reading: Reading) -> Condition:
    """Some of the words; more of them is better."""
    reasons = (
        _letters(reading.folded, 1.0),
        Has(NAMES, reading.folded),
        *map(_unit, reading.units),
        *(Has(TITLE, word) for word in reading.strong),
        *(Has(NAMES, word, NAME_WEIGHT) for word in reading.strong),
    )
    return Prefer(Some(reasons), tuple(Has(TITLE, word) for word in reading.weak))


def _unit(unit: Unit) -> Condition:
    """The word, or what stands for it and does not hold the word itself already."""
    own = frozenset(words.parts(unit.word))
    others = [other for other in unit.others if not own.issubset(words.parts(other.word))]
    return Some(
        (
            _in_text(unit.word),
            *map(_in_title, others),
            *(
                Has(NAMES, other.word, SYNONYM_NAME_WEIGHT)
                for other in unit.others
                if other.how is How.SYNONYM
            ),
            *(Has(OCCUPATION, code, CODE_WEIGHT) for code in unit.codes),
        )
    )


def _in_text(word: str) -> Condition:
    """The word, or all the words it is cut into; or its letters in the title; or a name of the occupation."""
    pieces = tuple(
        Some(tuple(Has(field, part, weight) for field, weight in TEXT_WEIGHTS.items()))
        for part in words.parts(word)
    )
    return Some((All(pieces), _letters(word, GRAM_WEIGHT), Has(NAMES, word, NAME_WEIGHT)))


def _in_title(other: Other) -> Condition:
    """What stands for a word counts in the title only; a text often speaks of others' work."""
    return All(tuple(Has(TITLE, part, HOW_WEIGHTS[other.how]) for part in words.parts(other.word)))


def _letters(folded: str, weight: float) -> Condition:
    return All(tuple(Has(GRAMS, gram, weight) for gram in words.gram_query(folded)))


def _spelled(reading: Reading) -> Condition:
    """The words by their sound or by the first letters of their syllables, together or each for itself."""
    each = All(tuple(Some((*_sound(chunk), *_plain(chunk))) for chunk in reading.chunks))
    return Some((_any_word(reading), *_sound(reading.folded), each))


def _sound(folded: str) -> tuple[Condition, ...]:
    sound = Has(PINYIN, pinyin.spell(folded))
    return (sound, Has(INITIALS, folded, INITIALS_WEIGHT)) if pinyin.looks_spelled(folded) else (sound,)


def _plain(folded: str) -> tuple[Condition, ...]:
    return () if pinyin.looks_spelled(folded) else (_in_text(folded),)


def _misspelled(reading: Reading) -> Condition:
    """The whole question by nearly its sound."""
    return Near(SOUND, pinyin.near(pinyin.spell(reading.folded)))


_ATTEMPTS = {
    Attempt.WORDS: _all_words,
    Attempt.WORDS_OR: _any_word,
    Attempt.PINYIN: _spelled,
    Attempt.FUZZY_PINYIN: _misspelled,
}
