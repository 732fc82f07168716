"""Language: the reader's, by cookie, else by the browser; every text of a page goes through `gettext`."""

from __future__ import annotations

from contextvars import ContextVar

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import Scope

from backend.kernel import telling
from backend.kernel.errors import Refusal
from backend.kernel.items import Line
from backend.kernel.language import EN, ZH, english, preferred, translate
from backend.kernel.sentences import Invalid

current: ContextVar[str] = ContextVar("language", default=ZH)
large: ContextVar[bool] = ContextVar("large", default=False)
LANGUAGE_COOKIE, SIZE_COOKIE = "lang", "size"


def gettext(text: str) -> str:
    """The text in the reader's language; Chinese where there is no English, as for names."""
    return translate(text, current.get())


def ngettext(one: str, many: str, n: int) -> str:
    """As gettext, for a text that counts `n`; Chinese says one and many alike."""
    if current.get() != EN:
        return one
    return english().get(one, (one,))[0 if n == 1 else -1]


def said(refusal: Refusal) -> str:
    """A refusal's sentence."""
    return telling.said(refusal, current.get())


def said_fields(refusal: Invalid) -> dict[str, str]:
    """Field → sentence."""
    return telling.said_fields(refusal, current.get())


def said_line(line: Line) -> str:
    """What came of one line of a batch."""
    return telling.said_line(line, current.get())


def listen(scope: Scope) -> None:
    """Set the language and the print size that a request asks for."""
    headers = Headers(scope=scope)
    cookies = cookie_parser(headers.get("cookie", ""))
    chosen = cookies.get(LANGUAGE_COOKIE)
    language = chosen if chosen in (ZH, EN) else preferred(headers.get("accept-language", ""))
    current.set(language)
    scope["state"]["language"] = language  # for what answers outside this context
    large.set(cookies.get(SIZE_COOKIE) == "large")
