"""What payers owe 欠费: bills of a payer, arrears of all, write-off; and what others read of paid dues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    bindparam,
    case,
    cast,
    func,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from backend.kernel import codes
from backend.kernel.actor import Kind, Permission
from backend.kernel.db import MoneyType, Uow
from backend.kernel.errors import NotFound, Refusal
from backend.kernel.items import item, question
from backend.kernel.money import ZERO
from backend.kernel.period import Month
from backend.kernel.pooling import require_reach
from backend.levy.model import Bill, DueLine, Receipt, Settlement
from backend.levy.paying import OPEN, owed_fen
from backend.levy.schema import (
    KINDS,
    Arrears,
    ArrearsView,
    AskArrears,
    AskEmployerBills,
    AskPersonBills,
    Bills,
    BillView,
    WriteOff,
)
from backend.registry import service as registry

SHOWN = 240  # bills of a payer: four years of five insurances
MOST = 1000  # payers on the list of arrears


class NothingOwed(Refusal):
    """应收单 {bill} 没有欠费，不需要核销。"""


@question("LEV-Q1", "单位应缴和欠费", may=Permission.LEVY_READ, by=(Kind.EMPLOYER,))
def of_employer(uow: Uow, ask: AskEmployerBills) -> Bills:
    boss = registry.employer(uow, ask.uscc)
    return _bills(uow, Bill.employer_id == boss.id, Receipt.employer_id == boss.id)


@question("LEV-Q2", "个人应缴和欠费", may=Permission.LEVY_READ, by=(Kind.CITIZEN,))
def of_person(uow: Uow, ask: AskPersonBills) -> Bills:
    who = registry.person(uow, ask.ident)
    return _bills(uow, Bill.person_id == who.id, Receipt.person_id == who.id)


def _bills(uow: Uow, whose: ColumnElement[bool], money: ColumnElement[bool]) -> Bills:
    owed = type_coerce(func.coalesce(func.sum(Bill.due - Bill.paid - Bill.written_off), 0), MoneyType())
    rows = uow.session.scalars(
        select(Bill)
        .where(whose, Bill.voided_at.is_(None))
        .order_by(Bill.month.desc(), Bill.kind, Bill.insurance)
        .limit(SHOWN)
    ).all()
    waiting = type_coerce(func.coalesce(func.sum(Receipt.unallocated), 0), MoneyType())
    return Bills(
        owed_fen=uow.session.scalars(select(owed).where(whose, OPEN)).one().fen,
        overdue_fen=uow.session.scalars(select(owed).where(whose, OPEN, Bill.due_day < uow.today)).one().fen,
        unallocated_fen=uow.session.scalars(select(waiting).where(money)).one().fen,
        bills=tuple(map(bill_view, rows)),
    )


def bill_view(bill: Bill) -> BillView:
    return BillView(
        bill=bill.id,
        month=str(bill.month),
        insurance_name=codes.name("insurance", bill.insurance),
        kind_name=KINDS[bill.kind],
        n=bill.n,
        due_fen=bill.due.fen,
        paid_fen=bill.paid.fen,
        written_off_fen=bill.written_off.fen,
        owed_fen=owed_fen(bill),
        due_day=bill.due_day,
    )


@question("LEV-Q3", "欠费清单", may=Permission.LEVY_READ)
def arrears(uow: Uow, ask: AskArrears) -> Arrears:
    """Who is overdue, the largest sums first."""
    require_reach(uow)
    owed = type_coerce(func.sum(Bill.due - Bill.paid - Bill.written_off), MoneyType())
    rows = uow.session.execute(
        select(Bill.employer_id, Bill.person_id, func.min(Bill.month), func.count(), owed)
        .where(OPEN, Bill.due_day < uow.today)
        .group_by(Bill.employer_id, Bill.person_id)
        .order_by(owed.desc())
        .limit(MOST)
    ).all()
    bosses = registry.employers(uow, {row[0] for row in rows if row[0]})
    people = registry.persons(uow, {row[1] for row in rows if row[1]})
    named: dict[tuple[int | None, int | None], tuple[str, str]]
    named = {(boss.id, None): (boss.uscc, boss.name) for boss in bosses.values()}
    named |= {(None, who.id): (who.ident, who.name) for who in people.values()}
    return Arrears(
        payers=tuple(
            ArrearsView(
                number=named[boss, person][0],
                name=named[boss, person][1],
                since=str(since),
                bills=n,
                owed_fen=fen.fen,
            )
            for boss, person, since, n, fen in rows
        )
    )


@item("LEV-09", "欠费核销", may=Permission.LEVY_RUN, review=2)
def write_off(uow: Uow, cmd: WriteOff) -> BillView:
    require_reach(uow)
    bill = uow.session.get(Bill, cmd.bill, with_for_update=True)
    if bill is None:
        raise NotFound(what=f"应收单 {cmd.bill} ")
    if not owed_fen(bill):
        raise NothingOwed(bill=bill.id)
    bill.written_off = bill.due - bill.paid
    uow.session.flush()
    return bill_view(bill)


def _among(bills: Sequence[int]) -> ColumnElement[bool]:
    return Bill.id == func.any(bindparam(None, list(bills), type_=ARRAY(BigInteger)))


def months_of(uow: Uow, bills: Sequence[int]) -> Sequence[Month]:
    """The months that these bills' lines are for."""
    runs = select(Bill.run_id).where(_among(bills))
    return uow.session.scalars(select(DueLine.month).where(DueLine.run_id.in_(runs)).distinct()).all()


def _payer_of(row: type[Bill] | type[DueLine]) -> ColumnElement[int]:
    """An employer's id, or a flexible worker's below zero; by such a key whole sets can be hashed."""
    return func.coalesce(row.employer_id, -row.person_id)


MADE_OF = (Bill.run_id == DueLine.run_id) & (_payer_of(Bill) == _payer_of(DueLine))


def counted_of(bills: Sequence[int], insurance: str) -> Select[*tuple[Any, ...]]:
    """Selects every person's month that these bills have lines of, as far as it is paid by now, all its lines
    together: month, person_id, employer_id, base, person_share, employer_share; a base of 0 where it does not count."""
    touched = (
        select(DueLine.month, DueLine.person_id)
        .join(Bill, MADE_OF)
        .where(_among(bills), Bill.insurance == insurance, DueLine.insurance == insurance)
        .distinct()
        .cte("touched")
    )
    paid = Bill.id.isnot(None)
    payers = func.array_agg(aggregate_order_by(DueLine.employer_id, DueLine.seq.desc()))
    return (
        select(
            touched.c.month,
            touched.c.person_id,
            type_coerce(payers.filter(paid, DueLine.base > ZERO), ARRAY(BigInteger))[1].label("employer_id"),
            *(
                cast(_sum(name).filter(paid), BigInteger()).label(name)
                for name in ("base", "person_share", "employer_share")
            ),
        )
        .select_from(touched)
        .join(
            DueLine,
            (DueLine.month == touched.c.month)
            & (DueLine.person_id == touched.c.person_id)
            & (DueLine.insurance == insurance),
        )
        .outerjoin(
            Bill,
            MADE_OF & (Bill.insurance == insurance) & (Bill.kind == "dues") & Bill.settled_at.isnot(None),
        )
        .group_by(touched.c.month, touched.c.person_id)
    )


def _sum(name: str) -> Any:
    return func.sum(type_coerce(getattr(DueLine, name), BigInteger()))


def differences(uow: Uow) -> list[str]:
    """Where levy's own figures do not agree with each other; nothing where all is well.

    What a receipt brought is what its settlements paid, what waits, and what went back; what a bill was paid is
    what its settlements say; what it asks is what
    its lines say.
    """
    living = (Settlement.undone_at.is_(None),)
    used = (
        select(Settlement.receipt_id, func.sum(Settlement.amount).label("fen"))
        .where(*living)
        .group_by(Settlement.receipt_id)
        .subquery()
    )
    got = (
        select(Settlement.bill_id, func.sum(Settlement.amount).label("fen"))
        .where(*living)
        .group_by(Settlement.bill_id)
        .subquery()
    )
    receipts = (
        select(Receipt.channel, Receipt.reference)
        .outerjoin(used, used.c.receipt_id == Receipt.id)
        .where(
            case((Receipt.reversed_at.isnot(None), 0), else_=Receipt.amount)
            != func.coalesce(used.c.fen, 0) + Receipt.unallocated + Receipt.refunded
        )
    )
    bills = (
        select(Bill.id)
        .outerjoin(got, got.c.bill_id == Bill.id)
        .where(Bill.paid != func.coalesce(got.c.fen, 0))
    )
    asked = (
        select(Bill.id)
        .join(DueLine, MADE_OF & (DueLine.insurance == Bill.insurance))
        .where(Bill.kind == "dues")
        .group_by(Bill.id)
        .having(
            func.max(type_coerce(Bill.due, BigInteger())) != _sum("employer_share") + _sum("person_share")
        )
    )
    return [
        *(f"应收单 {bill} 的明细" for bill in uow.session.scalars(asked)),
        *(f"到账 {channel}/{reference}" for channel, reference in uow.session.execute(receipts)),
        *(f"应收单 {bill}" for bill in uow.session.scalars(bills)),
    ]
