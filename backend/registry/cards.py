"""Cards 社会保障卡: issued, lost."""

from __future__ import annotations

from sqlalchemy import select

from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.registry.finding import person
from backend.registry.model import Card
from backend.registry.persons import AlreadyRegistered, WrongDay
from backend.registry.schema import (
    CARD_STATUS,
    CardChanged,
    IssueCard,
    ReportLoss,
)


class CardExists(Refusal):
    """{name} 已经有一张正常使用的社会保障卡（尾号 {tail}），请先挂失或注销。"""


class NoCard(Refusal):
    """没有找到您正在使用的社会保障卡；如果卡已经挂失，请办理补卡。"""

    status = 404


@item("CRD-01", "社会保障卡发卡登记", may=Permission.CARD_MANAGE)
def issue_card(uow: Uow, cmd: IssueCard) -> CardChanged:
    who = person(uow, cmd.ident, lock=True)
    if cmd.expires <= cmd.issued:
        raise WrongDay(what="有效期", limit=cmd.issued)
    if held := _active_card(uow, who.id):
        raise CardExists(name=who.name, tail=held.card_no[-4:])
    if uow.session.scalar(
        select(Card.id).where((Card.card_no == cmd.card_no) | (Card.card_code == cmd.card_code))
    ):
        raise AlreadyRegistered(what=f"社会保障卡 {cmd.card_no} ")
    row = Card(**cmd.model_dump(exclude={"ident"}), person_id=who.id, area=cmd.card_code[:6])
    uow.session.add(row)
    uow.session.flush()
    return _card_changed(row)


@item(
    "CRD-02",
    "社会保障卡挂失",
    may=Permission.CARD_MANAGE,
    by=(Kind.CITIZEN,),
    guide=Guide(
        what="卡丢了先挂失，卡片立刻停用；账户和待遇不受影响，可以改由银行发放。",
        who="持卡人本人",
        bring=("居民身份证",),
        law="社会保险经办条例 第七条",
    ),
)
def report_loss(uow: Uow, cmd: ReportLoss) -> CardChanged:
    who = person(uow, cmd.ident, lock=True)
    held = _active_card(uow, who.id)
    if held is None:
        raise NoCard
    held.status = "lost"
    return _card_changed(held)


def freeze_card(uow: Uow, card_id: int) -> None:
    """Somebody may have a second card like it: it serves nobody until it is replaced. Money owed stays owed."""
    held = uow.session.get_one(Card, card_id, with_for_update=True)
    if held.status == "active":
        held.status = "frozen"
    uow.session.flush()


def _active_card(uow: Uow, person_id: int) -> Card | None:
    return uow.session.scalar(select(Card).where(Card.person_id == person_id, Card.status == "active"))


def _card_changed(row: Card) -> CardChanged:
    return CardChanged(card_no=row.card_no, status=row.status, status_name=CARD_STATUS[row.status])
