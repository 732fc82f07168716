"""Session: who is signed in, and asking the backend on their behalf."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Request
from pydantic import BaseModel

from backend.http import Run
from backend.kernel import items
from backend.kernel.actor import Kind
from backend.kernel.db import Runner, Uow
from backend.kernel.errors import Forbidden, Refusal
from backend.kernel.sentences import read

GONE = 404


class SignInFirst(Exception):
    """The page needs somebody; `next` is where they wanted to go."""

    def __init__(self, next: str) -> None:
        super().__init__(next)
        self.next = next

    @property
    def where(self) -> str:
        return f"/sign-in?next={quote(self.next, safe='')}"


KINDS = {Kind.CITIZEN: "个人", Kind.EMPLOYER: "单位", Kind.OFFICER: "工作人员"}


class SignedInOtherwise(Forbidden):
    """这里要用{wanted}的身份办理，您现在是以{mine}的身份登录的。请先退出，再用{wanted}的号码登录。"""


def need(run: Runner, kind: Kind, next: str) -> None:
    """Nobody yet: sign in and come back to `next`. Somebody of another kind: signing in again leads nowhere."""
    mine = run.actor.kind
    if mine is kind:
        return
    if mine in KINDS:
        raise SignedInOtherwise(wanted=KINDS[kind], mine=KINDS[mine])
    raise SignInFirst(next)


def ask(run: Runner, code: str, /, **fields: Any) -> Any:
    """The answer to a question or the result of an item, by its code, checked like every other face."""
    known = items.find(code)
    return items.perform(run, known, read(known.asks, fields))


def together(run: Runner, *questions: tuple[str, dict[str, Any]]) -> list[Any]:
    """The answers to several questions in one unit of work; None for what is not there."""
    asked = [(known, read(known.asks, fields)) for code, fields in questions for known in (items.find(code),)]
    return run(lambda uow: [_answer(uow, known, wanted) for known, wanted in asked])


def _answer(uow: Uow, known: items.Item, wanted: BaseModel) -> BaseModel | None:
    if not known.question:
        raise ValueError(
            f"{known.code} is no question: what changes something stands in a unit of work alone"
        )
    try:
        return items.answer(uow, known, wanted)
    except Refusal as refusal:
        if refusal.status != GONE:
            raise
        return None


def _needs(kind: Kind) -> Any:
    def needed(request: Request, run: Run) -> Runner:
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        need(run, kind, target if request.method == "GET" else request.url.path)
        return run

    return needed


Citizen = Annotated[Runner, Depends(_needs(Kind.CITIZEN))]
Employer = Annotated[Runner, Depends(_needs(Kind.EMPLOYER))]
Officer = Annotated[Runner, Depends(_needs(Kind.OFFICER))]
HOME = {Kind.CITIZEN: "/account", Kind.EMPLOYER: "/employer", Kind.OFFICER: "/desk"}


def inside(next: str) -> str:
    """Only addresses of our own: a link in a mail must not lead away through our sign-in."""
    return next if next.startswith("/") and not next.startswith(("//", "/\\")) else ""
