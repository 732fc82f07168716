"""History and stops 经过和停用卡名单: what happened to every card, and which cards a kiosk without a line must refuse."""

from __future__ import annotations

from sqlalchemy import func, select, text

from backend.cards.listed import mark, signed_text
from backend.cards.model import Event, Stop
from backend.cards.schema import AskStopped, StoppedCards, StoppedEntry
from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow
from backend.kernel.items import question
from backend.registry import service as registry

SIGNED_BY = "stopped-cards"
IN_ORDER = text("select pg_advisory_xact_lock(hashtext('cards.stop'))")
MOST = 2000  # entries in one answer
SERVES = "active"


def on_moved(uow: Uow, fact: registry.CardMoved) -> None:
    """Every deed is kept; who stopped serving, or serves again, goes on the list in the same transaction."""
    card = uow.session.get_one(registry.Card, fact.card_id)
    uow.session.add(
        Event(
            card_id=fact.card_id,
            deed=fact.deed,
            before=fact.before,
            after=fact.after,
            until=card.suspended_until,
            note=fact.note,
            evidence=fact.evidence,
            maker=uow.actor.id,
            at=uow.now,
        )
    )
    served, serves = fact.before == SERVES, fact.after == SERVES
    if served != serves and (fact.before or not serves):
        _list(uow, card, stopped=not serves)
    elif not fact.before and not serves:
        _list(uow, card, stopped=True)
    uow.session.flush()


def _list(uow: Uow, card: registry.Card, *, stopped: bool) -> None:
    """One after the other, so that serials are in the order in which they can be read."""
    uow.session.execute(IN_ORDER)
    last = uow.session.scalar(select(func.max(Stop.serial))) or 0
    uow.session.add(
        Stop(serial=last + 1, card_id=card.id, mark=mark(card.card_code), stopped=stopped, at=uow.now)
    )
    uow.session.flush()


@question("CRD-Q9", "停用卡名单", may=Permission.CARD_MANAGE, by=(Kind.KIOSK,))
def stopped(uow: Uow, ask: AskStopped) -> StoppedCards:
    rows = uow.session.scalars(
        select(Stop).where(Stop.serial > ask.since).order_by(Stop.serial).limit(MOST + 1)
    ).all()
    shown = rows[:MOST]
    entries = tuple(StoppedEntry(serial=row.serial, mark=row.mark, stopped=row.stopped) for row in shown)
    serial = shown[-1].serial if shown else ask.since
    at = uow.now  # the clock goes on: what is signed and what is told is one moment
    said = signed_text(ask.since, serial, at, entries)
    return StoppedCards(
        since=ask.since,
        serial=serial,
        entries=entries,
        more=len(rows) > MOST,
        at=at,
        signature=uow.vault.signer(SIGNED_BY).sign(said),
    )
