"""Who works for an employer: the list, letting somebody go with the reason, and many hires or leavers by one file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, File, Request, UploadFile
from fastapi import Form as Sent
from fastapi import Query as Asked
from fastapi.responses import Response

from backend.http import NoAddress
from backend.kernel import sheets
from backend.kernel.batch import content_key, each_line
from backend.kernel.errors import NotFound, Refusal
from backend.kernel.items import find, perform
from backend.registry import service as registry
from backend.registry.schema import Colleague
from portal.forms import Box, Form, Typed
from portal.language import gettext as _
from portal.language import said
from portal.pages.employer import tabs
from portal.render import page
from portal.session import Employer, ask

router = APIRouter(prefix="/employer/staff")
ON_A_PAGE = 20
FIXED = frozenset({"uscc", "ident"})
ACTS = {"hire": "REG-03", "leave": "REG-04"}
MOST_LINES = 5_000
MOST_SHOWN = 200  # of the lines that went wrong
Page = Annotated[int, Asked(alias="page", ge=1, le=1000, title="第几页")]


@router.get("")
def listed(request: Request, run: Employer, number: Page = 1) -> Response:
    return _listed(request, run, number)


def _listed(request: Request, run: Employer, number: int = 1, done: Any = None) -> Response:
    found = ask(run, "REG-Q3", uscc=run.actor.subject, page=number, size=ON_A_PAGE)
    return page(
        request,
        "employer/staff.html",
        tabs=tabs(),
        found=found,
        done=done,
        number=number,
        size=ON_A_PAGE,
        address=lambda n: f"/employer/staff?page={n}",
    )


# ---- many at once ----


def _boxes(act: str) -> list[Box]:
    """The columns of a file."""
    if act not in ACTS:
        raise NoAddress
    return list(Form(find(ACTS[act]).asks, hidden=frozenset({"uscc"})).boxes)


@router.get("/batch/{act}")
def batch_form(request: Request, run: Employer, act: str) -> Response:
    return _batch(request, act)


def _batch(request: Request, act: str, status: int = 200, **more: Any) -> Response:
    told: dict[str, Any] = {"wrong": "", "lines": None, "bad": (), "dry": True} | more
    return page(
        request,
        "employer/staff_batch.html",
        status=status,
        tabs=tabs(),
        act=act,
        item=find(ACTS[act]) if act in ACTS else None,
        boxes=_boxes(act),
        most=MOST_SHOWN,
        **told,
    )


@router.get("/batch/{act}/template.csv")
def template(run: Employer, act: str) -> Response:
    """An empty file with the right headings."""
    text = io.StringIO()
    csv.writer(text).writerow(box.label for box in _boxes(act))
    return Response(
        "\ufeff" + text.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{ACTS[act]}.csv"'},
    )


@router.post("/batch/{act}")
def batch(
    request: Request,
    run: Employer,
    act: str,
    file: Annotated[UploadFile, File(title="文件")],
    dry: Annotated[str, Sent()] = "",
) -> Response:
    """Try first, or do it; a line fails alone. The file's content is the batch's key: again, nothing happens twice."""
    boxes = _boxes(act)
    content = file.file.read()
    try:
        rows = list(_commands(run.actor.subject, boxes, list(sheets.rows(content, MOST_LINES))))
    except Refusal as refusal:
        return _batch(request, act, refusal.status, wrong=said(refusal))
    if not rows:
        return _batch(request, act, 422, wrong=_("文件里没有可以办理的行。请下载空表，每人填一行，再上传。"))
    key = f"{run.actor.id}/{ACTS[act]}/{content_key(content)[:16]}"
    lines = list(each_line(run, find(ACTS[act]), rows, key=key, dry=bool(dry)))
    return _batch(request, act, lines=lines, bad=[one for one in lines if not one.ok], dry=bool(dry))


def _commands(uscc: str, boxes: Sequence[Box], table: Sequence[Sequence[str]]) -> Iterator[dict[str, str]]:
    """Each row under the names of the command, as people write days and codes; other columns are not read."""
    titles = {text: box for box in boxes for text in (box.name, box.label)}
    heads = [titles.get(head.strip()) for head in (table[0] if table else ())]
    for row in table[1:]:
        if any(row):
            typed = zip(heads, row, strict=False)
            yield {"uscc": uscc} | {box.name: _read(box, cell) for box, cell in typed if box and cell}


def _read(box: Box, cell: str) -> str:
    """A choice may be written by its name."""
    return {said: value for value, said in box.choices}.get(cell.strip()) or box.read(cell)


# ---- one leaves ----


def _colleague(run: Employer, handle: str) -> Colleague:
    """Who works there, behind a handle; of all others nothing is said."""
    ident = run(registry.ident_behind, handle)
    found = ask(run, "REG-Q3", uscc=run.actor.subject, ident=ident).staff
    if not found:
        raise NotFound(what="这个人的登记信息")
    one: Colleague = found[0]
    return one


@router.get("/{handle}")
def blank(request: Request, run: Employer, handle: str) -> Response:
    return _leave(request, _colleague(run, handle), Form(find("REG-04").asks, {}, hidden=FIXED))


def _leave(request: Request, one: Colleague, form: Form[Any], status: int = 200, **more: Any) -> Response:
    told = {"wrong": "", "key": uuid4().hex} | more
    return page(request, "employer/leave.html", status=status, tabs=tabs(), one=one, form=form, **told)


@router.post("/{handle}")
def leave(request: Request, run: Employer, handle: str, typed: Typed) -> Response:
    one = _colleague(run, handle)
    form = Form(find("REG-04").asks, typed, hidden=FIXED)
    key = form["request_id"][:64] or uuid4().hex
    cmd = form.parse(uscc=run.actor.subject, ident=one.ident)
    if cmd is None:
        return _leave(request, one, form, form.status, key=key)
    try:
        done = perform(run, find("REG-04"), cmd, key)
    except Refusal as refusal:
        return _leave(request, one, form, refusal.status, wrong=said(refusal))
    return _listed(request, run, done=done)
