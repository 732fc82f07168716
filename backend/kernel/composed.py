"""Composed: sentences that reach a page already put together, translated by the pattern they were made from.

The backend says “没有找到职位 V7K2” with a fact inside, and messages are kept as they were sent. The catalogue has
the pattern (“职位 {no}”); here a finished text is recognised by it, its parts are translated, and it is put
together again in English. The longest pattern is tried first; a short one is taken only when all its parts
are understood.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

CHINESE = re.compile(r"[\u3400-\u9fff]")
PLACE = re.compile(r"\{(\w+)\}")
LONG = 4  # Chinese characters that make a pattern sure
JOINTS = (("；", "; "), ("：", ": "))
TYPED = {"note"}  # what somebody wrote to somebody: handed on as it is

Say = Callable[[str], str]


@dataclass(frozen=True)
class Pattern:
    """One way of putting a sentence together, and its English."""

    made: re.Pattern[str]
    english: str
    weight: int

    @classmethod
    def of(cls, source: str, english: str) -> Pattern:
        seen: set[str] = set()
        parts: list[str] = []
        for at, part in enumerate(PLACE.split(source)):
            if at % 2 == 0:
                parts.append(re.escape(part))
            else:
                parts.append(f"(?P={part})" if part in seen else f"(?P<{part}>.*?)")
                seen.add(part)
        return cls(
            re.compile("".join(parts), re.DOTALL), english, len(CHINESE.findall(PLACE.sub("", source)))
        )

    def again(self, text: str, say: Say) -> str | None:
        found = self.made.fullmatch(text)
        if found is None:
            return None
        facts = {name: part if name in TYPED else say(part) for name, part in found.groupdict().items()}
        if self.weight < LONG and not all(
            understood(part, facts[name]) for name, part in found.groupdict().items()
        ):
            return None
        return self.english.format(**facts)


def understood(part: str, said: str) -> bool:
    return said != part or not CHINESE.search(part)


def patterns(catalogue: Iterable[tuple[str, str]]) -> tuple[Pattern, ...]:
    """Those of the catalogue, the surest first."""
    found = [
        Pattern.of(source, english)
        for source, english in catalogue
        if PLACE.search(source) and CHINESE.search(PLACE.sub("", source))
    ]
    return tuple(sorted(found, key=lambda one: -one.weight))


def again(text: str, known: Iterable[Pattern], say: Say) -> str | None:
    """The text in English, its parts said by `say`; None when it is not understood.

    >>> said = {"有效期": "end date", "职位": "job"}
    >>> known = patterns([("{years}岁{months}个月", "{years} years {months} months"), ("职位 {no}", "job {no}")])
    >>> again("61岁3个月", known, str), again("职位 V7K2", known, str), again("职位 总监", known, str)
    ('61 years 3 months', 'job V7K2', None)
    >>> again("有效期：职位", (), lambda text: said.get(text, text)), again("有效期。", (), lambda text: said[text])
    ('end date: job', 'end date.')
    """
    if not CHINESE.search(text):
        return None
    for one in known:
        if (made := one.again(text, say)) is not None:
            return made
    return _by_joints(text, say)


def _by_joints(text: str, say: Say) -> str | None:
    """A sentence without its full stop; and what is joined, as “已录用：仓库管理员”, if its first part is understood."""
    if text.endswith("。") and understood(bare := text[:-1], said := say(bare)):
        return f"{said}."
    for joint, english in JOINTS:
        first, found, rest = text.partition(joint)
        if found and CHINESE.search(first) and understood(first, said := say(first)):
            return said + english + say(rest)
    return None
