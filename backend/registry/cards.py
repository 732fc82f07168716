"""Cards 社会保障卡: which card of a person serves, and which deed may follow on which state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow
from backend.kernel.errors import NotFound, Refusal
from backend.kernel.items import Guide, item
from backend.registry.finding import person
from backend.registry.model import Card, Person
from backend.registry.persons import AlreadyRegistered, WrongDay
from backend.registry.rules import CARD_LIVES, DEEDS, card_after
from backend.registry.schema import (
    CARD_STATUS,
    CardChanged,
    IssueCard,
    ReportLoss,
)


class HolderDead(Refusal):
    """{name}已经登记去世，不能办理社会保障卡业务；登记错了的，请先办“死亡登记撤销”（REG-23）。"""


class CardExists(Refusal):
    """{name} 已经有一张正常使用的社会保障卡（尾号 {tail}），请先挂失或注销。"""


class NoCard(Refusal):
    """没有找到您正在使用的社会保障卡；如果卡已经挂失，请办理补卡。"""

    status = 404


class CardNotNow(Refusal):
    """尾号 {tail} 的社会保障卡现在是“{status}”，不能{deed}，没有办理。{advice}"""


ADVICE = {
    "inactive": "请本人先办理启用。",
    "active": "这张卡可以正常使用。",
    "suspended": "找到了卡请解挂；找不到请办理正式挂失。",
    "lost": "找到了卡，请本人带身份证和卡到柜台解挂；找不到请申请补卡。",
    "frozen": "这张卡可能被人复制过，您的钱是安全的。请本人带身份证和卡到柜台核查、换卡。",
    "replaced": "请使用新卡。",
    "cancelled": "需要用卡的，请重新申领。",
}


@dataclass(frozen=True)
class CardMoved:
    """A card went from one state into another (`before` empty: it came to be), by which deed and whose word."""

    card_id: int
    person_id: int
    before: str
    after: str
    deed: str
    note: str
    evidence: str | None


@item("CRD-01", "社会保障卡发卡登记", may=Permission.CARD_MANAGE)
def issue_card(uow: Uow, cmd: IssueCard) -> CardChanged:
    who = person(uow, cmd.ident, lock=True)
    require_alive(who)
    if cmd.expires <= cmd.issued:
        raise WrongDay(what="有效期", limit=cmd.issued)
    if held := serving_card(uow, who.id):
        raise CardExists(name=who.name, tail=held.card_no[-4:])
    row = add_card(uow, who.id, Card(**cmd.model_dump(exclude={"ident"}), area=cmd.card_code[:6]))
    return card_changed(row)


@item(
    "CRD-02",
    "社会保障卡挂失",
    may=Permission.CARD_MANAGE,
    by=(Kind.CITIZEN,),
    guide=Guide(
        what="卡丢了先挂失，卡片立刻停用；账户和待遇不受影响，可以改由银行发放。正式挂失没有期限：找到卡到柜台解挂，找不到就补卡。",
        who="持卡人本人",
        bring=("居民身份证",),
        law="社会保险经办条例 第七条；人社部发〔2011〕47号",
    ),
)
def report_loss(uow: Uow, cmd: ReportLoss) -> CardChanged:
    who = person(uow, cmd.ident, lock=True)
    held = living_card(uow, who.id)
    if held is None or held.status == "lost":
        raise NoCard
    move_card(uow, held, "report_loss")
    return card_changed(held)


def require_alive(who: Person) -> None:
    if who.died is not None:
        raise HolderDead(name=who.name)


def living_card(uow: Uow, person_id: int) -> Card | None:
    """The card a person means by "my card": the one that serves, else one that may serve again. To be changed."""
    rows = uow.session.scalars(
        select(Card).where(Card.person_id == person_id, Card.status.in_(CARD_LIVES)).with_for_update(of=Card)
    ).all()
    return min(rows, key=lambda row: (CARD_LIVES.index(row.status), -row.id), default=None)


def numbered_card(uow: Uow, person_id: int, card_no: str) -> Card:
    """One card of a person, to be changed."""
    found = select(Card).where(Card.person_id == person_id, Card.card_no == card_no)
    row = uow.session.scalar(found.with_for_update(of=Card))
    if row is None:
        raise NotFound(what=f"卡号 {card_no} 的社会保障卡")
    return row


def cards_of(uow: Uow, person_id: int, *, lock: bool = False) -> list[Card]:
    """All of a person's cards, the newest first."""
    rows = select(Card).where(Card.person_id == person_id).order_by(Card.id.desc())
    return list(uow.session.scalars(rows.with_for_update(of=Card) if lock else rows))


def add_card(
    uow: Uow,
    person_id: int,
    row: Card,
    deed: str = "register",
    *,
    note: str = "",
    evidence: str | None = None,
) -> Card:
    """A card comes to be: registered as it serves already, or handed out and still to be activated."""
    taken = select(Card.id).where((Card.card_no == row.card_no) | (Card.card_code == row.card_code))
    if uow.session.scalar(taken):
        raise AlreadyRegistered(what=f"社会保障卡 {row.card_no} ")
    row.person_id, row.status = person_id, card_after(deed, "") or ""
    uow.session.add(row)
    uow.session.flush()
    uow.emit(CardMoved(row.id, person_id, "", row.status, deed, note, evidence))
    return row


def move_card(
    uow: Uow,
    row: Card,
    deed: str,
    *,
    until: date | None = None,
    note: str = "",
    evidence: str | None = None,
) -> None:
    """The one way a card gets into another state; whoever keeps its life hears of it. `until`: how long it rests."""
    after = card_after(deed, row.status)
    if after is None:
        raise CardNotNow(
            tail=row.card_no[-4:],
            status=CARD_STATUS[row.status],
            deed=DEEDS[deed],
            advice=ADVICE[row.status],
        )
    _put(uow, row, after, deed, until=until, note=note, evidence=evidence)


def put_back(uow: Uow, row: Card, status: str, deed: str, *, until: date | None, note: str) -> None:
    """A card is again what it was before it was cancelled by mistake, or lost."""
    _put(uow, row, status, deed, until=until, note=note, evidence=None)


def _put(
    uow: Uow, row: Card, after: str, deed: str, *, until: date | None, note: str, evidence: str | None
) -> None:
    if after == "active":
        held = serving_card(uow, row.person_id)
        if held and held.id != row.id:
            raise AnotherServes(tail=held.card_no[-4:])
    before, row.status, row.suspended_until = row.status, after, until
    uow.session.flush()
    uow.emit(CardMoved(row.id, row.person_id, before, after, deed, note, evidence))


class AnotherServes(Refusal):
    """已经有一张正常使用的社会保障卡（尾号 {tail}），一个人同时只有一张卡能用。请使用那张卡，这张交回柜台。"""


def freeze_card(uow: Uow, card_id: int) -> None:
    """Somebody may have a second card like it: it serves nobody until it is replaced. Money owed stays owed."""
    held = uow.session.get_one(Card, card_id, with_for_update=True)
    if held.status == "active":
        move_card(uow, held, "freeze")


def serving_card(uow: Uow, person_id: int) -> Card | None:
    """The one card with which a person collects, if any."""
    return uow.session.scalar(select(Card).where(Card.person_id == person_id, Card.status == "active"))


def card_changed(row: Card) -> CardChanged:
    return CardChanged(card_no=row.card_no, status=row.status, status_name=CARD_STATUS[row.status])
