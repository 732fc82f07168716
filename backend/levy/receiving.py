"""Receipts 到账: money is taken once, goes to the oldest dues first, then to late fees; the rest waits 待转金.

Dues of one month are paid in proportion over the insurances. What is paid late raises its late fee, from the
day after the due day (社会保险法 第八十六条). Income is booked when money comes (收付实现制), by fund.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from sqlalchemy import ColumnElement, func, select

from backend.kernel import ident, ledger
from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import NotFound, Refusal, Wrong
from backend.kernel.funds import Fund
from backend.kernel.items import item
from backend.kernel.money import ZERO, Money
from backend.kernel.pooling import require_reach
from backend.levy import accounts
from backend.levy.model import Bill, Receipt, Settlement
from backend.levy.paying import NoLongerPaid, PaidInFull, note, pay, tell
from backend.levy.schema import (
    CHANNELS,
    AllocateReceipt,
    Channel,
    ReceiptView,
    RefundReceipt,
    ReverseReceipt,
    TakeReceipt,
)
from backend.levy.settling import Settled
from backend.levy.terms import FUNDS
from backend.registry import service as registry

REVERSED = Receipt.reversed_at.isnot(None)


class TakenAlready(Refusal):
    """{channel}流水号 {reference} 的到账已经收过（{amount} 元，{day}），没有再收。"""


class ReceivedAhead(Refusal):
    """到账日期 {day} 还没有到，请核对。"""

    status = 422


class ReversedAlready(Refusal):
    """{channel}流水号 {reference} 的到账已经冲正过，不能再办；银行重新到账的，请重新收。"""


class LaterMoneyOnIt(Refusal):
    """这笔到账产生的滞纳金已经由后来的到账缴清，请先冲正后来的那一笔（编号 {later}）。"""


class RefundedAlready(Refusal):
    """{channel}流水号 {reference} 的到账已经退回过 {amount} 元，不能冲正。"""


class PayerUnknown(Refusal):
    """没有找到缴款人 {payer}，请核对统一社会信用代码或者证件号码。"""

    status = 404


class NothingWaiting(Refusal):
    """{channel}流水号 {reference} 的到账没有待转的钱，不需要再办。"""


class HasPayer(Refusal):
    """{channel}流水号 {reference} 的到账已经记到 {payer} 名下，不能改给别人；记错了请冲正以后重新收。"""


@item("LEV-05", "征缴到账", may=Permission.LEVY_RUN)
def take(uow: Uow, cmd: TakeReceipt) -> ReceiptView:
    require_reach(uow)
    if cmd.received_on > uow.today:
        raise ReceivedAhead(day=cmd.received_on)
    known = _receipt(uow, cmd.channel, cmd.reference)
    if known and known.reversed_at is None:
        raise TakenAlready(**_named(known), amount=known.amount, day=known.received_on)
    employer_id, person_id = _payer(uow, cmd.payer)
    amount = Money(cmd.amount_fen)
    row = Receipt(
        channel=cmd.channel,
        reference=cmd.reference,
        payer=cmd.payer,
        employer_id=employer_id,
        person_id=person_id,
        amount=amount,
        unallocated=amount,
        refunded=ZERO,
        batches=[],
        received_on=cmd.received_on,
        file=None,
        taken_at=uow.now,
        reversed_at=None,
    )
    uow.session.add(row)
    uow.session.flush()
    paid = pay(uow, row)
    _book(uow, row, "receipt", receipt_lines(uow, row.channel, paid.sums, row.unallocated.fen))
    tell(uow, paid)
    return view(uow, row)


@item("LEV-06", "待转金记到缴款人", may=Permission.LEVY_RUN, review=1)
def allocate(uow: Uow, cmd: AllocateReceipt) -> ReceiptView:
    """Whose the waiting money is has been found out; it pays what they owe, the rest waits for them."""
    require_reach(uow)
    row = _living(uow, cmd.channel, cmd.reference)
    if not row.unallocated:
        raise NothingWaiting(**_named(row))
    employer_id, person_id = _payer(uow, cmd.payer)
    if employer_id is None and person_id is None:
        raise PayerUnknown(payer=cmd.payer)
    if (row.employer_id or row.person_id) and (row.employer_id, row.person_id) != (employer_id, person_id):
        raise HasPayer(**_named(row), payer=row.payer)
    row.payer, row.employer_id, row.person_id = cmd.payer, employer_id, person_id
    use_waiting(uow, row)
    return view(uow, row)


def use_waiting(uow: Uow, row: Receipt) -> None:
    """Money that waits pays what is owed by now; between funds it moves from deposit to deposit."""
    paid = pay(uow, row)
    lines = []
    for (fund, kind), fen in sorted(paid.sums.items()):
        income = accounts.income(uow, fund, kind)
        if fund is accounts.HOLDING:
            lines.append(ledger.Line(accounts.waiting(uow), income, fen))
        else:
            own, other = (accounts.deposit(uow, one, row.channel) for one in (accounts.HOLDING, fund))
            lines += [ledger.Line(accounts.waiting(uow), own, fen), ledger.Line(other, income, fen)]
    if lines:
        _book(uow, row, "allocation", lines)
    tell(uow, paid)


def give_back(uow: Uow, returned: Mapping[int, Mapping[Fund, int]]) -> None:
    """Dues that were too much are income no longer: by fund and receipt, the money waits for its payer again."""
    for number, sums in sorted(returned.items()):
        row = uow.session.get_one(Receipt, number, with_for_update=True)
        lines = []
        for fund, fen in sorted(sums.items()):
            income = accounts.income(uow, fund, "dues")
            if fund is accounts.HOLDING:
                lines.append(ledger.Line(income, accounts.waiting(uow), fen))
            else:
                own, other = (accounts.deposit(uow, one, row.channel) for one in (accounts.HOLDING, fund))
                lines += [ledger.Line(income, other, fen), ledger.Line(own, accounts.waiting(uow), fen)]
        row.unallocated = row.unallocated + Money(sum(sums.values()))
        _book(uow, row, "reassessment", lines)


def use_all_waiting(uow: Uow, *whose: ColumnElement[bool]) -> None:
    """After a month was billed: who has paid ahead (`whose` receipts only) has paid."""
    waiting = select(Receipt).where(
        Receipt.unallocated > ZERO,
        Receipt.employer_id.isnot(None) | Receipt.person_id.isnot(None),
        *whose,
    )
    for row in uow.session.scalars(waiting.order_by(Receipt.id).with_for_update()):
        use_waiting(uow, row)


@item("LEV-07", "到账冲正", may=Permission.LEVY_RUN, review=1)
def reverse(uow: Uow, cmd: ReverseReceipt) -> ReceiptView:
    """Everything the receipt did is undone: the dues are owed again, its late fees were never raised."""
    require_reach(uow)
    row = _living(uow, cmd.channel, cmd.reference)
    if row.refunded:
        raise RefundedAlready(**_named(row), amount=row.refunded)
    _drop_late_fees(uow, row)
    _unbook(uow, row)
    opened = []
    for one in uow.session.scalars(
        select(Settlement).where(Settlement.receipt_id == row.id, Settlement.undone_at.is_(None))
    ).all():
        bill = uow.session.get_one(Bill, one.bill_id, with_for_update=True)
        if bill.kind == "dues" and bill.settled_at is not None:
            opened.append(bill.id)
        bill.paid, bill.settled_at, one.undone_at = bill.paid - one.amount, None, uow.now
    row.unallocated, row.reversed_at = ZERO, uow.now
    note(uow, "reversal", row.amount, cmd.reason, receipt_id=row.id)
    uow.session.flush()
    if opened:
        uow.emit(NoLongerPaid(tuple(dict.fromkeys(opened))))
    return view(uow, row)


def _unbook(uow: Uow, row: Receipt) -> None:
    """Its own batches are reversed; of a file, whose batch is many receipts', what stands of it by now."""
    if row.file is None:
        for batch in row.batches:
            ledger.reverse(uow, batch)
    else:
        mirrored = [ledger.Line(one.credit, one.debit, one.fen) for one in _standing_lines(uow, row)]
        _book(uow, row, "receipt-reversal", mirrored)


def _standing_lines(uow: Uow, row: Receipt) -> list[ledger.Line]:
    """What stands in the books for a receipt by now, however it got there: each fund's income, and what waits."""
    paid = uow.session.execute(
        select(Bill.insurance, Bill.kind, func.sum(Settlement.amount))
        .join(Settlement, Settlement.bill_id == Bill.id)
        .where(Settlement.receipt_id == row.id, Settlement.undone_at.is_(None))
        .group_by(Bill.insurance, Bill.kind)
        .order_by(Bill.insurance, Bill.kind)
    )
    sums = {(FUNDS[insurance], kind): int(amount.fen) for insurance, kind, amount in paid}
    return receipt_lines(uow, row.channel, sums, row.unallocated.fen)


def receipt_lines(
    uow: Uow, channel: str, sums: Mapping[tuple[Fund, str], int], waiting_fen: int
) -> list[ledger.Line]:
    """Money that came in by a channel: into each fund's deposit as income, the rest as 待转收入."""
    lines = [
        ledger.Line(accounts.deposit(uow, fund, channel), accounts.income(uow, fund, kind), fen)
        for (fund, kind), fen in sorted(sums.items())
    ]
    if waiting_fen:
        holding = accounts.deposit(uow, accounts.HOLDING, channel)
        lines.append(ledger.Line(holding, accounts.waiting(uow), waiting_fen))
    return lines


def _drop_late_fees(uow: Uow, row: Receipt) -> None:
    """The late fees that this money raised. Where other money has paid them, that goes first."""
    fees = uow.session.scalars(select(Bill).where(Bill.late_receipt == row.id).with_for_update()).all()
    for fee in fees:
        paid = uow.session.scalars(
            select(Settlement).where(Settlement.bill_id == fee.id, Settlement.undone_at.is_(None))
        ).all()
        if other := next((one for one in paid if one.receipt_id != row.id), None):
            raise LaterMoneyOnIt(later=other.receipt_id)
        fee.voided_at = uow.now
    uow.session.flush()


@item("LEV-08", "待转金退回", may=Permission.LEVY_RUN, review=1)
def refund(uow: Uow, cmd: RefundReceipt) -> ReceiptView:
    """What nobody owes goes back by the way it came."""
    require_reach(uow)
    row = _living(uow, cmd.channel, cmd.reference)
    if not row.unallocated:
        raise NothingWaiting(**_named(row))
    line = ledger.Line(
        accounts.waiting(uow), accounts.deposit(uow, accounts.HOLDING, row.channel), row.unallocated.fen
    )
    note(uow, "refund", row.unallocated, cmd.reason, receipt_id=row.id)
    row.refunded, row.unallocated = row.refunded + row.unallocated, ZERO
    _book(uow, row, "refund", [line])
    return view(uow, row)


def book_file(uow: Uow, channel: str, file: str, settled: Settled) -> None:
    """All that came in one file is one batch; each receipt can still be reversed alone."""
    lines = receipt_lines(uow, channel, settled.sums, settled.waiting)
    if lines:
        ledger.post(
            uow,
            month=ledger.this_month(uow),
            document="receipt-file",
            key=f"levy/receipts/{settled.first}",
            lines=lines,
            checker=f"slip:{channel}/{file}",
        )
    if settled.complete:
        uow.emit(PaidInFull(tuple(settled.complete)))


def _book(uow: Uow, row: Receipt, document: str, lines: list[ledger.Line]) -> None:
    """One batch; the slip of the bank, the tax office or the treasury stands for the second person."""
    before = select(func.count()).where(*_same(row.channel, row.reference), Receipt.id < row.id, REVERSED)
    again = uow.session.scalar(before)
    batch = ledger.post(
        uow,
        month=ledger.this_month(uow),
        document=document,
        key=f"levy/{row.channel}/{row.reference}"
        + (f"~{again}" if again else "")
        + (f"/{len(row.batches)}" if row.batches else ""),
        lines=lines,
        checker=next(reversed(uow.approvers), f"slip:{row.channel}/{row.reference}"),
    )
    row.batches = [*row.batches, batch]
    uow.session.flush()


# ---- finding ----


def _payer(uow: Uow, payer: str) -> tuple[int | None, int | None]:
    """The employer or person behind what stands on a slip; neither where nobody is known by it."""
    for read, known, is_employer in (
        (ident.credit_code, registry.employer, True),
        (ident.citizen_number, registry.person, False),
    ):
        with suppress(Wrong, NotFound):
            found = known(uow, read(payer)).id
            return (found, None) if is_employer else (None, found)
    return None, None


def _receipt(uow: Uow, channel: Channel, reference: str) -> Receipt | None:
    """The living one under this reference, else the last that was reversed."""
    return uow.session.scalar(
        select(Receipt)
        .where(*_same(channel, reference))
        .order_by(REVERSED, Receipt.id.desc())
        .limit(1)
        .with_for_update()
    )


def _same(channel: str, reference: str) -> tuple[ColumnElement[bool], ...]:
    return Receipt.channel == channel, Receipt.reference == reference


def _living(uow: Uow, channel: Channel, reference: str) -> Receipt:
    row = _receipt(uow, channel, reference)
    if row is None:
        raise NotFound(what=f"{CHANNELS[channel]}流水号 {reference} 的到账")
    if row.reversed_at is not None:
        raise ReversedAlready(**_named(row))
    return row


def _named(row: Receipt) -> dict[str, str]:
    return {"channel": str(CHANNELS[row.channel]), "reference": row.reference}


def view(uow: Uow, row: Receipt) -> ReceiptView:
    sums = {
        kind: fen.fen
        for kind, fen in uow.session.execute(
            select(Bill.kind, func.sum(Settlement.amount))
            .join(Settlement, Settlement.bill_id == Bill.id)
            .where(Settlement.receipt_id == row.id, Settlement.undone_at.is_(None))
            .group_by(Bill.kind)
        )
    }
    return ReceiptView(
        receipt=row.id,
        channel_name=str(CHANNELS[row.channel]),
        reference=row.reference,
        payer=row.payer,
        amount_fen=row.amount.fen,
        dues_fen=sums.get("dues", 0),
        late_fee_fen=sums.get("late_fee", 0),
        unallocated_fen=row.unallocated.fen,
        refunded_fen=row.refunded.fen,
        reversed=row.reversed_at is not None,
    )
