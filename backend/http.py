"""HTTP edge: who is calling, items and questions as addresses, refusals as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from inspect import Parameter, Signature
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Body, Depends, FastAPI, Header, Query, Request, Response, UploadFile
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field, create_model
from starlette.exceptions import HTTPException

from backend.kernel import auth, files, items
from backend.kernel import calculators as calculate
from backend.kernel.actor import ANYONE, Actor, Kind
from backend.kernel.db import Runner
from backend.kernel.errors import NotFound, Refusal
from backend.kernel.fields import FileId
from backend.kernel.language import preferred
from backend.kernel.sentences import invalid
from backend.kernel.telling import Refused, tell

API = "/api/v1"
SESSION_COOKIE = "renshe_session"


class Broken(Refusal):
    """系统出了问题，没有办成。您的资料是安全的，请稍后再试一次；还不行请拨打 12333。"""

    status = 500


class NoAddress(NotFound):
    """没有这个网页，可能地址写错了，或者网页已经换了地方。请从首页重新找。"""


class WrongMethod(Refusal):
    """这个地址不能这样打开，请从首页重新操作。"""

    status = 405


class Unreadable(Refusal):
    """提交的内容读不懂，没有办理。请检查格式以后重新提交。"""

    status = 400


class FiledView(BaseModel):
    """The command waits for review."""

    model_config = ConfigDict(frozen=True)
    case_no: int
    need: int


def caller(request: Request) -> Runner:
    """Work for whoever is calling: a person by a session, a kiosk by its key (looked at in the work itself), else
    anyone."""
    run: Runner = request.app.state.runner
    scheme, credential = _credential(request)
    if scheme == "device":
        id, _, key = credential.partition(":")
        mine = run.by(Actor(Kind.KIOSK, id), partial(auth.device, id=id, key=key))
    elif credential:
        mine = run.by(run.system(auth.who, credential) or ANYONE)
    else:
        mine = run.by(ANYONE)
    request.state.actor = mine.actor
    return mine


def _credential(request: Request) -> tuple[str, str]:
    scheme, _, credential = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() in {"device", "bearer"}:
        return scheme.lower(), credential
    return "session", request.cookies.get(SESSION_COOKIE, "")


async def _run(request: Request) -> Runner:
    """In a thread only where a session has to be looked up: changing threads costs as much as a statement."""
    scheme, credential = _credential(request)
    if credential and scheme != "device":
        return await run_in_threadpool(caller, request)
    return caller(request)


Run = Annotated[Runner, Depends(_run)]
RequestId = Annotated[
    str | None, Header(alias="Idempotency-Key", title="请求号", max_length=64, pattern=r"^[\x21-\x7e]+$")
]
REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": Refused} for status in (400, 401, 403, 404, 409, 413, 422, 429)
}


def refusal_of(request: Request, error: Exception) -> Refusal:
    """Whatever went wrong, as a refusal; what nobody foresaw is a bug of ours (and goes on to the log)."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, RequestValidationError):
        return _malformed(request, error)
    if isinstance(error, HTTPException) and error.status_code < 500:
        return {404: NoAddress, 405: WrongMethod}.get(error.status_code, Unreadable)()
    return Broken()


def _malformed(request: Request, error: RequestValidationError) -> Refusal:
    """What FastAPI itself finds wrong, in our words: what the route asks for says the titles."""
    found = error.errors()
    if all(one["loc"][0] == "path" for one in found):
        return NoAddress()
    asked = _asked(request.scope["route"])
    return invalid(asked, [one | {"loc": _within(one)} for one in found])


def _within(found: Any) -> tuple[Any, ...]:
    """Where in what was asked for; a body that cannot be read is wrong as a whole."""
    return () if found["type"] == "json_invalid" else found["loc"][1:]


def _asked(route: APIRoute) -> type[BaseModel]:
    """All that a route asks for as one shape: its command or question, or its single fields."""
    needs = route.dependant
    fields = {
        one.alias: one.field_info for one in (*needs.query_params, *needs.body_params, *needs.header_params)
    }
    for field in fields.values():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            return field.annotation
    titles: dict[str, Any] = {name: (Any, Field(title=field.title)) for name, field in fields.items()}
    return create_model("Asked", **titles)


def refusal_to_json(request: Request, error: Exception) -> JSONResponse:
    """For programs; the answer keeps what HTTP itself wants said (`Allow`)."""
    refusal = refusal_of(request, error)
    language = getattr(request.state, "language", "") or preferred(request.headers.get("accept-language", ""))
    return JSONResponse(
        tell(refusal, language).model_dump(),
        status_code=refusal.status,
        headers=dict(getattr(error, "headers", None) or {}),
    )


def catalogue(known_items: Mapping[str, items.Item]) -> APIRouter:
    """Every item as POST /items/CODE and every question as GET /questions/CODE, with their own schemas."""
    router = APIRouter(prefix=API)
    for known in known_items.values():
        if known.question:
            router.add_api_route(
                f"/questions/{known.code}",
                _question(known),
                methods=["GET"],
                summary=known.title,
                operation_id=known.code,
                response_model=known.answers,
                responses=REFUSALS,
                tags=[known.code[:3]],
            )
        else:
            router.add_api_route(
                f"/items/{known.code}",
                _item(known),
                methods=["POST"],
                summary=known.title,
                description=(known.asks.__doc__ or "").strip(),
                operation_id=known.code,
                response_model=known.answers,
                responses=REFUSALS | {202: {"model": FiledView}},
                tags=[known.code[:3]],
            )
    return router


def calculators() -> APIRouter:
    """Every calculator as POST /calculators/NAME, open to anyone, storing nothing."""
    router = APIRouter(prefix=API, tags=["测算"])

    @router.get("/calculators", summary="全部测算")
    def listed() -> list[dict[str, Any]]:
        return calculate.schemas()

    @router.post("/calculators/{name}", summary="测算", responses=REFUSALS)
    def run(name: str, given: Annotated[Any, Body()]) -> JSONResponse:
        return JSONResponse(calculate.run(name, given))

    return router


def filing() -> APIRouter:
    """Files in and out: what an item refers to is handed in first, under a number of its own."""
    router = APIRouter(prefix=API, tags=["文件"])

    @router.post("/files", summary="收存文件", responses=REFUSALS)
    def keep(run: Run, file: UploadFile) -> files.FileKept:
        if run.actor.kind is Kind.ANYONE:
            raise auth.NotSignedIn
        return run(files.keep, name=file.filename or "", content=file.file.read())

    @router.get("/files/{id}", summary="取文件", responses=REFUSALS, response_class=Response)
    def fetch(run: Run, id: FileId) -> Response:
        return download(run(files.fetch, id))

    return router


def download(file: files.Fetched) -> Response:
    """A file to be saved, never shown in place: what was handed in may be anything."""
    return Response(
        file.content,
        media_type=file.media,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}"},
    )


def _item(known: items.Item) -> Any:
    def endpoint(command: Any, run: Runner, request_id: str | None = None) -> Any:
        done = items.perform(run, known, command, request_id)
        if isinstance(done, items.Filed):
            return JSONResponse({"case_no": done.case_no, "need": done.need}, status_code=202)
        return Response(done.model_dump_json(), media_type="application/json")

    return _signed(endpoint, command=known.asks, run=Run, request_id=RequestId)


def _question(known: items.Item) -> Any:
    def endpoint(command: Any, run: Runner) -> Any:
        answer = items.perform(run, known, command)
        assert isinstance(answer, BaseModel)  # noqa: S101 - a question is never filed
        return Response(answer.model_dump_json(), media_type="application/json")

    return _signed(endpoint, command=Annotated[known.asks, Query()], run=Run)


def _signed(endpoint: Any, **annotations: Any) -> Any:
    """Give FastAPI the schema's own types to read."""
    endpoint.__signature__ = Signature(
        [
            Parameter(
                name,
                Parameter.KEYWORD_ONLY,
                annotation=annotation,
                default=None if name == "request_id" else Parameter.empty,
            )
            for name, annotation in annotations.items()
        ]
    )
    return endpoint


def install(app: FastAPI, runner: Runner) -> None:
    app.state.runner = runner
    for wrong in (Refusal, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(wrong, refusal_to_json)
