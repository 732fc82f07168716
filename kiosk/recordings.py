"""Recordings: which recorded pieces, one after the other, say a sentence; for browsers without a voice of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from backend.kernel.language import EN
from kiosk.reciting import recited

HOME: Final = Path(__file__).parent / "static" / "speech"
INDEX: Final = "index.json"  # language → text → the name of its file
LONGEST: Final = 1000  # characters of a sentence that is put together; ours are shorter


class Recordings:
    """What `python -m kiosk.speech` made; none is no error, the machine is silent then."""

    def __init__(self, home: Path) -> None:
        index = home / INDEX
        self._known: Mapping[str, Mapping[str, str]] = (
            json.loads(index.read_text("utf-8"))["texts"] if index.exists() else {}
        )
        self._longest = {language: max(map(len, texts), default=0) for language, texts in self._known.items()}
        self.clips = lru_cache(512)(self._clips)

    def __len__(self) -> int:
        return sum(map(len, self._known.values()))

    def _clips(self, text: str, language: str) -> tuple[str, ...]:
        """The files that say it together, the longest pieces first; nothing where a word is missing."""
        known, said, at = self._known.get(language, {}), [], 0
        plain = keyed(recited(text, language), language)
        if not known or len(plain) > LONGEST:
            return ()
        while at < len(plain):
            for end in range(min(len(plain), at + self._longest[language]), at, -1):
                ends_word = language != EN or end == len(plain) or plain[end] == " "
                if ends_word and (file := known.get(plain[at:end])) is not None:
                    said.append(file)
                    at = end
                    break
            else:
                if plain[at] != " ":
                    return ()
                at += 1
        return tuple(said)


def keyed(text: str, language: str) -> str:
    """What two texts that sound alike have in common: words without signs.

    >>> keyed("请取卡。 ", "zh-CN"), keyed("Take your card: it's thirty-two.", "en")
    ('请取卡', "take your card it's thirty two")
    """
    spaced = "".join(sign if sign.isalnum() or sign == "'" else " " for sign in text)
    return " ".join(spaced.lower().split()) if language == EN else "".join(spaced.lower().split())


RECORDINGS: Final = Recordings(HOME)
