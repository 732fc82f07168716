"""Composed: sentences that reach a page already put together, translated by the pattern they were made from.

The backend says “没有找到职位 V7K2” with a fact inside, and messages are kept as they were sent. The catalogue has
the pattern (“职位 {no}”); here a finished text is recognised by it, its parts are translated, and it is put
together again in English. The longest pattern is tried first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

CHINESE = re.compile(r"[\u3400-\u9fff]")
PLACE = re.compile(r"\{(\w+)\}")
LONG = 4  # Chinese characters; a shorter pattern is sure only of numbers and codes


@dataclass(frozen=True)
class Pattern:
    """One way of putting a sentence together, and its English."""

    says: re.Pattern[str]
    english: str
    weight: int

    @classmethod
    def of(cls, source: str, english: str) -> Pattern:
        own = len(CHINESE.findall(PLACE.sub("", source)))
        place = "(?P<{0}>.+?)" if own >= LONG else "(?P<{0}>[^\u3400-\u9fff]+?)"
        seen: set[str] = set()
        parts: list[str] = []
        for at, part in enumerate(PLACE.split(source)):
            if at % 2 == 0:
                parts.append(re.escape(part))
            else:
                parts.append(f"(?P={part})" if part in seen else place.format(part))
                seen.add(part)
        return cls(re.compile("".join(parts), re.DOTALL), english, own)


def patterns(catalogue: Iterable[tuple[str, str]]) -> tuple[Pattern, ...]:
    """Those of the catalogue, the surest first."""
    found = [
        Pattern.of(source, english)
        for source, english in catalogue
        if PLACE.search(source) and CHINESE.search(PLACE.sub("", source))
    ]
    return tuple(sorted(found, key=lambda one: -one.weight))


def again(text: str, known: Iterable[Pattern], say: Callable[[str], str]) -> str | None:
    """The text in English, its parts said by `say`; None when no pattern made it.

    >>> known = patterns([("{years}岁{months}个月", "{years} years {months} months"), ("职位 {no}", "job {no}")])
    >>> again("61岁3个月", known, str), again("职位 V7K2", known, str), again("市长", known, str)
    ('61 years 3 months', 'job V7K2', None)
    """
    if not CHINESE.search(text):
        return None
    for one in known:
        if made := one.says.fullmatch(text):
            return one.english.format(**{name: say(part) for name, part in made.groupdict().items()})
    return None
