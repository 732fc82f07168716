"""Cancelling 撤销: what nobody has drawn is owed no more, and the expense is taken back."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import BigInteger, Select, column, literal, select, table, text

from backend.kernel import ledger
from backend.kernel.db import Uow
from backend.payout import accounts
from backend.payout.model import Payable

DOCUMENT = "benefit-cancel"
STAGE = text("create temporary table if not exists gone (person_id bigint, fen bigint) on commit drop")
EMPTY = text("truncate gone")
GONE = table("gone", column("person_id", BigInteger()), column("fen", BigInteger()))
GO = text("""
with free as (
  update payout.payable set state = 'cancelled', cancelled_at = :now where batch_id = :batch and state = 'payable'
  returning person_id, amount
)
insert into gone select person_id, amount from free
""")


def cancel(uow: Uow, fund: str, free: Sequence[Payable], key: str) -> None:
    """These payables, which are free and held by the caller."""
    for one in free:
        one.state, one.cancelled_at = "cancelled", uow.now
    payable, benefit = accounts.payable(uow, fund), accounts.benefit(uow, fund)
    ledger.post(
        uow,
        month=ledger.this_month(uow),
        document=DOCUMENT,
        key=f"cancel/{key}",
        lines=[ledger.Line(payable, benefit, one.amount.fen) for one in free],
        maker=uow.actor.id,
        checker=accounts.checked(uow),
    )


def cancel_batch(uow: Uow, fund: str, batch: int, key: str) -> Select[*tuple[int, int]]:
    """Whatever of a batch is free, as one set; selects (until the next such) whose it was and how much: person_id, fen."""
    uow.session.execute(STAGE)
    uow.session.execute(EMPTY)
    found = uow.session.execute(GO, {"batch": batch, "now": uow.now})
    if found.rowcount:  # type: ignore[attr-defined]
        ledger.post_select(
            uow,
            month=ledger.this_month(uow),
            document=DOCUMENT,
            key=f"cancel/{key}",
            source=select(
                literal(accounts.payable(uow, fund)).label("debit"),
                literal(accounts.benefit(uow, fund)).label("credit"),
                GONE.c.fen.label("amount_fen"),
            ),
            maker=uow.actor.id,
            checker=accounts.checked(uow),
        )
    return select(GONE.c.person_id, GONE.c.fen)
