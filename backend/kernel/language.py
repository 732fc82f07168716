"""Language: the source text is Chinese; a catalogue en.po, read as text, says all of it in English.

What is put together (a sentence with facts in it) is recognised by its pattern: `composed`. Days and months
are written out as people read them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

from backend.kernel.composed import Pattern, again, patterns
from backend.kernel.period import Month

CATALOGUE = Path(__file__).parent.parent / "locale" / "en.po"
ZH, EN = "zh-CN", "en"
REMEMBERED = 4096  # texts in English that were worked out before
LONGEST = 1000  # characters of a text that is worth recognising; ours are shorter
DEEPEST = 6  # parts inside parts; ours have three
WRITTEN = re.compile("([0-9]{4})年([0-9]{1,2})月(?:([0-9]{1,2})日)?")


class Catalogue:
    """Chinese → English from one file or several; where two say the same text, the last counts."""

    def __init__(self, *files: Path) -> None:
        self._files = files
        self._remembered = lru_cache(REMEMBERED)(self._in_english)

    @cached_property
    def english(self) -> Mapping[str, tuple[str, ...]]:
        """In the singular and the plural where a text counts something."""
        known: dict[str, tuple[str, ...]] = {}
        for path in self._files:
            with path.open("rb") as file:
                known |= {_first(one.id): _all(one.string) for one in read_po(file) if one.id and one.string}
        return known

    def translate(self, text: str, language: str) -> str:
        """The text in that language; Chinese where there is no English, as for names."""
        if language != EN or len(text) > LONGEST:
            return text
        return self._remembered(text, DEEPEST)

    def counted(self, text: str, n: int, language: str) -> str:
        """A text that counts `n`; Chinese says one and many alike."""
        if language != EN:
            return text
        return self.english.get(text, (text,))[0 if n == 1 else -1]

    def _in_english(self, text: str, deep: int) -> str:
        """By the catalogue, else by the pattern that the text was put together from."""
        if known := self.english.get(text):
            return known[0]
        if (written := WRITTEN.fullmatch(text)) is not None:
            return _written(*written.groups()) or text
        if not deep:
            return text
        return again(text, self._patterns, lambda part: self._remembered(part, deep - 1)) or text

    @cached_property
    def _patterns(self) -> tuple[Pattern, ...]:
        return patterns((source, said[0]) for source, said in self.english.items())


def _first(text: Any) -> str:
    return _all(text)[0]


def _all(text: Any) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _written(year: str, month: str, day: str | None) -> str:
    """A day or month in our writing, in English; nothing for what is none."""
    try:
        at = date(int(year), int(month), int(day or 1))
    except ValueError:
        return ""
    return day_in(at, EN) if day else month_in(Month.of(at), EN)


def month_in(month: Month, language: str) -> str:
    """A month as people read it.

    >>> month_in(Month(2026, 5), ZH), month_in(Month(2026, 5), EN), translate("2026年5月", EN)
    ('2026年5月', 'May 2026', 'May 2026')
    """
    return f"{month.first:%B %Y}" if language == EN else f"{month.year}年{month.month}月"


def day_in(day: date, language: str) -> str:
    """
    >>> day_in(date(2026, 11, 9), ZH), day_in(date(2026, 11, 9), EN), translate("2026年11月9日", EN)
    ('2026年11月9日', '9 November 2026', '9 November 2026')
    """
    return f"{day.day} {day:%B %Y}" if language == EN else f"{month_in(Month.of(day), language)}{day.day}日"


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


HOUSE = Catalogue(CATALOGUE)
translate = HOUSE.translate
