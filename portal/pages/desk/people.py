"""The person at the counter: found by number, shown on one page under an address that says nothing of them."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from backend.kernel.errors import Refusal
from backend.registry import service as registry
from portal.language import said
from portal.pages.desk import known
from portal.render import page
from portal.session import Officer, ask, together

router = APIRouter(prefix="/desk")
RECENT = 12


def look_up(request: Request, run: Officer, ident: str) -> Response:
    """To the person's page; what was typed comes back where nobody is found."""
    try:
        one = ask(run, "REG-Q1", ident=ident)
    except Refusal as refusal:
        return page(request, "desk/nobody.html", status=refusal.status, typed=ident, wrong=said(refusal))
    return RedirectResponse(f"/desk/person/{run(registry.handle, one.ident)}", 303)


@router.get("/person/{handle}")
def person(request: Request, run: Officer, handle: str) -> Response:
    """Everything about the person on one page."""
    one = known.visitor(run, handle)
    mine = {"ident": one.view.ident}
    account, paid, owed = together(run, ("PEN-Q1", mine), ("PAY-Q1", mine), ("PAY-Q4", mine))
    payments = paid.payments[:RECENT] if paid else ()
    owing = owed.recoveries if owed else ()
    return page(request, "desk/person.html", visitor=one, account=account, payments=payments, owing=owing)
