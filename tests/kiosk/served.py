"""Programs on a port of their own: the reference backend over real HTTP, and a whole kiosk in front of it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI, Request, UploadFile
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.types import ASGIApp

from backend.drill.papers import Papers
from backend.kiosks.schema import Beat, Heard
from kiosk.client import CODES, QUESTIONS, HandedIn, Refused
from tests.kiosk.reference_backend import Counter, ReferenceBackend

KEY = "ab" * 32
NAMED = {"CRD-11": "begin", "CRD-12": "prove", "PAY-11": "open", "PAY-12": "confirm", "PAY-13": "report"}


class Wire:
    """The reference backend's HTTP edge; `trouble` may answer in its place, `heard` is what came in."""

    def __init__(
        self, books: ReferenceBackend, trouble: Callable[[str], Response | None] = lambda code: None
    ) -> None:
        self.books, self.trouble = books, trouble
        self.heard: list[tuple[str, str, bytes]] = []  # code, key, body
        self.languages: set[str] = set()

    async def __call__(self, code: str, request: Request) -> Response:
        body, key = await request.body(), request.headers.get("idempotency-key", "")
        if code == "KSK-31":
            beat = Beat.model_validate_json(body)
            return self.said(code, key, body, request, lambda _: Heard(now=beat.clock, serve=True, reason=""))
        shape = next(shape for shape, known in CODES.items() if known == code)
        call = NAMED.get(code)

        def answer(counter: Counter) -> BaseModel:
            cmd = shape.model_validate_json(body)
            told: BaseModel = getattr(counter, call)(cmd, key) if call else counter.serve(cmd, BaseModel, key)
            return told

        return self.said(code, key, body, request, answer)

    def said(
        self, code: str, key: str, body: bytes, request: Request, ask: Callable[[Counter], BaseModel]
    ) -> Response:
        if code != "KSK-31":  # the heart beats beside what is watched
            self.heard.append((code, key, body))
            self.languages.add(request.headers["accept-language"])
        scheme, _, credential = request.headers["authorization"].partition(" ")
        kiosk, _, secret = credential.partition(":")
        if (scheme, secret) != ("Device", KEY):
            return JSONResponse({"code": "DeviceUnknown", "message": "这台终端没有登记", "facts": {}}, 401)
        if (trouble := self.trouble(code)) is not None:
            return trouble
        try:
            answer = ask(self.books.at(kiosk))
        except Refused as refused:
            told = {
                "code": refused.code,
                "message": refused.message,
                "facts": {},
                "fields": {},
            }
            return JSONResponse(told, 409)
        return Response(answer.model_dump_json(), media_type="application/json")

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/api/v1/items/{code}")
        async def item(code: str, request: Request) -> Response:
            return await self(code, request)

        @app.post("/api/v1/files")
        async def files(request: Request, file: UploadFile) -> Response:
            content = await file.read()
            return self.said("files", "", content, request, lambda at: HandedIn(file=at.hand_in("", content)))

        for shape, path in QUESTIONS.items():
            app.add_api_route(f"/api/v1/{path}", self._question(shape, path), methods=["GET"])
        return app

    def _question(self, shape: type[BaseModel], path: str) -> Callable[[Request], Response]:
        def question(request: Request) -> Response:
            asked = shape.model_validate(dict(request.query_params))
            return self.said(path, "", b"", request, lambda at: at.ask(asked, BaseModel))

        return question


@contextmanager
def served(app: ASGIApp, papers: Papers | None = None) -> Iterator[str]:
    """The address of the application, as long as it lasts; with papers it speaks TLS."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="error", access_log=False)
    if papers is not None:
        config.ssl_certfile, config.ssl_keyfile = str(papers.certificate), str(papers.key)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        until(lambda: server.started)
        yield f"{'https' if papers else 'http'}://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError("waited in vain")
        time.sleep(0.01)
