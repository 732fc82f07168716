"""Levy 征缴: what other systems may call; one procedure collects all insurances."""

from backend.levy.basefiles import declare_bases
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
from backend.levy.employers.cancelling import cancel_employer
from backend.levy.employers.changing import change_employer, change_insurance
from backend.levy.employers.insuring import insure_employer
from backend.levy.employers.schema import CancelEmployer, InsureEmployer
from backend.levy.employers.standing import registration
from backend.levy.loading import paid_before
from backend.levy.online import pay_online, pay_own_online
from backend.levy.owing import arrears, check, counted_of, months_of, of_employer, of_person, write_off
from backend.levy.paying import NoLongerPaid, PaidInFull, Reassessed
from backend.levy.reassessing import reassess
from backend.levy.receiptfiles import take_file
from backend.levy.receiving import allocate, refund, reverse, take
from backend.levy.records import own_lines, receipts_of_employer, receipts_of_person
from backend.levy.schema import BillMonth, TakeReceipt

__all__ = [
    "BillMonth",
    "CancelEmployer",
    "Certifying",
    "InsureEmployer",
    "NoLongerPaid",
    "PaidInFull",
    "Reassessed",
    "TakeReceipt",
    "allocate",
    "arrears",
    "bill_month",
    "cancel_employer",
    "certify",
    "certify_employer",
    "change_employer",
    "change_insurance",
    "check",
    "choose_base",
    "counted_of",
    "declare_base",
    "declare_bases",
    "due_day",
    "employee_bases",
    "employer_certificates",
    "insure_employer",
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
    "reassess",
    "receipts_of_employer",
    "receipts_of_person",
    "refund",
    "registration",
    "reverse",
    "take",
    "take_file",
    "verify",
    "write_off",
    "year_end",
]
