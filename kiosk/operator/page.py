"""Page: the addresses of the operator's page; plain forms, for a finger, in two languages."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from backend.kernel.errors import Told
from backend.kiosks.schema import PLACES
from backend.payout.notes import KINDS_FEN
from cardio.link import CardFault
from kiosk import journal as journals
from kiosk import pages, words
from kiosk.client import NoAnswer
from kiosk.devices.port import DeviceDead, DeviceFailed
from kiosk.duty import ATTENDED_S
from kiosk.flow import State
from kiosk.heartbeat import devices
from kiosk.operator import slips, told
from kiosk.operator.panel import GATE_S, Panel
from kiosk.operator.passes import Pass
from kiosk.operator.till import SHEET_LETTERS

router: Final = APIRouter(prefix="/operator")
COOKIE: Final = "operator"
SHOWN: Final = 40  # entries of the journal
UNSURE: Final = (
    told.DeedUnanswered,
    told.DeviceRefused,
    told.DeskSlow,
    told.DiskTrouble,
)  # something may be done
Text = Annotated[str, Form(max_length=40)]


def _panel(request: Request) -> Panel:
    panel: Panel = request.app.state.panel
    return panel


def _mine(request: Request) -> Pass | None:
    return _panel(request).admitted(request.cookies.get(COOKIE, ""))


def _said(happened: Any, language: str) -> str:
    return words.said(happened, language)


def _page(request: Request, template: str, status: int = 200, happened: Any = None, **more: Any) -> Response:
    panel = _panel(request)
    language = panel.at.language
    context = {
        "at": panel.at,
        "duty": panel.at.duty,
        "said": _said(happened, language) if happened else "",
        "tone": "unsure" if isinstance(happened, UNSURE) else "wrong" if status >= 400 else "done",
        "back": f"{GATE_S if template == 'gate' else ATTENDED_S:.0f}",  # no staff page stands before the next visitor
        "here": request.url.path,
        "tab": template,
        **more,
    }
    html = pages.environment(language).get_template(f"operator/{template}.html").render(context)
    return HTMLResponse(html, status)


@router.get("")
def machine(request: Request) -> Response:
    """How every part is; for who is not let in yet, the way in."""
    mine = _mine(request)
    return _gate(request) if mine is None else _machine(request, mine)


def _gate(request: Request, happened: Any = None) -> Response:
    if isinstance(happened, told.SomebodyThere | told.DeskSlow):
        return _page(request, "gate", 409, happened, busy=True)
    try:
        _panel(request).gate()
    except (told.SomebodyThere, told.DeskSlow) as busy:
        return _page(request, "gate", 409, busy, busy=True)
    return _page(request, "gate", 422 if happened else 200, happened, busy=False)


def _machine(request: Request, mine: Pass, status: int = 200, happened: Any = None) -> Response:
    panel = _panel(request)
    beat = panel.heart.gather()
    return _page(
        request,
        "machine",
        status,
        happened,
        mine=mine,
        beat=beat,
        devices=devices(panel.at),
        places=PLACES,
        inside=_inside(panel),
        fault=panel.at.fault,
        chain=_chain(panel),
        heard_at=slips.moment(panel.at.duty.heard_at) if panel.at.duty.heard_at else "",
        now=slips.moment(panel.clock.now()),
        url=getattr(panel.heart.office, "url", ""),
        python=f"{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}",
        stopped=panel.desk.screen.state is State.STOPPED,
    )


def _inside(panel: Panel) -> dict[str, int] | None:
    """By place, in fen; none while the dispenser does not say."""
    there = panel.at.dispenser.holds()
    if there is None:
        return None
    return {place: sum(fen * n for fen, n in there.get(place, {}).items()) for place in PLACES}


def _chain(panel: Panel) -> int | None:
    """How many entries the journal has, every hash looked at; none where it is damaged."""
    try:
        return sum(1 for _entry in journals.read(panel.at.journal.path))
    except (journals.JournalDamaged, OSError):
        return None


@router.get("/cash")
def cash(request: Request) -> Response:
    mine = _mine(request)
    return _to("") if mine is None else _cash(request, mine)


def _cash(
    request: Request, mine: Pass, status: int = 200, happened: Any = None, typed: Any = None
) -> Response:
    panel = _panel(request)
    panel.heart.gather()
    sheets: dict[str, str] = {}
    try:
        bags = panel.till.bags
        sheets = {name: panel.till.sheet_for(name, {}) for name in SHEET_LETTERS}
    except told.DeedsDamaged as why:
        bags, status, happened = (), 422, why
    except OSError:
        bags, status, happened = (), 422, told.DiskTrouble()
    return _page(
        request,
        "cash",
        status,
        happened,
        mine=mine,
        kinds=KINDS_FEN,
        holds=panel.at.dispenser.holds(),
        places=PLACES,
        bags=bags,
        sheets=sheets,
        typed=typed or {},
        closed=panel.at.duty.staff is not None,
    )


@router.get("/journal")
def journal(request: Request) -> Response:
    mine = _mine(request)
    if mine is None:
        return _to("")
    panel = _panel(request)
    try:
        entries = list(journals.read(panel.at.journal.path))
    except (journals.JournalDamaged, OSError) as why:
        damaged = why if isinstance(why, Told) else journals.JournalFailed()
        return _page(request, "journal", 409, damaged, mine=mine, entries=(), n=0, pending=())
    return _page(
        request,
        "journal",
        mine=mine,
        entries=entries[-SHOWN:][::-1],
        n=len(entries),
        pending=panel.at.journal.open_orders(),
    )


@router.post("/enter")
def enter(request: Request, work: Text = "", code: Text = "") -> Response:
    return _let_in(request, lambda panel: panel.enter(work, code))


@router.post("/card")
def by_card(request: Request, pin: Text = "") -> Response:
    return _let_in(request, lambda panel: panel.enter_by_card(pin))


def _let_in(request: Request, way: Callable[[Panel], Pass]) -> Response:
    try:
        mine = way(_panel(request))
    except (Told, CardFault) as why:
        return _gate(request, why)
    except OSError:
        return _gate(request, told.DiskTrouble())
    answer = _to("")
    answer.set_cookie(COOKIE, mine.token, httponly=True, samesite="strict", path="/operator")
    return answer


@router.post("/leave")
def leave(request: Request) -> Response:
    if _mine(request) is not None:
        _panel(request).leave()
    return RedirectResponse("/", 303)


@router.post("/still")
def still(request: Request) -> Response:
    """Somebody is typing: the page stays theirs."""
    return Response(status_code=403 if _mine(request) is None else 204)


@router.post("/language")
def language(request: Request, language: Text = "") -> Response:
    if language in words.LANGUAGES:
        _panel(request).at.language = language
    return _to("")


def _to(path: str) -> RedirectResponse:
    return RedirectResponse(f"/operator{path}", 303)


@router.post("/{deed}")
async def deed(request: Request, deed: str) -> Response:
    """One deed; what came of it stands on top of the page it was asked on."""
    form = {name: str(value)[:60] for name, value in (await request.form()).items()}
    return await run_in_threadpool(_deed, request, deed, form)


def _deed(request: Request, name: str, form: dict[str, str]) -> Response:
    mine, panel = _mine(request), _panel(request)
    if mine is None:
        return _to("")
    work, code = form.get("work", ""), form.get("code", "")
    deeds: dict[str, tuple[bool, Callable[[], Told]]] = {
        "close": (False, lambda: panel.close(form.get("reason", ""))),
        "open": (False, panel.reopen),
        "test": (False, panel.test),
        "day": (False, lambda: panel.end_of_day(mine)),
        "reprint": (False, panel.reprint),
        "place": (True, lambda: panel.till.place(mine, form.get("sheet", ""), work, code)),
        "count": (True, lambda: panel.till.count(mine, form, work, code)),
        "take": (True, lambda: panel.till.take_out(mine, form, work, code)),
    }
    if name not in deeds:
        return _to("")
    of_cash, do = deeds[name]
    show = _cash if of_cash else _machine
    try:
        happened = do()
    except (Told, NoAnswer) as why:
        return _cash(request, mine, 422, why, form) if of_cash else _machine(request, mine, 422, why)
    except (DeviceFailed, DeviceDead):
        return show(request, mine, 422, told.DeviceRefused())
    except OSError:
        return show(request, mine, 422, told.DiskTrouble())
    return show(request, mine, 200, happened)
