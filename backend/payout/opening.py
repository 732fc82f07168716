"""Opening 建账: what a fund holds on the day its books begin."""

from __future__ import annotations

from backend.kernel import ledger
from backend.kernel.db import Uow
from backend.payout import accounts


def open_books(
    uow: Uow, held_fen: int, at_hand_fen: int, *, maker: str, checker: str, fund: str = accounts.FUND
) -> None:
    """This month's books, a fund's money in the treasury, and of it what may be paid out."""
    month = ledger.this_month(uow)
    ledger.open_period(uow, month)
    ledger.post(
        uow,
        month=month,
        document="opening",
        key=f"opening/{fund}",
        lines=[
            ledger.Line(accounts.treasury(uow, fund), accounts.surplus(uow, fund), held_fen),
            ledger.Line(accounts.expenditure(uow, fund), accounts.treasury(uow, fund), at_hand_fen),
        ],
        maker=maker,
        checker=checker,
    )
