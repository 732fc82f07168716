"""The public portal as one web application: the backend's API, and the pages in front of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from anyio import to_thread
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from backend import http
from backend.app import API, mount
from backend.kernel.db import Runner
from backend.kernel.errors import NotFound, Refusal
from backend.kernel.settings import settings
from portal.guard import Guard
from portal.language import gettext, said
from portal.pages import account, calculators, choices, desk, employer, guide, jobs, public, signin
from portal.render import page
from portal.session import SignInFirst
from search.port import EngineAway, Index, IndexMissing, SearchRefusal

HERE = Path(__file__).parent


class Broken(Refusal):
    """网页出了问题，没有办成。您的资料是安全的，请稍后再试一次；还不行请拨打 12333。"""

    status = 500


class NoPage(NotFound):
    """没有这个网页，可能地址写错了，或者网页已经换了地方。请从首页重新找。"""


class NotReady(Refusal):
    """职位正在装入，还不能查找。请过半分钟再试；其他业务照常办理。"""

    status = 503


class WrongWay(Refusal):
    """这个网页不能这样打开，请从首页重新操作。"""

    status = 405


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
    app.state.index = index
    for one in (public, jobs, signin, account, employer, desk, calculators, choices, guide):
        app.include_router(one.router, include_in_schema=one is jobs)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.add_exception_handler(Refusal, refused)
    app.add_exception_handler(SignInFirst, signin.sign_in_first)
    app.add_exception_handler(SearchRefusal, search_refused)
    app.add_exception_handler(RequestValidationError, malformed)
    app.add_exception_handler(HTTPException, lost)
    app.add_middleware(Guard, answer=answer)
    return app


def _program(request: Request) -> bool:
    return request.url.path.startswith(API)


def refused(request: Request, error: Exception) -> Response:
    """A refusal in the reader's words: JSON to a program, a page to a person."""
    assert isinstance(error, Refusal)  # noqa: S101 - Starlette's signature is wider than what it sends
    if _program(request):
        told = http.refused(error).model_copy(update={"message": said(error)})
        return JSONResponse(told.model_dump(), status_code=error.status)
    return page(request, "error.html", status=error.status, code=error.status, said=said(error))


def malformed(request: Request, error: Exception) -> Response:
    if _program(request):
        return http.malformed_to_json(request, error)
    return refused(request, NoPage(what=""))


def search_refused(request: Request, error: Exception) -> Response:
    if isinstance(error, IndexMissing | EngineAway):
        return refused(request, NotReady())
    sentence = gettext(str(error))
    if _program(request):
        return JSONResponse(
            {"code": type(error).__name__, "message": sentence, "facts": {}, "fields": {}}, 422
        )
    return page(request, "error.html", status=422, code=422, said=sentence)


def lost(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - as above
    if error.status_code == 405:
        return refused(request, WrongWay())
    if not _program(request):
        http.caller(request)  # no route has asked who is there, and the page shows it
    return refused(request, NoPage(what=""))


def answer(request: Request, error: Exception) -> Response:
    """A refusal; or a bug of ours: it is in the log, and the person is told what is safe."""
    return refused(request, error if isinstance(error, Refusal) else Broken())
