"""From text to what is indexed and looked up: simplified, folded, cut into words and into runs of letters."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Any

TEXT_LIMIT = 200
"""Letters of a question that are read; the rest of a longer one is ignored."""
BODY_LIMIT = 20_000
WORD_SIGNS = frozenset("+#")  # C++, C#


@cache
def _simplifier() -> Any:
    import opencc  # noqa: PLC0415 - as below

    return opencc.OpenCC("t2s")


@cache
def _cutter() -> Any:
    import rjieba  # noqa: PLC0415 - a dictionary that a portal that starts need not wait for

    return rjieba


class _Folded(dict[int, str]):
    """Each letter alone, so that a part of a text always folds to a part of the folded text."""

    def __missing__(self, point: int) -> str:
        self[point] = folded = _fold_letter(chr(point))
        return folded


_FOLDED = _Folded()


def _fold_letter(letter: str) -> str:
    if not letter.isprintable():
        return ""
    simple: str = _simplifier().convert(unicodedata.normalize("NFKC", letter).lower())
    return "".join(part for part in simple if part.isalnum() or part in WORD_SIGNS)


def fold(text: str) -> str:
    """A text as it is compared: narrow, lower case, simplified, without signs and spaces."""
    return text.translate(_FOLDED)


def fold_each(text: str) -> Iterator[str]:
    """Each letter of a text, folded."""
    return map(_FOLDED.__getitem__, map(ord, text))


def clean(text: str) -> str:
    """Readable text in simplified characters; converted by phrases, so 乾隆 stays and 乾淨 becomes 干净."""
    plain = text
    if not text.isprintable():
        plain = "".join(letter if letter.isprintable() else " " for letter in text)
    simple: str = _simplifier().convert(unicodedata.normalize("NFKC", plain).lower())
    return simple


def _kept(tokens: Iterable[str]) -> list[str]:
    return [folded for token in tokens if (folded := _fold_word(token))]


@lru_cache(maxsize=65_536)
def _fold_word(word: str) -> str:
    return fold(word)


def cut(text: str) -> list[str]:
    """The words of a text, each letter in one word."""
    return _kept(_cutter().cut(clean(text)))


def cut_for_search(text: str) -> list[str]:
    """The words of a text and the shorter words inside them."""
    return _kept(_cutter().cut_for_search(clean(text)))


@lru_cache(maxsize=65_536)
def parts(word: str) -> tuple[str, ...]:
    """The words that stand for a folded word in the index, each once."""
    return tuple(dict.fromkeys(_kept(_cutter().cut(word))))


def grams(folded: str) -> tuple[str, ...]:
    """Every run of one, two and three letters, each once: what a title is found by, letter for letter."""
    runs = (folded[at : at + size] for size in (1, 2, 3) for at in range(len(folded) - size + 1))
    return tuple(dict.fromkeys(runs))


def gram_query(folded: str) -> tuple[str, ...]:
    """The runs a title must have to contain these letters."""
    size = min(3, len(folded))
    return tuple(dict.fromkeys(folded[at : at + size] for at in range(len(folded) - size + 1)))
