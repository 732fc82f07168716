"""The counter 柜台: every item an officer may do, as a form drawn from its schema; cases, batches, the person at hand."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import PurePath
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi import Query as Asked
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from backend.app import API
from backend.kernel import files, items
from backend.kernel.errors import NotFound, Refusal
from backend.kernel.text import harmless, plain, rows_of
from backend.systems import CATALOGUE
from portal.forms import Form as Shown
from portal.forms import Handed, Typed, extra_of
from portal.language import gettext as _
from portal.language import said, said_line
from portal.render import page
from portal.session import Officer, ask

router = APIRouter(prefix="/desk")
SYSTEMS = {
    "REG": "登记",
    "CRD": "社会保障卡",
    "PEN": "养老保险",
    "PAY": "待遇发放",
    "EMP": "就业服务",
    "CAS": "办件",
}
MOST_LINES = 50_000


def _known(run: Officer, code: str) -> items.Item:
    known = items.find(code)
    if not known.open_to(run.actor) or known.may is None:
        raise NotFound(what=f"事项 {code[:20]}")
    return known


@router.get("")
def desk(request: Request, run: Officer) -> Response:
    mine = [one for one in CATALOGUE.values() if one.may is not None and run.actor.may(one.may)]
    groups = [
        (_(name), sorted((one for one in mine if one.code.startswith(prefix)), key=lambda one: one.code))
        for prefix, name in SYSTEMS.items()
    ]
    waiting = ask(run, "CAS-Q1").cases
    return page(request, "desk/home.html", groups=[group for group in groups if group[1]], waiting=waiting)


@router.get("/person")
def person(
    request: Request, run: Officer, ident: Annotated[str, Asked(max_length=20, title="公民身份号码")] = ""
) -> Response:
    """The person at the counter, everything on one page."""
    try:
        one = ask(run, "REG-Q1", ident=ident)
        account = _or_none(run, "PEN-Q1", ident=one.ident)
        payments = _or_none(run, "PAY-Q1", ident=one.ident)
    except Refusal as refusal:
        return page(
            request,
            "desk/person.html",
            status=refusal.status,
            one=None,
            typed=ident,
            wrong=said(refusal),
            account=None,
            payments=(),
        )
    return page(
        request,
        "desk/person.html",
        one=one,
        typed=one.ident,
        wrong="",
        account=account,
        payments=payments.payments[:12] if payments else (),
    )


def _or_none(run: Officer, code: str, **fields: Any) -> Any:
    try:
        return ask(run, code, **fields)
    except Refusal:
        return None


@router.get("/cases")
def cases(
    request: Request,
    run: Officer,
    state: Annotated[str, Asked(pattern="^(waiting|done|refused)$", title="状态")] = "waiting",
) -> Response:
    return page(request, "desk/cases.html", rows=ask(run, "CAS-Q1", state=state).cases, state=state, wrong="")


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
        rows = ask(run, "CAS-Q1", state="waiting").cases
        return page(
            request, "desk/cases.html", status=refusal.status, rows=rows, state="waiting", wrong=said(refusal)
        )
    return RedirectResponse("/desk/cases", 303)


@router.get("/{code}")
def form(request: Request, run: Officer, code: str) -> Response:
    known = _known(run, code)
    typed = {name: value for name, value in request.query_params.items() if name in known.asks.model_fields}
    return _form(request, known, Shown(known.asks, typed or _defaults(known)), key=uuid4().hex)


def _defaults(known: items.Item) -> dict[str, str]:
    return {
        name: str(field.default)
        for name, field in known.asks.model_fields.items()
        if isinstance(field.default, str | int)
        and not isinstance(field.default, bool)
        and field.default != ""
    }


def _form(
    request: Request, known: items.Item, shown: Shown[Any], key: str, status: int = 200, **more: Any
) -> Response:
    told: dict[str, Any] = {"wrong": "", "filed": None, "answer": None} | more
    return page(request, "desk/item.html", status=status, item=known, form=shown, key=key, **told)


@router.post("/{code}")
def do(request: Request, run: Officer, code: str, typed: Typed, handed: Handed) -> Response:
    """Do the item; the form's own key makes pressing twice the same as pressing once."""
    known = _known(run, code)
    key = plain(typed.pop("request_id", ""))[:64] or uuid4().hex
    shown = Shown(known.asks, typed)
    try:
        for name in handed.keys() & set(shown.uploads):
            typed[name] = _keep(run, known, handed[name].filename or "", handed[name].file.read()).file
        command = shown.parse()
        if command is None:
            return _form(request, known, shown, key, status=422)
        done = items.perform(run, known, command, None if known.question else key)
    except Refusal as refusal:
        return _form(request, known, shown, uuid4().hex, status=refusal.status, wrong=said(refusal))
    if isinstance(done, items.Filed):
        return _form(request, known, Shown(known.asks), uuid4().hex, filed=done)
    return _form(request, known, Shown(known.asks, typed), uuid4().hex, answer=facts(done))


def _keep(run: Officer, known: items.Item, name: str, content: bytes) -> files.FileKept:
    """Hand a file in at the counter: whoever may do this item may read it."""
    return run(files.keep, name=name, content=content, may=known.may)


@dataclass(frozen=True)
class Download:
    """A kept file, to be fetched."""

    id: str

    @property
    def address(self) -> str:
        return f"{API}/files/{self.id}"


def facts(answer: BaseModel) -> list[tuple[str, Any]]:
    """An answer as lines to read: its titles, and tables for what is many."""
    lines: list[tuple[str, Any]] = []
    for name, field in type(answer).model_fields.items():
        value = getattr(answer, name)
        if isinstance(value, BaseModel):
            lines.extend(facts(value))
        elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
            heads = [_(field.title or name) for name, field in type(value[0]).model_fields.items()]
            lines.append(
                (
                    _(field.title or name),
                    (heads, [list(row.model_dump(mode="json").values()) for row in value]),
                )
            )
        elif isinstance(value, str) and value and extra_of(field).get("widget") == "file":
            lines.append((_(field.title or name), Download(value)))
        elif value not in (None, "", ()):
            shown = f"{value / 100:,.2f}" if name.endswith("_fen") else value
            lines.append((_(field.title or name), str(shown)))
    return lines


@router.get("/{code}/batch")
def batch_form(request: Request, run: Officer, code: str) -> Response:
    known = _known(run, code)
    return page(
        request,
        "desk/batch.html",
        item=known,
        lines=None,
        dry=True,
        wrong="",
        back="",
        heads=list(known.asks.model_fields),
    )


@router.post("/{code}/batch")
def batch(
    request: Request,
    run: Officer,
    code: str,
    file: Annotated[UploadFile, File(title="文件")],
    dry: Annotated[str, Form()] = "",
) -> Response:
    """报盘: try first, or do it; a line fails alone. The file's own content is the batch's key."""
    known = _known(run, code)
    content = file.file.read()
    rows = rows_of(content)
    heads = list(known.asks.model_fields)
    if not rows or len(rows) > MOST_LINES:
        wrong = _("文件里没有可以办理的行，第一行要写栏目名，最多五万行。")
        return page(
            request,
            "desk/batch.html",
            status=422,
            item=known,
            lines=None,
            dry=True,
            wrong=wrong,
            back="",
            heads=heads,
        )
    lines = list(items.batch(run, known, rows, key=f"{code}/{items.content_key(content)}", dry=bool(dry)))
    back = "" if dry else _keep_batch(run, known, file.filename or "", content, rows, lines).address
    return page(
        request,
        "desk/batch.html",
        item=known,
        lines=lines,
        dry=bool(dry),
        wrong="",
        back=back,
        heads=heads,
    )


def _keep_batch(
    run: Officer,
    known: items.Item,
    name: str,
    content: bytes,
    rows: list[dict[str, str]],
    lines: list[items.Line],
) -> Download:
    """Keep what was handed in, and beside it the same lines with what came of each (回盘)."""
    _keep(run, known, name, content)
    text = io.StringIO()
    writer = csv.writer(text)
    heads = list(rows[0])
    writer.writerow([*heads, _("结果"), _("说明")])
    for row, line in zip(rows, lines, strict=True):
        result = _("成功") if line.ok else _("失败")
        writer.writerow(
            [harmless(cell) for cell in (*(row[head] for head in heads), result, said_line(line))]
        )
    stem = PurePath(files.cleaned(name)).stem
    back = _keep(run, known, f"{stem}-{_('回盘')}.csv", ("\ufeff" + text.getvalue()).encode())
    return Download(back.file)


@router.get("/{code}/template.csv")
def template(run: Officer, code: str) -> Response:
    """An empty batch file with the right headings."""
    known = _known(run, code)
    text = io.StringIO()
    csv.writer(text).writerow(known.asks.model_fields)
    return Response(
        "\ufeff" + text.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{code}.csv"'},
    )
