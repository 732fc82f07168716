"""Opening 建账: what a fund holds on the day its books begin."""

from __future__ import annotations

from backend.kernel import ledger
from backend.kernel.db import Uow
from backend.payout import accounts


def open_books(uow: Uow, held_fen: int, at_hand_fen: int, *, maker: str, checker: str) -> None:
    """This month's books, the fund's money in the treasury, and of it what may be paid out."""
    month = ledger.this_month(uow)
    ledger.open_period(uow, month)
    ledger.post(
        uow,
        month=month,
        document="opening",
        key="opening/pension",
        lines=[
            ledger.Line(accounts.treasury(uow), accounts.surplus(uow), held_fen),
            ledger.Line(accounts.expenditure(uow), accounts.treasury(uow), at_hand_fen),
        ],
        maker=maker,
        checker=checker,
    )
