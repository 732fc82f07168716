"""HTTP edge: who is calling, items and questions as addresses, refusals as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import Parameter, Signature
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Body, Depends, FastAPI, Header, Query, Request, Response, UploadFile
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from backend.kernel import auth, files, items
from backend.kernel import calculators as calculate
from backend.kernel.actor import ANYONE, Actor, Kind
from backend.kernel.db import Runner
from backend.kernel.errors import Refusal
from backend.kernel.sentences import Invalid, invalid

SESSION_COOKIE = "renshe_session"


class Refused(BaseModel):
    """A refusal: what happened and what to do."""

    model_config = ConfigDict(frozen=True)
    code: str
    message: str
    facts: dict[str, str]
    fields: dict[str, str] = {}


class FiledView(BaseModel):
    """The command waits for review."""

    model_config = ConfigDict(frozen=True)
    case_no: int
    need: int


def caller(request: Request) -> Actor:
    """Who is calling: a kiosk by its key, a person by a session, else anyone."""
    actor = request.state.actor = _caller(request)
    return actor


def _caller(request: Request) -> Actor:
    run: Runner = request.app.state.runner
    scheme, _, credential = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "device":
        id, _, key = credential.partition(":")
        return run.system(auth.device, id, key)
    token = credential if scheme.lower() == "bearer" else request.cookies.get(SESSION_COOKIE)
    if not token:
        return ANYONE
    return run.system(auth.who, token) or ANYONE


def _run(request: Request, actor: Annotated[Actor, Depends(caller)]) -> Runner:
    run: Runner = request.app.state.runner
    return run.by(actor)


Run = Annotated[Runner, Depends(_run)]
RequestId = Annotated[str | None, Header(alias="Idempotency-Key", max_length=64)]
REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": Refused} for status in (401, 403, 404, 409, 422, 429)
}


def refused(refusal: Refusal) -> Refused:
    fields = refusal.fields if isinstance(refusal, Invalid) else {}
    facts = {} if isinstance(refusal, Invalid) else {k: str(v) for k, v in refusal.facts.items()}
    return Refused(code=refusal.code, message=refusal.message, facts=facts, fields=fields)


def refusal_to_json(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refusal)  # noqa: S101 - FastAPI's signature is wider than what it sends
    return JSONResponse(refused(error).model_dump(), status_code=error.status)


def malformed_to_json(request: Request, error: Exception) -> JSONResponse:
    """What FastAPI itself finds wrong, in our words: the schema of the item or question says the titles."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as above
    route = request.scope.get("route")
    known = items.CATALOGUE.get(getattr(route, "operation_id", None) or "")
    findings = [found | {"loc": found["loc"][1:]} for found in error.errors()]
    return refusal_to_json(request, invalid(known.asks if known else BaseModel, findings))


def catalogue(known_items: Mapping[str, items.Item]) -> APIRouter:
    """Every item as POST /items/CODE and every question as GET /questions/CODE, with their own schemas."""
    router = APIRouter()
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
    router = APIRouter(tags=["测算"])

    @router.get("/calculators", summary="全部测算")
    def listed() -> list[dict[str, Any]]:
        return calculate.schemas()

    @router.post("/calculators/{name}", summary="测算", responses=REFUSALS)
    def run(name: str, given: Annotated[Any, Body()]) -> JSONResponse:
        return JSONResponse(calculate.run(name, given))

    return router


def filing() -> APIRouter:
    """Files in and out: what an item refers to is handed in first, under a number of its own."""
    router = APIRouter(tags=["文件"])

    @router.post("/files", summary="收存文件", responses=REFUSALS)
    def keep(run: Run, file: UploadFile) -> files.FileKept:
        if run.actor.kind is Kind.ANYONE:
            raise auth.NotSignedIn
        return run(files.keep, name=file.filename or "", content=file.file.read())

    @router.get("/files/{id}", summary="取文件", responses=REFUSALS, response_class=Response)
    def fetch(run: Run, id: str) -> Response:
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
    app.add_exception_handler(Refusal, refusal_to_json)
    app.add_exception_handler(RequestValidationError, malformed_to_json)
