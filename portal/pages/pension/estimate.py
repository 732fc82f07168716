"""What will I get: three ways of going on beside each other, and one's own; the address of a question names nobody."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from backend.kernel.items import find
from backend.kernel.sentences import Invalid
from backend.pension.scenarios.schema import Estimates
from portal import charts
from portal.forms import Form
from portal.language import gettext as _
from portal.language import said_fields
from portal.pages.account import see, show
from portal.session import Citizen, ask

router = APIRouter()
WHAT_IF = "PEN-Q32"


@router.get("/pension/estimate")
def estimate(request: Request, run: Citizen) -> Response:
    unread, mine, found, plan = see(run, "PEN-Q1", "PEN-Q31", "PEN-Q30")
    if mine is None:
        return show(request, unread, "nothing", title=_("能领多少养老金"))
    if found is None:
        return RedirectResponse("/account/pension", 303)
    form, other = _asked(request, run)
    return show(
        request,
        unread,
        "pension/estimate",
        status=form.status,
        found=found,
        picture=_picture(found),
        plan=plan,
        form=form,
        other=other,
        other_picture=_picture(other) if other else None,
    )


def _asked(request: Request, run: Citizen) -> tuple[Form[Any], Estimates | None]:
    """The question in the address, and its answer; nothing asked is no question."""
    typed = dict(request.query_params)
    form = Form(find(WHAT_IF).asks, typed, hidden=frozenset({"ident"}))
    if not any(typed.get(box.name, "").strip() for box in form.boxes):
        return form, None
    wanted = form.parse(ident=run.actor.subject)
    if wanted is None:
        return form, None
    try:
        return form, ask(run, WHAT_IF, **wanted.model_dump())
    except Invalid as refusal:
        form.errors |= said_fields(refusal)
        return form, None


def _picture(found: Estimates) -> charts.Picture | None:
    """A bar for each way that gives something."""
    able = [one for one in found.outcomes if not one.obstacle]
    if not able:
        return None
    return charts.rows(
        _("每月养老金（估算）"), [_(one.name) for one in able], [one.total_fen / 100 for one in able], _("元")
    )
