"""The employer's pages: vacancies written, corrected, withdrawn; applicants answered."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Form, Request
from fastapi import Query as Asked
from fastapi.responses import RedirectResponse, Response

from backend.employment.posting import ON_A_PAGE
from backend.employment.schema import EditVacancy, MoveApplication, OwnVacancyView, WriteVacancy
from backend.kernel.errors import Refusal
from backend.kernel.items import find, perform
from backend.kernel.money import Money
from portal.forms import Form as Shown
from portal.forms import Typed
from portal.language import gettext as _
from portal.language import said
from portal.occupations import suggest
from portal.render import page
from portal.session import Employer, ask

router = APIRouter(prefix="/employer")
FIXED = frozenset({"uscc", "vacancy", "submit"})


def tabs() -> list[tuple[str, str]]:
    return [
        ("/employer", _("我的岗位")),
        ("/employer/vacancies/new", _("发布岗位")),
        ("/employer/levy", _("社保缴费")),
        ("/employer/levy/bases", _("职工和基数")),
        ("/employer/staff", _("职工增减")),
        ("/employer/registration", _("参保登记")),
        ("/employer/about", _("单位信息")),
    ]


@router.get("")
def own(
    request: Request,
    run: Employer,
    page_: Annotated[int, Asked(alias="page", ge=1, le=1000, title="第几页")] = 1,
) -> Response:
    found = ask(run, "EMP-Q1", uscc=run.actor.subject, page=page_)
    return page(
        request,
        "employer/vacancies.html",
        tabs=tabs(),
        found=found,
        number=page_,
        size=ON_A_PAGE,
        address=lambda n: f"/employer?page={n}",
    )


@router.get("/about")
def about(request: Request, run: Employer) -> Response:
    return page(request, "employer/about.html", tabs=tabs(), one=ask(run, "REG-Q2", uscc=run.actor.subject))


@router.get("/vacancies/new")
def blank(request: Request, run: Employer) -> Response:
    company = ask(run, "REG-Q2", uscc=run.actor.subject)
    typed = {
        "type": "full",
        "pay_unit": "month",
        "headcount": "1",
        "education": "90",
        "area": company.area,
        "address": company.address,
        "contact": company.contact,
        "phone": company.phone,
    }
    return _form(request, Shown(WriteVacancy, typed, hidden=FIXED), None)


def _form(
    request: Request, form: Shown[Any], no: str | None, status: int = 200, wrong: str = "", key: str = ""
) -> Response:
    """The form's own key makes pressing twice the same as pressing once; after a refusal it is a new one."""
    return page(
        request,
        "employer/write.html",
        status=status,
        tabs=tabs(),
        form=form,
        no=no,
        wrong=wrong,
        key=key or uuid4().hex,
        suggested=suggest(form["title"]),
    )


@router.get("/occupations")
def occupations(
    request: Request, run: Employer, title: Annotated[str, Asked(max_length=200, title="职位名称")] = ""
) -> Response:
    """The likeliest occupations while the title is typed; the block of the form that shows them."""
    return page(request, "employer/suggest.html", suggested=suggest(title))


@router.post("/vacancies/new")
def write(request: Request, run: Employer, typed: Typed) -> Response:
    form = Shown(WriteVacancy, typed, hidden=FIXED)
    cmd = form.parse(uscc=run.actor.subject, submit="draft" not in typed)
    return _save(request, run, form, cmd, "EMP-01", None)


@router.get("/vacancies/{no}/edit")
def correct(request: Request, run: Employer, no: str) -> Response:
    seen: OwnVacancyView = ask(run, "EMP-Q9", uscc=run.actor.subject, vacancy=no)
    view = seen.view
    typed = {name: str(getattr(view, name)) for name in WriteVacancy.model_fields if hasattr(view, name)}
    typed |= {
        "pay_min": Money(view.pay_min_fen).text,
        "pay_max": Money(view.pay_max_fen).text,
        "valid_until": view.valid_until.isoformat(),
        "forwarded": str(seen.forwarded).lower(),
    }
    return _form(request, Shown(EditVacancy, typed, hidden=FIXED), no)


@router.post("/vacancies/{no}/edit")
def edit(request: Request, run: Employer, no: str, typed: Typed) -> Response:
    form = Shown(EditVacancy, typed, hidden=FIXED)
    cmd = form.parse(uscc=run.actor.subject, vacancy=no, submit="draft" not in typed)
    return _save(request, run, form, cmd, "EMP-02", no)


def _save(request: Request, run: Employer, form: Shown[Any], cmd: Any, code: str, no: str | None) -> Response:
    key = form["request_id"][:64] or uuid4().hex
    if cmd is None:
        return _form(request, form, no, status=form.status, key=key)
    try:
        posted = perform(run, find(code), cmd, key)
    except Refusal as refusal:
        return _form(request, form, no, status=refusal.status, wrong=said(refusal))
    return RedirectResponse(f"/employer/vacancies/{posted.vacancy}", 303)  # type: ignore[union-attr]


@router.get("/vacancies/{no}")
def one(request: Request, run: Employer, no: str) -> Response:
    return _one(request, run, no)


def _one(request: Request, run: Employer, no: str, status: int = 200, wrong: str = "") -> Response:
    seen = ask(run, "EMP-Q9", uscc=run.actor.subject, vacancy=no)
    return page(
        request,
        "employer/vacancy.html",
        status=status,
        tabs=tabs(),
        one=seen,
        applicants=ask(run, "EMP-Q2", uscc=run.actor.subject, vacancy=no).applicants,
        form=Shown(MoveApplication, {}, hidden=frozenset({"uscc", "application"})),
        wrong=wrong,
    )


ACTS = {"withdraw": "EMP-03", "filled": "EMP-04", "refresh": "EMP-07", "appeal": "EMP-06"}


@router.post("/vacancies/{no}/{act}")
def act(request: Request, run: Employer, no: str, act: str, reason: Annotated[str, Form()] = "") -> Response:
    code = ACTS.get(act)
    if code is None:
        return RedirectResponse(f"/employer/vacancies/{no}", 303)
    said_reason = {"reason": reason} if code in ("EMP-03", "EMP-06") and reason else {}
    try:
        ask(run, code, uscc=run.actor.subject, vacancy=no, **said_reason)
    except Refusal as refusal:
        return _one(request, run, no, status=refusal.status, wrong=said(refusal))
    return RedirectResponse(f"/employer/vacancies/{no}", 303)


@router.post("/applications/{no}")
def move(request: Request, run: Employer, no: str, typed: Typed) -> Response:
    vacancy = typed.get("vacancy", "")
    given = {name: typed[name] for name in ("state", "refusal", "note") if typed.get(name)}
    try:
        ask(run, "EMP-13", uscc=run.actor.subject, application=no, **given)
    except Refusal as refusal:
        return _one(request, run, vacancy, status=refusal.status, wrong=said(refusal))
    return RedirectResponse(f"/employer/vacancies/{vacancy}", 303)
