"""The public portal as one web application: the backend's API, and the pages in front of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

from anyio import to_thread
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute

from backend import http
from backend.app import mount
from backend.http import API
from backend.kernel.db import Runner
from backend.kernel.errors import Refusal
from backend.kernel.settings import settings
from portal.guard import Guard
from portal.kept import Kept
from portal.language import said
from portal.pages import (
    account,
    calculators,
    card,
    choices,
    desk,
    employer,
    guide,
    jobs,
    levy,
    pension,
    public,
    signin,
)
from portal.render import page
from portal.session import SignInFirst
from search.port import EngineAway, Index, IndexMissing, SearchRefusal

HERE = Path(__file__).parent


class NotReady(Refusal):
    """职位正在装入，还不能查找。请过半分钟再试；其他业务照常办理。"""

    status = 503


class CannotSearch(Refusal):
    """What the search refuses, as a refusal like all others."""

    status = 422

    def __init__(self, found: SearchRefusal) -> None:
        self.found = found
        super().__init__(**found.facts)

    @property
    def code(self) -> str:
        return self.found.code

    @property
    def template(self) -> str:
        return self.found.template


def create(runner: Runner, index: Index) -> FastAPI:
    """The whole portal on one runner and one search index."""

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        to_thread.current_default_thread_limiter().total_tokens = settings().threads
        yield
        index.close()

    app = FastAPI(
        title="人社 · 示例市",
        version="1",
        lifespan=life,
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{API}/openapi.json",
    )
    mount(app, runner)
    app.state.index, app.state.kept = index, Kept()
    app.router.routes.extend(_pages())
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.add_exception_handler(SignInFirst, signin.sign_in_first)
    for wrong in (Refusal, SearchRefusal, RequestValidationError, HTTPException):
        app.add_exception_handler(wrong, answer)
    app.add_middleware(Guard, answer=answer)
    return app


@cache
def _pages() -> Sequence[BaseRoute]:
    """The same objects in every application, made once."""
    all_of_them = APIRouter()
    for one in (
        public,
        jobs,
        signin,
        account,
        card,
        pension,
        employer,
        levy,
        desk,
        calculators,
        choices,
        guide,
    ):
        all_of_them.include_router(one.router, include_in_schema=one is jobs)
    return all_of_them.routes


def answer(request: Request, error: Exception) -> Response:
    """What went wrong in the reader's words: JSON to a program, a page to a person."""
    if isinstance(error, SearchRefusal):
        error = NotReady() if isinstance(error, IndexMissing | EngineAway) else CannotSearch(error)
    if request.url.path.startswith(API):
        return http.refusal_to_json(request, error)
    if isinstance(error, HTTPException):
        http.caller(request)  # no route has asked who is there, and the page shows it
    refusal = http.refusal_of(request, error)
    shown = page(request, "error.html", status=refusal.status, code=refusal.status, said=said(refusal))
    shown.headers.update(getattr(error, "headers", None) or {})
    return shown
