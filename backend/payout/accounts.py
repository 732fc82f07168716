"""The ledger accounts that payout moves money between; the chart is backend/params/accounts.yaml."""

from __future__ import annotations

from backend.kernel import ledger
from backend.kernel.db import Uow
from backend.kernel.settings import settings

FUND = "pension"


def benefit(uow: Uow, fund: str = FUND) -> int:
    """社会保险待遇支出."""
    return ledger.account(uow, fund, settings().area, "benefit_expense")


def payable(uow: Uow, fund: str = FUND) -> int:
    """应付待遇: approved and not yet drawn."""
    return ledger.account(uow, fund, settings().area, "benefit_payable")


def expenditure(uow: Uow, fund: str = FUND) -> int:
    """支出户存款."""
    return ledger.account(uow, fund, settings().area, "expenditure_deposit")


def treasury(uow: Uow, fund: str = FUND) -> int:
    """财政专户存款."""
    return ledger.account(uow, fund, settings().area, "treasury_deposit")


def clearing(uow: Uow, fund: str = FUND) -> int:
    """银行在途: sent to a bank, no answer yet."""
    return ledger.account(uow, fund, settings().area, "bank_clearing")


def cassette(uow: Uow, kiosk: str, fund: str = FUND) -> int:
    """库存现金 in one kiosk; it cannot pay out what it does not hold."""
    return ledger.account(uow, fund, settings().area, "cash", owner=kiosk)


def suspense(uow: Uow, kiosk: str) -> int:
    """待处理现金: what a count of a kiosk found over or short, until it is decided."""
    return ledger.account(uow, FUND, settings().area, "suspense", owner=kiosk)


def other(uow: Uow, kind: str) -> int:
    """Another account of the fund that kiosks' cash is of, by its kind in the chart."""
    return ledger.account(uow, FUND, settings().area, kind)


def surplus(uow: Uow, fund: str = FUND) -> int:
    """基金结余."""
    return ledger.account(uow, fund, settings().area, "fund_balance")


def claims(uow: Uow, fund: str = FUND) -> int:
    """暂付款: paid too much, and to be given back."""
    return ledger.account(uow, fund, settings().area, "temporary_payments")


def checked(uow: Uow) -> str:
    """Who approved what is being done: the last of the case, or the program's own check of what another approved."""
    return uow.approvers[-1] if uow.approvers else "system/checked"
