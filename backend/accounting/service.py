"""Fund accounting 基金财务: what other systems and programs may call."""

from backend.accounting.budgets import budget_report, set_budget
from backend.accounting.checking import check
from backend.accounting.closing import close_month, close_year, periods, reopen_month
from backend.accounting.correcting import adjust_books, corrections, reverse_voucher
from backend.accounting.moving import move_funds, pool_funds
from backend.accounting.schema import MoveFunds, SetBudget
from backend.accounting.statements import balance_sheet, detail_ledger, income_statement, trial_balance

__all__ = [
    "MoveFunds",
    "SetBudget",
    "adjust_books",
    "balance_sheet",
    "budget_report",
    "check",
    "close_month",
    "close_year",
    "corrections",
    "detail_ledger",
    "income_statement",
    "move_funds",
    "periods",
    "pool_funds",
    "reopen_month",
    "reverse_voucher",
    "set_budget",
    "trial_balance",
]
