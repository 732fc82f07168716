"""Holds 预留: money set aside before it is certain, then posted or voided, once and for good."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from backend.kernel.db import Uow
from backend.kernel.ledger.periods import opened, this_month
from backend.kernel.ledger.posting import Line
from backend.kernel.ledger.refusals import HoldReused, HoldSettled, refusing
from backend.kernel.period import Month

RESERVE = text(
    "insert into ledger.hold (key, ym, debit, credit, amount_fen, reserved_by, reserved_at)"
    " values (:key, :ym, :debit, :credit, :fen, :by, :at)"
    " on conflict (key) do nothing returning id, key, debit, credit, amount_fen, state, batch"
)
FIND = text("select id, key, debit, credit, amount_fen, state, batch from ledger.hold where key = :key")
POST = text("select ledger.post_hold(:key, :ym, :document, :maker, :checker, :at)")
VOID = text("select ledger.void_hold(:key, :by, :at)")


@dataclass(frozen=True)
class Hold:
    """`fen` held between two accounts: `pending`, `posted` (then `batch` has it) or `voided`."""

    id: int
    key: str
    debit: int
    credit: int
    fen: int
    state: str
    batch: int | None


def reserve(uow: Uow, *, key: str, debit: int, credit: int, fen: int, month: Month) -> Hold:
    """Hold `fen` that will go from `credit` to `debit`; an account that authorises holds no more than it has.

    The same key and content again: the hold that stands. Refuses: Overdrawn, PeriodNotOpen, TwoFunds,
    HoldReused (the key held something else), HoldSettled (it was posted or voided since).
    """
    line = Line(debit, credit, fen)
    values = {"key": key, "debit": debit, "credit": credit, "fen": fen, "by": uow.actor.id, "at": uow.now}
    with refusing(key=key, month=month):
        row = uow.session.execute(RESERVE, values | {"ym": opened(uow, month)}).one_or_none()
    if row is not None:
        return Hold(*row)
    known = Hold(*uow.session.execute(FIND, {"key": key}).one())
    if Line(known.debit, known.credit, known.fen) != line:
        raise HoldReused(key=key)
    if known.state != "pending":
        raise HoldSettled(key=key)
    return known


def post_hold(uow: Uow, *, key: str, document: str) -> int:
    """Post what is held, in the current month, and give the batch's number; asked again, the same number.

    Its checker is who approved the case in hand, else the hold itself: what authorised it stands behind it.
    Refuses: UnknownHold, HoldSettled (it was voided).
    """
    month = this_month(uow)
    checker = next(reversed(uow.approvers), f"hold/{key}")
    values = {"key": key, "document": document, "maker": uow.actor.id, "checker": checker, "at": uow.now}
    with refusing(key=key, month=month):
        return int(uow.session.execute(POST, values | {"ym": opened(uow, month)}).scalar_one())


def void_hold(uow: Uow, *, key: str) -> None:
    """Let what is held go; asked again, nothing more happens.

    Refuses: UnknownHold, HoldSettled (it was posted).
    """
    with refusing(key=key):
        uow.session.execute(VOID, {"key": key, "by": uow.actor.id, "at": uow.now})
