"""Messages 站内消息: what a person is told, and that they have read it."""

from __future__ import annotations

from sqlalchemy import func, select, update

from backend.employment.model import Message
from backend.employment.schema import AskMine, Messages, MessageView, ReadMessages, Unread
from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow
from backend.kernel.items import item, question
from backend.registry import service as registry

SHOWN = 100


def write(uow: Uow, person_id: int, title: str, body: str, vacancy: str = "") -> None:
    """Leave a message for a person, in the transaction of what it tells of."""
    uow.session.add(
        Message(person_id=person_id, at=uow.now, title=title, body=body, vacancy=vacancy, read_at=None)
    )


@question("EMP-Q4", "我的消息", may=Permission.EMPLOYMENT_READ, by=(Kind.CITIZEN,))
def mine(uow: Uow, ask: AskMine) -> Messages:
    return _of(uow, registry.person(uow, ask.ident).id)


@question("EMP-Q10", "未读消息数", by=(Kind.CITIZEN,))
def unread(uow: Uow, ask: AskMine) -> Unread:
    return Unread(unread=_unread(uow, registry.person(uow, ask.ident).id))


@item("EMP-14", "消息已读", by=(Kind.CITIZEN,))
def read(uow: Uow, cmd: ReadMessages) -> Messages:
    who = registry.person(uow, cmd.ident)
    uow.session.execute(
        update(Message)
        .where(Message.person_id == who.id, Message.id <= cmd.until, Message.read_at.is_(None))
        .values(read_at=uow.now)
        .execution_options(synchronize_session=False)
    )
    return _of(uow, who.id)


def _of(uow: Uow, person_id: int) -> Messages:
    rows = uow.session.execute(
        select(Message.id, Message.at, Message.title, Message.body, Message.vacancy, Message.read_at)
        .where(Message.person_id == person_id)
        .order_by(Message.id.desc())
        .limit(SHOWN)
    )
    return Messages(
        unread=_unread(uow, person_id),
        messages=tuple(
            MessageView(id=id, at=at, title=title, body=body, vacancy=vacancy, read=read_at is not None)
            for id, at, title, body, vacancy, read_at in rows
        ),
    )


def _unread(uow: Uow, person_id: int) -> int:
    counted = select(func.count()).where(Message.person_id == person_id, Message.read_at.is_(None))
    return uow.session.scalar(counted) or 0
