"""The ledger accounts that levy moves money between; the chart is backend/params/accounts.yaml."""

from __future__ import annotations

from backend.kernel import ledger
from backend.kernel.db import Uow
from backend.kernel.funds import Fund
from backend.kernel.settings import settings

HOLDING = Fund.PENSION  # where money waits that nobody can place yet
DEPOSITS = {
    "bank": "receipts_deposit",
    "tax": "state_treasury_deposit",
    "treasury": "state_treasury_deposit",
}
INCOME = {"dues": "contribution_income", "late_fee": "other_income"}


def deposit(uow: Uow, fund: Fund, channel: str) -> int:
    """收入户存款 or 国库存款, by the channel the money came in."""
    return ledger.account(uow, fund, settings().area, DEPOSITS[channel])


def income(uow: Uow, fund: Fund, kind: str) -> int:
    """社会保险费收入; of late fees 其他收入."""
    return ledger.account(uow, fund, settings().area, INCOME[kind])


def waiting(uow: Uow) -> int:
    """待转收入: received, and not yet known for what."""
    return ledger.account(uow, HOLDING, settings().area, "unallocated_receipts")
