"""Who has no employer insures themselves, and stops: two forms, drawn from LEV-27 and LEV-28."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from backend.http import NoAddress
from backend.kernel.errors import Refusal
from backend.kernel.items import find, perform
from portal.forms import Form, Typed
from portal.language import said
from portal.pages.account import see, show
from portal.session import Citizen, ask

router = APIRouter(prefix="/account/insurance")
ACTS = {"enrol": "LEV-27", "stop": "LEV-28"}
INSURANCES = ("pension", "medical", "unemployment")


def _code(act: str) -> str:
    if act not in ACTS:
        raise NoAddress
    return ACTS[act]


def _form(one: Any, act: str, typed: dict[str, str]) -> Form[Any]:
    """Only what can be chosen is asked; where that is one insurance alone, there is nothing to choose."""
    can = [name for name in INSURANCES if name not in one.closed]
    hidden = {"ident", *(one.closed if len(can) > 1 else INSURANCES)}
    return Form(find(_code(act)).asks, typed, hidden=frozenset(hidden))


@router.get("/{act}")
def blank(request: Request, run: Citizen, act: str) -> Response:
    _code(act)
    return _page(request, run, act, None)


def _page(
    request: Request, run: Citizen, act: str, form: Form[Any] | None, status: int = 200, **more: Any
) -> Response:
    unread, one = see(run, "LEV-Q26")
    now = f"{run.clock.today():%Y-%m}"
    known = {"since": one.first} if act == "enrol" else {"until": max(now, one.earliest_end)}
    return show(
        request,
        unread,
        "insure",
        status=status,
        act=act,
        item=find(_code(act)),
        one=one,
        form=form or _form(one, act, known),
        **({"wrong": "", "key": uuid4().hex} | more),
    )


@router.post("/{act}")
def do(request: Request, run: Citizen, act: str, typed: Typed) -> Response:
    known = find(_code(act))
    one = ask(run, "LEV-Q26", ident=run.actor.subject)
    form = _form(one, act, typed)
    key = form["request_id"][:64] or uuid4().hex
    unasked = dict.fromkeys(one.closed, False) if act == "enrol" and one.may_enrol else {}
    cmd = form.parse(ident=run.actor.subject, **unasked)
    if cmd is None:
        return _page(request, run, act, form, form.status, key=key)
    try:
        perform(run, known, cmd, key)
    except Refusal as refusal:
        return _page(request, run, act, form, refusal.status, wrong=said(refusal))
    return RedirectResponse("/account/levy", 303)
