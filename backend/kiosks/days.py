"""Days 现金日结: what moved on the cash of a kiosk in a day, and what its dispenser counted last."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta

from sqlalchemy import select

from backend.kernel import ledger
from backend.kernel.actor import Permission
from backend.kernel.clock import CHINA
from backend.kernel.db import Uow
from backend.kernel.items import question
from backend.kiosks import happening
from backend.kiosks.model import Bag, Standing
from backend.kiosks.seen import AskDay, DaySheet
from backend.payout import accounts
from backend.payout.service import cashboxes

FAR = timedelta(days=36_500)


@question("KSK-Q33", "自助机现金日结单", may=Permission.KIOSK_READ)
def day_sheet(uow: Uow, ask: AskDay) -> DaySheet:
    device = happening.within(uow, ask.kiosk)
    begins = datetime.combine(ask.day, time(), CHINA)
    ends = begins + timedelta(days=1)
    account = accounts.cassette(uow, ask.kiosk)
    since = cashboxes.moved(uow, account, ends, ends + FAR)
    closing = ledger.balance(uow, account) - sum(fen for fen, _n in since.values())
    moved = cashboxes.moved(uow, account, begins, ends)
    fen = {document: one[0] for document, one in moved.items()}
    held = cashboxes.held_orders(uow, ask.kiosk)
    last = uow.session.get(Standing, ask.kiosk)
    waiting = select(Bag.amount).where(
        Bag.kiosk == ask.kiosk, Bag.booked_at < ends, (Bag.placed_at.is_(None)) | (Bag.placed_at >= ends)
    )
    return DaySheet(
        kiosk=ask.kiosk,
        name=device.name,
        day=ask.day,
        opening_fen=closing - sum(fen.values()),
        loaded_fen=fen.get("cassette", 0),
        paid_fen=-fen.get("collection", 0),
        paid=moved["collection"][1] if "collection" in moved else 0,
        taken_fen=-fen.get("cash-taken", 0),
        counted_fen=fen.get("cash-count", 0),
        closing_fen=closing,
        waiting_fen=sum(amount.fen for amount in uow.session.scalars(waiting)),
        held=tuple(order for order, _fen in held),
        held_fen=sum(fen for _order, fen in held),
        reported_at=last.at if last else None,
        inside=_places(last),
        inside_fen=last.inside_fen if last else None,
    )


def _places(last: Standing | None) -> dict[str, int]:
    """What the dispenser counted, by place."""
    notes = last.report.get("notes") if last else None
    found = Counter[str]()
    for one in notes or ():
        found[one["place"]] += one["fen"] * one["n"]
    return dict(found)
