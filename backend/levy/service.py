"""Levy 征缴: what other systems may call; one procedure collects all insurances."""

from backend.levy.billing import bill_month, problems
from backend.levy.declaring import choose_base, declare_base
from backend.levy.owing import arrears, check, lines_of, months_of, of_employer, of_person, write_off
from backend.levy.receiving import NoLongerPaid, PaidInFull, allocate, refund, reverse, take

__all__ = [
    "NoLongerPaid",
    "PaidInFull",
    "allocate",
    "arrears",
    "bill_month",
    "check",
    "choose_base",
    "declare_base",
    "lines_of",
    "months_of",
    "of_employer",
    "of_person",
    "problems",
    "refund",
    "reverse",
    "take",
    "write_off",
]
