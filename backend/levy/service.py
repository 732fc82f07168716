"""Levy 征缴: what other systems may call; one procedure collects all insurances."""

from backend.levy.bases import employee_bases, own_base
from backend.levy.billing import bill_month, due_day, problems
from backend.levy.certifying import (
    Certifying,
    certify,
    certify_employer,
    employer_certificates,
    own_certificates,
    verify,
)
from backend.levy.declaring import choose_base, declare_base, year_end
from backend.levy.loading import paid_before
from backend.levy.online import pay_online, pay_own_online
from backend.levy.owing import arrears, check, lines_of, months_of, of_employer, of_person, write_off
from backend.levy.receiving import NoLongerPaid, PaidInFull, allocate, refund, reverse, take
from backend.levy.records import own_lines, receipts_of_employer, receipts_of_person
from backend.levy.schema import BillMonth, TakeReceipt

__all__ = [
    "BillMonth",
    "Certifying",
    "NoLongerPaid",
    "PaidInFull",
    "TakeReceipt",
    "allocate",
    "arrears",
    "bill_month",
    "certify",
    "certify_employer",
    "check",
    "choose_base",
    "declare_base",
    "due_day",
    "employee_bases",
    "employer_certificates",
    "lines_of",
    "months_of",
    "of_employer",
    "of_person",
    "own_base",
    "own_certificates",
    "own_lines",
    "paid_before",
    "pay_online",
    "pay_own_online",
    "problems",
    "receipts_of_employer",
    "receipts_of_person",
    "refund",
    "reverse",
    "take",
    "verify",
    "write_off",
    "year_end",
]
