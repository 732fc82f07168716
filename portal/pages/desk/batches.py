"""Batches 报盘/回盘 at the counter: a file of lines, tried or done; a line fails alone. A long one is the worker's,
and its page shows how far it is."""

from __future__ import annotations

import csv
import io
from pathlib import PurePath
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from backend.http import API
from backend.kernel import files, items, longbatches
from backend.kernel.batch import answered, content_key, each_line
from backend.kernel.language import translate
from backend.kernel.text import rows_of
from portal.language import current
from portal.language import gettext as _
from portal.pages.desk import known
from portal.pages.desk.items import keep
from portal.reading import label
from portal.render import page
from portal.session import Officer

router = APIRouter(prefix="/desk")
MOST_LINES = 50_000
MOST_SHOWN = 200  # of the lines that went wrong; the file given back has all
LISTED = 10
STATES = {"waiting": "排队", "running": "正在办", "done": "办完", "stopped": "停下"}


@router.get("/batches/{number}")
def long_batch(request: Request, run: Officer, number: int) -> Response:
    """How far a long batch is; when it is done, what came of it."""
    row = run(longbatches.seen, number)
    item = items.find(row.item)
    back = f"{API}/files/{row.result}" if row.result else ""
    bad = _bad(run(files.fetch, row.result).content, row.language) if row.result else []
    return page(
        request,
        "desk/long_batch.html",
        item=item,
        row=row,
        label=STATES[row.state],
        open=row.state in ("waiting", "running"),
        back=back,
        bad=bad[:MOST_SHOWN],
        most=MOST_SHOWN,
    )


def _bad(content: bytes, language: str) -> list[tuple[int, str]]:
    """The lines of a file given back that went wrong: number below the heading, and why; in the file's language."""
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    next(rows)
    return [(no, row[-1]) for no, row in enumerate(rows, 1) if row[-2] == translate("失败", language)]


@router.get("/{code}/batch")
def batch_form(request: Request, run: Officer, code: str) -> Response:
    return _page(request, run, known.item(run, code))


def _page(request: Request, run: Officer, item: items.Item, status: int = 200, **more: Any) -> Response:
    told: dict[str, Any] = {"wrong": "", "lines": None, "bad": (), "dry": True, "back": ""} | more
    newest = run(longbatches.newest, item, LISTED)
    return page(
        request,
        "desk/batch.html",
        status=status,
        item=item,
        heads=_heads(item),
        most=MOST_SHOWN,
        newest=newest,
        at_once=longbatches.AT_ONCE,
        states=STATES,
        **told,
    )


def _heads(item: items.Item) -> list[tuple[str, str]]:
    """The columns of a file: name and title."""
    return [(name, label(name, field)) for name, field in item.asks.model_fields.items()]


@router.post("/{code}/batch")
def batch(
    request: Request,
    run: Officer,
    code: str,
    file: Annotated[UploadFile, File(title="文件")],
    dry: Annotated[str, Form()] = "",
) -> Response:
    """报盘: try first, or do it; a line fails alone. The file's own content is the batch's key."""
    item = known.item(run, code)
    content = file.file.read()
    rows = rows_of(content)
    if not rows or len(rows) > MOST_LINES:
        wrong = _("文件里没有可以办理的行，第一行要写栏目名，最多五万行。")
        return _page(request, run, item, status=422, wrong=wrong)
    if len(rows) > longbatches.AT_ONCE:
        kept = keep(run, item, file.filename or "", content)
        number = run(longbatches.send, item, kept, len(rows), dry=bool(dry), language=current.get())
        return RedirectResponse(f"/desk/batches/{number}", status_code=303)
    lines = list(each_line(run, item, rows, key=f"{code}/{content_key(content)}", dry=bool(dry)))
    back = ""
    if not dry:  # what was handed in, and beside it the same lines with what came of each
        keep(run, item, file.filename or "", content)
        stem = PurePath(files.cleaned(file.filename or "")).stem
        told = keep(run, item, f"{stem}-{_('回盘')}.csv", answered(rows, lines, current.get()))
        back = f"{API}/files/{told.file}"
    bad = [line for line in lines if not line.ok]
    return _page(request, run, item, lines=lines, bad=bad, dry=bool(dry), back=back)


@router.get("/{code}/template.csv")
def template(run: Officer, code: str) -> Response:
    """An empty batch file with the right headings."""
    item = known.item(run, code)
    text = io.StringIO()
    csv.writer(text).writerow(item.asks.model_fields)
    return Response(
        "\ufeff" + text.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{code}.csv"'},
    )
