"""Fund ledger 基金总账: one row moves an amount between two accounts; what must never be, PostgreSQL refuses.

A batch 凭证 is a header and its lines, written in one statement under a key that comes from the business:
posted again with the same content it is the same batch, with other content it is refused. Rows are never
changed; a mistake is undone by `reverse`. Money not yet certain is held (`reserve`), then posted or voided,
once.

Amounts are whole fen (`int`, above zero); a balance is debits less credits. Months are booking months: the
current one opens itself with its first posting, others are opened by hand. The rules are in sql/ledger.sql.

A transaction that posts once can never deadlock with another; one that posts several times may (the database
then undoes one of the two, and Runner does it again), so put what belongs together into one batch.
"""

from backend.kernel.ledger.accounts import account
from backend.kernel.ledger.books import (
    Account,
    Statement,
    StatementLine,
    TrialLine,
    balance,
    statement,
    trial_balance,
)
from backend.kernel.ledger.checking import Difference, check
from backend.kernel.ledger.holds import Hold, post_hold, reserve, void_hold
from backend.kernel.ledger.periods import close_period, open_period, this_month
from backend.kernel.ledger.posting import Line, post, post_select, reverse
from backend.kernel.ledger.refusals import (
    AlreadyPosted,
    EarlierOpen,
    HoldReused,
    HoldSettled,
    LaterClosed,
    NotChecked,
    NothingToPost,
    Overdrawn,
    PeriodNotOpen,
    ReversesReversal,
    SamePerson,
    TwoFunds,
    UnknownHold,
)
from backend.kernel.ledger.sealing import Broken, seal, verify_seals
from backend.kernel.ledger.vouchers import VoucherLine, accounts_of, known_months, vouchers

__all__ = [
    "Account",
    "AlreadyPosted",
    "Broken",
    "Difference",
    "EarlierOpen",
    "Hold",
    "HoldReused",
    "HoldSettled",
    "LaterClosed",
    "Line",
    "NotChecked",
    "NothingToPost",
    "Overdrawn",
    "PeriodNotOpen",
    "ReversesReversal",
    "SamePerson",
    "Statement",
    "StatementLine",
    "TrialLine",
    "TwoFunds",
    "UnknownHold",
    "VoucherLine",
    "account",
    "accounts_of",
    "balance",
    "check",
    "close_period",
    "known_months",
    "open_period",
    "post",
    "post_hold",
    "post_select",
    "reserve",
    "reverse",
    "seal",
    "statement",
    "this_month",
    "trial_balance",
    "verify_seals",
    "void_hold",
    "vouchers",
]
