"""Payout 发放: what other systems may call. Card and bank file draw on the same payables."""

from backend.payout import auditing, cashboxes
from backend.payout.agreeing import closings, collect_key
from backend.payout.bankfiles import listing as bank_files
from backend.payout.bankfiles.returning import read_bank_file
from backend.payout.bankfiles.sending import make_bank_file
from backend.payout.batches import (
    booked,
    booked_earlier,
    had,
    last_posted,
    listed,
    month_of,
    months_posted,
    months_standing,
    not_posted,
    of_person,
    payments,
    posted,
    posted_from,
    run_month,
    still_due,
    under_way,
)
from backend.payout.cancelling import cancel_batch
from backend.payout.cashboxes import CashLoaded
from backend.payout.checking import check
from backend.payout.collection import Collected, confirm, open_order, report
from backend.payout.copies.freezing import copied
from backend.payout.counting import newest_batch, standing_months, standing_of
from backend.payout.differences import label_month, owe, take_back
from backend.payout.once import owed_this_month, pay_once
from backend.payout.opening import open_books
from backend.payout.recovery import accounted, listing, repaying
from backend.payout.recovery.opening import open_recoveries, open_recovery
from backend.payout.schema import AskBatches, CountCash, MakeBankFile, PaymentView, ReadBankFile
from backend.payout.settling import count_cash, enrol_dispenser, in_suspense, load, settle_stale
from backend.payout.stopping import (
    Swept,
    Withdrawn,
    claimed_from,
    held_for,
    lift,
    stand_still,
    standing,
    stop,
    stop_all,
    stopped,
)
from backend.payout.transfers import transfer
from backend.payout.undoing import REFUND, Undone, undo
from backend.payout.visiting import Presented, begin, prove, proved, require_in_use

__all__ = [
    "REFUND",
    "AskBatches",
    "CashLoaded",
    "Collected",
    "CountCash",
    "MakeBankFile",
    "PaymentView",
    "Presented",
    "ReadBankFile",
    "Swept",
    "Undone",
    "Withdrawn",
    "accounted",
    "auditing",
    "bank_files",
    "begin",
    "booked",
    "booked_earlier",
    "cancel_batch",
    "cashboxes",
    "check",
    "claimed_from",
    "closings",
    "collect_key",
    "confirm",
    "copied",
    "count_cash",
    "enrol_dispenser",
    "had",
    "held_for",
    "in_suspense",
    "label_month",
    "last_posted",
    "lift",
    "listed",
    "listing",
    "load",
    "make_bank_file",
    "month_of",
    "months_posted",
    "months_standing",
    "newest_batch",
    "not_posted",
    "of_person",
    "open_books",
    "open_order",
    "open_recoveries",
    "open_recovery",
    "owe",
    "owed_this_month",
    "pay_once",
    "payments",
    "posted",
    "posted_from",
    "prove",
    "proved",
    "read_bank_file",
    "repaying",
    "report",
    "require_in_use",
    "run_month",
    "settle_stale",
    "stand_still",
    "standing",
    "standing_months",
    "standing_of",
    "still_due",
    "stop",
    "stop_all",
    "stopped",
    "take_back",
    "transfer",
    "under_way",
    "undo",
]
