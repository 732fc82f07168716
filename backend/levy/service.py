"""Levy 征缴: what other systems may call; one procedure collects all insurances."""

from backend.levy.basefiles import declare_bases
from backend.levy.billing import bill_month, problems
from backend.levy.declaring import choose_base, declare_base
from backend.levy.owing import arrears, counted_of, differences, months_of, of_employer, of_person, write_off
from backend.levy.paying import NoLongerPaid, PaidInFull, Reassessed
from backend.levy.reassessing import reassess
from backend.levy.receiptfiles import take_file
from backend.levy.receiving import allocate, refund, reverse, take

__all__ = [
    "NoLongerPaid",
    "PaidInFull",
    "Reassessed",
    "allocate",
    "arrears",
    "bill_month",
    "choose_base",
    "counted_of",
    "declare_base",
    "declare_bases",
    "differences",
    "months_of",
    "of_employer",
    "of_person",
    "problems",
    "reassess",
    "refund",
    "reverse",
    "take",
    "take_file",
    "write_off",
]
