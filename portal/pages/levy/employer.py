"""An employer's dues: what is owed, paying, employees and their bases, receipts, certificates, new employees."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Path, Request
from fastapi import Query as Asked
from fastapi.responses import RedirectResponse, Response

from backend.kernel.errors import NotFound, Refusal
from backend.kernel.items import find, perform
from backend.kernel.money import Money
from backend.levy import deferred, letters
from backend.levy.schema import EmployeeBase
from backend.registry import service as registry
from portal.forms import Form, Typed
from portal.language import gettext as _
from portal.language import said
from portal.pages.employer import tabs
from portal.pages.levy import papers, paying
from portal.pages.levy.shown import dues
from portal.render import page
from portal.session import Employer, ask, together

router = APIRouter(prefix="/employer/levy")
ON_A_PAGE = 20
FIXED = frozenset({"uscc", "ident"})
Page = Annotated[int, Asked(alias="page", ge=1, le=1000, title="第几页")]
Year = Annotated[int, Path(ge=1992, le=2099, title="年份")]
Reference = Annotated[str, Asked(max_length=40, title="流水号")]


@router.get("")
def overview(request: Request, run: Employer) -> Response:
    return _overview(request, run)


def _overview(request: Request, run: Employer, status: int = 200, **more: Any) -> Response:
    mine = {"uscc": run.actor.subject}
    bills, bases, told_to, rates = together(
        run, ("LEV-Q1", mine), ("LEV-Q6", mine), ("LEV-Q21", mine), ("LEV-Q13", mine)
    )
    told = {"pay": paying.blank("LEV-10", bills), "key": uuid4().hex, "wrong": ""} | more
    shown = dues(bills, run.clock.today())
    return page(
        request,
        "employer/levy.html",
        status=status,
        tabs=tabs(),
        dues=shown,
        bills=bills,
        bases=bases,
        notices=told_to.notices,
        deferred=deferred,
        rates=rates,
        **told,
    )


@router.post("/pay")
def pay(request: Request, run: Employer, typed: Typed) -> Response:
    def again(status: int, **more: Any) -> Response:
        return _overview(request, run, status, **more)

    return paying.pay(run, "LEV-10", typed, {"uscc": run.actor.subject}, again, "/employer/levy/receipts")


@router.get("/receipts")
def receipts(request: Request, run: Employer, paid: Reference = "") -> Response:
    found = ask(run, "LEV-Q7", uscc=run.actor.subject).receipts
    years = papers.years(run.clock.today())
    return page(request, "employer/receipts.html", tabs=tabs(), receipts=found, paid=paid, years=years)


@router.get("/statement/{year}/{kind}")
def statement(run: Employer, year: Year, kind: papers.Kind) -> Response:
    """A year of bills and receipts, and where each went, as a file."""
    mine = {"uscc": run.actor.subject}
    bills, receipts, me = together(
        run, ("LEV-Q1", mine | {"year": year}), ("LEV-Q7", mine | {"year": year}), ("REG-Q2", mine)
    )
    holder = ((_("单位名称"), me.name), (_("统一社会信用代码"), run.actor.subject))
    paper = papers.statement(holder, year, bills, receipts.receipts, run.clock.now())
    return papers.given(paper, kind, f"{paper.title} {run.actor.subject}", run.clock.now())


@router.get("/notices/{number}/pdf")
def notice(run: Employer, number: str) -> Response:
    [one] = ask(run, "LEV-Q21", uscc=run.actor.subject, notice=number).notices
    return papers.given(letters.notice(one), "pdf", letters.called(one), run.clock.now())


@router.get("/bases")
def bases(request: Request, run: Employer, number: Page = 1, done: str = "") -> Response:
    """Who has no base stands first."""
    found = ask(run, "LEV-Q6", uscc=run.actor.subject, page=number, size=ON_A_PAGE)
    return page(
        request,
        "employer/bases.html",
        tabs=tabs(),
        bases=found,
        done=done,
        number=number,
        size=ON_A_PAGE,
        address=lambda n: f"/employer/levy/bases?page={n}",
    )


@router.get("/bases/{handle}")
def base(request: Request, run: Employer, handle: str) -> Response:
    one = _employee(run, handle)
    wage = {"wage_fen": Money(one.wage_fen).text} if one.wage_fen else {}
    return _base(request, one, Form(find("LEV-02").asks, {"since": one.month} | wage, hidden=FIXED))


def _employee(run: Employer, handle: str) -> EmployeeBase:
    """The employee behind a handle; of all others nothing is said."""
    ident = run(registry.ident_behind, handle)
    found = ask(run, "LEV-Q6", uscc=run.actor.subject, ident=ident).employees
    if not found:
        raise NotFound(what="这个人的登记信息")
    one: EmployeeBase = found[0]
    return one


def _base(
    request: Request, one: EmployeeBase, form: Form[Any], status: int = 200, wrong: str = ""
) -> Response:
    return page(request, "employer/base.html", status=status, tabs=tabs(), one=one, form=form, wrong=wrong)


@router.post("/bases/{handle}")
def declare(request: Request, run: Employer, handle: str, typed: Typed) -> Response:
    one = _employee(run, handle)
    form = Form(find("LEV-02").asks, typed, hidden=FIXED)
    cmd = form.parse(uscc=run.actor.subject, ident=one.ident)
    if cmd is None:
        return _base(request, one, form, form.status)
    try:
        perform(run, find("LEV-02"), cmd)
    except Refusal as refusal:
        return _base(request, one, form, refusal.status, said(refusal))
    return RedirectResponse("/employer/levy/bases?done=1", 303)


@router.get("/certificates")
def certificates(request: Request, run: Employer) -> Response:
    return _certificates(request, run)


def _certificates(request: Request, run: Employer, status: int = 200, wrong: str = "") -> Response:
    found = ask(run, "LEV-Q12", uscc=run.actor.subject).certificates
    return page(
        request,
        "employer/certificates.html",
        status=status,
        tabs=tabs(),
        found=found,
        wrong=wrong,
        key=uuid4().hex,
    )


@router.post("/certificates")
def certify(request: Request, run: Employer, typed: Typed) -> Response:
    cmd = find("LEV-13").asks(uscc=run.actor.subject)
    try:
        made: Any = perform(run, find("LEV-13"), cmd, typed.get("request_id", "")[:64] or None)
    except Refusal as refusal:
        return _certificates(request, run, refusal.status, said(refusal))
    return RedirectResponse(f"/employer/levy/certificates/{made.code}", 303)


@router.get("/certificates/{code}")
def certificate(request: Request, run: Employer, code: str) -> Response:
    [one] = ask(run, "LEV-Q12", uscc=run.actor.subject, code=code).certificates
    return page(request, "employer/certificate.html", tabs=tabs(), one=one)


@router.get("/certificates/{code}/pdf")
def certificate_pdf(request: Request, run: Employer, code: str) -> Response:
    [one] = ask(run, "LEV-Q12", uscc=run.actor.subject, code=code).certificates
    paper = papers.certificate(one, request)
    return papers.given(paper, "pdf", f"{paper.title} {one.code}", run.clock.now())


@router.get("/hire")
def blank_hire(request: Request, run: Employer) -> Response:
    return _hire(request, Form(find("REG-03").asks, {}, hidden=frozenset({"uscc"})))


def _hire(request: Request, form: Form[Any], status: int = 200, **more: Any) -> Response:
    told = {"wrong": "", "done": None, "key": uuid4().hex} | more
    return page(request, "employer/hire.html", status=status, tabs=tabs(), form=form, **told)


@router.post("/hire")
def hire(request: Request, run: Employer, typed: Typed) -> Response:
    form = Form(find("REG-03").asks, typed, hidden=frozenset({"uscc"}))
    key = form["request_id"][:64] or uuid4().hex
    cmd = form.parse(uscc=run.actor.subject)
    if cmd is None:
        return _hire(request, form, form.status, key=key)
    try:
        done = perform(run, find("REG-03"), cmd, key)
    except Refusal as refusal:
        return _hire(request, form, refusal.status, wrong=said(refusal))
    return _hire(request, Form(find("REG-03").asks, {}, hidden=frozenset({"uscc"})), done=done)
