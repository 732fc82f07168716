"""Payout 发放: what other systems may call. Card and bank file draw on the same payables."""

from backend.payout.batches import listed, make_bank_file, of_person, payments, read_bank_file, run_month
from backend.payout.collection import begin, confirm, open_order, prove, report
from backend.payout.schema import AskBatches, CountCash, MakeBankFile, PaymentView, ReadBankFile
from backend.payout.settling import count_cash, in_suspense, load, settle_stale
from backend.payout.transfers import transfer

__all__ = [
    "AskBatches",
    "CountCash",
    "MakeBankFile",
    "PaymentView",
    "ReadBankFile",
    "begin",
    "confirm",
    "count_cash",
    "in_suspense",
    "listed",
    "load",
    "make_bank_file",
    "of_person",
    "open_order",
    "payments",
    "prove",
    "read_bank_file",
    "report",
    "run_month",
    "settle_stale",
    "transfer",
]
