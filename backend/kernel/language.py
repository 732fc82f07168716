"""Language: the source text is Chinese; the one catalogue en.po, read as text, says all of it in English.

What is put together (a sentence with facts in it) is recognised by its pattern: `composed`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

from backend.kernel.composed import Pattern, again, patterns

CATALOGUE = Path(__file__).parent.parent / "locale" / "en.po"
ZH, EN = "zh-CN", "en"
REMEMBERED = 4096  # texts in English that were worked out before
LONGEST = 1000  # characters of a text that is worth recognising; ours are shorter
DEEPEST = 6  # parts inside parts; ours have three


@cache
def english() -> Mapping[str, tuple[str, ...]]:
    """Chinese → English, in the singular and the plural where a text counts something."""
    with CATALOGUE.open("rb") as file:
        return {_first(one.id): _all(one.string) for one in read_po(file) if one.id and one.string}


def _first(text: Any) -> str:
    return _all(text)[0]


def _all(text: Any) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def translate(text: str, language: str) -> str:
    """The text in that language; Chinese where there is no English, as for names."""
    if language != EN or len(text) > LONGEST:
        return text
    return _in_english(text, DEEPEST)


@lru_cache(REMEMBERED)
def _in_english(text: str, deep: int) -> str:
    """By the catalogue, else by the pattern that the text was put together from."""
    if known := english().get(text):
        return known[0]
    if not deep:
        return text
    return again(text, _patterns(), lambda part: _in_english(part, deep - 1)) or text


@cache
def _patterns() -> tuple[Pattern, ...]:
    return patterns((source, said[0]) for source, said in english().items())


def preferred(accept: str) -> str:
    """The language a browser or program likes best among ours; Chinese for who knows neither.

    >>> preferred("fr-FR,fr;q=0.9,en;q=0.8"), preferred("zh-TW,zh;q=0.9,en;q=0.8"), preferred("en;q=0.1,zh")
    ('en', 'zh-CN', 'zh-CN')
    >>> preferred(""), preferred("de;q=x,*"), preferred("en-GB")
    ('zh-CN', 'zh-CN', 'en')
    """
    liked = {ZH: 0.0, EN: 0.0}
    for part in accept.lower().split(","):
        name, _, quality = part.strip().partition(";q=")
        ours = {"zh": ZH, "en": EN}.get(name.split("-")[0])
        if ours:
            liked[ours] = max(liked[ours], _quality(quality))
    return EN if liked[EN] > liked[ZH] else ZH


def _quality(text: str) -> float:
    try:
        return float(text or 1)
    except ValueError:
        return 0.0


def of_terminal(environment: Mapping[str, str]) -> str:
    """The language of a terminal, by the variables every program there goes by; Chinese for who says none.

    >>> of_terminal({"LANG": "en_GB.UTF-8"}), of_terminal({"LC_ALL": "zh_CN", "LANG": "en"}), of_terminal({"LANG": "C"})
    ('en', 'zh-CN', 'zh-CN')
    """
    said = next(
        (environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), ""
    )
    return EN if said.lower().startswith("en") else ZH
