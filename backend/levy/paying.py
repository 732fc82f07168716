"""Paying 抵缴: what a receipt's money pays, and the facts that follow. The rule is rules/allocating.py."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import ColumnElement, select

from backend.kernel.db import Uow
from backend.kernel.funds import Fund
from backend.kernel.money import ZERO, Money
from backend.levy.agreed import plans_of
from backend.levy.calculators import AskLateFee, LateFee, late_fee
from backend.levy.model import OPEN, Adjustment, Bill, Receipt, Settlement, owed_fen
from backend.levy.rules import allocating
from backend.levy.rules.allocating import Cash, Owed
from backend.levy.rules.deferring import Plan, Spared
from backend.levy.terms import FUNDS


@dataclass(frozen=True)
class PaidInFull:
    """Fact: these bills of dues are paid to the last fen."""

    bills: tuple[int, ...]


@dataclass(frozen=True)
class NoLongerPaid:
    """Fact: these bills were paid in full, and a receipt of theirs was reversed."""

    bills: tuple[int, ...]


@dataclass(frozen=True)
class Reassessed:
    """Fact: what these bills are made of has changed, and they are paid in full."""

    bills: tuple[int, ...]


@dataclass
class Paid:
    """What one allocation has paid, by fund and kind of bill, and which dues it completed."""

    sums: Counter[tuple[Fund, str]] = field(default_factory=Counter)
    complete: list[int] = field(default_factory=list)


def pay(uow: Uow, row: Receipt) -> Paid:
    """What the payer owes, dues before late fees, the oldest month first, while the money lasts."""
    paid = Paid()
    if row.employer_id is None and row.person_id is None:
        return paid
    bills = {
        bill.id: bill
        for bill in uow.session.scalars(
            select(Bill)
            .where(_of_payer(row), OPEN | ((Bill.late_receipt == row.id) & Bill.voided_at.is_(None)))
            .order_by(Bill.id)
            .with_for_update()
        )
    }
    plans = plans_of(uow, bills)
    owed = [as_owed(bill, plans.get(bill.id)) for bill in bills.values()]
    money = Cash(row.id, row.received_on, row.unallocated.fen)
    payments = allocating.allocate([money], owed, late_fee_fen)
    new = {id(one): _raised(uow, row, one, bills) for one in owed if one.raised}
    for payment in payments:
        bill = new.get(id(payment.owed)) or bills[payment.owed.id or 0]
        _settle(uow, row, bill, payment.fen, paid)
    uow.session.flush()
    return paid


def _of_payer(row: Receipt) -> ColumnElement[bool]:
    if row.employer_id is not None:
        return Bill.employer_id == row.employer_id
    return Bill.person_id == row.person_id


def as_owed(bill: Bill, plan: Plan | None) -> Owed:
    return Owed(
        id=bill.id,
        month=bill.month,
        insurance=bill.insurance,
        kind=bill.kind,
        due_day=bill.due_day,
        fen=owed_fen(bill),
        late_of=bill.late_of,
        late_receipt=bill.late_receipt,
        plan=plan,
    )


def fee_of(fen: int, due: date, paid: date, spared: Spared | None) -> LateFee:
    """What a payment that comes late adds: the public calculator's own sum."""
    asked = {"amount": Money(fen).text, "due": str(due), "paid": str(paid)}
    if spared:
        asked |= {"deferred_from": str(spared[0]), "deferred_until": str(spared[1])}
    return late_fee(AskLateFee.model_validate(asked))


def late_fee_fen(fen: int, due: date, paid: date, spared: Spared | None) -> int:
    if paid < due:  # most money; a file has many
        return 0
    return Money.yuan(fee_of(fen, due, paid, spared).fee).fen


def _raised(uow: Uow, row: Receipt, fee: Owed, bills: Mapping[int, Bill]) -> Bill:
    """The bill of a late fee that was raised: one that was there already, else a new one."""
    if fee.id is not None:
        known = bills[fee.id]
        known.due, known.settled_at = known.due + Money(fee.raised), None
        return known
    dues = bills[fee.late_of or 0]
    bill = Bill(
        run_id=dues.run_id,
        employer_id=dues.employer_id,
        person_id=dues.person_id,
        insurance=fee.insurance,
        month=fee.month,
        kind="late_fee",
        late_of=dues.id,
        late_receipt=row.id,
        n=dues.n,
        undeclared=0,
        due=Money(fee.raised),
        relief=ZERO,
        due_day=fee.due_day,
        paid=ZERO,
        written_off=ZERO,
        voided_at=None,
        settled_at=None,
    )
    uow.session.add(bill)
    uow.session.flush()
    return bill


def _settle(uow: Uow, row: Receipt, bill: Bill, fen: int, paid: Paid) -> None:
    amount = Money(fen)
    bill.paid, row.unallocated = bill.paid + amount, row.unallocated - amount
    uow.session.add(Settlement(receipt_id=row.id, bill_id=bill.id, amount=amount, at=uow.now, undone_at=None))
    paid.sums[FUNDS[bill.insurance], bill.kind] += fen
    if bill.paid == bill.due:  # what was written off was never paid
        bill.settled_at = uow.now
        if bill.kind == "dues":
            paid.complete.append(bill.id)


def note(uow: Uow, kind: str, amount: Money, reason: str, **of: int) -> None:
    """Why a bill is given up, or a receipt reversed or paid back."""
    uow.session.add(
        Adjustment(
            kind=kind,
            bill_id=of.get("bill_id"),
            receipt_id=of.get("receipt_id"),
            amount=amount,
            reason=reason,
            maker=uow.actor.id,
            day=uow.today,
        )
    )


def tell(uow: Uow, paid: Paid) -> None:
    if paid.complete:
        uow.emit(PaidInFull(tuple(paid.complete)))


@dataclass
class Lowered:
    """Bills that were lowered and are paid in full, and what went back to which receipt, by fund."""

    bills: list[int] = field(default_factory=list)
    returned: dict[int, Counter[Fund]] = field(default_factory=lambda: defaultdict(Counter))


def lower(uow: Uow, bill: Bill, fen: int, lowered: Lowered) -> None:
    """A bill asks so much less; what it has got beyond that goes back, the last money first."""
    due = bill.due.fen - fen
    beyond = max(0, bill.paid.fen + bill.written_off.fen - due)
    spared = min(beyond, bill.written_off.fen)
    bill.due, bill.written_off = Money(due), bill.written_off - Money(spared)
    bill.paid = bill.paid - Money(beyond - spared)
    _take_back(uow, bill, beyond - spared, lowered)
    if bill.paid == bill.due:
        bill.settled_at = bill.settled_at or uow.now
        lowered.bills.append(bill.id)
    uow.session.flush()


def _take_back(uow: Uow, bill: Bill, fen: int, lowered: Lowered) -> None:
    living = select(Settlement).where(Settlement.bill_id == bill.id, Settlement.undone_at.is_(None))
    for one in uow.session.scalars(living.order_by(Settlement.id.desc())).all():
        if not fen:
            return
        back = min(fen, one.amount.fen)
        one.undone_at = uow.now
        if rest := one.amount.fen - back:
            uow.session.add(
                Settlement(
                    receipt_id=one.receipt_id, bill_id=bill.id, amount=Money(rest), at=one.at, undone_at=None
                )
            )
        lowered.returned[one.receipt_id][FUNDS[bill.insurance]] += back
        fen -= back
