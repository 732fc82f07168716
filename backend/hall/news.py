"""Messages 消息 at a kiosk: answers to applications, notices to pay, and money that came, the newest first."""

from __future__ import annotations

from collections.abc import Iterator

from backend.employment import service as employment
from backend.employment.schema import AskMine, Messages, ReadMessages
from backend.hall.schema import AskNews, News, NewsRead, NewsRow, ReadNews
from backend.hall.visitor import visitor
from backend.kernel.actor import Kind
from backend.kernel.clock import CHINA
from backend.kernel.db import Uow
from backend.kernel.items import item, question
from backend.levy import service as levy
from backend.levy.noticed import AskPersonNotices
from backend.payout import service as payout

MOST = 24  # six screens of four
PAID = {"collected", "paid"}  # drawn by card, or sent and not returned


@question("KSK-Q5", "自助机消息", by=(Kind.KIOSK,))
def news(uow: Uow, ask: AskNews) -> News:
    who = visitor(uow, ask.visit).holder
    told = employment.messages(uow, AskMine(ident=who.ident))
    rows = [*_answers(told), *_notices(uow, who.ident), *_money(uow, who.id)]
    rows.sort(key=lambda one: (one.on, one.id), reverse=True)
    return News(unread=told.unread, rows=tuple(rows[:MOST]))


def _answers(told: Messages) -> Iterator[NewsRow]:
    for one in told.messages[:MOST]:
        on = one.at.astimezone(CHINA).date()
        yield NewsRow(kind="application", on=on, id=one.id, title=one.title, body=one.body, read=one.read)


def _notices(uow: Uow, ident: str) -> Iterator[NewsRow]:
    for one in levy.notices_of_person(uow, AskPersonNotices(ident=ident)).notices[:MOST]:
        yield NewsRow(
            kind="notice", on=one.issued_on, amount_fen=one.left_fen, state=one.state, pay_by=one.pay_by
        )


def _money(uow: Uow, person_id: int) -> Iterator[NewsRow]:
    for one in payout.of_person(uow, person_id, MOST):
        if one.state in PAID and one.settled_on is not None:
            yield NewsRow(
                kind="money",
                on=one.settled_on,
                item=one.item,
                month=one.month,
                amount_fen=one.amount_fen,
                state=one.state,
            )


@item("KSK-04", "自助机消息已读", by=(Kind.KIOSK,))
def read_news(uow: Uow, cmd: ReadNews) -> NewsRead:
    who = visitor(uow, cmd.visit).holder
    left = employment.read_messages(uow, ReadMessages(ident=who.ident, until=cmd.until))
    return NewsRead(unread=left.unread)
