"""Service items 业务事项 and questions: one decorator puts a command in the catalogue; every face comes from it.

API, counter form, batch, review, audit and guide all read the same `Item`. Who may do what is checked here,
in one place, before any command runs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from inspect import signature
from typing import Any, TypeVar, get_type_hints

from pydantic import BaseModel
from sqlalchemy import String, bindparam, delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from backend.kernel import audit, cases
from backend.kernel.actor import Actor, Kind, Permission
from backend.kernel.db import Base, Runner, Uow, on_behalf
from backend.kernel.errors import Forbidden, NotFound, NotLetIn, Refusal
from backend.kernel.legible import legible

F = TypeVar("F", bound=Callable[..., Any])
REQUESTS_KEPT = timedelta(days=30)  # a command may be sent again so long
OWN = {Kind.CITIZEN: "ident", Kind.EMPLOYER: "uscc"}
LONGEST_ID = 64  # characters of a request id


class RequestReused(Refusal):
    """这个请求号已经用在另一件事上，请刷新页面后重新办理。"""


class RequestIdTooLong(Refusal):
    """请求号或者批次号太长，最多 {most} 个字，没有办理。请换一个短的。"""

    status = 422


class NotYours(Forbidden):
    """您只能办理自己的业务，请核对号码。"""


@dataclass(frozen=True)
class Guide:
    """办事指南: what a person needs to know before coming."""

    what: str
    who: str
    bring: tuple[str, ...] = ()
    days: str = "当场办结"
    law: str = ""


@dataclass(frozen=True)
class Item:
    """One command or question and everything its faces need to know."""

    code: str
    title: str
    run: Callable[[Uow, Any], BaseModel]
    asks: type[BaseModel]
    answers: type[BaseModel]
    may: Permission | None
    by: frozenset[Kind]
    review: int
    guide: Guide | None
    question: bool
    ready: Callable[[Uow, Any], object] | None = None  # refuses at once what could not be done after review

    def open_to(self, actor: Actor) -> bool:
        """Whether this actor may ask at all (whose data it is, is checked with the command in hand)."""
        if actor.kind is Kind.SYSTEM or Kind.ANYONE in self.by:
            return True
        if actor.kind is Kind.OFFICER:
            return self.may is not None and actor.may(self.may)
        return actor.kind in self.by


@dataclass(frozen=True)
class Filed:
    """The command waits for review under this number."""

    case_no: int
    need: int


class Request(Base):
    """A request id that has been used, and the answer it was given."""

    __tablename__ = "request"
    __table_args__ = ({"schema": "kernel"},)
    id: Mapped[str] = mapped_column(String(LONGEST_ID), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    answer: Mapped[dict[str, Any] | None]


TABLE = Base.metadata.tables["kernel.request"]
CLAIM = insert(TABLE).on_conflict_do_nothing().returning(TABLE.c.id)
KEEP = (  # as text: an update would take the values of the audit's row for its own
    text("update kernel.request set answer = :kept where id = :claimed returning id")
    .bindparams(bindparam("kept", type_=TABLE.c.answer.type))
    .columns(TABLE.c.id)
)
CLOSE = audit.ADD.add_cte(KEEP.cte("keeping"))

CATALOGUE: dict[str, Item] = {}


def item(
    code: str,
    title: str,
    *,
    may: Permission | None = None,
    by: Iterable[Kind] = (),
    review: int = 0,
    guide: Guide | None = None,
    ready: Callable[[Uow, Any], object] | None = None,
) -> Callable[[F], F]:
    """Put a command `def do(uow, cmd: Schema) -> Answer` in the catalogue.

    may: what an officer needs; by: which others may ask, for themselves only; review: how many other
    persons must approve before it happens; ready: what is asked before it is filed for review, so that nobody
    waits for what must be refused (the command asks it again when it happens).
    """
    return _enter(code, title, may, by, review, guide, question=False, ready=ready)


def question(
    code: str, title: str, *, may: Permission | None = None, by: Iterable[Kind] = ()
) -> Callable[[F], F]:
    """Put a question `def ask(uow, ask: Schema) -> View` in the catalogue; it changes nothing."""
    return _enter(code, title, may, by, 0, None, question=True)


def _enter(
    code: str,
    title: str,
    may: Permission | None,
    by: Iterable[Kind],
    review: int,
    guide: Guide | None,
    *,
    question: bool,
    ready: Callable[[Uow, Any], object] | None = None,
) -> Callable[[F], F]:
    def enter(function: F) -> F:
        hints = get_type_hints(function)
        asked = list(signature(function).parameters)[1]
        if code in CATALOGUE:
            raise ValueError(f"{code} is in the catalogue already: {CATALOGUE[code].title}")
        if review and set(by) - {Kind.EMPLOYER}:
            raise ValueError(f"{code}: only what an officer or an employer files can wait for review")
        CATALOGUE[code] = Item(
            code=code,
            title=title,
            run=function,
            asks=hints[asked],
            answers=hints["return"],
            may=may,
            by=frozenset(by),
            review=review,
            guide=guide,
            question=question,
            ready=ready,
        )
        return function

    return enter


def find(code: str) -> Item:
    try:
        return CATALOGUE[code]
    except KeyError:
        raise NotFound(what=f"事项 {code[:20]}") from None


def authorise(known: Item, actor: Actor, command: BaseModel) -> None:
    """Refuse what this actor may not ask; the area is the database's to check (row security)."""
    if not known.open_to(actor):
        raise Forbidden
    field = OWN.get(actor.kind)
    if field and field in type(command).model_fields and getattr(command, field) != actor.subject:
        raise NotYours


def perform(run: Runner, known: Item, command: BaseModel, request_id: str | None = None) -> BaseModel | Filed:
    """Do the item once: the same request id gives the same answer and nothing happens again."""
    legible(command)
    try:
        return run(_perform, known, command, request_id)
    except Refusal as refusal:
        if _is_noted(run, known, refusal):
            run(_note_refusal, known, command, request_id, refusal)
        raise


def _is_noted(run: Runner, known: Item, refusal: Refusal) -> bool:
    """Passers-by fill no book that nobody may prune, nor does a machine that is not ours."""
    return not known.question and run.actor.kind is not Kind.ANYONE and not isinstance(refusal, NotLetIn)


def _perform(uow: Uow, known: Item, command: BaseModel, request_id: str | None) -> BaseModel | Filed:
    if known.question:
        return answer(uow, known, command)
    authorise(known, uow.actor, command)
    if request_id and (earlier := _claim(uow, known, command, request_id)) is not None:
        return _restore(known, earlier)
    changes = audit.watch(uow.session)
    done: BaseModel | Filed
    if known.review and uow.actor.kind is not Kind.SYSTEM:
        if known.ready:
            known.ready(uow, command)
        case = cases.file(uow, known.code, subject(command), _plain(command), known.review)
        done, case_no, outcome = Filed(case.no, known.review), case.no, "filed"
    else:
        done, case_no, outcome = known.run(uow, command), None, "done"
        uow.session.flush()
    kept = {"claimed": request_id, "kept": _kept(done)} if request_id else {}
    audit.write(
        uow,
        known.code,
        subject=subject(command),
        outcome=outcome,
        command=_plain(command),
        changes=changes,
        request_id=request_id,
        case_no=case_no,
        how=CLOSE if kept else audit.ADD,
        **kept,
    )
    return done


def answer(uow: Uow, known: Item, ask: BaseModel) -> BaseModel:
    """The answer to a question, inside a unit of work that may ask several. An officer's reading leaves a trace."""
    authorise(known, uow.actor, ask)
    found = known.run(uow, ask)
    if uow.actor.kind is Kind.OFFICER:
        audit.write(uow, known.code, subject=subject(ask), outcome="read", command=_plain(ask))
    return found


def subject(command: BaseModel) -> str:
    """Whom the command is about."""
    for name in ("ident", "uscc", "order", "visit", "vacancy", "no"):
        value = getattr(command, name, None)
        if value:
            return str(value)
    return ""


def _plain(command: BaseModel) -> dict[str, Any]:
    """For the audit: secrets (SecretStr) show as stars."""
    return command.model_dump(mode="json")


def _digest(known: Item, actor: Actor, command: BaseModel) -> str:
    text = json.dumps([known.code, actor.id, _plain(command)], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _claim(uow: Uow, known: Item, command: BaseModel, request_id: str) -> dict[str, Any] | None:
    """Take the request id, or give back the answer it got. Another one in flight is waited for."""
    if len(request_id) > LONGEST_ID:
        raise RequestIdTooLong(most=LONGEST_ID)
    digest = _digest(known, uow.actor, command)
    claim = {"id": request_id, "digest": digest, "at": uow.now}
    taken = uow.session.connection().execute(CLAIM, claim).scalar()
    if taken:
        return None
    earlier = uow.session.scalars(select(Request).where(Request.id == request_id)).one()
    if earlier.digest != digest:
        raise RequestReused
    return earlier.answer or {}


def _kept(done: BaseModel | Filed) -> dict[str, Any]:
    """An answer as it is kept, for whoever sends the command again."""
    if isinstance(done, Filed):
        return {"filed": [done.case_no, done.need]}
    return {"answer": done.model_dump(mode="json")}


def _restore(known: Item, kept: Mapping[str, Any]) -> BaseModel | Filed:
    if "filed" in kept:
        return Filed(*kept["filed"])
    return known.answers.model_validate(kept["answer"])


def forget(uow: Uow) -> None:
    """Requests so old that nobody sends them again."""
    uow.session.execute(delete(Request).where(Request.at < uow.now - REQUESTS_KEPT))


def _note_refusal(
    uow: Uow, known: Item, command: BaseModel, request_id: str | None, refusal: Refusal
) -> None:
    audit.write(
        uow,
        known.code,
        subject=subject(command),
        outcome=f"refused:{refusal.code}",
        command=_plain(command),
        request_id=request_id,
    )


# ---- review: the command of a case happens when enough others have approved ----


def decide(uow: Uow, no: int, decision: str, note: str) -> tuple[cases.Case, list[cases.Look]]:
    """Approve or refuse a case; the last approval carries the command out, in this same transaction. What was said of
    the case comes back with it."""
    case = cases.waiting(uow, no)
    known = find(case.item)
    said = cases.look(uow, case, decision, note)
    approved = tuple(one.officer for one in said if one.decision == "approved")
    if decision == "refused":
        cases.close(uow, case, "refused")
    elif len(approved) >= case.need:
        cases.close(uow, case, "done", _carry_out(uow, known, case, approved))
    return case, said


def _carry_out(uow: Uow, known: Item, case: cases.Case, approved: tuple[str, ...]) -> dict[str, Any]:
    """Do it as its maker, who sees what the maker may see, with a row of its own in the audit."""
    command = known.asks.model_validate(case.command)
    changes = audit.watch(uow.session)
    with on_behalf(uow, cases.maker_of(case), approved, case.opened_at) as maker:
        answer = known.run(maker, command)
        uow.session.flush()
        audit.write(
            maker,
            known.code,
            subject=case.subject,
            outcome="done",
            command=_plain(command),
            changes=changes,
            case_no=case.no,
        )
    return answer.model_dump(mode="json")
