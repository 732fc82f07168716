"""Tables of levy 征缴: bases, bills, receipts and what they paid, notices, agreements. Private to this folder.

A payer is an employer (`employer_id`) or, of a flexible worker's dues, the person (`person_id`).
"""

from backend.levy.model.dues import (
    OPEN,
    Bill,
    Certificate,
    DeclaredBase,
    DueLine,
    Floating,
    Problem,
    Relief,
    Run,
    owed_fen,
)
from backend.levy.model.overdue import Deferral, DeferralBill, DeferralPart, Notice
from backend.levy.model.receipts import Adjustment, Receipt, Settlement

__all__ = [
    "OPEN",
    "Adjustment",
    "Bill",
    "Certificate",
    "DeclaredBase",
    "Deferral",
    "DeferralBill",
    "DeferralPart",
    "DueLine",
    "Floating",
    "Notice",
    "Problem",
    "Receipt",
    "Relief",
    "Run",
    "Settlement",
    "owed_fen",
]
