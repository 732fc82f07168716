"""The kiosk as a web application for its own screen: plain forms, one small script, nothing from outside."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Final

from fastapi import FastAPI, Form, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kiosk import pages, words
from kiosk.desk import Desk
from kiosk.devices.cassettes import total_fen
from kiosk.devices.dispenser import SimDispenser
from kiosk.devices.printer import FilePrinter
from kiosk.flow import Event, State
from kiosk.mishaps import PAD_KEYS, Stand
from kiosk.operator import page
from kiosk.operator.panel import Panel
from kiosk.recordings import RECORDINGS
from kiosk.slot import TraySlot

HERE: Final = Path(__file__).parent
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "media-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
HOSTS: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})


class Guard:
    """Only this machine's own pages may press its buttons. Plain ASGI."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        if self._ours(scope):
            await self.app(scope, receive, guarded)
        else:
            await PlainTextResponse("请在自助机屏幕上操作。", 403)(scope, receive, guarded)

    def _ours(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        host = headers.get("host", "").rpartition(":")[0] or headers.get("host", "")
        if host not in HOSTS:  # a name that was made to point here
            return False
        if scope["method"] in ("GET", "HEAD"):
            return True
        origin = headers.get("origin", "")
        site = headers.get("sec-fetch-site", "same-origin")
        return site == "same-origin" and origin in ("", f"http://{headers.get('host')}")


def create(
    desk: Desk, tray: TraySlot | None = None, stand: Stand | None = None, panel: Panel | None = None
) -> FastAPI:
    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        desk.start()
        yield
        desk.stop()

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=life)
    app.state.desk, app.state.tray = desk, tray
    app.state.stand = stand or Stand(tray)
    app.add_api_route("/", screen, methods=["GET"], response_class=HTMLResponse)
    app.add_api_route("/state", state, methods=["GET"])
    app.add_api_route("/health", health, methods=["GET"])
    for path, press in (
        ("/press", pressed),
        ("/pin", typed),
        ("/key", key),
        ("/language", language),
        ("/comfort", comfort),
        ("/staff", staff),
        ("/stay", stay),
    ):
        app.add_api_route(path, press, methods=["POST"])
    if tray is not None:
        for path, deed in (
            ("/tray/insert", insert),
            ("/tray/pull", pull),
            ("/tray/cash", take_cash),
            ("/tray/mishap", befall),
            ("/tray/pad", finger),
        ):
            app.add_api_route(path, deed, methods=["POST"])
    if panel is not None:
        app.state.panel = panel
        app.include_router(page.router)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.add_exception_handler(RequestValidationError, not_a_press)
    app.add_exception_handler(HTTPException, not_a_page)
    app.add_middleware(Guard)
    return app


def not_a_press(request: Request, error: Exception) -> Response:
    """A form that none of our pages sends: nothing happens."""
    return _to_screen()


def not_a_page(request: Request, error: Exception) -> Response:
    """Whoever got here by mistake is taken back to the screen."""
    status = error.status_code if isinstance(error, HTTPException) else 404
    text = "没有这个页面，马上回到自助机画面。 There is no such page; going back to the screen."
    return PlainTextResponse(text, status, headers={"Refresh": "2; url=/"})


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


def _tray(request: Request) -> TraySlot:
    tray: TraySlot = request.app.state.tray
    return tray


def _to_screen() -> RedirectResponse:
    return RedirectResponse("/", status_code=303)


def _mark(request: Request) -> str:
    """Changes whenever the page would."""
    desk, tray = _desk(request), request.app.state.tray
    stand: Stand = request.app.state.stand
    outside = f"{tray.version}.{stand.version}.{_at_shutter(desk)}" if tray is not None else ""
    return f"{desk.screen.version}.{desk.teller.kiosk.slot.insertion()}.{outside}"


def _at_shutter(desk: Desk) -> int:
    dispenser = desk.teller.kiosk.dispenser
    return total_fen(dict(dispenser.memory.shutter)) if isinstance(dispenser, SimDispenser) else 0


def _outside(request: Request) -> pages.Tray | None:
    """The tray of demo cards, the notes within reach and the last paper."""
    if request.app.state.tray is None:
        return None
    desk, tray = _desk(request), _tray(request)
    stand: Stand = request.app.state.stand
    printer = stand.printer or desk.teller.kiosk.printer
    return pages.Tray(
        tuple(
            pages.TrayCard(card.persona.name, card.persona.pin, card.note, inside=at == tray.inside)
            for at, card in enumerate(tray.cards)
        ),
        _at_shutter(desk),
        printer.last if isinstance(printer, FilePrinter) else "",
        tuple(stand.switches.values()),
        PAD_KEYS if stand.pad is not None else (),
    )


def screen(request: Request) -> HTMLResponse:
    desk, mark = _desk(request), _mark(request)
    shown = pages.shown(desk.screen, desk.teller.kiosk.slot.insertion())
    return HTMLResponse(pages.render(shown, _outside(request), mark))


def state(request: Request) -> JSONResponse:
    """What the script on the page asks again and again: is there something new, and is the same card still in?"""
    card = _desk(request).teller.kiosk.slot.insertion()
    return JSONResponse({"mark": _mark(request), "card": "" if card is None else str(card)})


def health(request: Request) -> JSONResponse:
    desk = _desk(request)
    journal = desk.teller.kiosk.journal
    told = {
        "state": desk.screen.state.name,
        "unreported": len(journal.outbox()),
        "in_doubt": len(journal.doubts()),
        "recordings": len(RECORDINGS),  # 0: silent, unless the browser has a voice of its own
    }
    return JSONResponse(told, 200 if desk.alive else 503)


def pressed(
    request: Request,
    event: Annotated[str, Form(max_length=20)],
    at: Annotated[str, Form(max_length=20)],
    choice: Annotated[int, Form()] = 0,
) -> RedirectResponse:
    desk = _desk(request)
    if event in Event.__members__ and at in State.__members__:
        desk.do(lambda: desk.teller.press(Event[event], choice, State[at]))
    return _to_screen()


def typed(request: Request, digit: Annotated[str, Form(max_length=8)]) -> RedirectResponse:
    teller = _desk(request).teller
    if digit == "confirm":
        _desk(request).do(lambda: teller.press(Event.PIN_TYPED))
    elif digit == "erase":
        _desk(request).do(teller.erase)
    elif len(digit) == 1:
        _desk(request).do(lambda: teller.type_digit(digit))
    return _to_screen()


def key(request: Request, key: Annotated[str, Form(max_length=8)]) -> RedirectResponse:
    """A letter of the words that somebody looks for."""
    _desk(request).do(lambda: _desk(request).teller.type_key(key))
    return _to_screen()


def language(request: Request, language: Annotated[str, Form(max_length=5)]) -> RedirectResponse:
    if language in words.LANGUAGES:
        _desk(request).do(lambda: _desk(request).teller.speak(language))
    return _to_screen()


def comfort(request: Request, wish: Annotated[str, Form(max_length=20)]) -> RedirectResponse:
    """Louder, softer, slower, into the ear, or lower."""
    _desk(request).do(lambda: _desk(request).teller.arrange(wish))
    return _to_screen()


def staff(request: Request) -> RedirectResponse:
    _desk(request).do(_desk(request).teller.call_staff)
    return _to_screen()


def stay(request: Request) -> RedirectResponse:
    _desk(request).do(_desk(request).teller.touch)
    return _to_screen()


def insert(request: Request, card: Annotated[int, Form(ge=0, lt=1000)]) -> RedirectResponse:
    _tray(request).insert(card)
    _desk(request).nudge()
    return _to_screen()


def pull(request: Request) -> RedirectResponse:
    _tray(request).pull()
    _desk(request).nudge()
    return _to_screen()


def take_cash(request: Request) -> RedirectResponse:
    desk = _desk(request)
    dispenser = desk.teller.kiosk.dispenser
    if isinstance(dispenser, SimDispenser):
        desk.do(dispenser.hand)
        desk.nudge()
    return _to_screen()


def befall(
    request: Request, name: Annotated[str, Form(max_length=20)], on: Annotated[bool, Form()]
) -> RedirectResponse:
    """In a demonstration: something goes wrong, or is well again."""
    stand: Stand = request.app.state.stand
    _desk(request).do(lambda: stand.turn(name, on=on))
    _desk(request).nudge()
    return _to_screen()


def finger(request: Request, key: Annotated[str, Form(max_length=8)]) -> RedirectResponse:
    """In a demonstration: a finger on the simulated pin pad. The program behind the screen does not hear which."""
    stand: Stand = request.app.state.stand
    stand.type(key)
    _desk(request).nudge()
    return _to_screen()
