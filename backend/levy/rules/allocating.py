"""Allocation 分配: money pays the oldest dues first, then late fees, and what comes late raises its fee."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from backend.kernel.period import Month
from backend.levy.rules.deferring import Plan, Spared, spared
from backend.levy.rules.splitting import split

LateFee = Callable[[int, date, date, Spared | None], int]


@dataclass
class Owed:
    """A bill as far as it is open. `raised`: what this allocation has added to it; a new late fee has no id yet.
    `plan`: the agreement by which it is paid later; bills of one agreement share it."""

    id: int | None
    month: Month
    insurance: str
    kind: str  # dues, late_fee
    due_day: date
    fen: int
    late_of: int | None = None
    late_receipt: int | None = None
    raised: int = 0
    plan: Plan | None = None


@dataclass
class Cash:
    """What of a receipt is still to be used."""

    receipt: int
    day: date
    fen: int


@dataclass(frozen=True)
class Payment:
    """What of a receipt goes to a bill."""

    receipt: int
    owed: Owed
    fen: int


def allocate(cash: Sequence[Cash], owed: list[Owed], late_fee: LateFee) -> list[Payment]:
    """What one payer's money pays, receipt by receipt; new late fees are added to `owed`.

    `late_fee`: what so many fen raise that were due on one day and are paid on another, some days spared.

    >>> dues = Owed(7, Month(2026, 1), "110", "dues", date(2026, 1, 25), 1_000_000)
    >>> money = [Cash(1, date(2026, 2, 4), 1_000_000), Cash(2, date(2026, 2, 4), 6_000)]
    >>> paid = allocate(money, bills := [dues], lambda fen, due, paid, spared: fen * 5 // 1000)
    >>> [(one.receipt, one.owed.kind, one.fen) for one in paid], bills[1].raised
    ([(1, 'dues', 1000000), (2, 'late_fee', 5000)], 5000)
    """
    paid: list[Payment] = []
    for money in cash:
        for kind in ("dues", "late_fee"):
            paid += _pay(money, kind, owed, late_fee)
    return paid


def _pay(money: Cash, kind: str, owed: list[Owed], late_fee: LateFee) -> list[Payment]:
    """A month's bills are paid in proportion."""
    paid = []
    bills = sorted((one for one in owed if one.kind == kind and one.fen), key=_age)
    for _, month in groupby(bills, key=lambda one: one.month):
        due = list(month)
        weights = [one.fen for one in due]
        for one, fen in zip(due, split(min(money.fen, sum(weights)), weights), strict=True):
            if not fen:
                continue
            one.fen, money.fen = one.fen - fen, money.fen - fen
            paid.append(Payment(money.receipt, one, fen))
            if one.plan:
                one.plan.take(money.day, fen)
            if kind == "dues":
                _raise_fee(money, one, fen, owed, late_fee)
    return paid


def _age(one: Owed) -> tuple[Month, str, bool, int]:
    return one.month, one.insurance, one.id is None, one.id or 0


def _raise_fee(money: Cash, dues: Owed, fen: int, owed: list[Owed], late_fee: LateFee) -> None:
    fee = late_fee(fen, dues.due_day, money.day, spared(dues.plan, money.day))
    if not fee:
        return
    for one in owed:  # the same money has paid a part before
        if one.late_of == dues.id and one.late_receipt == money.receipt:
            one.fen, one.raised = one.fen + fee, one.raised + fee
            return
    owed.append(
        Owed(
            id=None,
            month=dues.month,
            insurance=dues.insurance,
            kind="late_fee",
            due_day=money.day,
            fen=fee,
            late_of=dues.id,
            late_receipt=money.receipt,
            raised=fee,
        )
    )
