"""Paying by the demo bank: the same form for employers and persons; pressing twice is pressing once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from fastapi.responses import RedirectResponse, Response

from backend.kernel.db import Runner
from backend.kernel.errors import Refusal
from backend.kernel.items import find, perform
from backend.kernel.money import Money
from backend.levy.schema import Bills
from portal.forms import Form
from portal.language import said

WHOSE = frozenset({"uscc", "ident"})
Show = Callable[..., Response]


def blank(code: str, bills: Bills) -> Form[Any]:
    """The whole of what is owed stands in the field; a part is typed over it."""
    return Form(find(code).asks, {"amount_fen": Money(bills.settle_fen).text}, hidden=WHOSE)


def pay(
    run: Runner, code: str, typed: Mapping[str, str], whose: Mapping[str, str], show: Show, to: str
) -> Response:
    """Pay and go to the receipts; what is wrong is shown where it was typed (`show(status, pay=…, wrong=…)`)."""
    form = Form(find(code).asks, typed, hidden=WHOSE)
    key = form["request_id"][:64] or uuid4().hex
    cmd = form.parse(**whose)
    if cmd is None:
        return show(form.status, pay=form, key=key)
    try:
        done: Any = perform(run, find(code), cmd, key)
    except Refusal as refusal:
        return show(refusal.status, pay=form, wrong=said(refusal))
    return RedirectResponse(f"{to}?paid={done.reference}", 303)
