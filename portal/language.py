"""Language: the reader's, by cookie, else by the browser; the catalogue en.po is read as text at the start.

The source text is Chinese. A refusal is translated by its template and filled afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import Scope

from backend.kernel.errors import Refusal
from backend.kernel.sentences import Invalid
from portal.composed import Pattern, again, patterns

CATALOGUE = Path(__file__).parent / "locale" / "en.po"
ZH, EN = "zh-CN", "en"
current: ContextVar[str] = ContextVar("language", default=ZH)
large: ContextVar[bool] = ContextVar("large", default=False)
LANGUAGE_COOKIE, SIZE_COOKIE = "lang", "size"
REMEMBERED = 4096  # texts in English that were worked out before


@cache
def english() -> Mapping[str, tuple[str, ...]]:
    """Chinese → English, in the singular and the plural where a text counts something."""
    with CATALOGUE.open("rb") as file:
        return {_first(one.id): _all(one.string) for one in read_po(file) if one.id and one.string}


def _first(text: Any) -> str:
    return _all(text)[0]


def _all(text: Any) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def gettext(text: str) -> str:
    """The text in the reader's language; Chinese where there is no English, as for names."""
    return in_english(text) if current.get() == EN else text


@lru_cache(REMEMBERED)
def in_english(text: str) -> str:
    """By the catalogue, else by the pattern that the text was put together from."""
    known = english().get(text)
    return known[0] if known else again(text, _patterns(), in_english) or text


@cache
def _patterns() -> tuple[Pattern, ...]:
    return patterns((source, said[0]) for source, said in english().items())


def ngettext(one: str, many: str, n: int) -> str:
    """As gettext, for a text that counts `n`; Chinese says one and many alike."""
    if current.get() != EN:
        return one
    return english().get(one, (one,))[0 if n == 1 else -1]


def said(refusal: Refusal) -> str:
    """A refusal's sentence."""
    if isinstance(refusal, Invalid):
        separator = "; " if current.get() == EN else "；"
        return gettext("请更正以下内容：{wrong}").format(wrong=separator.join(said_fields(refusal).values()))
    return gettext(refusal.template).format(**{name: _fact(value) for name, value in refusal.facts.items()})


def said_fields(refusal: Invalid) -> dict[str, str]:
    """Field → sentence."""
    return {
        name: gettext(template).format(**{key: _fact(value) for key, value in facts.items()})
        for name, (template, facts) in refusal.problems.items()
    }


def _fact(value: Any) -> Any:
    return gettext(value) if isinstance(value, str) else value


def listen(scope: Scope) -> None:
    """Set the language and the print size that a request asks for."""
    headers = Headers(scope=scope)
    cookies = cookie_parser(headers.get("cookie", ""))
    chosen = cookies.get(LANGUAGE_COOKIE)
    current.set(chosen if chosen in (ZH, EN) else preferred(headers.get("accept-language", "")))
    large.set(cookies.get(SIZE_COOKIE) == "large")


def preferred(accept: str) -> str:
    """The language a browser likes best among ours; Chinese for who knows neither.

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
