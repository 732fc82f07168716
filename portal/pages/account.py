"""My account: overview, statement, benefits, payments, applications, messages. Everything is the signed-in person's own."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi import Query as Asked
from fastapi.responses import RedirectResponse, Response

from backend.kernel.errors import NotFound, Refusal
from backend.pension.service import NoAccount
from portal import charts
from portal.language import gettext as _
from portal.language import said
from portal.render import page
from portal.session import Citizen, ask

router = APIRouter(prefix="/account")


def _tabs() -> list[tuple[str, str]]:
    return [
        ("/account", _("总览")),
        ("/account/statement", _("缴费和账户")),
        ("/account/benefits", _("待遇")),
        ("/account/payments", _("发放记录")),
        ("/account/applications", _("求职申请")),
        ("/account/messages", _("消息")),
        ("/account/card", _("社保卡")),
    ]


def _show(request: Request, run: Citizen, name: str, status: int = 200, **context: Any) -> Response:
    unread = ask(run, "EMP-Q4", ident=run.actor.subject).unread
    return page(request, f"account/{name}.html", status=status, tabs=_tabs(), unread=unread, **context)


@router.get("")
def overview(request: Request, run: Citizen) -> Response:
    me = run.actor.subject
    try:
        mine = ask(run, "PEN-Q1", ident=me)
        years = ask(run, "PEN-Q2", ident=me).years
    except NoAccount:
        mine, years = None, ()
    payments = ask(run, "PAY-Q1", ident=me).payments[:3]
    applications = ask(run, "EMP-Q3", ident=me).applications[:3]
    return _show(
        request,
        run,
        "overview",
        mine=mine,
        picture=_picture(years),
        payments=payments,
        applications=applications,
        today=run.clock.today(),
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
    try:
        found = ask(run, "PEN-Q2", ident=run.actor.subject, **({"year": year} if year else {}))
    except NoAccount as refusal:
        return _show(request, run, "nothing", title=_("缴费和账户"), said=said(refusal))
    return _show(
        request, run, "statement", one=found, year=int(year) if year else None, picture=_picture(found.years)
    )


@router.get("/benefits")
def benefits(request: Request, run: Citizen) -> Response:
    try:
        award = ask(run, "PEN-Q3", ident=run.actor.subject)
    except NotFound:
        award = None
    try:
        mine = ask(run, "PEN-Q1", ident=run.actor.subject)
    except NoAccount:
        mine = None
    return _show(request, run, "benefits", award=award, mine=mine)


@router.get("/payments")
def payments(request: Request, run: Citizen) -> Response:
    return _show(request, run, "payments", rows=ask(run, "PAY-Q1", ident=run.actor.subject).payments)


@router.get("/applications")
def applications(request: Request, run: Citizen) -> Response:
    return _show(
        request, run, "applications", rows=ask(run, "EMP-Q3", ident=run.actor.subject).applications, wrong=""
    )


@router.post("/applications/{no}/cancel")
def cancel(request: Request, run: Citizen, no: str) -> Response:
    try:
        ask(run, "EMP-12", ident=run.actor.subject, application=no)
    except Refusal as refusal:
        rows = ask(run, "EMP-Q3", ident=run.actor.subject).applications
        return _show(request, run, "applications", status=refusal.status, rows=rows, wrong=said(refusal))
    return RedirectResponse("/account/applications", 303)


@router.get("/messages")
def messages(request: Request, run: Citizen) -> Response:
    found = ask(run, "EMP-Q4", ident=run.actor.subject)
    return _show(request, run, "messages", rows=found.messages)


@router.post("/messages/read")
def read(run: Citizen, until: Annotated[str, Form()] = "") -> Response:
    ask(run, "EMP-14", ident=run.actor.subject, until=until)
    return RedirectResponse("/account/messages", 303)


@router.get("/card")
def card(request: Request, run: Citizen) -> Response:
    return _show(request, run, "card", me=ask(run, "REG-Q1", ident=run.actor.subject), wrong="")


@router.post("/card/loss")
def loss(request: Request, run: Citizen) -> Response:
    try:
        ask(run, "CRD-02", ident=run.actor.subject)
    except Refusal as refusal:
        me = ask(run, "REG-Q1", ident=run.actor.subject)
        return _show(request, run, "card", status=refusal.status, me=me, wrong=said(refusal))
    return RedirectResponse("/account/card", 303)
