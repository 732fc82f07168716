"""Transfers 即时转账: bank orders authorised at a kiosk, carried to the bank and settled by its word."""

from __future__ import annotations

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from backend.kernel.db import Runner, Uow
from backend.kernel.errors import Refusal
from backend.payout.bank import Answer, Bank, Transfer
from backend.payout.collection import finish
from backend.payout.model import BankLine, Order

log = structlog.get_logger()
LIMIT = 500


def transfer(run: Runner, bank: Bank) -> tuple[int, int]:
    """Send what waits, one by one; (paid, returned). A stop between the bank and our books is healed by
    asking again under the same number."""
    answer: Answer
    tally = {"paid": 0, "returned": 0, "unknown": 0}
    for wanted in run(_waiting):
        try:
            answer = bank.transfer(wanted)
            run(_book, wanted.end_to_end, answer)
        except (Refusal, SQLAlchemyError, OSError) as why:  # the others must not wait behind this one
            log.error("transfer.failed", order=wanted.end_to_end, why=type(why).__name__)
            answer = "unknown"
        tally[answer] += 1
    return tally["paid"], tally["returned"]


def _waiting(uow: Uow) -> list[Transfer]:
    rows = uow.session.scalars(
        select(BankLine)
        .join(Order, Order.id == BankLine.end_to_end)
        .where(BankLine.stored == "sent", BankLine.file_id.is_(None), Order.state == "authorised")
        .order_by(Order.opened_at, Order.id)
        .limit(LIMIT)
    )
    return [Transfer(row.end_to_end, row.bank, row.number, row.holder, row.amount.fen) for row in rows]


def _book(uow: Uow, end_to_end: str, answer: Answer) -> None:
    order = uow.session.scalars(select(Order).where(Order.id == end_to_end).with_for_update()).one()
    line = uow.session.get_one(BankLine, end_to_end)
    if answer == "unknown" or order.state != "authorised":
        return
    line.stored = answer
    finish(uow, order, "paid" if answer == "paid" else "released")
