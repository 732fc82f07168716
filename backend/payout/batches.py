"""Monthly batches 发放批次: one month's benefits posted as one set, with what is still owed from earlier months."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Integer,
    ScalarSelect,
    Select,
    SQLColumnExpression,
    bindparam,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy.orm import joinedload

from backend.kernel import codes, ledger
from backend.kernel.actor import Kind, Permission
from backend.kernel.clock import CHINA
from backend.kernel.db import MonthType, Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import question
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.kernel.pooling import require_reach
from backend.payout import accounts, stopping
from backend.payout.bankfiles.profiles import OTHERWISE, RESULTS
from backend.payout.model import BankLine, Batch, Order, Overpaid, Payable, Repayment
from backend.payout.recovery import offsetting
from backend.payout.schema import AskBatches, AskPayments, Batches, BatchView, Payments, PaymentView
from backend.registry import service as registry

LABELS = {
    "payable": "可以领取",
    "held": "正在办理",
    "collected": "已领现金",
    "at_bank": "银行办理中",
    "paid": "已到银行账户",
    "cancelled": "已撤销",
}
MOST = 1_200  # payments that a person is shown: a hundred years of months
HEADER = ("fund", "item", "area", "month", "run", "maker", "checker", "posted_at")
COUNTED = {
    "waiting": ("payable", "held"),
    "settled": ("collected", "paid"),
    "at_bank": ("at_bank",),
    "cancelled": ("cancelled",),
}


class AlreadyRun(Refusal):
    """{month} 的{item}已经全部发放过了，没有需要补发的人，没有再发。"""


class NobodyDue(Refusal):
    """{month} 没有需要发放{item}的人，请核对月份。"""


def run_month(
    uow: Uow, *, fund: str, what: str, area: str, month: Month, due: Select[*tuple[Any, ...]], checker: str
) -> BatchView:
    """Post as one set what `due` selects (person_id, month, amount in fen), once a person and month.

    It is read once: what is counted is what is owed. A month that was run already gets a further run (补发) for
    whom `due` still selects; whoever selects leaves out what is owed already (`not_posted`).
    """
    require_reach(uow)
    return post_due(uow, fund=fund, what=what, area=area, month=month, due=due, checker=checker)


def post_due(
    uow: Uow, *, fund: str, what: str, area: str, month: Month, due: Select[*tuple[Any, ...]], checker: str
) -> BatchView:
    """As `run_month`, for what follows from something that this officer may do to a person of theirs."""
    uow.session.execute(stopping.RUNNING)
    runs = select(func.count()).where(
        Batch.fund == fund, Batch.item == what, Batch.area == area, Batch.month == month
    )
    run = 1 + uow.session.scalars(runs).one()
    header = {
        "fund": fund,
        "item": what,
        "area": area,
        "month": month,
        "run": run,
        "maker": uow.actor.id,
        "checker": checker,
        "posted_at": uow.now,
    }
    keeps_back = offsetting.anybody(uow, fund, what)
    if keeps_back:
        due = offsetting.keep_back(uow, fund, what, due)
    number = uow.session.scalar(_writing(due), header)
    if number is None:
        raise (AlreadyRun if run > 1 else NobodyDue)(month=month, item=what)
    ledger.post_select(
        uow,
        month=ledger.this_month(uow),
        document="benefit",
        key=f"payout/{fund}/{what}/{area}/{month}" + (f"/{run}" if run > 1 else ""),
        source=select(
            literal(accounts.benefit(uow, fund)).label("debit"),
            literal(accounts.payable(uow, fund)).label("credit"),
            Payable.amount.label("amount_fen"),
        ).where(Payable.batch_id == number),
        maker=uow.actor.id,
        checker=checker,
    )
    if keeps_back:
        offsetting.book(uow, fund, number, checker)
    return _views(uow, [uow.session.get_one(Batch, number)])[0]


def _writing(due: Select[*tuple[Any, ...]]) -> Select[int]:
    """One statement that writes the batch and its payables; no row comes back where nobody is due."""
    rows = due.cte("rows").prefix_with("materialized")
    given = [bindparam(name, type_=Batch.__table__.c[name].type) for name in HEADER]
    header = (
        insert(Batch)
        .from_select(
            [*HEADER, "n", "total"],
            select(*given, func.count(), func.sum(rows.c.amount)).select_from(rows).having(func.count() > 0),
        )
        .returning(Batch.id)
        .cte("header")
    )
    lines = (
        insert(Payable)
        .from_select(
            ["batch_id", "person_id", "month", "item", "amount", "state"],
            select(
                header.c.id,
                rows.c.person_id,
                rows.c.month,
                bindparam("item", type_=Payable.item.type),
                rows.c.amount,
                literal("payable"),
            ).select_from(header.join(rows, true())),
        )
        .cte("lines")
    )
    return select(header.c.id).add_cte(lines)


def not_posted(
    person: SQLColumnExpression[int], month: ColumnElement[Month], what: str
) -> ColumnElement[bool]:
    """Whether nothing is owed yet to the person of a row for that row's month."""
    owed = select(Payable.id).where(
        Payable.person_id == person,
        Payable.month == month,
        Payable.item == literal(what),
        Payable.cancelled_at.is_(None),
    )
    return ~owed.exists()


def under_way(uow: Uow, person_id: int, what: str, since: Month) -> int:
    """How many payables of the months from `since` on are at a kiosk or a bank: nobody knows yet how they end."""
    going = select(func.count()).where(
        Payable.person_id == person_id,
        Payable.item == what,
        Payable.month >= since,
        Payable.cancelled_at.is_(None),
        Payable.state.in_(("held", "at_bank")),
    )
    return uow.session.scalar(going) or 0


def posted_from(uow: Uow, *, fund: str, what: str, area: str, month: Month) -> bool:
    """Whether this month or a later one was run already, so that some may be owed this month's money."""
    earlier = select(Batch.id).where(
        Batch.fund == fund, Batch.item == what, Batch.area == area, Batch.month >= month
    )
    return bool(uow.session.scalar(select(earlier.exists())))


def last_posted(uow: Uow, *, fund: str, what: str, area: str, before: Month) -> datetime | None:
    """When the newest month before this one was run last: who was decided by then has had their arrears."""
    return uow.session.scalar(
        select(Batch.posted_at)
        .where(Batch.fund == fund, Batch.item == what, Batch.area == area, Batch.month < before)
        .order_by(Batch.month.desc(), Batch.run.desc())
        .limit(1)
    )


def booked_earlier(uow: Uow, batch: int, since: date) -> bool:
    """Whether an earlier batch of the same kind was posted since that day."""
    this = uow.session.get_one(Batch, batch)
    earlier = select(Batch.id).where(
        Batch.fund == this.fund,
        Batch.item == this.item,
        Batch.area == this.area,
        Batch.id < batch,
        Batch.posted_at >= datetime.combine(since, time(), CHINA),
    )
    return bool(uow.session.scalar(select(earlier.exists())))


def months_posted(batch: int) -> Select[int, int]:
    """Selects each person of a batch and how many months they were owed in it."""
    return (
        select(Payable.person_id, func.count().label("months"))
        .where(Payable.batch_id == batch)
        .group_by(Payable.person_id)
    )


def had(what: str) -> Select[int, Month, int]:
    """Selects what each person was given for each month (person_id, month, fen), with what was kept back of it for a
    debt; months that were cancelled or are claimed back are left out."""
    kept = select(Repayment.amount).where(Repayment.payable_id == Payable.id).scalar_subquery()
    fen = type_coerce(Payable.amount, BigInteger) + func.coalesce(type_coerce(kept, BigInteger), 0)
    return select(Payable.person_id, Payable.month, fen.label("fen")).where(
        Payable.item == what, Payable.cancelled_at.is_(None), ~Overpaid.claimed(Payable.id)
    )


def still_due(uow: Uow, person_id: int, what: str, year: int) -> int:
    """How many months were booked for a person in a year, without those that turned out not to be due."""
    first = datetime.combine(date(year, 1, 1), time(), CHINA)
    return uow.session.scalars(
        select(func.count())
        .select_from(Payable)
        .join(Batch, Batch.id == Payable.batch_id)
        .where(
            Payable.person_id == person_id,
            Payable.item == what,
            Payable.cancelled_at.is_(None),
            Batch.posted_at >= first,
            Batch.posted_at < first.replace(year=year + 1),
            ~Overpaid.claimed(Payable.id),
        )
    ).one()


def posted(what: str) -> Select[*tuple[Any, ...]]:
    """Every month of an item that was posted and not cancelled: its payable, person, month, when it was posted, the
    whole amount (what was kept back of it, too), and whether it is still `due` (not claimed back)."""
    kept = func.coalesce(type_coerce(_kept_back(), BigInteger()), 0)
    return (
        select(
            Payable.id,
            Payable.batch_id,
            Payable.person_id,
            Payable.month,
            Batch.posted_at,
            (type_coerce(Payable.amount, BigInteger()) + kept).label("fen"),
            (~Overpaid.claimed(Payable.id)).label("due"),
        )
        .join(Batch, Batch.id == Payable.batch_id)
        .where(Payable.item == what, Payable.cancelled_at.is_(None))
    )


def booked(uow: Uow, what: str, persons: Collection[int]) -> Iterator[tuple[int, Month]]:
    """In which month each of these persons' months was posted that is still due."""
    rows = posted(what).where(Payable.person_id.in_(persons), ~Overpaid.claimed(Payable.id)).subquery()
    for person_id, at in uow.session.execute(select(rows.c.person_id, rows.c.posted_at)):
        yield person_id, Month.of(at.astimezone(CHINA).date())


def months_standing(what: str) -> Select[int, Month, datetime]:
    """Selects what an item's months stand for: person_id, month, posted_at; what was cancelled or is claimed back does
    not stand."""
    return (
        select(Payable.person_id, Payable.month, Batch.posted_at)
        .join(Batch, Batch.id == Payable.batch_id)
        .where(Payable.item == what, Payable.cancelled_at.is_(None), ~Overpaid.claimed(Payable.id))
    )


def month_of(value: Month) -> ColumnElement[Month]:
    """A month as a column of `due`."""
    return literal(value, MonthType())


@question("PAY-Q2", "发放批次查询", may=Permission.PAYOUT_READ)
def listed(uow: Uow, ask: AskBatches) -> Batches:
    query = select(Batch).order_by(Batch.month.desc(), Batch.id.desc()).limit(60)
    if ask.month:
        query = query.where(Batch.month == Month.parse(ask.month))
    return Batches(batches=tuple(_views(uow, uow.session.scalars(query).all())))


def _views(uow: Uow, batches: Sequence[Batch]) -> list[BatchView]:
    """Batches with how far each is paid out, counted in one go."""
    tally = {
        (batch, state): n
        for batch, state, n in uow.session.execute(
            select(Payable.batch_id, Payable.state, func.count())
            .where(Payable.batch_id.in_([batch.id for batch in batches]))
            .group_by(Payable.batch_id, Payable.state)
        )
    }
    return [
        BatchView(
            batch=batch.id,
            month=str(batch.month),
            item=batch.item,
            run=batch.run,
            n=batch.n,
            total_fen=batch.total.fen,
            **{
                name: sum(tally.get((batch.id, state), 0) for state in states)
                for name, states in COUNTED.items()
            },
        )
        for batch in batches
    ]


@question("PAY-Q1", "待遇发放记录", may=Permission.PAYOUT_READ, by=(Kind.CITIZEN,))
def payments(uow: Uow, ask: AskPayments) -> Payments:
    person = registry.person(uow, ask.ident)
    return Payments(payments=tuple(of_person(uow, person.id, MOST)))


def of_person(uow: Uow, person_id: int, limit: int) -> list[PaymentView]:
    """What a person was and is due, the newest first, and why the bank sent it back where it did."""
    rows = uow.session.execute(OF_PERSON, {"person": person_id, "most": limit})
    return [_payment(due, receipt, code, kept) for due, receipt, code, kept in rows]


def _returned_as() -> ScalarSelect[str]:
    """The result code of the newest return of a row's payable, as long as it waits to be drawn."""
    return (
        select(BankLine.code)
        .where(BankLine.payable_id == Payable.id, BankLine.stored == "returned", Payable.stored == "payable")
        .order_by(BankLine.file_id.desc().nulls_first())
        .limit(1)
        .scalar_subquery()
    )


def _kept_back() -> ScalarSelect[Money]:
    return select(Repayment.amount).where(Repayment.payable_id == Payable.id).scalar_subquery()


PERSON: BindParameter[int] = bindparam("person")
OF_PERSON = (
    select(Payable, Order.receipt_no, _returned_as(), _kept_back())
    .options(joinedload(Payable.file))
    .outerjoin(Order, (Order.payable_id == Payable.id) & (Order.state == "paid"))
    # said in two halves, each of which has an index
    .where(
        or_(
            (Payable.person_id == PERSON) & Payable.cancelled_at.is_(None),
            (Payable.person_id == PERSON) & Payable.cancelled_at.is_not(None),
        )
    )
    .order_by(Payable.month.desc(), Payable.id.desc())
    .limit(bindparam("most", type_=Integer))
)


def _payment(due: Payable, receipt: str | None, code: str | None, kept: Money | None) -> PaymentView:
    return PaymentView(
        entitlement=str(due.id),
        month=str(due.month),
        item=due.item,
        amount_fen=due.amount.fen,
        kept_fen=kept.fen if kept else 0,
        state=due.state,
        state_label=LABELS[due.state],
        returned=codes.name(RESULTS, code or OTHERWISE) if code is not None else None,
        settled_at=due.settled_at,
        settled_on=due.settled_at.astimezone(CHINA).date() if due.settled_at else None,
        receipt_no=receipt,
    )
