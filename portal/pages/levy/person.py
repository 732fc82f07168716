"""A person's dues: a flexible worker's base, dues and payment; what was paid for an employee; certificates."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi import Query as Asked
from fastapi.responses import RedirectResponse, Response

from backend.kernel.errors import Refusal
from backend.kernel.items import find, perform
from backend.kernel.money import Money
from backend.levy.schema import OwnBase
from portal.forms import Form, Typed
from portal.language import said
from portal.pages.account import see, show
from portal.pages.levy import paying
from portal.pages.levy.shown import dues, stretches
from portal.session import Citizen, ask

router = APIRouter(prefix="/account/levy")
FIXED = frozenset({"ident", "since"})
Reference = Annotated[str, Asked(max_length=40, title="流水号")]


@router.get("")
def overview(request: Request, run: Citizen) -> Response:
    return _overview(request, run)


def _overview(request: Request, run: Citizen, status: int = 200, **more: Any) -> Response:
    unread, bills, base, own = see(run, "LEV-Q2", "LEV-Q9", "LEV-Q5")
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
        stretches=stretches(own.lines),
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
    return show(request, unread, "levy_receipts", receipts=found.receipts, paid=paid)


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
