"""The books of the funds at the counter: each statement on a page of its own, with its picture, as PDF and as a workbook."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from backend import http
from backend.accounting import schema
from backend.kernel import documents, files, items
from backend.kernel.errors import Refusal
from backend.kernel.language import EN
from backend.kernel.period import Month
from portal import charts
from portal.forms import Form
from portal.language import current, said
from portal.language import gettext as _
from portal.pages.desk import known
from portal.pages.desk.papers import document
from portal.render import page
from portal.session import Officer

router = APIRouter(prefix="/desk/books")
# the name in an address and the question behind it, in the order of the tabs
TABS = ("sheet", "flow", "trial", "detail", "budget", "periods", "corrections")
STATEMENTS = {address.rpartition("/")[2]: code for code, address in known.BOOKS.items()}
OF_A_YEAR = {STATEMENTS["budget"], STATEMENTS["corrections"]}
Name = Literal["sheet", "flow", "trial", "detail", "budget", "periods", "corrections"]
WRITERS = {"pdf": documents.pdf, "xlsx": documents.xlsx}
MOST_SHOWN = 300  # rows on a page; the files have all
UNITS = ((10**10, "亿元"), (10**6, "万元"), (10**2, "元"))  # fen in one of each
Answered = tuple[items.Item, Form[Any], Any]


@router.get("")
def books(run: Officer) -> Response:
    known.item(run, STATEMENTS["sheet"])
    return RedirectResponse("/desk/books/sheet", 303)


@router.get("/{name}")
def statement(request: Request, run: Officer, name: Name) -> Response:
    """A statement of what was asked for; without a question, of this month."""
    try:
        item, form, answer = _answered(request, run, name)
        wrong, status = "", form.status
    except Refusal as refusal:
        item = known.item(run, STATEMENTS[name])
        form, answer = Form(item.asks, _asked(request, item)), None
        wrong, status = said(refusal), refusal.status
    return page(
        request,
        "desk/books.html",
        status=status,
        item=item,
        form=form,
        wrong=wrong,
        paper=document(answer) if answer else None,
        answer=answer,
        picture=_picture(answer),
        beside=1
        if isinstance(answer, schema.IncomeStatement)
        else 0,  # which table has the picture's numbers
        most=MOST_SHOWN,
        here=f"/desk/books/{name}",
        tabs=[(f"/desk/books/{one}", _(items.find(STATEMENTS[one]).title)) for one in TABS],
        asked=urlencode({key: text for key, text in form.typed.items() if text}),
    )


@router.get("/{name}/{kind}")
def download(request: Request, run: Officer, name: Name, kind: Literal["pdf", "xlsx"]) -> Response:
    """The same statement as a file."""
    item, form, answer = _answered(request, run, name)
    if answer is None:
        return statement(request, run, name)
    content = WRITERS[kind](document(answer), run.clock.now())
    stem = "-".join(str(one) for one in (_(item.title), *form.typed.values()) if one)
    called = f"{files.cleaned(stem)}.{kind}"
    return http.download(files.Fetched(called, files.MEDIA[f".{kind}"], content))


def _answered(request: Request, run: Officer, name: Name) -> Answered:
    """The question as it was asked, and its answer; none where the question cannot be read."""
    item = known.item(run, STATEMENTS[name])
    form = Form(item.asks, _asked(request, item) or _usual(item, run.clock.today()))
    command = form.parse()
    return item, form, None if command is None else items.perform(run, item, command)


def _asked(request: Request, item: items.Item) -> dict[str, str]:
    """What the address says of what this question asks for."""
    return {name: text for name, text in request.query_params.items() if name in item.asks.model_fields}


def _usual(item: items.Item, today: date) -> dict[str, str]:
    """What is asked for most: the pension fund, this month, the deposits paid from."""
    month = str(Month.of(today))
    usual = {
        "fund": "pension",
        "month": month,
        "kind": "expenditure_deposit",
        "first_month": f"{today.year}-01",
        "last_month": month,
        "year": str(today.year) if item.code in OF_A_YEAR else "",
    }
    return {name: text for name, text in usual.items() if text and name in item.asks.model_fields}


def _picture(answer: Any) -> charts.Picture | None:
    if isinstance(answer, schema.IncomeStatement) and answer.rows:
        return _months(answer)
    if isinstance(answer, schema.BudgetReport):
        return _carried_out(answer)
    return None


def _months(answer: schema.IncomeStatement) -> charts.Picture:
    """Income and expense of each month so far."""
    highest = max(max(abs(one.income_fen), abs(one.expense_fen)) for one in answer.months)
    fen, unit = next((known for known in UNITS if highest >= known[0]), UNITS[-1])
    return charts.two(
        _("各月收入和支出"),
        [_short(one.month) for one in answer.months],
        (
            (_("收入合计"), [one.income_fen / fen for one in answer.months]),
            (_("支出合计"), [one.expense_fen / fen for one in answer.months]),
        ),
        _(unit),
    )


def _short(text: str) -> str:
    """A month of a known year.

    >>> _short("2026-05")
    '5月'
    """
    month = Month.parse(text)
    return f"{month.first:%b}" if current.get() == EN else f"{month.month}月"


def _carried_out(answer: schema.BudgetReport) -> charts.Picture | None:
    """How much of each account's budget has come in or gone out."""
    planned = [row for row in answer.rows if row.share]
    if not planned:
        return None
    shares = [float(row.share.rstrip("%")) for row in planned]
    return charts.rows(_("预算执行进度（%）"), [_(row.account) for row in planned], shares, "%")
