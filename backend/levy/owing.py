"""What payers owe 欠费: bills of a payer, arrears of all; and what others read of paid dues."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    Subquery,
    bindparam,
    case,
    cast,
    func,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from backend.kernel import codes, ledger
from backend.kernel.actor import Kind, Permission
from backend.kernel.db import MoneyType, Uow
from backend.kernel.items import question
from backend.kernel.money import ZERO, Money
from backend.kernel.params import value
from backend.kernel.period import Month
from backend.kernel.pooling import require_reach
from backend.kernel.rules import percent
from backend.kernel.settings import settings
from backend.levy import accounts, agreed, deferring
from backend.levy.agreed import plans_of
from backend.levy.deferred import DeferralView
from backend.levy.model import OPEN, Bill, DueLine, Receipt, Settlement, owed_fen
from backend.levy.paying import fee_of
from backend.levy.rules.deferring import Plan, spared
from backend.levy.schema import (
    KINDS,
    Arrears,
    ArrearsView,
    AskArrears,
    AskEmployerBills,
    AskPersonBills,
    Bills,
    BillView,
    FeeView,
    MonthSum,
)
from backend.levy.terms import compounds
from backend.registry import service as registry

SHOWN = 240  # bills of a payer: four years of five insurances
MONTHS = 12  # of the overview
MOST = 1000  # payers on the list of arrears


@question("LEV-Q1", "单位应缴和欠费", may=Permission.LEVY_READ, by=(Kind.EMPLOYER,))
def of_employer(uow: Uow, ask: AskEmployerBills) -> Bills:
    boss = registry.employer(uow, ask.uscc)
    agreements = deferring.of_employer(uow, boss.id)
    return _bills(uow, Bill.employer_id == boss.id, Receipt.employer_id == boss.id, ask.year, agreements)


@question("LEV-Q2", "个人应缴和欠费", may=Permission.LEVY_READ, by=(Kind.CITIZEN,))
def of_person(uow: Uow, ask: AskPersonBills) -> Bills:
    who = registry.person(uow, ask.ident)
    return _bills(uow, Bill.person_id == who.id, Receipt.person_id == who.id, ask.year)


def _bills(
    uow: Uow,
    whose: ColumnElement[bool],
    money: ColumnElement[bool],
    year: int | None,
    agreements: tuple[DeferralView, ...] = (),
) -> Bills:
    """What is owed by now, and the bills: the newest, or all of one year."""
    wanted = select(Bill).where(whose, Bill.voided_at.is_(None))
    wanted = wanted.where(*in_year(Bill.month, year)) if year else wanted.limit(SHOWN)
    rows = uow.session.scalars(wanted.order_by(Bill.month.desc(), Bill.kind, Bill.insurance)).all()
    still = uow.session.scalars(select(Bill).where(whose, OPEN).order_by(Bill.month, Bill.insurance)).all()
    waiting = type_coerce(func.coalesce(func.sum(Receipt.unallocated), 0), MoneyType())
    ahead = [bill for bill in still if bill.due_day >= uow.today]
    behind = [bill for bill in still if bill.due_day < uow.today]
    plans = plans_of(uow, [bill.id for bill in still])
    put_off = [bill for bill in behind if bill.id in plans and plans[bill.id].state(uow.today) == "running"]
    fees = [*_growing(uow, still, plans), *_raised(uow, still)]
    owed = sum(map(owed_fen, still))
    fee = sum(one.fee_fen for one in fees if not one.raised)
    return Bills(
        owed_fen=owed,
        overdue_fen=sum(map(owed_fen, behind)),
        deferred_fen=sum(map(owed_fen, put_off)),
        fee_fen=fee,
        settle_fen=owed + fee,
        due_day=min((bill.due_day for bill in ahead), default=None),
        overdue_since=min((bill.due_day for bill in behind if bill not in put_off), default=None),
        unallocated_fen=uow.session.scalars(select(waiting).where(money)).one().fen,
        months=_months(uow, whose),
        fees=tuple(fees),
        compounding=compounds(settings().area, Month.of(uow.today)),
        bills=tuple(bill_view(bill, bill in put_off) for bill in rows),
        deferrals=agreements,
    )


def in_year(month: Any, year: int) -> tuple[ColumnElement[bool], ...]:
    """The months of a year."""
    return month >= Month(year, 1), month <= Month(year, 12)


def _growing(uow: Uow, still: Sequence[Bill], plans: Mapping[int, Plan]) -> list[FeeView]:
    """Of dues that are overdue and open: the late fee if they were paid today."""
    return [
        _fee(bill, bill, owed_fen(bill), uow.today, plans.get(bill.id), raised=False)
        for bill in still
        if bill.kind == "dues" and bill.due_day < uow.today
    ]


def _raised(uow: Uow, still: Sequence[Bill]) -> list[FeeView]:
    """Of open late fees: the dues that came late, and how late."""
    fees = [bill for bill in still if bill.kind == "late_fee"]
    dues = aliased(Bill)
    paid = (  # as it came: what was taken back of it later stands at the same time, with the rest
        select(Settlement.bill_id, Settlement.receipt_id, func.max(Settlement.amount).label("amount"))
        .where(Settlement.bill_id.in_([fee.late_of for fee in fees]))
        .group_by(Settlement.bill_id, Settlement.receipt_id, Settlement.at)
        .subquery()
    )
    found = uow.session.execute(
        select(Bill, dues, func.sum(paid.c.amount))
        .join(dues, dues.id == Bill.late_of)
        .join(paid, (paid.c.bill_id == dues.id) & (paid.c.receipt_id == Bill.late_receipt))
        .where(Bill.id.in_([fee.id for fee in fees]))
        .group_by(Bill.id, dues.id)
        .order_by(Bill.month, Bill.insurance)
    )
    plans = plans_of(uow, [fee.late_of or 0 for fee in fees])
    return [
        _fee(bill, late, amount.fen, bill.due_day, plans.get(late.id), raised=True)
        for bill, late, amount in found
    ]


def _fee(bill: Bill, late: Bill, late_fen: int, until: date, plan: Plan | None, *, raised: bool) -> FeeView:
    told = fee_of(late_fen, late.due_day, until, spared(plan, until))
    return FeeView(
        month=str(bill.month),
        insurance_name=codes.name("insurance", bill.insurance),
        due_day=late.due_day,
        until=until,
        days=told.days,
        deferred=plan is not None,
        halted=plan is not None and not raised and plan.waived and plan.state(until) == "running",
        late_fen=late_fen,
        rate=percent(value("levy.overdue.late_fee_rate", late.due_day)),
        fee_fen=bill.due.fen if raised else Money.yuan(told.fee).fen,
        raised=raised,
    )


def _months(uow: Uow, whose: ColumnElement[bool]) -> tuple[MonthSum, ...]:
    """The last twelve months that were billed, the oldest first."""
    due, paid, off = (
        type_coerce(func.sum(one), MoneyType()) for one in (Bill.due, Bill.paid, Bill.written_off)
    )
    rows = uow.session.execute(
        select(Bill.month, due, paid, off)
        .where(whose, Bill.kind == "dues", Bill.voided_at.is_(None))
        .group_by(Bill.month)
        .order_by(Bill.month.desc())
        .limit(MONTHS)
    ).all()
    return tuple(
        MonthSum(month=str(month), due_fen=due.fen, paid_fen=paid.fen, owed_fen=due.fen - paid.fen - off.fen)
        for month, due, paid, off in reversed(rows)
    )


def overdue_fen(uow: Uow, payer: ColumnElement[bool]) -> int:
    """What of a payer's dues and late fees is overdue."""
    still = uow.session.scalars(select(Bill).where(payer, OPEN, Bill.due_day < uow.today)).all()
    return sum(map(owed_fen, still))


def to_settle(uow: Uow, payer: ColumnElement[bool]) -> int:
    """What settles everything today, the late fees that this raises among it; the bills stay locked."""
    still = uow.session.scalars(select(Bill).where(payer, OPEN).order_by(Bill.id).with_for_update()).all()
    plans = plans_of(uow, [bill.id for bill in still])
    return sum(map(owed_fen, still)) + sum(one.fee_fen for one in _growing(uow, still, plans))


def bill_view(bill: Bill, deferred: bool = False) -> BillView:
    return BillView(
        bill=bill.id,
        month=str(bill.month),
        insurance_name=codes.name("insurance", bill.insurance),
        kind_name=KINDS[bill.kind],
        n=bill.n,
        whole_fen=bill.due.fen + bill.relief.fen,
        relief_fen=bill.relief.fen,
        undeclared=bill.undeclared,
        undeclared_percent=int(value("levy.undeclared.share", bill.month.first) * 100)
        if bill.undeclared
        else 0,
        due_fen=bill.due.fen,
        paid_fen=bill.paid.fen,
        written_off_fen=bill.written_off.fen,
        owed_fen=owed_fen(bill),
        due_day=bill.due_day,
        deferred=deferred,
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
    put_off = _put_off(uow)
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
                deferred_fen=put_off[boss],
            )
            for boss, person, since, n, fen in rows
        )
    )


def _put_off(uow: Uow) -> Counter[int | None]:
    """By employer, what of its overdue dues is put off by an agreement that runs."""
    found = Counter[int | None]()
    if bills := agreed.covered(uow, agreed.running(uow)):
        rows = select(Bill).where(_among(list(bills)), OPEN, Bill.due_day < uow.today)
        for bill in uow.session.scalars(rows):
            found[bill.employer_id] += owed_fen(bill)
    return found


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


def check(uow: Uow) -> list[ledger.Difference]:
    """Where levy's own figures do not agree with each other or with the ledger; nothing where all is well.

    What a receipt brought is what its settlements paid, what waits, and what went back; what a bill was paid is
    what its settlements say, and what it asks is what its lines say; what waits stands in the ledger.
    """
    return [*_receipts_differ(uow), *_bills_differ(uow), *_lines_differ(uow), *_books_differ(uow)]


def _receipts_differ(uow: Uow) -> Iterator[ledger.Difference]:
    used = _settled(Settlement.receipt_id)
    stands = func.coalesce(used.c.fen, 0) + Receipt.unallocated + Receipt.refunded
    brought = case((Receipt.reversed_at.isnot(None), 0), else_=Receipt.amount)
    rows = select(Receipt.channel, Receipt.reference, whole(brought), whole(stands))
    wrong = rows.outerjoin(used, used.c.key == Receipt.id).where(brought != stands)
    for channel, reference, expected, found in uow.session.execute(wrong):
        yield _difference("征缴到账", f"到账 {channel}/{reference}", expected, found)


def _bills_differ(uow: Uow) -> Iterator[ledger.Difference]:
    got = _settled(Settlement.bill_id)
    paid = func.coalesce(got.c.fen, 0)
    rows = select(Bill.id, whole(paid), whole(Bill.paid)).outerjoin(got, got.c.key == Bill.id)
    for bill, expected, found in uow.session.execute(rows.where(Bill.paid != paid)):
        yield _difference("应收单", f"应收单 {bill}", expected, found)


def _lines_differ(uow: Uow) -> Iterator[ledger.Difference]:
    """What a bill asks and what it says was taken off, against its lines."""
    for column, names in (("due", ("employer_share", "person_share")), ("relief", ("relief",))):
        yield from _sums_differ(uow, column, names)


def _sums_differ(uow: Uow, column: str, names: Sequence[str]) -> Iterator[ledger.Difference]:
    stands = func.max(type_coerce(getattr(Bill, column), BigInteger()))
    lines = cast(sum(map(_sum, names)), BigInteger())
    rows = (
        select(Bill.id, lines, stands)
        .join(DueLine, MADE_OF & (DueLine.insurance == Bill.insurance))
        .where(Bill.kind == "dues")
        .group_by(Bill.id)
        .having(stands != lines)
    )
    for bill, expected, found in uow.session.execute(rows):
        yield _difference("应收单的明细", f"应收单 {bill}", expected, found)


def _books_differ(uow: Uow) -> Iterator[ledger.Difference]:
    """What waits, against 待转收入."""
    waits = uow.session.scalars(select(whole(func.coalesce(func.sum(Receipt.unallocated), 0)))).one()
    booked = -ledger.balance(uow, accounts.waiting(uow))
    if booked != waits:
        yield _difference("待转金和总账", accounts.HOLDING.label, waits, booked)


def _settled(key: Any) -> Subquery:
    return (
        select(key.label("key"), func.sum(Settlement.amount).label("fen"))
        .where(Settlement.undone_at.is_(None))
        .group_by(key)
        .subquery()
    )


def whole(amount: Any) -> ColumnElement[int]:
    """An amount as whole fen."""
    return cast(amount, BigInteger)


def _difference(question: str, where: str, expected: int, found: int) -> ledger.Difference:
    return ledger.Difference(question, where, f"{expected} 分", f"{found} 分")
