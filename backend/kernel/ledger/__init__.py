"""Fund ledger 基金总账: one row moves an amount between two accounts; what must never be, PostgreSQL refuses.

A batch 凭证 is a header and its lines, written in one statement under a key that comes from the business:
posted again with the same content it is the same batch, with other content it is refused. Rows are never
changed; a mistake is undone by `reverse`. Money not yet certain is held (`reserve`), then posted or voided,
once.

Amounts are whole fen (`int`, above zero); a balance is debits less credits. Months are booking months: the
current one opens itself with its first posting, others are opened by hand, and the newest closed one may be
opened again. The rules are in sql/ledger.sql and in the migrations that changed it.

A transaction that posts once can never deadlock with another; one that posts several times may (the database
then undoes one of the two, and Runner does it again), so put what belongs together into one batch.
"""

from backend.kernel.ledger.accounts import account, require_covered
from backend.kernel.ledger.books import (
    YEAR_END,
    Account,
    Movement,
    Statement,
    StatementLine,
    TrialLine,
    accounts_of,
    balance,
    funds_kept,
    moved_since,
    movements,
    statement,
    trial_balance,
)
from backend.kernel.ledger.checking import Difference, check
from backend.kernel.ledger.holds import Hold, post_hold, reserve, void_hold
from backend.kernel.ledger.periods import (
    Period,
    Step,
    calendar,
    close_period,
    open_period,
    reopen_period,
    stand_still,
    steps,
    this_month,
)
from backend.kernel.ledger.posting import Line, post, post_select, posted, reverse
from backend.kernel.ledger.refusals import (
    AlreadyPosted,
    EarlierOpen,
    HoldReused,
    HoldSettled,
    LaterClosed,
    NotChecked,
    NothingToPost,
    NotNewest,
    Overdrawn,
    PeriodNotOpen,
    ReopenNotChecked,
    ReversesReversal,
    SamePerson,
    TwoFunds,
    UnknownHold,
    YearCarried,
)
from backend.kernel.ledger.sealing import Broken, seal, verify_seals
from backend.kernel.ledger.vouchers import VoucherLine, known_months, reversal_of, voucher, vouchers

__all__ = [
    "YEAR_END",
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
    "Movement",
    "NotChecked",
    "NotNewest",
    "NothingToPost",
    "Overdrawn",
    "Period",
    "PeriodNotOpen",
    "ReopenNotChecked",
    "ReversesReversal",
    "SamePerson",
    "Statement",
    "StatementLine",
    "Step",
    "TrialLine",
    "TwoFunds",
    "UnknownHold",
    "VoucherLine",
    "YearCarried",
    "account",
    "accounts_of",
    "balance",
    "calendar",
    "check",
    "close_period",
    "funds_kept",
    "known_months",
    "moved_since",
    "movements",
    "open_period",
    "post",
    "post_hold",
    "post_select",
    "posted",
    "reopen_period",
    "require_covered",
    "reserve",
    "reversal_of",
    "reverse",
    "seal",
    "stand_still",
    "statement",
    "steps",
    "this_month",
    "trial_balance",
    "verify_seals",
    "void_hold",
    "voucher",
    "vouchers",
]
