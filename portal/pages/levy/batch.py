"""Bases of many employees at once: the list to fill in, tried or done; a line fails alone."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Annotated, Any

from fastapi import APIRouter, File, Request, UploadFile
from fastapi import Form as Sent
from fastapi.responses import Response

from backend.kernel.batch import content_key, each_line
from backend.kernel.items import find
from backend.kernel.money import Money
from backend.kernel.text import harmless, rows_of
from backend.levy.schema import EmployeeBase
from portal.forms import Form
from portal.language import gettext as _
from portal.pages.employer import tabs
from portal.render import page
from portal.session import Employer, ask

router = APIRouter(prefix="/employer/levy/bases")
MOST_LINES = 5_000
AT_ONCE = 1_000  # employees of the list
MOST_SHOWN = 200  # of the lines that went wrong
COLUMNS = {
    "ident": "公民身份号码",
    "name": "姓名",
    "since": "从哪个月起",
    "wage_fen": "上年度月平均工资（元）",
}


@router.get("/batch")
def blank(request: Request, run: Employer) -> Response:
    return _page(request)


def _page(request: Request, status: int = 200, **more: Any) -> Response:
    told = {"wrong": "", "lines": None, "bad": (), "dry": True, "most": MOST_SHOWN} | more
    return page(request, "employer/batch.html", status=status, tabs=tabs(), columns=COLUMNS, **told)


@router.get("/list.csv")
def listed(run: Employer) -> Response:
    """All employees with what is known, who has no base first: to fill in and hand back."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_(title) for title in COLUMNS.values())
    for one in _everybody(run):
        wage = Money(one.wage_fen).text if one.wage_fen else ""
        writer.writerow(map(harmless, (one.ident, one.name, one.month, wage)))
    return Response(
        "\ufeff" + text.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="LEV-02.csv"'},
    )


def _everybody(run: Employer) -> Iterator[EmployeeBase]:
    for number in count(1):
        found = ask(run, "LEV-Q6", uscc=run.actor.subject, page=number, size=AT_ONCE)
        yield from found.employees
        if number * AT_ONCE >= found.total:
            return


@router.post("/batch")
def declare(
    request: Request,
    run: Employer,
    file: Annotated[UploadFile, File(title="文件")],
    dry: Annotated[str, Sent()] = "",
) -> Response:
    """Try first, or do it. The file's own content is the batch's key: handed in again nothing happens twice."""
    content = file.file.read()
    rows = [line for line in rows_of(content, MOST_LINES) if any(line.values())]
    if not rows:
        wrong = _("文件里没有可以办理的行。请下载职工名单，填好工资，另存为 CSV 再上传。")
        return _page(request, 422, wrong=wrong)
    key = f"{run.actor.id}/{content_key(content)}"
    lines = list(each_line(run, find("LEV-02"), _commands(run.actor.subject, rows), key=key, dry=bool(dry)))
    return _page(request, lines=lines, bad=[line for line in lines if not line.ok], dry=bool(dry))


def _commands(uscc: str, rows: Sequence[Mapping[str, str]]) -> Iterator[dict[str, str]]:
    """Each line under the names of the command, as people write months and amounts; other columns are not read."""
    boxes = {box.name: box for box in Form(find("LEV-02").asks, hidden=frozenset({"uscc"})).boxes}
    titles = {text: name for name, title in COLUMNS.items() for text in (name, title, _(title))}
    for row in rows:
        said = {titles[head]: text for head, text in row.items() if head in titles}
        yield {"uscc": uscc} | {name: boxes[name].read(text) for name, text in said.items() if name in boxes}
