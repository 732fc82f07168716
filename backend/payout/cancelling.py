"""Cancelling 撤销: what nobody has drawn is owed no more, and the expense is taken back."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, literal, select, update

from backend.kernel import ledger
from backend.kernel.db import Uow
from backend.kernel.money import Money
from backend.payout import accounts
from backend.payout.model import Payable

DOCUMENT = "benefit-cancel"


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


def cancel_batch(uow: Uow, fund: str, batch: int, key: str) -> Select[*tuple[int, Money]]:
    """Whatever of a batch is free, as one set; selects whose it was and how much (person_id, fen)."""
    now = uow.now
    free = uow.session.execute(
        update(Payable)
        .where(Payable.batch_id == batch, Payable.stored == "payable")
        .values(stored="cancelled", cancelled_at=now)
        .execution_options(synchronize_session=False)
    )
    mine = Payable.batch_id == batch, Payable.cancelled_at == now
    if free.rowcount:  # type: ignore[attr-defined]
        ledger.post_select(
            uow,
            month=ledger.this_month(uow),
            document=DOCUMENT,
            key=f"cancel/{key}",
            source=select(
                literal(accounts.payable(uow, fund)).label("debit"),
                literal(accounts.benefit(uow, fund)).label("credit"),
                Payable.amount.label("amount_fen"),
            ).where(*mine),
            maker=uow.actor.id,
            checker=accounts.checked(uow),
        )
    return select(Payable.person_id, Payable.amount.label("fen")).where(*mine)
