"""The first page: who draws a pension sees how much, when next and where to; who does not, when, how much, what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from backend import http
from backend.kernel import files
from backend.kernel.items import find, perform
from backend.kernel.period import Month
from backend.payout.schema import PaymentView
from backend.pension.benefits import ITEM
from backend.pension.residents.books import ITEM as RESIDENTS
from backend.pension.residents.schema import STATES
from backend.pension.residents.schema import Overview as Resident
from backend.pension.schema import Overview, StopView
from portal.pages.account import see, show
from portal.pages.pension.payments import BY_BANK
from portal.pages.pension.sections import PAPERS, SECTIONS, documents, found
from portal.session import Citizen

router = APIRouter()
RECENT = 3


@dataclass(frozen=True)
class Drawing:
    """A pension that is drawn: how much, since when, when next, where to. `cash`: kiosks hold cash of its fund."""

    monthly_fen: int
    first_month: str
    provisional: bool
    state_label: str
    stopped: StopView | None
    bank: str | None
    cash: bool
    next_month: str
    newest: PaymentView | None


def employees(mine: Overview | None, payments: Sequence[PaymentView], now: Month) -> Drawing | None:
    award = mine.award if mine else None
    if mine is None or award is None:
        return None
    own = [one for one in payments if one.item == ITEM]
    return Drawing(
        monthly_fen=award.present_fen,
        first_month=award.first_month,
        provisional=award.provisional,
        state_label=award.state_label,
        stopped=award.stopped,
        bank=mine.bank if mine.by_bank else None,
        cash=True,
        next_month="" if award.stopped else _next(award.first_month, own, now),
        newest=own[0] if own else None,
    )


def residents(mine: Resident | None, payments: Sequence[PaymentView], now: Month) -> Drawing | None:
    award = mine.award if mine else None
    if mine is None or award is None:
        return None
    own = [one for one in payments if one.item == RESIDENTS]
    return Drawing(
        monthly_fen=award.total_fen,
        first_month=award.first_month,
        provisional=False,
        state_label=STATES[award.state],
        stopped=award.stopped,
        bank=mine.bank if mine.by_bank else None,
        cash=False,
        next_month=_next(award.first_month, own, now) if award.state == "active" else "",
        newest=own[0] if own else None,
    )


def _next(first: str, own: Sequence[PaymentView], now: Month) -> str:
    """The first month of this pension that has not been posted yet, whatever else has been."""
    posted = next((one.month for one in own if one.state != "cancelled"), None)
    return str(max(Month.parse(first), Month.parse(posted) + 1 if posted else now))


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
    now, resident = Month.of(run.clock.today()), dict(zip(codes, parts, strict=True))["RES-Q1"]
    drawn, waiting = residents(resident, payments, now), [one for one in payments if one.state == "payable"]
    return show(
        request,
        unread,
        "pension/mine",
        mine=mine,
        award=award,
        plan=plan,
        usual=next((one for one in estimates.outcomes if one.usual), None) if estimates else None,
        owing=owed.recoveries if owed else (),
        waiting_fen=sum(one.amount_fen for one in waiting),
        cash=any(one.item not in BY_BANK for one in waiting),
        payments=payments[:RECENT],
        drawing=employees(mine, payments, now),
        residents=drawn,
        sections=found(parts),
        documents=documents(employed=mine is not None, drawing=award is not None or drawn is not None),
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
