"""Pages for anyone: home, accessibility, preferences, health."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response
from sqlalchemy import text

from backend.employment.schema import Figures
from backend.http import Run
from backend.kernel import codes, params
from backend.kernel.db import Uow
from backend.kernel.language import EN, ZH
from backend.kernel.settings import settings
from portal import charts
from portal.language import LANGUAGE_COOKIE, SIZE_COOKIE, gettext
from portal.render import page
from portal.session import ask, inside
from search.port import EngineAway, Index, IndexMissing, Query

router = APIRouter()
YEAR_S = 365 * 24 * 3600
GROUPS = 8
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
    found = _by_district(request.app.state.index, today)
    return page(
        request, "home.html", city=city(ask(run, "EMP-Q7"), found), areas=areas(), standards=standards(today)
    )


def _by_district(index: Index, today: date) -> Mapping[str, int]:
    """Open vacancies by district; without an index the page does without the picture."""
    try:
        return index.find(Query(area=CITY, today=today, size=1)).facets["area"]
    except (IndexMissing, EngineAway):
        return {}


@dataclass(frozen=True)
class City:
    """Work in the city as the home page shows it: two figures, and the districts as a picture and a table."""

    open_vacancies: int
    persons_wanted: int
    on: date
    rows: tuple[tuple[str, str], ...]
    picture: charts.Picture | None


def city(figures: Figures, areas_found: Mapping[str, int]) -> City:
    counts = sorted(areas_found.items(), key=lambda row: (-row[1], row[0]))
    districts = [(codes.name("area", code), n) for code, n in counts if not code.endswith("00")][:GROUPS]
    title = gettext("各区在招职位数")
    return City(
        open_vacancies=figures.open_vacancies,
        persons_wanted=figures.persons_wanted,
        on=figures.on,
        rows=tuple((name, f"{n:,}") for name, n in districts),
        picture=charts.rows(title, [name for name, _ in districts], [n for _, n in districts], "")
        if districts
        else None,
    )


def standards(on: date) -> list[params.Found]:
    """The amounts that people ask for most, as they apply today; nothing that nobody has verified."""
    look = params.Lookup(on, settings().area)
    found = [one for path in STANDARDS if (one := look.optional(path))]
    return [one for one in found if one.evidence is not params.Evidence.UNVERIFIED]


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
