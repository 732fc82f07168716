"""A person's dues: a flexible worker's base, dues and payment; what was paid for an employee; certificates."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Path, Request
from fastapi import Query as Asked
from fastapi.responses import RedirectResponse, Response

from backend.kernel.errors import Refusal
from backend.kernel.items import find, perform
from backend.kernel.money import Money
from backend.levy import letters
from backend.levy.schema import OwnBase
from portal.forms import Form, Typed
from portal.language import gettext as _
from portal.language import said
from portal.pages.account import see, show
from portal.pages.levy import papers, paying
from portal.pages.levy.shown import dues, stretches
from portal.session import Citizen, ask, together

router = APIRouter(prefix="/account/levy")
FIXED = frozenset({"ident", "since"})
Year = Annotated[int, Path(ge=1992, le=2099, title="年份")]
Reference = Annotated[str, Asked(max_length=40, title="流水号")]


@router.get("")
def overview(request: Request, run: Citizen) -> Response:
    return _overview(request, run)


def _overview(request: Request, run: Citizen, status: int = 200, **more: Any) -> Response:
    unread, bills, base, own, told_to, alone = see(run, "LEV-Q2", "LEV-Q9", "LEV-Q5", "LEV-Q22", "LEV-Q26")
    told = {
        "pay": paying.blank("LEV-11", bills),
        "key": uuid4().hex,
        "wrong": "",
        "choose": _choosing(base),
        "unchosen": "",
    } | more
    return show(
        request,
        unread,
        "levy",
        status=status,
        dues=dues(bills, run.clock.today()),
        bills=bills,
        base=base,
        alone=alone,
        stretches=stretches(own.lines),
        notices=told_to.notices,
        years=papers.years(run.clock.today()),
        **told,
    )


def _choosing(base: OwnBase | None) -> Form[Any]:
    known = {"base_fen": Money(base.base_fen).text} if base and base.base_fen else {}
    return Form(find("LEV-03").asks, known, hidden=FIXED)


@router.post("/base")
def choose(request: Request, run: Citizen, typed: Typed) -> Response:
    form = Form(find("LEV-03").asks, typed, hidden=FIXED)
    base: OwnBase = ask(run, "LEV-Q9", ident=run.actor.subject)
    cmd = form.parse(ident=run.actor.subject, since=base.month)
    if cmd is None:
        return _overview(request, run, form.status, choose=form)
    try:
        perform(run, find("LEV-03"), cmd)
    except Refusal as refusal:
        return _overview(request, run, refusal.status, choose=form, unchosen=said(refusal))
    return RedirectResponse("/account/levy", 303)


@router.post("/pay")
def pay(request: Request, run: Citizen, typed: Typed) -> Response:
    def again(status: int, **more: Any) -> Response:
        return _overview(request, run, status, **more)

    return paying.pay(run, "LEV-11", typed, {"ident": run.actor.subject}, again, "/account/levy/receipts")


@router.get("/receipts")
def receipts(request: Request, run: Citizen, paid: Reference = "") -> Response:
    unread, found = see(run, "LEV-Q8")
    years = papers.years(run.clock.today())
    return show(request, unread, "levy_receipts", receipts=found.receipts, paid=paid, years=years)


@router.get("/statement/{year}/{kind}")
def statement(run: Citizen, year: Year, kind: papers.Kind) -> Response:
    """A year as a file: what was levied for the person, and what they paid themselves."""
    mine = {"ident": run.actor.subject}
    bills, receipts, own, me = together(
        run,
        ("LEV-Q2", mine | {"year": year}),
        ("LEV-Q8", mine | {"year": year}),
        ("LEV-Q5", mine | {"year": year}),
        ("REG-Q1", mine),
    )
    holder = ((_("姓名"), me.name), (_("证件号码"), run.actor.subject))
    paper = papers.statement(holder, year, bills, receipts.receipts, run.clock.now(), own.lines)
    return papers.given(paper, kind, paper.title, run.clock.now())


@router.get("/notices/{number}/pdf")
def notice(run: Citizen, number: str) -> Response:
    [one] = ask(run, "LEV-Q22", ident=run.actor.subject, notice=number).notices
    return papers.given(letters.notice(one), "pdf", letters.called(one), run.clock.now())


@router.get("/certificates")
def certificates(request: Request, run: Citizen) -> Response:
    return _certificates(request, run)


def _certificates(request: Request, run: Citizen, status: int = 200, wrong: str = "") -> Response:
    unread, found = see(run, "LEV-Q11")
    return show(
        request,
        unread,
        "certificates",
        status=status,
        found=found.certificates,
        wrong=wrong,
        key=uuid4().hex,
    )


@router.post("/certificates")
def certify(request: Request, run: Citizen, typed: Typed) -> Response:
    cmd = find("LEV-12").asks(ident=run.actor.subject)
    try:
        made: Any = perform(run, find("LEV-12"), cmd, typed.get("request_id", "")[:64] or None)
    except Refusal as refusal:
        return _certificates(request, run, refusal.status, said(refusal))
    return RedirectResponse(f"/account/levy/certificates/{made.code}", 303)


@router.get("/certificates/{code}")
def certificate(request: Request, run: Citizen, code: str) -> Response:
    [one] = ask(run, "LEV-Q11", ident=run.actor.subject, code=code).certificates
    [unread] = see(run)
    return show(request, unread, "certificate", one=one)


@router.get("/certificates/{code}/pdf")
def certificate_pdf(request: Request, run: Citizen, code: str) -> Response:
    [one] = ask(run, "LEV-Q11", ident=run.actor.subject, code=code).certificates
    paper = papers.certificate(one, request)
    return papers.given(paper, "pdf", f"{paper.title} {one.code}", run.clock.now())
