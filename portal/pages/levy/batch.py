"""Bases of all employees by one spreadsheet (LEV-15): the list to fill in, tried or done; what came of each line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Annotated, Any

from fastapi import APIRouter, File, Request, UploadFile
from fastapi import Form as Sent
from fastapi.responses import Response

from backend.http import API
from backend.kernel import files
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import find, perform
from backend.kernel.money import Money
from backend.kernel.text import harmless
from backend.levy.filed import BasesDeclared, DeclareBases
from backend.levy.schema import EmployeeBase
from portal import language
from portal.language import gettext as _
from portal.language import said
from portal.pages.employer import tabs
from portal.render import page
from portal.session import Employer, ask

router = APIRouter(prefix="/employer/levy/bases")
AT_ONCE = 1_000  # employees of the list
MOST_SHOWN = 200  # of the lines that went wrong; the result file has all
COLUMNS = ("公民身份号码", "姓名", "从哪个月起", "上年度月平均工资（元）")


@router.get("/batch")
def blank(request: Request, run: Employer) -> Response:
    return _page(request)


def _page(request: Request, status: int = 200, **more: Any) -> Response:
    told: dict[str, Any] = {"wrong": "", "done": None, "bad": (), "results": ""} | more
    return page(request, "employer/batch.html", status=status, tabs=tabs(), most=MOST_SHOWN, **told)


@router.get("/list.csv")
def listed(run: Employer) -> Response:
    """All employees with what is known, who has no base first: to fill in and hand back."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_(title) for title in COLUMNS)
    for one in _everybody(run):
        wage = Money(one.wage_fen).text if one.wage_fen else ""
        writer.writerow(map(harmless, (one.ident, one.name, one.month, wage)))
    return Response(
        "\ufeff" + text.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="LEV-15.csv"'},
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
    """Try first, or do it; handed in again the same wages are declared once more, and nothing else happens."""
    try:
        kept = run(files.keep, name=file.filename or "", content=file.file.read())
        cmd = DeclareBases.model_validate(
            {
                "uscc": run.actor.subject,
                "file": kept.file,
                "dry": bool(dry),
                "language": language.current.get(),
            }
        )
        done = perform(run, find("LEV-15"), cmd)
    except Refusal as refusal:
        return _page(request, refusal.status, wrong=said(refusal))
    assert isinstance(done, BasesDeclared)  # noqa: S101 - it never waits for review
    bad = run(_refused, done.results) if done.refused else ()
    return _page(request, done=done, bad=bad, results=f"{API}/files/{done.results}")


def _refused(uow: Uow, results: str) -> Sequence[tuple[str, str]]:
    """The first lines that were not accepted, and why: line number and reason."""
    text = files.fetch(uow, results).content.decode("utf-8-sig")
    refused = _("退回")
    rows = (row for row in csv.reader(io.StringIO(text)) if row[2] == refused)
    return [(row[0], row[3]) for row, _n in zip(rows, range(MOST_SHOWN), strict=False)]
