"""Checking a certificate 证明查验: by its code, open to anybody, showing no more than a holder is recognised by."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi import Query as Asked
from fastapi.responses import Response

from backend.http import Run
from backend.kernel.errors import Refusal
from backend.kernel.items import find, perform
from portal.forms import Form
from portal.language import said
from portal.render import page

router = APIRouter()


@router.get("/verify")
def verify(
    request: Request, run: Run, code: Annotated[str, Asked(max_length=60, title="验证码")] = ""
) -> Response:
    known = find("LEV-Q10")
    form: Form[Any] = Form(known.asks, {"code": code} if code.strip() else {})
    cmd = form.parse() if code.strip() else None
    if cmd is None:
        return _page(request, form, form.status)
    try:
        return _page(request, form, one=perform(run, known, cmd))
    except Refusal as refusal:
        return _page(request, form, refusal.status, wrong=said(refusal))


def _page(request: Request, form: Form[Any], status: int = 200, **more: Any) -> Response:
    told = {"one": None, "wrong": ""} | more
    return page(request, "verify.html", status=status, form=form, **told)
