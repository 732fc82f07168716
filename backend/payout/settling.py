"""Settling 结清: orders whose time is up, orders in doubt counted by two persons, and cash into a kiosk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import structlog
from sqlalchemy import select

from backend.kernel import auth, ledger
from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import NotFound, Refusal
from backend.kernel.items import item
from backend.kernel.money import Money
from backend.kernel.pooling import require_reach
from backend.payout import accounts, stopping
from backend.payout.cashboxes import CashLoaded
from backend.payout.collection import finish, receipt_no, reported
from backend.payout.model import Batch, Dispenser, Order, Payable
from backend.payout.notes import worth_fen
from backend.payout.schema import (
    ORDER_STATES,
    CountCash,
    DispenserNamed,
    LoadCash,
    Loaded,
    NameDispenser,
    Reported,
)

log = structlog.get_logger()
OPENED_LASTS = timedelta(minutes=10)  # then CANCELLED: no token ever existed
AUTHORISED_LASTS = timedelta(minutes=15)  # then IN_DOUBT, never released by time


class NotInDoubt(Refusal):
    """领取单 {order} 现在是“{state}”，不需要清点结论。"""


class DrawnMeanwhile(Refusal):
    """领取单 {order} 的待遇已经另外发过，多付的钱要按多发待遇追回，不能在这里下结论。"""


class DispenserElsewhere(Refusal):
    """出钞机 {dispenser} 登记在自助机 {kiosk} 上，请先核对编号。"""


class NoKiosk(NotFound):
    """没有编号 {kiosk} 的自助机，请核对编号。"""


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
    require_reach(uow)
    order = uow.session.scalar(select(Order).where(Order.id == cmd.order).with_for_update())
    if order is None:
        raise NotFound(what=f"领取单 {cmd.order}")
    if order.state != "in_doubt" and order.contradicted_at is None:
        raise NotInDoubt(order=order.id, state=ORDER_STATES[order.state])
    counted = {"counted": cmd.handed_out, "maker": uow.actor.id, "checkers": list(uow.approvers)}
    order.evidence = counted | {"before": order.evidence}
    if order.state == "in_doubt":
        finish(uow, order, "paid" if cmd.handed_out else "released")
    else:
        _count_again(uow, order, handed_out=cmd.handed_out)
    return reported(order)


def _count_again(uow: Uow, order: Order, *, handed_out: bool) -> None:
    """A released order that the dispenser contradicted: book what was handed out after all, or free it again."""
    due = uow.session.get_one(Payable, order.payable_id, with_for_update=True)
    if handed_out and due.stored != "held":
        raise DrawnMeanwhile(order=order.id)
    if handed_out:
        fund = uow.session.get_one(Batch, due.batch_id).fund
        payable, cassette = accounts.payable(uow, fund), accounts.cassette(uow, order.kiosk, fund)
        ledger.post(
            uow,
            month=ledger.this_month(uow),
            document="collection",
            key=f"order/{order.id}/counted",
            lines=[ledger.Line(payable, cassette, order.amount.fen)],
            maker=uow.actor.id,
        )
        order.state, order.closed_at, order.receipt_no = "paid", uow.now, receipt_no(uow, order)
        due.state, due.settled_at = "collected", uow.now
    elif due.stored == "held":
        due.state = "payable"
    order.contradicted_at = None
    uow.session.flush()
    stopping.sweep(uow, Payable.id == due.id)


class BagDiffers(Refusal):
    """封包里各面额合起来是 {counted} 元，和加钞金额 {said} 元不一样，没有登记。请核对封包清单。"""

    status = 422


class BagUnnamed(Refusal):
    """写了各面额的张数，也要写封包号；写了封包号，也要写各面额的张数。请补齐。"""

    status = 422


def _bag_adds_up(uow: Uow, cmd: LoadCash) -> None:
    if bool(cmd.bag) != bool(cmd.pieces):
        raise BagUnnamed
    if cmd.bag and (counted := worth_fen(cmd.pieces)) != cmd.amount_fen:
        raise BagDiffers(counted=Money(counted), said=Money(cmd.amount_fen))


@item("PAY-22", "自助机加钞", may=Permission.PAYOUT_RUN, review=1, ready=_bag_adds_up)
def load_cash(uow: Uow, cmd: LoadCash) -> Loaded:
    """Cash goes from the expenditure account into a kiosk's cassettes; a bag waits until it is put in there."""
    _bag_adds_up(uow, cmd)
    load(uow, cmd.kiosk, cmd.amount_fen, f"{cmd.kiosk}/{cmd.sheet}", cmd.bag, cmd.pieces)
    return Loaded(kiosk=cmd.kiosk, amount_fen=cmd.amount_fen)


@item("PAY-23", "登记出钞机", may=Permission.PAYOUT_RUN, review=1)
def name_dispenser(uow: Uow, cmd: NameDispenser) -> DispenserNamed:
    """Which cash dispenser stands in a kiosk; only to it are tokens given for that kiosk's orders."""
    require_reach(uow)
    enrol_dispenser(uow, cmd.kiosk, cmd.dispenser)
    return DispenserNamed(kiosk=cmd.kiosk, dispenser=cmd.dispenser)


def enrol_dispenser(uow: Uow, kiosk: str, dispenser: str) -> None:
    if not auth.device_known(uow, kiosk):
        raise NoKiosk(kiosk=kiosk)
    elsewhere = uow.session.scalar(
        select(Dispenser.kiosk).where(Dispenser.id == dispenser, Dispenser.kiosk != kiosk)
    )
    if elsewhere:
        raise DispenserElsewhere(dispenser=dispenser, kiosk=elsewhere)
    uow.session.merge(Dispenser(kiosk=kiosk, id=dispenser))
    uow.session.flush()


def load(
    uow: Uow,
    kiosk: str,
    amount_fen: int,
    key: str,
    bag: str = "",
    pieces: Mapping[int, int] | None = None,
) -> None:
    """Book cash out for a kiosk; `key` ends with the number of the sheet."""
    require_reach(uow)
    if not auth.device_known(uow, kiosk):
        raise NoKiosk(kiosk=kiosk)
    maker, checker = uow.actor.id, accounts.checked(uow)
    ledger.post(
        uow,
        month=ledger.this_month(uow),
        document="cassette",
        key=f"cassette/{key}",
        lines=[ledger.Line(accounts.cassette(uow, kiosk), accounts.expenditure(uow), amount_fen)],
        maker=maker,
        checker=checker,
    )
    sheet = key.rpartition("/")[2]
    uow.emit(CashLoaded(kiosk, sheet, amount_fen, maker, checker, bag, dict(pieces or {})))
