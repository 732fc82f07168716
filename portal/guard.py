"""Guard: what every answer carries, and what no request may do."""

from __future__ import annotations

from urllib.parse import urlsplit
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE = {"GET", "HEAD", "OPTIONS"}
POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
LARGEST_BODY = 64 * 1024 * 1024
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def from_elsewhere(scope: Scope) -> bool:
    """Whether another site makes the browser ask: by Sec-Fetch-Site, else by Origin.

    A program that sends neither carries no cookie of a browser's and is nobody's victim.
    """
    headers = Headers(scope=scope)
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host", "")


class Guard:
    """Plain ASGI; a refusal here is a short plain page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        structlog.contextvars.bind_contextvars(request=uuid4().hex[:12], path=scope["path"])
        personal = not scope["path"].startswith(("/static/", "/charts/"))

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if personal:
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        size = Headers(scope=scope).get("content-length", "0")
        if scope["method"] not in SAFE and from_elsewhere(scope):
            await _plain(sealed, 403, "这个请求来自别的网站，没有办理。请从本网站的页面重新操作。")
        elif not size.isdecimal() or int(size) > LARGEST_BODY:
            await _plain(sealed, 413, "内容太大，最多 64 MB，没有办理。请分成几份再试。")
        else:
            await self.app(scope, receive, sealed)


async def _plain(send: Send, status: int, text: str) -> None:
    body = text.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
