"""城乡居民养老保险 by oneself: take part, choose a tier, pay for a year, and what has been paid so far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi import Query as Asked
from fastapi.responses import RedirectResponse, Response

from backend.http import NoAddress
from backend.kernel.errors import Refusal
from backend.kernel.items import find, perform
from backend.kernel.money import Money
from backend.pension.residents.schema import Overview, Tiers
from portal.forms import Choices, Form, Typed
from portal.language import gettext as _
from portal.language import said
from portal.pages.account import show
from portal.session import Citizen, together

router = APIRouter(prefix="/pension/resident")
HERE = "/account/pension/resident"
ACTS = {"enrol": "RES-01", "tier": "RES-02", "pay": "RES-04"}
WHOSE = frozenset({"ident"})
Done = Annotated[str, Asked(pattern="^(enrol|tier|pay)?$", title="办完了什么")]


@router.get("")
def resident(request: Request, run: Citizen, done: Done = "") -> Response:
    return _page(request, run, done=done)


def _known(run: Citizen) -> tuple[Any, ...]:
    """How many messages are unread, the account, its statement, and this year's tiers."""
    mine, now = {"ident": run.actor.subject}, {"year": run.clock.today().year}
    return tuple(together(run, ("EMP-Q10", mine), ("RES-Q1", mine), ("RES-Q5", mine), ("RES-Q2", now)))


def _page(
    request: Request,
    run: Citizen,
    status: int = 200,
    act: str = "",
    **more: Any,
) -> Response:
    """All that can be done now; the form of an act that was not done is as it was typed."""
    unread, mine, told, tiers = _known(run)
    forms = {one: more.pop(one, None) or _form(one, {}, mine, tiers) for one in _open(mine)}
    return show(
        request,
        unread,
        "pension/resident_page",
        status=status,
        mine=mine,
        told=told,
        tiers=tiers,
        forms=forms,
        act=act,
        **({"wrong": "", "done": "", "key": uuid4().hex} | more),
    )


def _open(mine: Overview | None) -> tuple[str, ...]:
    if mine is None:
        return ("enrol",)
    if mine.award is not None:
        return ()
    return ("pay", "tier") if mine.may_pay else ("tier",)


def _form(act: str, typed: Mapping[str, str], mine: Overview | None, tiers: Tiers) -> Form[Any]:
    """The year that is due and the tier that was chosen stand there already."""
    known: dict[str, str] = {}
    if mine is not None:
        known = {"tier": str(mine.tier_fen // 100), "year": str(max(mine.may_pay, default=""))}
    years = tuple((str(year), str(year)) for year in sorted(mine.may_pay, reverse=True)) if mine else ()
    return Form(
        find(ACTS[act]).asks,
        typed or known,
        hidden=WHOSE,
        offered={"tier": _choices(tiers), "year": years},
    )


def _choices(tiers: Tiers) -> Choices:
    told = _("每年 {tier} 元，政府补贴 {subsidy} 元")
    return tuple(
        (
            str(one.tier_fen // 100),
            told.format(tier=_whole(one.tier_fen), subsidy=_whole(one.subsidy_fen)),
        )
        for one in tiers.tiers
    )


def _whole(fen: int) -> str:
    return Money(fen).text.removesuffix(".00")


@router.post("/{act}")
def do(request: Request, run: Citizen, act: str, typed: Typed) -> Response:
    if act not in ACTS:
        raise NoAddress
    _unread, mine, _told, tiers = _known(run)
    form = _form(act, typed, mine, tiers)
    key = form["request_id"][:64] or uuid4().hex
    cmd = form.parse(ident=run.actor.subject)
    if cmd is None:
        return _page(request, run, form.status, act, key=key, **{act: form})
    try:
        perform(run, find(ACTS[act]), cmd, key)
    except Refusal as refusal:
        return _page(request, run, refusal.status, act, wrong=said(refusal), **{act: form})
    return RedirectResponse(f"{HERE}?done={act}", 303)
