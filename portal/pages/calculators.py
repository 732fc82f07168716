"""Calculators 测算: each rule as a form, the result with its steps and the law behind each."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from backend.http import Run
from backend.kernel import calculators, codes
from backend.kernel.errors import Refusal
from backend.kernel.sentences import Invalid
from portal.forms import Form as Shown
from portal.forms import Typed
from portal.language import gettext as _
from portal.language import said, said_fields
from portal.render import page

router = APIRouter(prefix="/calculators")
QUIET = {"steps", "warnings"}
MAIN = {"total", "date", "months", "valid", "fee", "increase"}


@router.get("")
def listed(request: Request, run: Run) -> Response:
    return page(request, "calculators/list.html", rows=list(calculators.CATALOGUE.values()))


@router.get("/{name}")
def blank(request: Request, run: Run, name: str) -> Response:
    known = calculators.find(name)
    return _page(request, known, Shown(known.asks))


def _page(request: Request, known: Any, form: Shown[Any], status: int = 200, **more: Any) -> Response:
    told: dict[str, Any] = {"wrong": "", "answer": None, "main": None, "lines": ()} | more
    return page(request, "calculators/one.html", status=status, known=known, form=form, **told)


@router.post("/{name}")
def work_out(request: Request, run: Run, name: str, typed: Typed) -> Response:
    known = calculators.find(name)
    form = Shown(known.asks, typed)
    ask = form.parse()
    if ask is None:
        return _page(request, known, form, status=form.status)
    try:
        answer = calculators.work_out(known, ask, run.clock)
    except Invalid as refusal:
        form.errors |= said_fields(refusal)
        return _page(request, known, form, status=422)
    except Refusal as refusal:
        return _page(request, known, form, status=refusal.status, wrong=said(refusal))
    lines = _lines(answer)
    main = next((line for line in lines if line[0] in MAIN), lines[0])
    return _page(
        request, known, form, answer=answer, main=main, lines=[line for line in lines if line is not main]
    )


def _lines(answer: Any) -> list[tuple[str, str, str]]:
    """The results as (name, title, text)."""
    lines: list[tuple[str, str, str]] = []
    for name, field in type(answer).model_fields.items():
        if name in QUIET:
            continue
        value = getattr(answer, name)
        title = _(field.title or name)
        if name == "additions":
            lines.extend((name, _(one.name), one.amount) for one in value)
        elif value is True or value is False:
            lines.append((name, title, _("是") if value else _("否")))
        elif name == "area" and codes.known("area", str(value)):
            lines.append((name, title, codes.full_name(str(value))))
        elif name == "age":
            lines.append(
                (name, title, _("{years} 岁 {months} 个月").format(years=value.years, months=value.months))
            )
        elif value not in (None, "", ()):
            lines.append((name, title, _(str(value))))
    return lines
