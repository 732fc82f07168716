"""Pages for anyone: home, accessibility, preferences, health."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Annotated

from fastapi import APIRouter, FastAPI, Form, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response
from sqlalchemy import text

from backend.employment.schema import Figures
from backend.http import Run
from backend.kernel import codes, params
from backend.kernel.db import Runner, Uow
from backend.kernel.language import EN, ZH
from backend.kernel.settings import settings
from portal import charts
from portal.kept import Kept
from portal.language import LANGUAGE_COOKIE, SIZE_COOKIE, current, gettext
from portal.render import env, page
from portal.session import ask, inside
from search import pinyin, words
from search.port import EngineAway, Index, IndexMissing, Query

router = APIRouter()
YEAR_S = 365 * 24 * 3600
GROUPS = 8
FIGURES_LAST, PICTURE_LASTS = timedelta(seconds=15), timedelta(minutes=1)
STANDARDS = (
    "employment.pay.minimum_month",
    "employment.pay.minimum_hour",
    "pension.contribution.floor",
    "pension.contribution.ceiling",
    "pension.benefit.base",
    "unemployment.benefit.first_year",
)
CITY = settings().area[:2] + "0100"  # the districts of a municipality stand under 市辖区


@router.get("/")
def home(request: Request, run: Run) -> Response:
    today = run.clock.today()
    return page(
        request,
        "home.html",
        city=figures(request.app, run),
        districts=_by_district(request.app, run),
        areas=areas(),
        standards=standards(today),
    )


def figures(app: FastAPI, run: Runner, **of: str) -> Figures:
    """Supply and demand, the same for everybody, as they were some seconds ago."""

    def asked() -> Figures:
        known: Figures = ask(run, "EMP-Q7", **of)
        return known

    kept: Kept = app.state.kept
    return kept.get(("figures", *sorted(of.items())), run.clock.now(), FIGURES_LAST, asked)


@dataclass(frozen=True)
class Districts:
    """Work in the city by district, as a picture and a table."""

    rows: tuple[tuple[str, str], ...] = ()
    picture: charts.Picture | None = None


def _by_district(app: FastAPI, run: Runner) -> Districts:
    """As the index had it a minute ago; without an index the page does without the picture."""
    kept: Kept = app.state.kept
    index: Index = app.state.index
    asked = Query(area=CITY, today=run.clock.today(), size=1)
    try:
        return kept.get(
            ("districts", current.get()),
            run.clock.now(),
            PICTURE_LASTS,
            lambda: districts(index.find(asked).facets["area"]),
        )
    except (IndexMissing, EngineAway):
        return Districts()


def districts(areas_found: Mapping[str, int]) -> Districts:
    counts = sorted(areas_found.items(), key=lambda row: (-row[1], row[0]))
    named = [(gettext(codes.name("area", code)), n) for code, n in counts if not code.endswith("00")][:GROUPS]
    if not named:
        return Districts()
    title = gettext("各区在招职位数")
    picture = charts.rows(title, [name for name, _ in named], [n for _, n in named], "")
    return Districts(tuple((name, f"{n:,}") for name, n in named), picture)


def load() -> None:
    """What pages read when they are first asked for: words, dictionaries, English, templates."""
    for language in (ZH, EN):
        current.set(language)
        gettext("首页")
    for template in ("home.html", "jobs/search.html"):
        env.get_template(template)
    pinyin.spell(words.fold("護士"))


def warm(app: FastAPI, run: Runner) -> None:
    """What a first visitor would wait for: figures, the picture, a search."""
    index: Index = app.state.index
    for language in (EN, ZH):
        current.set(language)
        figures(app, run)
        _by_district(app, run)
    try:
        index.find(Query("护士", area=CITY, today=run.clock.today()))
        index.find(Query("hushi", area=CITY, today=run.clock.today()))
    except (IndexMissing, EngineAway):
        return


def standards(on: date) -> list[params.Found]:
    """The amounts that people ask for most, as they apply today; nothing that nobody has verified."""
    look = params.Lookup(on, settings().area)
    found = [one for path in STANDARDS if (one := look.optional(path))]
    return [one for one in found if one.evidence is not params.Evidence.UNVERIFIED]


@cache
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
