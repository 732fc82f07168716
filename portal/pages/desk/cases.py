"""Cases 办件 at the counter: what was filed, in words; buttons for who may decide, and why not for all others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi import Query as Asked
from fastapi.responses import RedirectResponse, Response

from backend.kernel import items
from backend.kernel.errors import Refusal
from portal.language import said
from portal.reading import Line, written
from portal.render import page
from portal.session import Officer, ask

router = APIRouter(prefix="/desk")
State = Annotated[str, Asked(pattern="^(waiting|done|refused)$", title="状态")]
No = Annotated[int, Asked(ge=0, le=2**62, title="办件号")]


@dataclass(frozen=True)
class Shown:
    """A case, and its command and answer line by line."""

    case: Any
    asked: tuple[Line, ...]
    answered: tuple[Line, ...]


def _shown(case: Any) -> Shown:
    known = items.CATALOGUE.get(case.item)
    if known is None:
        return Shown(case, (), ())
    return Shown(case, written(known.asks, case.command), written(known.answers, case.answer or {}))


def _page(
    request: Request, run: Officer, state: str, status: int = 200, wrong: str = "", no: int = 0, done: int = 0
) -> Response:
    decided = [_shown(case) for case in ask(run, "CAS-Q1", no=done).cases] if done else []
    rows = [_shown(case) for case in ask(run, "CAS-Q1", state=state).cases if case.no != done]
    return page(
        request,
        "desk/cases.html",
        status=status,
        rows=rows,
        state=state,
        wrong=wrong,
        no=no,
        decided=decided[0] if decided else None,
    )


@router.get("/cases")
def listed(request: Request, run: Officer, state: State = "waiting", done: No = 0) -> Response:
    return _page(request, run, state, done=done)


@router.post("/cases/{no}")
def decide(
    request: Request,
    run: Officer,
    no: int,
    decision: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
) -> Response:
    try:
        ask(run, "CAS-01", no=no, decision=decision, note=note)
    except Refusal as refusal:
        return _page(request, run, "waiting", refusal.status, said(refusal), no)
    return RedirectResponse(f"/desk/cases?done={no}", 303)
