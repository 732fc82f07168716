"""Settling 结清: orders whose time is up, orders in doubt counted by two persons, and cash into a kiosk."""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlalchemy import select

from backend.kernel import ledger
from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import NotFound, Refusal
from backend.kernel.items import item
from backend.kernel.period import Month
from backend.payout import accounts
from backend.payout.collection import finish, reported
from backend.payout.model import Order
from backend.payout.schema import ORDER_STATES, CountCash, LoadCash, Loaded, Reported

log = structlog.get_logger()
OPENED_LASTS = timedelta(minutes=10)  # then CANCELLED: no token ever existed
AUTHORISED_LASTS = timedelta(minutes=15)  # then IN_DOUBT, never released by time


class NotInDoubt(Refusal):
    """领取单 {order} 现在是“{state}”，不需要清点结论。"""


def settle_stale(uow: Uow) -> tuple[int, int]:
    """Orders whose time is up: OPENED → CANCELLED, AUTHORISED → IN_DOUBT (never released by time)."""
    lapsed = uow.session.scalars(
        select(Order)
        .where(Order.state == "opened", Order.opened_at < uow.now - OPENED_LASTS)
        .order_by(Order.id)
        .with_for_update(skip_locked=True)
    ).all()
    for order in lapsed:
        finish(uow, order, "cancelled")
    doubtful = uow.session.scalars(
        select(Order)
        .where(
            Order.state == "authorised",
            Order.method == "cash",
            Order.authorised_at < uow.now - AUTHORISED_LASTS,
        )
        .with_for_update(skip_locked=True)
    ).all()
    for order in doubtful:
        order.state = "in_doubt"
        log.warning("order.in_doubt", order=order.id, said="nothing for too long", genuine=False)
    uow.session.flush()
    return len(lapsed), len(doubtful)


def in_suspense(uow: Uow) -> list[str]:
    """Orders whose money is held: authorised, or in doubt."""
    held = select(Order.id).where(Order.state.in_(("authorised", "in_doubt")), Order.method == "cash")
    return list(uow.session.scalars(held.order_by(Order.id)))


@item("PAY-21", "清点结论", may=Permission.PAYOUT_RUN, review=1)
def count_cash(uow: Uow, cmd: CountCash) -> Reported:
    """Two persons have counted a stopped kiosk's cash: what is missing was handed out."""
    order = uow.session.scalar(select(Order).where(Order.id == cmd.order).with_for_update())
    if order is None:
        raise NotFound(what=f"领取单 {cmd.order}")
    if order.state != "in_doubt":
        raise NotInDoubt(order=order.id, state=ORDER_STATES[order.state])
    order.evidence = {"counted": cmd.handed_out, "maker": uow.actor.id, "checkers": list(uow.approvers)}
    finish(uow, order, "paid" if cmd.handed_out else "released")
    return reported(order)


@item("PAY-22", "自助机加钞", may=Permission.PAYOUT_RUN, review=1)
def load_cash(uow: Uow, cmd: LoadCash) -> Loaded:
    """Cash goes from the expenditure account into a kiosk's cassettes."""
    load(uow, cmd.kiosk, cmd.amount_fen, f"{cmd.kiosk}/{cmd.sheet}")
    return Loaded(kiosk=cmd.kiosk, amount_fen=cmd.amount_fen)


def load(uow: Uow, kiosk: str, amount_fen: int, key: str) -> None:
    month = Month(uow.today.year, uow.today.month)
    ledger.post(
        uow,
        month=month,
        document="cassette",
        key=f"cassette/{key}",
        lines=[ledger.Line(accounts.cassette(uow, kiosk), accounts.expenditure(uow), amount_fen)],
        maker=uow.actor.id,
        checker=uow.approvers[-1] if uow.approvers else "system/checked",
    )
