"""What is given up or goes back 核销、退回、冲正, each with its reason; and the money that waits 待转金."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from sqlalchemy import func, select, type_coerce

from backend.kernel.actor import Permission
from backend.kernel.db import MoneyType, Uow
from backend.kernel.errors import NotFound, Refusal
from backend.kernel.items import item, question
from backend.kernel.money import ZERO, Money
from backend.kernel.pooling import require_reach
from backend.levy.adjusted import (
    Adjustments,
    AdjustmentView,
    AskAdjustments,
    AskWaiting,
    Waiting,
    WaitingView,
)
from backend.levy.model import Adjustment, Bill, Receipt, owed_fen
from backend.levy.owing import bill_view
from backend.levy.paying import note
from backend.levy.schema import CHANNELS, BillView, WriteOff
from backend.registry import service as registry

MOST = 1000  # rows of a list
Payer = tuple[int | None, int | None]


class NothingOwed(Refusal):
    """应收单 {bill} 没有欠费，不需要核销。"""


@item("LEV-09", "欠费核销", may=Permission.LEVY_RUN, review=2)
def write_off(uow: Uow, cmd: WriteOff) -> BillView:
    require_reach(uow)
    bill = uow.session.get(Bill, cmd.bill, with_for_update=True)
    if bill is None:
        raise NotFound(what=f"应收单 {cmd.bill} ")
    if not owed_fen(bill):
        raise NothingOwed(bill=bill.id)
    note(uow, "write_off", Money(owed_fen(bill)), cmd.reason, bill_id=bill.id)
    bill.written_off = bill.due - bill.paid
    uow.session.flush()
    return bill_view(bill)


@question("LEV-Q24", "核销、退回和冲正清单", may=Permission.LEVY_READ)
def adjustments(uow: Uow, ask: AskAdjustments) -> Adjustments:
    """The newest first; the sums are of the whole year."""
    require_reach(uow)
    during = Adjustment.day.between(date(ask.year, 1, 1), date(ask.year, 12, 31))
    summed = uow.session.execute(
        select(Adjustment.kind, func.sum(Adjustment.amount)).where(during).group_by(Adjustment.kind)
    )
    sums = Counter({kind: amount.fen for kind, amount in summed})
    rows = uow.session.execute(
        select(Adjustment, Bill, Receipt)
        .outerjoin(Bill, Bill.id == Adjustment.bill_id)
        .outerjoin(Receipt, Receipt.id == Adjustment.receipt_id)
        .where(during, *([Adjustment.kind == ask.kind] if ask.kind != "all" else []))
        .order_by(Adjustment.id.desc())
        .limit(MOST)
    ).all()
    named = _named(uow, [bill or receipt for _, bill, receipt in rows])
    return Adjustments(
        write_off_fen=sums["write_off"],
        refund_fen=sums["refund"],
        reversal_fen=sums["reversal"],
        adjustments=tuple(
            AdjustmentView(
                day=one.day,
                kind=one.kind,
                number=named.get(_payer(bill or receipt), (receipt.payer if receipt else "", ""))[0],
                name=named.get(_payer(bill or receipt), ("", ""))[1],
                what=str(bill.id) if bill else f"{receipt.channel}/{receipt.reference}",
                amount_fen=one.amount.fen,
                reason=one.reason,
            )
            for one, bill, receipt in rows
        ),
    )


@question("LEV-Q25", "待转金清单", may=Permission.LEVY_READ)
def waiting(uow: Uow, ask: AskWaiting) -> Waiting:
    """Whose money is not known (to be found out), and what was paid ahead or too much."""
    require_reach(uow)
    nobody = Receipt.employer_id.is_(None) & Receipt.person_id.is_(None)
    which = [Receipt.unallocated > ZERO]
    if ask.payer != "all":
        which.append(nobody if ask.payer == "unknown" else ~nobody)
    whole = type_coerce(func.coalesce(func.sum(Receipt.unallocated), 0), MoneyType())
    n, total = uow.session.execute(select(func.count(), whole).where(*which)).one()
    rows = uow.session.scalars(select(Receipt).where(*which).order_by(Receipt.id).limit(MOST)).all()
    named = _named(uow, rows)
    return Waiting(
        receipts=n,
        waiting_fen=total.fen,
        waiting=tuple(
            WaitingView(
                channel_name=str(CHANNELS[one.channel]),
                reference=one.reference,
                payer=one.payer,
                name=named.get(_payer(one), ("", ""))[1],
                received_on=one.received_on,
                amount_fen=one.amount.fen,
                waiting_fen=one.unallocated.fen,
            )
            for one in rows
        ),
    )


def _named(uow: Uow, rows: Any) -> dict[Payer, tuple[str, str]]:
    """Number and name of each payer."""
    bosses = registry.employers(uow, {row.employer_id for row in rows if row.employer_id})
    people = registry.persons(uow, {row.person_id for row in rows if row.person_id})
    named: dict[Payer, tuple[str, str]] = {(id, None): (boss.uscc, boss.name) for id, boss in bosses.items()}
    return named | {(None, id): (who.ident, who.name) for id, who in people.items()}


def _payer(row: Bill | Receipt) -> Payer:
    return row.employer_id, row.person_id
