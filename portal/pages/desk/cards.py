"""Cards at the counter 社保卡: applications with their photographs, productions as they are written, blank cards."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi import Query as Asked
from fastapi.responses import RedirectResponse, Response

from backend.cards.rules import jpeg_size
from backend.cards.schema import APPLICATION_STATES
from backend.kernel import files
from backend.kernel.errors import NotFound, Refusal
from portal.language import gettext as _
from portal.language import said
from portal.pages.desk import known
from portal.render import page
from portal.session import Officer, ask

router = APIRouter(prefix="/desk/cards")
State = Annotated[str, Asked(pattern="^(applied|approved|producing|made)$", title="状态")]
Page = Annotated[int, Asked(ge=1, le=10_000, title="第几页")]
No = Annotated[int, Asked(ge=1, le=2**62, title="批次号")]


def _shown(request: Request, tab: str, status: int = 200, **told: Any) -> Response:
    tabs = [
        ("/desk/cards", _("申领")),
        ("/desk/cards/productions", _("制卡批次")),
        ("/desk/cards/stock", _("空白卡")),
    ]
    return page(request, "desk/cards.html", status=status, tab=tab, tabs=tabs, **({"wrong": ""} | told))


@router.get("")
def applications(request: Request, run: Officer, state: State = "applied", at: Page = 1) -> Response:
    return _applications(request, run, state, at)


def _applications(
    request: Request, run: Officer, state: str, at: int, status: int = 200, wrong: str = ""
) -> Response:
    known.item(run, "CRD-Q2")
    found = ask(run, "CRD-Q2", state=state, page=at)
    states = [
        (f"/desk/cards?state={name}", f"{_(APPLICATION_STATES[name])} {found.counts[name]}")
        for name in ("applied", "approved", "producing", "made")
    ]
    return _shown(request, "/desk/cards", status, found=found, states=states, state=state, at=at, wrong=wrong)


@router.post("/applications/{no}")
def decide(
    request: Request,
    run: Officer,
    no: str,
    decision: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
) -> Response:
    """Agreed to, or not and why; then the next one."""
    try:
        ask(run, "CRD-22", no=no, approve=decision == "approved", note=note)
    except Refusal as refusal:
        return _applications(request, run, "applied", 1, refusal.status, said(refusal))
    return RedirectResponse("/desk/cards", 303)


@router.get("/productions")
def productions(request: Request, run: Officer, no: No | None = None) -> Response:
    known.item(run, "CRD-Q4")
    made = ask(run, "CRD-Q4", **({"no": no} if no else {}))
    going = any(one.state in ("waiting", "writing") for one in made.productions)
    return _shown(request, "/desk/cards/productions", made=made, going=going, no=no)


@router.get("/stock")
def stock(request: Request, run: Officer) -> Response:
    known.item(run, "CRD-Q3")
    return _shown(request, "/desk/cards/stock", stock=ask(run, "CRD-Q3"))


@router.get("/photos/{file}")
def photo(run: Officer, file: str) -> Response:
    """A photograph, in place: it is one, and this officer may see it; reading it leaves a trace."""
    content = run(files.fetch, file).content
    if jpeg_size(content) is None:
        raise NotFound(what="这张照片")
    return Response(content, media_type=files.MEDIA[".jpg"])
