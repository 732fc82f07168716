"""When can I retire: three days on a line of years, what is missing for each, until when to say so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from backend.kernel.period import Month
from backend.pension.scenarios.schema import Plan
from portal import charts
from portal.language import gettext as _
from portal.pages.account import see, show
from portal.render import day, month
from portal.session import Citizen

router = APIRouter()


@router.get("/pension/when")
def when(request: Request, run: Citizen) -> Response:
    unread, mine, plan = see(run, "PEN-Q1", "PEN-Q30")
    if mine is None:
        return show(request, unread, "nothing", title=_("什么时候能退休"))
    if plan is None:
        return RedirectResponse("/account/pension", 303)
    return show(request, unread, "pension/when", plan=plan, picture=_picture(plan))


def _picture(plan: Plan) -> charts.Picture:
    """From today to the latest day, the time in which one may choose shaded."""
    rows = sorted(_moments(plan), key=lambda one: one[1])
    span = (plan.earliest, plan.latest) if plan.latest > plan.legal else None
    names, days, told = zip(*rows, strict=True)
    return charts.moments(_("什么时候能退休"), names, days, told, span)


def _moments(plan: Plan) -> Iterator[tuple[str, date, str]]:
    yield _("今天"), plan.today, day(plan.today)
    for one in plan.ways:
        yield _(one.name), one.day, day(one.day)
    first = Month.parse(plan.first).first if plan.first else None
    if first and first > max(plan.earliest, plan.today):
        yield _("缴满最低年限"), first, month(plan.first or "")
