"""Language: the reader's, by cookie, else by the browser; every text of a page goes through `gettext`."""

from __future__ import annotations

from contextvars import ContextVar

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import Scope

from backend.kernel import telling
from backend.kernel.errors import Sentence
from backend.kernel.language import EN, HOUSE, ZH, preferred, translate
from backend.kernel.sentences import Invalid

current: ContextVar[str] = ContextVar("language", default=ZH)
large: ContextVar[bool] = ContextVar("large", default=False)
LANGUAGE_COOKIE, SIZE_COOKIE = "lang", "size"


def gettext(text: str) -> str:
    """The text in the reader's language; Chinese where there is no English, as for names."""
    return translate(text, current.get())


def ngettext(one: str, many: str, n: int) -> str:
    """As gettext, for a text that counts `n`; Chinese says one and many alike."""
    return HOUSE.counted(one, n, current.get())


def said(happened: Sentence) -> str:
    """A refusal's sentence."""
    return telling.said(happened, current.get())


def said_fields(refusal: Invalid) -> dict[str, str]:
    """Field → sentence."""
    return telling.said_fields(refusal, current.get())


def listen(scope: Scope) -> None:
    """Set the language and the print size that a request asks for."""
    headers = Headers(scope=scope)
    cookies = cookie_parser(headers.get("cookie", ""))
    chosen = cookies.get(LANGUAGE_COOKIE)
    language = chosen if chosen in (ZH, EN) else preferred(headers.get("accept-language", ""))
    current.set(language)
    scope["state"]["language"] = language  # for what answers outside this context
    large.set(cookies.get(SIZE_COOKIE) == "large")
