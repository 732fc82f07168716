"""My card 社保卡: what it is now and how far a new one is; lost, found, applied for, activated, known on the telephone."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from backend.http import NoAddress
from backend.kernel import codes, files
from backend.kernel.actor import Permission, reach
from backend.kernel.errors import Refusal
from backend.kernel.items import find, perform
from backend.kernel.settings import settings
from backend.registry import service as registry
from portal.forms import Form, Handed, Typed
from portal.language import gettext as _
from portal.language import said
from portal.pages.account import see, show
from portal.session import Citizen

router = APIRouter(prefix="/account/card")
DEEDS = {  # the last part of an address, and the item behind it
    "temporary": "CRD-03",
    "loss": "CRD-02",
    "found": "CRD-04",
    "activate": "CRD-07",
    "apply": "CRD-21",
    "withdraw": "CRD-23",
    "telephone": "CRD-05",
}
TYPED = {"apply", "telephone"}  # which have a form with fields of their own
WAITED_FOR = {"applied": 1, "approved": 2, "producing": 2, "made": 3}  # the step that an application is at
ACTIVATING = 4
FITTING = dict.fromkeys(("active", "suspended", "inactive", "frozen"), "damaged") | {"lost": "lost"}


@router.get("")
def mine(request: Request, run: Citizen, done: str = "") -> Response:
    return _page(request, run, done=done if done in DEEDS else "")


def _page(
    request: Request,
    run: Citizen,
    *,
    forms: dict[str, Form[Any]] | None = None,
    status: int = 200,
    wrong: str = "",
    done: str = "",
) -> Response:
    unread, found, me = see(run, "CRD-Q1", "REG-Q1")
    living = [one for one in found.cards if one.status in FITTING]
    return show(
        request,
        unread,
        "card",
        status=status,
        wrong=wrong,
        done=done,
        found=found,
        living=living,
        gone=[one for one in found.cards if one.status not in FITTING],
        at=_step(found, living),
        steps=[_("申请"), _("核对"), _("制卡"), _("领卡"), _("启用")],
        forms=_blank(found, living) | (forms or {}),
        places=_places(),
        bank=me.bank,
        advice=registry.ADVICE,
    )


def _step(found: Any, living: list[Any]) -> int | None:
    """How far a new card is on its way; none where there is none."""
    if found.application:
        return WAITED_FOR[found.application.state]
    return ACTIVATING if any(one.status == "inactive" for one in living) else None


def _blank(found: Any, living: list[Any]) -> dict[str, Form[Any]]:
    """The forms as they stand before anything is typed: what fits the card there is, where the person lives."""
    reason = FITTING[living[0].status] if living else "first"
    if living and living[0].expired and reason != "lost":
        reason = "expired"
    return {
        "apply": _form("apply", {"reason": reason, "area": found.area}),
        "telephone": _form("telephone", {}),
    }


def _form(deed: str, typed: dict[str, str]) -> Form[Any]:
    return Form(find(DEEDS[deed]).asks, typed, hidden=frozenset({"ident"}))


def _places() -> list[tuple[str, str]]:
    """Where a card can be fetched: the districts of the city."""
    city = reach(settings().area)
    return [
        (one.code, one.name)
        for one in codes.choices("area")
        if one.code.startswith(city) and not one.code.endswith("00")
    ]


@router.post("/{deed}")
def do(request: Request, run: Citizen, deed: str, typed: Typed, handed: Handed) -> Response:
    if deed not in DEEDS:
        raise NoAddress
    form = _form(deed, typed)
    kept = {deed: form} if deed in TYPED else {}
    try:
        if photo := handed.get("photo"):
            typed["photo"] = _keep(run, photo.filename or "", photo.file.read())
        command = form.parse(ident=run.actor.subject)
        if command is None:
            return _page(request, run, forms=kept, status=form.status, wrong="" if kept else _wrong(form))
        perform(run, find(DEEDS[deed]), command)
    except Refusal as refusal:
        return _page(request, run, forms=kept, status=refusal.status, wrong=said(refusal))
    return RedirectResponse(f"/account/card?done={deed}", 303)


def _wrong(form: Form[Any]) -> str:
    return " ".join(form.errors.values())


def _keep(run: Citizen, name: str, content: bytes) -> str:
    """A photograph, which whoever works on cards may see."""
    return run(files.keep, name=name, content=content, may=Permission.CARD_MANAGE).file
