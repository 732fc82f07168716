"""Levy 征缴: what other systems may call; one procedure collects all insurances."""

from backend.levy import auditing
from backend.levy.adjusting import adjustments, waiting, write_off
from backend.levy.basefiles import declare_bases
from backend.levy.bases import employee_bases, own_base
from backend.levy.billing import bill_month, due_day
from backend.levy.certified import CertifiedBenefit
from backend.levy.certifying import (
    Certifying,
    certify,
    certify_employer,
    employer_certificates,
    issue,
    issued,
    own_certificates,
    verify,
)
from backend.levy.declaring import choose_base, declare_base, year_end
from backend.levy.deferring import defer, deferrals, end_deferral
from backend.levy.employers.cancelling import cancel_employer
from backend.levy.employers.changing import change_employer, change_insurance
from backend.levy.employers.insuring import insure_employer
from backend.levy.employers.schema import CancelEmployer, InsureEmployer
from backend.levy.employers.standing import registration
from backend.levy.enrolled import EnrolFlexible, StopFlexible
from backend.levy.enrolling import billed_themselves_until, enrol_flexible, flexible, stop_flexible
from backend.levy.floating import decide_floating
from backend.levy.loading import paid_before
from backend.levy.noticing import issue_notices, notices, notices_of_employer, notices_of_person, print_notice
from backend.levy.online import pay_online, pay_own_online
from backend.levy.owing import arrears, check, counted_of, months_of, of_employer, of_person
from backend.levy.paying import NoLongerPaid, PaidInFull, Reassessed
from backend.levy.problems import problems
from backend.levy.rates import employer_rates
from backend.levy.reassessing import reassess
from backend.levy.receiptfiles import take_file
from backend.levy.receiving import allocate, refund, reverse, take
from backend.levy.records import months_of_person, own_lines, receipts_of_employer, receipts_of_person
from backend.levy.relieving import grant_relief
from backend.levy.schema import BillMonth, Reassess, TakeReceipt

__all__ = [
    "BillMonth",
    "CancelEmployer",
    "CertifiedBenefit",
    "Certifying",
    "EnrolFlexible",
    "InsureEmployer",
    "NoLongerPaid",
    "PaidInFull",
    "Reassess",
    "Reassessed",
    "StopFlexible",
    "TakeReceipt",
    "adjustments",
    "allocate",
    "arrears",
    "auditing",
    "bill_month",
    "billed_themselves_until",
    "cancel_employer",
    "certify",
    "certify_employer",
    "change_employer",
    "change_insurance",
    "check",
    "choose_base",
    "counted_of",
    "decide_floating",
    "declare_base",
    "declare_bases",
    "defer",
    "deferrals",
    "due_day",
    "employee_bases",
    "employer_certificates",
    "employer_rates",
    "end_deferral",
    "enrol_flexible",
    "flexible",
    "grant_relief",
    "insure_employer",
    "issue",
    "issue_notices",
    "issued",
    "months_of",
    "months_of_person",
    "notices",
    "notices_of_employer",
    "notices_of_person",
    "of_employer",
    "of_person",
    "own_base",
    "own_certificates",
    "own_lines",
    "paid_before",
    "pay_online",
    "pay_own_online",
    "print_notice",
    "problems",
    "reassess",
    "receipts_of_employer",
    "receipts_of_person",
    "refund",
    "registration",
    "reverse",
    "stop_flexible",
    "take",
    "take_file",
    "verify",
    "waiting",
    "write_off",
    "year_end",
]
