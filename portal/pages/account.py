"""My account: overview, statement, applications, messages, card. Everything is the signed-in person's own."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi import Query as Asked
from fastapi.responses import RedirectResponse, Response

from backend.employment.schema import Unread
from backend.kernel.errors import Refusal
from portal import charts
from portal.language import gettext as _
from portal.language import said
from portal.render import page
from portal.session import Citizen, ask, together

router = APIRouter(prefix="/account")


def tabs() -> list[tuple[str, str]]:
    return [
        ("/account", _("总览")),
        ("/account/statement", _("缴费和账户")),
        ("/account/levy", _("社保缴费")),
        ("/account/pension", _("养老保险")),
        ("/account/payments", _("发放记录")),
        ("/account/applications", _("求职申请")),
        ("/account/messages", _("消息")),
        ("/account/card", _("社保卡")),
    ]


def see(run: Citizen, *codes: str, **more: Any) -> list[Any]:
    """How many messages are unread, then the answers about the person: one unit of work for a page."""
    mine = {"ident": run.actor.subject}
    return together(run, ("EMP-Q10", mine), *((code, mine | more) for code in codes))


def show(request: Request, unread: Unread | None, name: str, status: int = 200, **context: Any) -> Response:
    waiting = {"/account/messages": unread.unread if unread else 0}
    return page(request, f"account/{name}.html", status=status, tabs=tabs(), waiting=waiting, **context)


@router.get("")
def overview(request: Request, run: Citizen) -> Response:
    unread, mine, account, paid, applied = see(run, "PEN-Q1", "PEN-Q2", "PAY-Q1", "EMP-Q3")
    return show(
        request,
        unread,
        "overview",
        mine=mine,
        picture=_picture(account.years) if account else None,
        payments=paid.payments[:3] if paid else (),
        applications=applied.applications[:3] if applied else (),
    )


def _picture(years: Any) -> charts.Picture | None:
    """The account year by year, as a stair."""
    if not years:
        return None
    return charts.steps(
        _("个人账户逐年的年末金额"),
        [str(one.year) for one in years],
        [one.closing_fen / 100 for one in years],
        _("元"),
    )


@router.get("/statement")
def statement(
    request: Request, run: Citizen, year: Annotated[str, Asked(pattern=r"^(\d{4})?$", title="年份")] = ""
) -> Response:
    unread, found = see(run, "PEN-Q2", **({"year": year} if year else {}))
    if found is None:
        return show(request, unread, "nothing", title=_("缴费和账户"))
    picture = _picture(found.years)
    return show(request, unread, "statement", one=found, year=int(year) if year else None, picture=picture)


@router.get("/applications")
def applications(request: Request, run: Citizen) -> Response:
    return _applications(request, run)


def _applications(request: Request, run: Citizen, status: int = 200, wrong: str = "") -> Response:
    unread, found = see(run, "EMP-Q3")
    rows = found.applications if found else ()
    return show(request, unread, "applications", status=status, rows=rows, wrong=wrong)


@router.post("/applications/{no}/cancel")
def cancel(request: Request, run: Citizen, no: str) -> Response:
    try:
        ask(run, "EMP-12", ident=run.actor.subject, application=no)
    except Refusal as refusal:
        return _applications(request, run, refusal.status, said(refusal))
    return RedirectResponse("/account/applications", 303)


@router.get("/messages")
def messages(request: Request, run: Citizen) -> Response:
    unread, found = see(run, "EMP-Q4")
    return show(request, unread, "messages", rows=found.messages if found else ())


@router.post("/messages/read")
def read(run: Citizen, until: Annotated[str, Form()] = "") -> Response:
    ask(run, "EMP-14", ident=run.actor.subject, until=until)
    return RedirectResponse("/account/messages", 303)
