"""An employer's registration: how it stands, what was filed, and the four forms; an officer reviews each."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi import Query as Asked
from fastapi.responses import RedirectResponse, Response

from backend.http import NoAddress
from backend.kernel.errors import Refusal
from backend.kernel.items import find, perform
from portal.forms import Form, Typed
from portal.language import said
from portal.pages.employer import tabs
from portal.render import page
from portal.session import Employer, ask, together

router = APIRouter(prefix="/employer/registration")
ACTS = {"insure": "LEV-01", "change": "LEV-24", "insurance": "LEV-26", "cancel": "LEV-25"}
FIXED = frozenset({"uscc"})
No = Annotated[int, Asked(ge=0, le=2**62, title="办件号")]


@router.get("")
def overview(request: Request, run: Employer, filed: No = 0) -> Response:
    mine = {"uscc": run.actor.subject}
    one, company = together(run, ("LEV-Q14", mine), ("REG-Q2", mine))
    waiting = {case.item for case in one.cases if case.state == "waiting"}
    acts = [
        act for act, code in ACTS.items() if code not in waiting and (act == "insure") != bool(one.insured_on)
    ]
    return page(
        request,
        "employer/registration.html",
        tabs=tabs(),
        one=one,
        company=company,
        filed=filed,
        acts=[] if one.cancelled_on else [(act, find(ACTS[act]).title) for act in acts],
    )


def _code(act: str) -> str:
    if act not in ACTS:
        raise NoAddress
    return ACTS[act]


@router.get("/{act}")
def blank(request: Request, run: Employer, act: str) -> Response:
    return _form(request, run, act, Form(find(_code(act)).asks, {}, hidden=FIXED))


def _form(
    request: Request, run: Employer, act: str, form: Form[Any], status: int = 200, **more: Any
) -> Response:
    told = {"wrong": "", "key": uuid4().hex} | more
    return page(
        request,
        "employer/filing.html",
        status=status,
        tabs=tabs(),
        act=act,
        item=find(_code(act)),
        one=ask(run, "LEV-Q14", uscc=run.actor.subject),
        form=form,
        **told,
    )


@router.post("/{act}")
def file(request: Request, run: Employer, act: str, typed: Typed) -> Response:
    """What is refused now need not wait; all else waits for the review."""
    known = find(_code(act))
    form = Form(known.asks, typed, hidden=FIXED)
    key = form["request_id"][:64] or uuid4().hex
    cmd = form.parse(uscc=run.actor.subject)
    if cmd is None:
        return _form(request, run, act, form, form.status, key=key)
    try:
        filed: Any = perform(run, known, cmd, key)
    except Refusal as refusal:
        return _form(request, run, act, form, refusal.status, wrong=said(refusal))
    return RedirectResponse(f"/employer/registration?filed={filed.case_no}", 303)
