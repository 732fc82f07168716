"""Guard: what every answer carries, and what no request may do."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit
from uuid import uuid4

import structlog
from fastapi import Request
from fastapi.responses import Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.kernel.errors import Forbidden, Refusal
from backend.kernel.settings import settings
from portal import language

log = structlog.get_logger()
SAFE = {"GET", "HEAD", "OPTIONS"}
POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
LARGEST_BODY = 2 * 1024 * 1024
LARGEST_FILE = 64 * 1024 * 1024
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
ONLY_BY_TLS = "max-age=31536000"
NEVER = "no-store"
FOR_GOOD = "public, max-age=31536000, immutable"  # the address changes with the content


class FromElsewhere(Forbidden):
    """这个请求来自别的网站，没有办理。请从本网站的页面重新操作。"""


class TooLarge(Refusal):
    """内容太大，最多 {most} MB，没有办理。请分成几份再试。"""

    status = 413


class HowLong(Refusal):
    """请求没有写明长度（Content-Length），没有办理。请补上以后重试。"""

    status = 411


def from_elsewhere(headers: Headers) -> bool:
    """Whether another site makes the browser ask: by Sec-Fetch-Site, else by Origin.

    A program that sends neither carries no cookie of a browser's and is nobody's victim.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = headers.get("origin")
    return origin is not None and _host(origin) != headers.get("host", "")


def _host(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


def refuse(scope: Scope) -> Refusal | None:
    """Why this request is not even looked at; None for all others."""
    headers = Headers(scope=scope)
    if scope["method"] in SAFE:
        return None
    if from_elsewhere(headers):
        return FromElsewhere()
    if "transfer-encoding" in headers:
        return HowLong()
    size = headers.get("content-length", "0")
    most = LARGEST_FILE if headers.get("content-type", "").startswith("multipart/") else LARGEST_BODY
    if not size.isdecimal() or len(size) > 12 or int(size) > most:
        return TooLarge(most=most // 1024 // 1024)
    return None


class Guard:
    """Plain ASGI. `answer` tells whoever asks what went wrong: a refusal, or a bug of ours (which goes on to the log).

    It stands around everything, so that the page of a bug carries the same headers as any other. What may be got
    may be asked for by HEAD: the same answer, without its body.
    """

    def __init__(self, app: ASGIApp, answer: Callable[[Request, Exception], Response]) -> None:
        self.app, self.answer = app, answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        number = uuid4().hex[:12]
        structlog.contextvars.bind_contextvars(request=number, path=scope["path"])
        scope.setdefault("state", {})["number"] = number

        started = False
        silent = scope["method"] == "HEAD"

        async def sealed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                _seal(MutableHeaders(scope=message), scope, number, message["status"])
            elif silent:
                message["body"] = b""
            await send(message)

        try:
            language.listen(scope)
            if refusal := refuse(scope):
                await self.answer(Request(scope, receive), refusal)(scope, receive, sealed)
                return
            await self.app({**scope, "method": "GET"} if silent else scope, receive, sealed)
        except Exception as error:
            log.error("request.failed", error=type(error).__name__)
            if not started:
                await self.answer(Request(scope, receive), error)(scope, receive, sealed)
            raise


def _seal(headers: MutableHeaders, scope: Scope, number: str, status: int) -> None:
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    headers["X-Request-Id"] = number
    headers.setdefault("Cache-Control", _keep(scope) if status < 400 else NEVER)
    if settings().secure_cookies:
        headers.setdefault("Strict-Transport-Security", ONLY_BY_TLS)


def _keep(scope: Scope) -> str:
    """How long a browser may keep what it got: files of ours for good, everything else not at all."""
    if not scope["path"].startswith("/static/"):
        return NEVER
    return FOR_GOOD if scope["query_string"].startswith(b"v=") else "no-cache"
