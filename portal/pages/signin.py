"""Signing in and out. The cookie carries an opaque token; only its hash is kept."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import SecretStr

from backend.http import SESSION_COOKIE, Run
from backend.kernel import auth
from backend.kernel.errors import Refusal
from backend.kernel.sentences import Invalid, read
from backend.kernel.settings import settings
from portal.language import said, said_fields
from portal.render import page
from portal.session import HOME, inside

router = APIRouter()


@router.get("/sign-in")
def blank(request: Request, run: Run, next: str = "") -> Response:
    if run.actor.kind in HOME:
        return RedirectResponse(inside(next) or HOME[run.actor.kind], 303)
    return page(request, "sign_in.html", name="", next=inside(next), wrong="", fields={})


@router.post("/sign-in")
def sign_in(
    request: Request,
    run: Run,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "",
) -> Response:
    def again(refusal: Refusal) -> Response:
        fields = said_fields(refusal) if isinstance(refusal, Invalid) else {}
        return page(
            request,
            "sign_in.html",
            status=refusal.status,
            name=name,
            next=inside(next),
            wrong=said(refusal),
            fields=fields,
        )

    try:
        cmd = read(auth.SignIn, {"name": name.strip(), "password": SecretStr(password)})
    except Refusal as refusal:
        return again(refusal)
    address = request.client.host if request.client else ""
    token = run.system(auth.check_password, cmd, address)
    if isinstance(token, Refusal):
        return again(token)
    actor = run.system(auth.who, token)
    target = inside(next) or (HOME[actor.kind] if actor else "/")
    answer = RedirectResponse(target, 303)
    answer.set_cookie(
        SESSION_COOKIE, token, httponly=True, samesite="lax", secure=settings().secure_cookies, path="/"
    )
    return answer


@router.post("/sign-out")
def sign_out(request: Request, run: Run) -> Response:
    if token := request.cookies.get(SESSION_COOKIE):
        run.system(auth.sign_out, token)
    answer = RedirectResponse("/", 303)
    answer.delete_cookie(SESSION_COOKIE, path="/")
    return answer
