"""Finding work: search, one vacancy, applying; and the same search for programs, without a key."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import islice
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi import Query as Asked
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from backend.employment.rules import SCHOOLING, TYPES
from backend.employment.schema import VacancyView
from backend.http import API, REFUSALS, Run
from backend.kernel import codes
from backend.kernel.actor import Kind
from backend.kernel.errors import Refusal
from backend.kernel.money import Money
from backend.kernel.telling import Refused
from portal.language import gettext as _
from portal.language import said
from portal.pages.public import CITY, areas, figures
from portal.render import page
from portal.session import ask, need
from search.port import Answer, Hit, Index, Query, Sort

router = APIRouter()
SIZE = 20
BY_RANK = {rank: code for code, rank in sorted(SCHOOLING.items(), reverse=True)}
GONE = {"expired", "filled", "withdrawn"}
LAST_PAGE = 100
LINES = 14  # of one filter


class UnknownChoice(Refusal):
    """没有“{code}”这个{what}，请从列表里重新选择。"""

    status = 422


class TooFar(Refusal):
    """最多翻到第 {last} 页。请加上地区、职业或者工资，把范围缩小一些。"""

    status = 422


class Wanted(BaseModel):
    """找什么工作。"""

    model_config = ConfigDict(frozen=True, extra="ignore")
    q: str = Field(default="", max_length=200, title="想找什么工作")
    area: str = Field(default="", pattern=r"^(\d{6})?$", title="地区")
    occupation: str = Field(default="", pattern=r"^(\d-\d{2}-\d{2}-\d{2})?$", title="职业")
    salary_min: str = Field(default="", pattern=r"^(\d{1,7}(\.\d{1,2})?)?$", title="月工资不低于（元）")
    education: str = Field(default="", pattern=r"^(\d{2})?$", title="我的学历")
    type: str = Field(default="", pattern=r"^(full|part|temporary|intern)?$", title="用工形式")
    days: str = Field(default="", pattern=r"^(\d{1,3})?$", title="几天内发布")
    sort: Sort = Field(default=Sort.RELEVANCE, title="排序")
    page: int = Field(default=1, ge=1, le=10**9, title="第几页")
    size: int = Field(default=SIZE, ge=1, le=100, title="每页几条")

    def query(self, today: date) -> Query:
        self._check()
        return Query(
            text=self.q,
            area=self.area or CITY,
            occupation=self.occupation or None,
            salary_min_fen=Money.yuan(self.salary_min).fen if self.salary_min else None,
            education=SCHOOLING.get(self.education),
            type=self.type or None,
            days=int(self.days) or None if self.days else None,
            today=today,
            sort=self.sort,
            page=self.page,
            size=self.size,
        )

    def _check(self) -> None:
        """What is no choice at all is said, not left out: nobody should take the answer for what they asked."""
        if self.page > LAST_PAGE:
            raise TooFar(last=LAST_PAGE)
        for table, what, code in (
            ("area", "地区", self.area),
            ("occupation", "职业", self.occupation),
            ("education", "学历", self.education),
        ):
            if code and not (codes.known(table, code) and (table != "education" or code in SCHOOLING)):
                raise UnknownChoice(code=code, what=what)

    @cached_property
    def as_typed(self) -> dict[str, Any]:
        return self.model_dump(mode="json")

    def address(self, **changed: Any) -> str:
        """The same search with something changed, as an address to share."""
        known = {"page": 1} | changed if changed else changed
        said = self.as_typed | known
        kept = {
            name: value for name, value in said.items() if value not in ("", None) and value != _default(name)
        }
        return "/jobs" + (f"?{urlencode(kept)}" if kept else "")


def _default(name: str) -> Any:
    value = Wanted.model_fields[name].default
    return value.value if isinstance(value, Sort) else value


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a facet."""

    label: str
    count: int
    address: str
    chosen: bool


@router.get("/jobs", include_in_schema=False)
def search(request: Request, run: Run, wanted: Annotated[Wanted, Asked()]) -> Response:
    today = run.clock.today()
    index: Index = request.app.state.index
    found = index.find(wanted.query(today))
    return page(
        request,
        "jobs/search.html",
        wanted=wanted,
        found=found,
        rows=[_row(hit) for hit in found.hits],
        facets=_facets(wanted, found),
        figures=figures(request.app, run, **_same(wanted)),
        narrower=bool(wanted.q or wanted.salary_min or wanted.education or wanted.days),
        last_page=LAST_PAGE,
        areas=areas(),
        tried=_tried(found),
        sorts=[(Sort.RELEVANCE, _("最相关")), (Sort.NEWEST, _("最新发布")), (Sort.SALARY, _("工资最高"))],
    )


def _same(wanted: Wanted) -> dict[str, str]:
    """What the figures of supply and demand can be narrowed by."""
    chosen = (("area", wanted.area), ("occupation", wanted.occupation), ("type", wanted.type))
    return {name: value for name, value in chosen if value}


def _tried(found: Answer) -> str:
    """What had to be tried beyond the words themselves."""
    last = found.tried[-1].value if found.tried else ""
    return {
        "words-or": _("没有同时包含全部词的职位，下面的职位包含其中一部分"),
        "pinyin": _("按拼音找到下面的职位"),
        "fuzzy-pinyin": _("按相近的拼音找到下面的职位"),
    }.get(last, "")


def _row(hit: Hit) -> dict[str, Any]:
    one = hit.document
    return {
        "id": one.id,
        "title": hit.title,
        "snippet": hit.snippet,
        "employer": one.employer,
        "area": codes.name("area", one.area),
        "pay": pay(one.salary_min_fen, one.salary_max_fen),
        "published": one.published,
        "type": _(TYPES.get(one.type, "")),
        "openings": one.openings,
        "applicants": one.applicants,
        "why": sorted({_why(why.how.value).format(word=why.word, found=why.found) for why in hit.why} - {""}),
    }


def _why(how: str) -> str:
    return {
        "synonym": _("“{word}”也叫“{found}”"),
        "occupation": _("职业是“{found}”"),
        "pinyin": _("拼音和“{found}”相同"),
        "initials": _("“{found}”的拼音首字母"),
        "fuzzy-pinyin": _("拼音和“{found}”相近"),
    }.get(how, "")


def pay(low: int | None, high: int | None) -> str:
    if not low or not high:
        return _("工资面议")
    return f"{low // 100:,}–{high // 100:,} " + _("元/月")


def _facets(wanted: Wanted, found: Answer) -> list[tuple[str, str, list[Choice]]]:
    """The filters with their counts; a chosen one can be taken back."""

    def lines(name: str, rows: list[tuple[str, str, int]]) -> list[Choice]:
        chosen = str(getattr(wanted, name))

        def shown() -> Iterator[Choice]:
            for value, label, count in rows:
                if label:
                    address = wanted.address(**{name: "" if value == chosen else value})
                    yield Choice(label, count, address, chosen=value == chosen)

        return list(islice(shown(), LINES))

    facets = found.facets
    areas_found = [
        (code, codes.name("area", code), n) for code, n in facets["area"].items() if codes.known("area", code)
    ]
    occupations = [
        (code, codes.name("occupation", code), n)
        for code, n in facets["occupation"].items()
        if codes.known("occupation", code)
    ]
    pays = [
        (str(int(fen) // 100), _("{yuan} 元以上").format(yuan=f"{int(fen) // 100:,}"), n)
        for fen, n in facets["salary"].items()
    ]
    schooling = [
        (
            BY_RANK[int(rank)],
            _(codes.name("education", BY_RANK[int(rank)])) if int(rank) else _("不限学历"),
            n,
        )
        for rank, n in facets["education"].items()
        if int(rank) in BY_RANK
    ]
    ages = [(days, _("{days} 天内").format(days=days), n) for days, n in facets["age"].items()]
    types = [(name, _(TYPES.get(name, "")), n) for name, n in facets["type"].items()]
    top = (
        [row for row in occupations if row[0].endswith("-00-00-00")] if not wanted.occupation else occupations
    )
    return [
        (
            "area",
            _("地区"),
            lines("area", [row for row in areas_found if row[0] != "310000" and row[1] != "市辖区"]),
        ),
        ("occupation", _("职业"), lines("occupation", top)),
        ("salary_min", _("月工资"), lines("salary_min", pays)),
        ("education", _("我的学历"), lines("education", schooling)),
        ("type", _("用工形式"), lines("type", types)),
        ("days", _("发布时间"), lines("days", ages)),
    ]


@router.get("/jobs/{no}", include_in_schema=False)
def vacancy(request: Request, run: Run, no: str, applied: str = "") -> Response:
    return _vacancy(request, run, no, applied=bool(applied))


def _vacancy(
    request: Request, run: Run, no: str, wrong: str = "", applied: bool = False, letter: str = ""
) -> Response:
    seen: VacancyView = ask(run, "EMP-Q5", vacancy=no)
    gone = seen.status in GONE
    mine = None
    if run.actor.kind is Kind.CITIZEN:
        known = ask(run, "EMP-Q3", ident=run.actor.subject).applications
        mine = next((one for one in known if one.vacancy == no and one.state != "cancelled"), None)
    return page(
        request,
        "jobs/vacancy.html",
        status=410 if gone else 422 if wrong else 200,
        one=seen,
        gone=gone,
        mine=mine,
        similar=ask(run, "EMP-Q6", vacancy=no).vacancies,
        advert="" if gone else _posting(seen),
        wrong=wrong,
        applied=applied,
        letter=letter,
    )


def _posting(one: VacancyView) -> str:
    """schema.org JobPosting, safe to stand inside a script element."""
    told: Mapping[str, Any] = {
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "title": one.title,
        "description": one.work,
        "identifier": one.vacancy,
        "datePosted": one.first_published.date().isoformat() if one.first_published else None,
        "validThrough": one.valid_until.isoformat(),
        "employmentType": {"full": "FULL_TIME", "part": "PART_TIME", "intern": "INTERN"}.get(
            one.type, "TEMPORARY"
        ),
        "hiringOrganization": {"@type": "Organization", "name": one.employer},
        "jobLocation": {
            "@type": "Place",
            "address": {
                "@type": "PostalAddress",
                "streetAddress": one.address,
                "addressRegion": one.area_name,
            },
        },
        "baseSalary": {
            "@type": "MonetaryAmount",
            "currency": "CNY",
            "value": {
                "@type": "QuantitativeValue",
                "minValue": str(Money(one.salary_min_fen).text),
                "maxValue": str(Money(one.salary_max_fen).text),
                "unitText": "MONTH",
            },
        },
        "totalJobOpenings": one.headcount,
    }
    return json.dumps(told, ensure_ascii=False).replace("<", "\\u003c").replace("&", "\\u0026")


@router.post("/jobs/{no}/apply", include_in_schema=False)
def apply(
    request: Request,
    run: Run,
    no: str,
    letter: Annotated[str, Form()] = "",
    phone: Annotated[str, Form()] = "",
) -> Response:
    need(run, Kind.CITIZEN, f"/jobs/{no}")
    said_phone = {"phone": phone} if phone.strip() else {}
    try:
        ask(run, "EMP-11", ident=run.actor.subject, vacancy=no, letter=letter, **said_phone)
    except Refusal as refusal:
        return _vacancy(request, run, no, wrong=said(refusal), letter=letter)
    return RedirectResponse(f"/jobs/{no}?applied=1", 303)


class ApiHit(BaseModel):
    id: str
    title: str
    employer: str
    area: str
    area_name: str
    salary_min: str | None
    salary_max: str | None
    published: date
    type: str
    openings: int
    applicants: int
    url: str


class ApiAnswer(BaseModel):
    total: int
    hits: list[ApiHit]
    facets: dict[str, dict[str, int]]
    tried: list[str]


@router.get(
    f"{API}/vacancies",
    tags=["招聘"],
    summary="找职位",
    response_model=ApiAnswer,
    responses=REFUSALS | {503: {"model": Refused}},
)
def vacancies(request: Request, run: Run, wanted: Annotated[Wanted, Asked()]) -> Response:
    """Open to anyone; the same filters as the page."""
    index: Index = request.app.state.index
    found = index.find(wanted.query(run.clock.today()))
    answer = ApiAnswer(
        total=found.total,
        hits=[_api_hit(hit) for hit in found.hits],
        facets={name: dict(counts) for name, counts in found.facets.items()},
        tried=[one.value for one in found.tried],
    )
    return JSONResponse(answer.model_dump(mode="json"), headers={"Access-Control-Allow-Origin": "*"})


def _api_hit(hit: Hit) -> ApiHit:
    one = hit.document
    return ApiHit(
        id=one.id,
        title=one.title,
        employer=one.employer,
        area=one.area,
        area_name=codes.full_name(one.area),
        salary_min=Money(one.salary_min_fen).text if one.salary_min_fen else None,
        salary_max=Money(one.salary_max_fen).text if one.salary_max_fen else None,
        published=one.published,
        type=one.type,
        openings=one.openings,
        applicants=one.applicants,
        url=f"/jobs/{one.id}",
    )
