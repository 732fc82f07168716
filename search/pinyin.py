"""How words sound in Latin letters: whole words, initials, and a form in which near sounds are equal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from search.words import cut, cut_for_search

SPAN_WORDS = 3
SPAN_LETTERS = 32

# Sounds that many people write alike; applied to both sides, longest first.
_NEAR = [
    (re.compile(pattern), plain)
    for pattern, plain in (
        (r"([zcs])h", r"\1"),
        (r"([aei])ng", r"\1n"),
        (r"v", "u"),
        (r"l", "n"),
        (r"hu(?=[aeo])|f", "h"),
    )
]


Spoken = tuple[str, ...]
"""One syllable a Chinese letter; other letters as they are."""


@lru_cache(maxsize=131_072)
def _spoken(word: str) -> Spoken:
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415 - a quarter of a second, and few questions are spelled

    return tuple(lazy_pinyin(word, style=Style.NORMAL, v_to_u=False))


def spell(text: str) -> str:
    """How a text sounds, each word of it as that word is said: 银行行长 is yinhang hangzhang."""
    return "".join(syllable for word in cut(text) for syllable in _spoken(word))


def initials(text: str) -> str:
    """The first letter of each syllable: 服务员 is fwy."""
    return "".join(syllable[0] for word in cut(text) for syllable in _spoken(word))


@lru_cache(maxsize=131_072)
def near(spelled: str) -> str:
    """The same for words that sound nearly the same: 会计 kuaiji and kuaizhi differ, zhi and zi do not."""
    for pattern, plain in _NEAR:
        spelled = pattern.sub(plain, spelled)
    return spelled


def has_chinese(word: str) -> bool:
    return any(ord(letter) > 0x2E7F for letter in word)


def spans(text: str) -> Iterator[tuple[str, Spoken]]:
    """The words of a text, those inside them and up to three in a row, if at all Chinese; how each sounds."""
    whole = cut(text)
    rows = [whole[at : at + size] for size in range(1, SPAN_WORDS + 1) for at in range(len(whole) - size + 1)]
    rows += [[word] for word in cut_for_search(text)]
    for span, row in {"".join(row): row for row in rows}.items():
        spoken = tuple(syllable for word in row for syllable in _spoken(word))
        if len(span) > 1 and has_chinese(span) and sum(map(len, spoken)) <= SPAN_LETTERS:
            yield span, spoken


def looks_spelled(folded: str) -> bool:
    """Latin letters only: perhaps pinyin or initials."""
    return len(folded) > 1 and folded.isascii() and folded.isalpha()


def slips(one: str, other: str, most: int) -> int:
    """Letters left out, added, mistaken or swapped with the next, at the least, from one to the other.

    >>> slips("fuwuyuan", "fuwuyaun", most=2)
    1

    Past `most` the exact number is not looked for.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        older, before = before, row
        row = [i]
        for j, facing in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != facing))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == facing:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]
