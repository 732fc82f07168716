"""Cashboxes 自助机现金: what a kiosk's orders mean for the cash inside it, for who keeps the kiosks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select, text

from backend.kernel import auth
from backend.kernel.clock import CHINA
from backend.kernel.db import Uow
from backend.kernel.period import Month
from backend.kernel.settings import settings
from backend.payout.accounts import FUND
from backend.payout.model import Journal, Order

LIVING = ("authorised", "in_doubt")
# an order's number begins with its kiosk's, so its orders lie together in the primary key
OF_KIOSK = "o.id >= k.kiosk and o.id < k.kiosk || 'g' and o.method = 'cash'"
PAID = text(
    f"""
    select k.kiosk, sum(o.amount)::bigint, min(o.closed_at)
    from unnest(cast(:kiosks as text[])) k(kiosk) join payout."order" o on {OF_KIOSK}
    where o.state = 'paid' and o.closed_at >= :since group by k.kiosk
    """  # noqa: S608 - our own words
)
BOOKED = text(
    """
    select a.owner, sum(b.debit - b.credit)::bigint from ledger.account a join ledger.balance b on b.account = a.id
    where a.kind = 'cash' and a.fund = :fund and a.area = :area and a.owner = any(:kiosks) group by a.owner
    """
)
# what moved on one kiosk's cash in a span of time, by document; `ym` only leaves out what cannot be in it
MOVED = text(
    """
    select b.document, coalesce(sum(case when t.debit = :account then t.amount_fen else -t.amount_fen end), 0)::bigint,
      count(distinct b.id)
    from ledger.transfer t join ledger.batch b on b.id = t.batch and b.ym = t.ym
    where t.ym >= :ym and (t.debit = :account or t.credit = :account)
      and b.approved_at >= :since and b.approved_at < :until
    group by b.document
    """
)


@dataclass(frozen=True)
class CashLoaded:
    """Fact: cash was booked out of the vault for a kiosk; in a sealed bag, piece by piece, or (no bag) put in at once."""

    kiosk: str
    sheet: str
    amount_fen: int
    maker: str
    checker: str
    bag: str = ""
    pieces: dict[int, int] = field(default_factory=dict)


def held_orders(uow: Uow, kiosk: str) -> list[tuple[str, int]]:
    """A kiosk's cash orders whose money is held: authorised, or in doubt; and how much."""
    query = (
        select(Order.id, Order.amount)
        .where(Order.id >= kiosk, Order.id < f"{kiosk}g", Order.method == "cash", Order.state.in_(LIVING))
        .order_by(Order.id)
    )
    return [(order, amount.fen) for order, amount in uow.session.execute(query)]


def paid_in_cash(uow: Uow, kiosks: Sequence[str], since: datetime) -> dict[str, tuple[int, datetime]]:
    """What each kiosk handed out since then, and when the first of it."""
    rows = uow.session.execute(PAID, {"kiosks": list(kiosks), "since": since})
    return {kiosk: (fen, first) for kiosk, fen, first in rows}


def moved(uow: Uow, account: int, since: datetime, until: datetime) -> dict[str, tuple[int, int]]:
    """What each kind of document moved on a kiosk's cash in a span of time, and how many did."""
    month = Month.of(since.astimezone(CHINA).date()) - 1
    asked = {
        "account": account,
        "since": since,
        "until": until,
        "ym": month.year * 100 + month.month,
    }
    return {document: (fen, n) for document, fen, n in uow.session.execute(MOVED, asked)}


def booked(uow: Uow, kiosks: Sequence[str]) -> dict[str, int]:
    """What the books say of the cash of each kiosk that ever had any."""
    asked = {"kiosks": list(kiosks), "fund": FUND, "area": settings().area}
    return {row[0]: row[1] for row in uow.session.execute(BOOKED, asked)}


def newest_entry(uow: Uow, kiosk: str) -> int:
    """The newest entry of its journal that a kiosk has shown with an order."""
    return uow.session.scalar(select(func.max(Journal.seq)).where(Journal.kiosk == kiosk)) or 0


def journal_agrees(uow: Uow, seq: int, head: str) -> bool:
    """R13 for what is not about an order: one number with two heads means two machines with one key; both stop."""
    known = uow.session.get(Journal, (uow.actor.id, seq))
    if known is None or known.head == head:
        return True
    auth.stop_device(uow, uow.actor.id, f"日志分叉：第 {seq} 条有两个不同的链头")
    return False
