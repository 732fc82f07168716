"""Pages for anyone: home, accessibility, preferences, health."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response
from sqlalchemy import text

from backend.http import Run
from backend.kernel import codes
from backend.kernel.db import Uow
from backend.kernel.settings import settings
from portal import charts
from portal.language import EN, LANGUAGE_COOKIE, SIZE_COOKIE, ZH, gettext
from portal.render import page
from portal.session import ask, inside
from search.port import Index, Query

router = APIRouter()
YEAR_S = 365 * 24 * 3600
GROUPS = 8
CITY = settings().area[:2] + "0100"  # the districts of a municipality stand under 市辖区


@router.get("/")
def home(request: Request, run: Run) -> Response:
    figures = ask(run, "EMP-Q7")
    index: Index = request.app.state.index
    found = index.find(Query(area=CITY, today=run.clock.today(), size=1))
    rows = sorted(found.facets["area"].items(), key=lambda row: -row[1])
    rows = [(codes.name("area", code), n) for code, n in rows if not code.endswith("00")][:GROUPS]
    picture = charts.address("rows", [name for name, _ in rows], [n for _, n in rows], "") if rows else ""
    return page(
        request,
        "home.html",
        figures=figures,
        rows=rows,
        picture=picture,
        areas=areas(),
        today=run.clock.today(),
    )


def areas() -> list[tuple[str, str]]:
    """The districts of the city, for the choice beside the words."""
    return [
        (one.code, one.name)
        for one in codes.choices("area")
        if one.code.startswith("31") and one.code[2:4] != "00"
    ]


@router.get("/accessibility")
def accessibility(request: Request, run: Run) -> Response:
    return page(request, "accessibility.html")


@router.post("/preferences")
def preferences(
    lang: Annotated[str, Form()] = "",
    size: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "",
) -> Response:
    answer = RedirectResponse(inside(next) or "/", 303)
    if lang in (ZH, EN):
        answer.set_cookie(LANGUAGE_COOKIE, lang, max_age=YEAR_S, httponly=True, samesite="lax")
    if size in ("large", "normal"):
        answer.set_cookie(SIZE_COOKIE, size, max_age=YEAR_S, httponly=True, samesite="lax")
    return answer


@router.get("/health")
def health(run: Run) -> Response:
    def alive(uow: Uow) -> None:
        uow.session.execute(text("select 1"))

    run.system(alive)
    return PlainTextResponse(gettext("正常"))
