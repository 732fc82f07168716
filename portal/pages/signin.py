"""Signing in and out. The cookie carries an opaque token; only its hash is kept.

Where a session has ended under a form, what was typed goes through the sign-in page and back to the same person.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import SecretStr

from backend.http import SESSION_COOKIE, Run
from backend.kernel import auth
from backend.kernel.actor import Actor
from backend.kernel.errors import Refusal
from backend.kernel.sentences import Invalid, read
from backend.kernel.settings import settings
from portal.forms import Typed
from portal.language import said, said_fields
from portal.render import page
from portal.session import HOME, SignInFirst, inside

router = APIRouter()
WHOSE_COOKIE = "whose"  # says whom a form in this browser was last shown to; nothing can be done with it
KEPT = "kept."
SECRET = {"password"}
LARGEST = 100_000  # characters that travel through the sign-in page


def _whose(actor: Actor) -> str:
    return hashlib.sha256(actor.id.encode()).hexdigest()[:16]


async def sign_in_first(request: Request, error: Exception) -> Response:
    """To the sign-in page; what a form was sending comes along, to be sent on after signing in."""
    assert isinstance(error, SignInFirst)  # noqa: S101 - Starlette's signature is wider than what it sends
    if request.method != "POST":
        return RedirectResponse(error.where, 303)
    form = await request.form()
    texts = {name: value for name, value in form.items() if isinstance(value, str) and name not in SECRET}
    whole = len(texts) + len(SECRET & form.keys()) == len(form) and sum(map(len, texts.values())) <= LARGEST
    whose = request.cookies.get(WHOSE_COOKIE, "")
    kept = {KEPT + name: value for name, value in texts.items()} if whole and whose else {}
    send = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return _page(request, status=401, next=_came_from(request), send=send, whose=whose, kept=kept, ended=True)


def _came_from(request: Request) -> str:
    """The page of ours that the form stood on."""
    try:
        told = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return ""
    if told.netloc != request.headers.get("host"):
        return ""
    return inside(told.path + (f"?{told.query}" if told.query else ""))


def _page(request: Request, status: int = 200, **more: Any) -> Response:
    told: dict[str, Any] = {
        **{"name": "", "next": "", "wrong": "", "fields": {}},
        **{"send": "", "whose": "", "kept": {}, "ended": False},
    }
    return page(request, "sign_in.html", status=status, **told | more)


@router.get("/sign-in")
def blank(request: Request, run: Run, next: str = "") -> Response:
    if run.actor.kind in HOME:
        return RedirectResponse(inside(next) or HOME[run.actor.kind], 303)
    return _page(request, next=inside(next))


@router.post("/sign-in")
def sign_in(
    request: Request,
    run: Run,
    typed: Typed,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "",
    send: Annotated[str, Form()] = "",
    whose: Annotated[str, Form()] = "",
) -> Response:
    kept = {field: value for field, value in typed.items() if field.startswith(KEPT)}

    def again(refusal: Refusal) -> Response:
        fields = said_fields(refusal) if isinstance(refusal, Invalid) else {}
        along = {"send": inside(send), "whose": whose, "kept": kept}
        return _page(
            request,
            status=refusal.status,
            name=name,
            next=inside(next),
            wrong=said(refusal),
            fields=fields,
            **along,
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
    answer: Response = RedirectResponse(target, 303)
    if actor and kept and inside(send) and whose == _whose(actor):
        request.state.actor = actor
        fields = [(field.removeprefix(KEPT), value) for field, value in kept.items()]
        answer = page(request, "resume.html", send=inside(send), fields=fields, back=target)
    _remember(answer, token, actor)
    return answer


def _remember(answer: Response, token: str, actor: Actor | None) -> None:
    for name, value in ((SESSION_COOKIE, token), (WHOSE_COOKIE, _whose(actor) if actor else "")):
        answer.set_cookie(
            name, value, httponly=True, samesite="lax", secure=settings().secure_cookies, path="/"
        )


@router.post("/sign-out")
def sign_out(request: Request, run: Run) -> Response:
    if token := request.cookies.get(SESSION_COOKIE):
        run.system(auth.sign_out, token)
    answer = RedirectResponse("/", 303)
    for name in (SESSION_COOKIE, WHOSE_COOKIE):
        answer.delete_cookie(name, path="/")
    return answer
