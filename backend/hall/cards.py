"""One's own cards at a kiosk, and reporting one of them lost: this one, or another that is still in use."""

from __future__ import annotations

import hashlib

from backend.hall.refusals import CannotBeLost, OtherCard
from backend.hall.schema import AskCards, CardLost, CardRow, Cards, LoseCard
from backend.hall.visitor import visitor
from backend.kernel.actor import Kind
from backend.kernel.db import Uow
from backend.kernel.items import Guide, item, question
from backend.registry import service as registry
from backend.registry.schema import AskPerson, CardView, ReportLoss

IN_USE = "active"


@question("KSK-Q3", "自助机我的社会保障卡", by=(Kind.KIOSK,))
def cards(uow: Uow, ask: AskCards) -> Cards:
    held = visitor(uow, ask.visit)
    return Cards(cards=tuple(_row(ask.visit, card, held) for card in _own(uow, held)))


@item(
    "KSK-02",
    "自助机挂失",
    by=(Kind.KIOSK,),
    guide=Guide(
        what="在自助机上插卡、输密码，挂失自己名下的社会保障卡，卡片立刻停用；账户和待遇不受影响。卡已经不在手上的，"
        "请在网上、打电话或者到柜台挂失。",
        who="持卡人本人",
        bring=("社会保障卡",),
        law="社会保险经办条例 第七条",
    ),
)
def lose_card(uow: Uow, cmd: LoseCard) -> CardLost:
    held = visitor(uow, cmd.visit)
    chosen = next((one for one in _own(uow, held) if _mark(cmd.visit, one) == cmd.card), None)
    if chosen is None:
        raise OtherCard
    if chosen.status != IN_USE:
        raise CannotBeLost(tail=chosen.card_no[-4:], status=chosen.status_name)
    lost = registry.report_loss(uow, ReportLoss(ident=held.holder.ident))
    return CardLost(tail=lost.card_no[-4:], here=lost.card_no == held.card.card_no)


def _own(uow: Uow, held: registry.Held) -> tuple[CardView, ...]:
    return registry.view_person(uow, AskPerson(ident=held.holder.ident)).cards


def _row(visit: str, card: CardView, held: registry.Held) -> CardRow:
    return CardRow(
        card=_mark(visit, card),
        tail=card.card_no[-4:],
        status=card.status,
        status_name=card.status_name,
        issued=card.issued,
        here=card.card_no == held.card.card_no,
        can_be_lost=card.status == IN_USE,
    )


def _mark(visit: str, card: CardView) -> str:
    """Names a card in this visit and says nothing of its number."""
    return hashlib.sha256(f"{visit}|{card.card_no}".encode()).hexdigest()[:32]
