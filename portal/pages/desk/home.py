"""The counter's first page: find a person or an item, what waits, everything this officer may do."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi import Query as Asked
from fastapi.responses import RedirectResponse, Response

from backend.kernel import items
from backend.kernel.text import plain
from portal.language import gettext as _
from portal.pages.desk import known, people
from portal.render import page
from portal.session import Officer, ask

router = APIRouter(prefix="/desk")
Words = Annotated[str, Asked(max_length=40, title="事项名称")]


@router.get("")
def home(request: Request, run: Officer, words: Words = "") -> Response:
    """Everything, or the items whose names have the words."""
    listed = [one for one in known.mine(run) if _named(one, words)]
    return page(
        request,
        "desk/home.html",
        groups=known.grouped(listed),
        waiting=len(ask(run, "CAS-Q1").cases),
        words=words,
    )


def _named(one: items.Item, words: str) -> bool:
    return words.casefold() in f"{one.code} {one.title} {_(one.title)}".casefold()


@router.post("/find")
def find(request: Request, run: Officer, sought: Annotated[str, Form()] = "") -> Response:
    """One field for everything: an item by code or name, else a person by number (which stands in no address)."""
    text = plain(sought)[:40]
    able = {one.code: one for one in known.mine(run)}
    if text.upper() in able:
        return RedirectResponse(f"/desk/{text.upper()}", 303)
    found = [one for one in able.values() if text and _named(one, text)]
    found = [
        one for one in found if text in (one.title, _(one.title))
    ] or found  # its whole name, others' part
    if len(found) == 1:
        return RedirectResponse(f"/desk/{found[0].code}", 303)
    if found:
        return RedirectResponse(f"/desk?words={quote(text)}", 303)
    return people.look_up(request, run, text)
