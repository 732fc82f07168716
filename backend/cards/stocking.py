"""Blank cards 空白卡: every one that came is somewhere, made into a card, or written off by a document."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from backend.cards.model import Production, Stock, StockMove
from backend.cards.produced import (
    MOST_BLANKS,
    MOVES,
    AskStock,
    CountBlanks,
    MoveView,
    ReceiveBlanks,
    SendBlanks,
    SpoilBlanks,
    StockChanged,
    StockSeen,
    StockView,
)
from backend.cards.refusals import BlanksShort, CountAgrees, MovedSinceCount, SamePlace, StockTooLarge
from backend.kernel import codes
from backend.kernel.actor import Kind, Permission, reach
from backend.kernel.db import Uow
from backend.kernel.items import item, question
from backend.registry import service as registry

LATEST = 50


def move(
    uow: Uow,
    place: str,
    kind: str,
    n: int,
    document: str,
    note: str = "",
    *,
    other: str | None = None,
    production: int | None = None,
) -> StockChanged:
    """Blank cards come (n > 0) or go; the row of the place is held, so that its balance is of this moment."""
    uow.session.execute(insert(Stock).values(place=place, n=0).on_conflict_do_nothing())
    stock = uow.session.scalars(select(Stock).where(Stock.place == place).with_for_update()).one()
    name = codes.name("area", place)
    if stock.n + n < 0:
        raise BlanksShort(place=name, n=stock.n, need=-n)
    if stock.n + n > MOST_BLANKS:
        raise StockTooLarge(place=name, most=MOST_BLANKS)
    stock.n += n
    uow.session.add(
        StockMove(
            place=place,
            kind=kind,
            n=n,
            balance=stock.n,
            document=document,
            note=note,
            other=other,
            production_id=production,
            maker=uow.actor.id,
            at=uow.now,
        )
    )
    uow.session.flush()
    return StockChanged(place=name, n=stock.n, moved=n)


@item("CRD-27", "空白卡入库", may=Permission.CARD_MANAGE)
def receive(uow: Uow, cmd: ReceiveBlanks) -> StockChanged:
    registry.require_reach(uow, cmd.place)
    return move(uow, cmd.place, "received", cmd.n, cmd.document, cmd.note)


@item("CRD-28", "空白卡调拨", may=Permission.CARD_MANAGE)
def send(uow: Uow, cmd: SendBlanks) -> StockChanged:
    """Both ends at once, the places always held in one order."""
    if cmd.place == cmd.other:
        raise SamePlace
    for place in (cmd.place, cmd.other):
        registry.require_reach(uow, place)
    legs = sorted([(cmd.place, "sent", -cmd.n, cmd.other), (cmd.other, "arrived", cmd.n, cmd.place)])
    done = {
        place: move(uow, place, kind, n, cmd.document, cmd.note, other=other)
        for place, kind, n, other in legs
    }
    return done[cmd.place]


@item("CRD-29", "空白卡作废", may=Permission.CARD_MANAGE, review=1)
def spoil(uow: Uow, cmd: SpoilBlanks) -> StockChanged:
    registry.require_reach(uow, cmd.place)
    return move(uow, cmd.place, "spoilt", -cmd.n, cmd.document, cmd.note)


@item("CRD-30", "空白卡盘点", may=Permission.CARD_MANAGE, review=1)
def count(uow: Uow, cmd: CountBlanks) -> StockChanged:
    registry.require_reach(uow, cmd.place)
    kept = select(Stock.n).where(Stock.place == cmd.place).with_for_update()
    booked = uow.session.scalar(kept) or 0  # held first: from here on nobody else moves it
    if uow.filed_at is not None:
        moved = select(StockMove.id).where(StockMove.place == cmd.place, StockMove.at > uow.filed_at)
        if uow.session.scalar(moved.limit(1)) is not None:
            raise MovedSinceCount(place=codes.name("area", cmd.place))
    if booked == cmd.counted:
        raise CountAgrees(place=codes.name("area", cmd.place), n=booked)
    return move(uow, cmd.place, "counted", cmd.counted - booked, cmd.document, cmd.note)


@question("CRD-Q3", "空白卡库存", may=Permission.CARD_MANAGE)
def stock(uow: Uow, ask: AskStock) -> StockSeen:
    within = reach(uow.actor.area) if uow.actor.kind is Kind.OFFICER else ""
    prefix = reach(ask.place) if ask.place else ""
    kept = uow.session.scalars(
        select(Stock)
        .where(Stock.place.startswith(within), Stock.place.startswith(prefix))
        .order_by(Stock.place)
    ).all()
    moves = uow.session.scalars(
        select(StockMove)
        .where(StockMove.place.startswith(within), StockMove.place.startswith(prefix))
        .order_by(StockMove.id.desc())
        .limit(LATEST)
    )
    out = select(func.coalesce(func.sum(Production.n), 0)).where(
        Production.state != "back", Production.area.startswith(within), Production.area.startswith(prefix)
    )
    return StockSeen(
        total=sum(row.n for row in kept),
        at_factory=int(uow.session.scalars(out).one()),
        stock=tuple(
            StockView(place=row.place, place_name=codes.name("area", row.place), n=row.n) for row in kept
        ),
        moves=tuple(
            MoveView(
                at=row.at,
                place_name=codes.name("area", row.place),
                kind=row.kind,
                kind_name=MOVES[row.kind],
                n=row.n,
                balance=row.balance,
                document=row.document,
                note=row.note,
            )
            for row in moves
        ),
    )
