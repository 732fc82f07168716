"""Payout 发放: what other systems may call. Card and bank file draw on the same payables."""

from backend.payout import auditing
from backend.payout.bankfiles import listing as bank_files
from backend.payout.bankfiles.returning import read_bank_file
from backend.payout.bankfiles.sending import make_bank_file
from backend.payout.batches import (
    booked_earlier,
    had,
    last_posted,
    listed,
    month_of,
    months_posted,
    not_posted,
    of_person,
    payments,
    posted_from,
    run_month,
    still_due,
)
from backend.payout.checking import check
from backend.payout.collection import confirm, open_order, report
from backend.payout.once import owed_this_month, pay_once
from backend.payout.opening import open_books
from backend.payout.recovery import accounted, listing, repaying
from backend.payout.schema import AskBatches, CountCash, MakeBankFile, PaymentView, ReadBankFile
from backend.payout.settling import count_cash, enrol_dispenser, in_suspense, load, settle_stale
from backend.payout.stopping import Withdrawn, claimed_from, lift, standing, stop, stopped
from backend.payout.transfers import transfer
from backend.payout.undoing import REFUND, Undone, undo
from backend.payout.visiting import begin, prove

__all__ = [
    "REFUND",
    "AskBatches",
    "CountCash",
    "MakeBankFile",
    "PaymentView",
    "ReadBankFile",
    "Undone",
    "Withdrawn",
    "accounted",
    "auditing",
    "bank_files",
    "begin",
    "booked_earlier",
    "check",
    "claimed_from",
    "confirm",
    "count_cash",
    "enrol_dispenser",
    "had",
    "in_suspense",
    "last_posted",
    "lift",
    "listed",
    "listing",
    "load",
    "make_bank_file",
    "month_of",
    "months_posted",
    "not_posted",
    "of_person",
    "open_books",
    "open_order",
    "owed_this_month",
    "pay_once",
    "payments",
    "posted_from",
    "prove",
    "read_bank_file",
    "repaying",
    "report",
    "run_month",
    "settle_stale",
    "standing",
    "still_due",
    "stop",
    "stopped",
    "transfer",
    "undo",
]
