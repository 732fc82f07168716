"""Settling a file 批量抵缴: the money of many receipts pays what its payers owe; each payer once, written as sets.

The rule is the one that a single receipt is used by (rules/allocating.py).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice

from sqlalchemy import ARRAY, BigInteger, bindparam, func, insert, or_, select, text

from backend.kernel.db import Uow
from backend.kernel.funds import Fund
from backend.kernel.money import ZERO, Money
from backend.levy.agreed import plans_of
from backend.levy.model import OPEN, Bill, Settlement
from backend.levy.paying import as_owed, late_fee_fen
from backend.levy.rules.allocating import Cash, Owed, Payment, allocate
from backend.levy.terms import FUNDS

AT_ONCE = 1_000  # payers
Payer = tuple[int | None, int | None]
STAGED = """
select employer_id, person_id, receipt_id, amount, day from arrived where state = 'taken'
order by employer_id, person_id, no
"""
RECEIVED = "select sum(amount)::bigint, min(receipt_id) from arrived where receipt_id is not null"
PAY = text(
    """
    update levy.bill b set paid = b.paid + g.fen,
      settled_at = case when b.paid + g.fen = b.due then cast(:now as timestamptz) end
    from (select * from unnest(cast(:ids as bigint[]), cast(:fens as bigint[])) as g (id, fen)) g
    where b.id = g.id
    returning b.id, b.kind, b.settled_at is not null as complete
    """
)
USE = text(
    """
    update levy.receipt r set unallocated = r.unallocated - g.fen
    from (select * from unnest(cast(:ids as bigint[]), cast(:fens as bigint[])) as g (id, fen)) g
    where r.id = g.id
    """
)


@dataclass
class Settled:
    """What a file's receipts have paid, by fund and kind of bill, what waits, and which dues are complete."""

    sums: Counter[tuple[Fund, str]] = field(default_factory=Counter)
    waiting: int = 0
    complete: list[int] = field(default_factory=list)
    first: int | None = None  # the lowest number of its receipts


def settle_staged(uow: Uow) -> Settled:
    """Pays with the receipts that are staged (table `arrived`), payer by payer, some thousand at a time."""
    received, first = uow.session.execute(text(RECEIVED)).one()
    settled = Settled(waiting=received or 0, first=first)
    rows = uow.session.execute(text(STAGED).execution_options(yield_per=10_000))
    payers = groupby(rows, key=lambda row: (row.employer_id, row.person_id))
    money = (
        (payer, [Cash(row.receipt_id, row.day, row.amount) for row in receipts]) for payer, receipts in payers
    )
    while chunk := dict(islice(money, AT_ONCE)):
        _settle(uow, chunk, settled)
    return settled


def _settle(uow: Uow, money: Mapping[Payer, list[Cash]], settled: Settled) -> None:
    bills = _open_bills(uow, list(money))
    plans = plans_of(uow, [bill.id for listed in bills.values() for bill in listed])
    payments, fees = list[Payment](), list[tuple[Payer, Owed]]()
    for payer, cash in money.items():
        owed = [as_owed(bill, plans.get(bill.id)) for bill in bills[payer]]
        payments += allocate(cash, owed, late_fee_fen)
        fees += [(payer, one) for one in owed if one.raised]
    if not payments:
        return
    _write_fees(uow, fees, {bill.id: bill for listed in bills.values() for bill in listed})
    for payment in payments:
        settled.sums[FUNDS[payment.owed.insurance], payment.owed.kind] += payment.fen
        settled.waiting -= payment.fen
    settled.complete += _write_payments(uow, payments)
    uow.session.expunge_all()


def _open_bills(uow: Uow, payers: Sequence[Payer]) -> Mapping[Payer, list[Bill]]:
    employers, persons = (
        bindparam(None, [payer[at] for payer in payers if payer[at]], type_=ARRAY(BigInteger))
        for at in (0, 1)
    )
    rows = uow.session.scalars(
        select(Bill)
        .where(or_(Bill.employer_id == func.any(employers), Bill.person_id == func.any(persons)), OPEN)
        .order_by(Bill.id)
        .with_for_update()
    )
    found = defaultdict[Payer, list[Bill]](list)
    for bill in rows:
        found[bill.employer_id, bill.person_id].append(bill)
    return found


def _write_fees(uow: Uow, fees: Sequence[tuple[Payer, Owed]], bills: Mapping[int, Bill]) -> None:
    """New bills for the late fees; each is given its number."""
    if not fees:
        return
    rows = [
        {
            "run_id": bills[fee.late_of or 0].run_id,
            "employer_id": employer_id,
            "person_id": person_id,
            "insurance": fee.insurance,
            "month": fee.month,
            "kind": "late_fee",
            "late_of": fee.late_of,
            "late_receipt": fee.late_receipt,
            "n": bills[fee.late_of or 0].n,
            "undeclared": 0,
            "due": Money(fee.raised),
            "relief": ZERO,
            "due_day": fee.due_day,
            "paid": ZERO,
            "written_off": ZERO,
        }
        for (employer_id, person_id), fee in fees
    ]
    adding = insert(Bill).returning(Bill.id, sort_by_parameter_order=True)
    for (_, fee), number in zip(fees, uow.session.connection().execute(adding, rows).scalars(), strict=True):
        fee.id = number


def _write_payments(uow: Uow, payments: Sequence[Payment]) -> list[int]:
    """Settlements, and what they change; the dues that are paid in full by now come back."""
    uow.session.connection().execute(
        insert(Settlement),
        [
            {"receipt_id": one.receipt, "bill_id": one.owed.id, "amount": Money(one.fen), "at": uow.now}
            for one in payments
        ],
    )
    used, paid = Counter[int](), Counter[int]()
    for one in payments:
        used[one.receipt] += one.fen
        paid[one.owed.id or 0] += one.fen
    uow.session.execute(USE, {"ids": list(used), "fens": list(used.values())})
    bills = uow.session.execute(PAY, {"ids": list(paid), "fens": list(paid.values()), "now": uow.now})
    return [bill.id for bill in bills if bill.complete and bill.kind == "dues"]
