"""Batches 报盘/回盘 at the counter: a file of lines, tried or done; a line fails alone."""

from __future__ import annotations

import csv
import io
from pathlib import PurePath
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import Response

from backend.app import API
from backend.kernel import files, items
from backend.kernel.batch import Line, content_key, each_line
from backend.kernel.text import harmless, rows_of
from portal.language import gettext as _
from portal.language import said
from portal.pages.desk import known
from portal.pages.desk.items import keep
from portal.reading import label
from portal.render import page
from portal.session import Officer

router = APIRouter(prefix="/desk")
MOST_LINES = 50_000
MOST_SHOWN = 200  # of the lines that went wrong; the file given back has all


@router.get("/{code}/batch")
def batch_form(request: Request, run: Officer, code: str) -> Response:
    return _page(request, known.item(run, code))


def _page(request: Request, item: items.Item, status: int = 200, **more: Any) -> Response:
    told: dict[str, Any] = {"wrong": "", "lines": None, "bad": (), "dry": True, "back": ""} | more
    return page(
        request, "desk/batch.html", status=status, item=item, heads=_heads(item), most=MOST_SHOWN, **told
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
        return _page(request, item, status=422, wrong=wrong)
    lines = list(each_line(run, item, rows, key=f"{code}/{content_key(content)}", dry=bool(dry)))
    back = "" if dry else _keep_batch(run, item, file.filename or "", content, rows, lines)
    bad = [line for line in lines if not line.ok]
    return _page(request, item, lines=lines, bad=bad, dry=bool(dry), back=back)


def _keep_batch(
    run: Officer,
    item: items.Item,
    name: str,
    content: bytes,
    rows: list[dict[str, str]],
    lines: list[Line],
) -> str:
    """Keep what was handed in, and beside it the same lines with what came of each (回盘)."""
    keep(run, item, name, content)
    text = io.StringIO()
    writer = csv.writer(text)
    heads = list(rows[0])
    writer.writerow([*heads, _("结果"), _("说明")])
    for row, line in zip(rows, lines, strict=True):
        result = _("成功") if line.ok else _("失败")
        writer.writerow(
            [harmless(cell) for cell in (*(row[head] for head in heads), result, said(line.told))]
        )
    stem = PurePath(files.cleaned(name)).stem
    back = keep(run, item, f"{stem}-{_('回盘')}.csv", ("\ufeff" + text.getvalue()).encode())
    return f"{API}/files/{back.file}"


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
