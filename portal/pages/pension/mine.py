"""The first page: who draws a pension sees how much, when next and where to; who does not, when, how much, what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from backend import http
from backend.kernel import files
from backend.kernel.items import find, perform
from backend.kernel.period import Month
from backend.payout.schema import PaymentView
from backend.pension.schema import AwardView
from portal.pages.account import see, show
from portal.pages.pension.sections import PAPERS, SECTIONS, documents, found
from portal.session import Citizen

router = APIRouter()
RECENT = 3


@router.get("/benefits")
def moved() -> Response:
    """Where this page was before; people have kept the address."""
    return RedirectResponse("/account/pension", 308)


@router.get("/pension")
def mine(request: Request, run: Citizen) -> Response:
    codes = [one.code for one in SECTIONS]
    unread, mine, plan, estimates, paid, owed, *parts = see(
        run, "PEN-Q1", "PEN-Q30", "PEN-Q31", "PAY-Q1", "PAY-Q4", *codes
    )
    award = mine.award if mine else None
    payments = paid.payments if paid else ()
    return show(
        request,
        unread,
        "pension/mine",
        mine=mine,
        award=award,
        plan=plan,
        usual=next((one for one in estimates.outcomes if one.usual), None) if estimates else None,
        owing=owed.recoveries if owed else (),
        waiting_fen=sum(one.amount_fen for one in payments if one.state == "payable"),
        newest=payments[0] if payments else None,
        payments=payments[:RECENT],
        next_month=_next(award, payments, Month.of(run.clock.today())) if award else "",
        sections=found(parts),
        documents=documents(award is not None),
    )


@router.post("/pension/papers/{name}")
def paper(name: Literal["notice", "certificate"], run: Citizen) -> Response:
    """A paper of one's own as PDF; asking for it issues it."""
    asked = find(PAPERS[name])
    made: Any = perform(run, asked, asked.asks(ident=run.actor.subject))
    return http.download(run(files.fetch, made.file))


@router.post("/pension/proof")
def prove(run: Citizen) -> Response:
    """The person confirms that they live (资格认证)."""
    asked = find("PEN-23")
    perform(run, asked, asked.asks(ident=run.actor.subject))
    return RedirectResponse("/account/pension#life", 303)


def _next(award: AwardView, payments: Sequence[PaymentView], now: Month) -> str:
    """The first month that has not been posted yet; nothing while the pension is stopped."""
    if award.stopped:
        return ""
    posted = next((one.month for one in payments if one.state != "cancelled"), None)
    return str(max(Month.parse(award.first_month), Month.parse(posted) + 1 if posted else now))
