"""Any item at the counter: a form drawn from its schema, and what came of it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from backend.kernel import files, items
from backend.kernel.errors import Refusal
from backend.kernel.text import plain
from portal.forms import Form as Shown
from portal.forms import Handed, Typed
from portal.language import said
from portal.pages.desk import known
from portal.pages.desk.known import Visitor
from portal.reading import lines
from portal.render import page
from portal.session import Officer

router = APIRouter(prefix="/desk")


@router.get("/{code}")
def form(request: Request, run: Officer, code: str, person: str = "") -> Response:
    item = known.item(run, code)
    if code in known.PAGES:
        return RedirectResponse(known.PAGES[code], 303)
    if person and item.question:
        return do(request, run, code, {}, {}, person)  # about whom is known: answered at once
    return _form(request, item, known.at_hand(run, person), Shown(item.asks), key=uuid4().hex)


def _form(
    request: Request,
    item: items.Item,
    visitor: Visitor | None,
    shown: Shown[Any],
    key: str,
    status: int = 200,
    **more: Any,
) -> Response:
    """The number of the person at hand is not asked for again, and does not stand in the page."""
    if visitor:
        shown.hidden |= {"ident"}
    told: dict[str, Any] = {"wrong": "", "filed": None, "answer": None} | more
    return page(
        request, "desk/item.html", status=status, item=item, visitor=visitor, form=shown, key=key, **told
    )


@router.post("/{code}")
def do(request: Request, run: Officer, code: str, typed: Typed, handed: Handed, person: str = "") -> Response:
    """Do the item; the form's own key makes pressing twice the same as pressing once."""
    item, visitor = known.item(run, code), known.at_hand(run, person)
    key = plain(typed.pop("request_id", ""))[:64] or uuid4().hex
    shown = Shown(item.asks, typed)
    try:
        for name in handed.keys() & set(shown.uploads):
            typed[name] = keep(run, item, handed[name].filename or "", handed[name].file.read()).file
        command = shown.parse(**({"ident": visitor.view.ident} if visitor else {}))
        if command is None:
            return _form(request, item, visitor, shown, key, status=shown.status)
        done = items.perform(run, item, command, None if item.question else key)
    except Refusal as refusal:
        return _form(request, item, visitor, shown, uuid4().hex, status=refusal.status, wrong=said(refusal))
    if isinstance(done, items.Filed):
        return _form(request, item, visitor, Shown(item.asks), uuid4().hex, filed=done)
    again = typed if item.question else {}
    return _form(request, item, visitor, Shown(item.asks, again), uuid4().hex, answer=lines(done))


def keep(run: Officer, item: items.Item, name: str, content: bytes) -> files.FileKept:
    """Hand a file in at the counter: whoever may do this item may read it."""
    return run(files.keep, name=name, content=content, may=item.may)
