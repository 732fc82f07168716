"""Checking 对账: money on its way is what the cases say, what came in is booked to the fen, no month is paid twice."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from backend.kernel import ledger
from backend.kernel.db import Uow
from backend.levy.service import auditing as levy
from backend.pension.model import Contribution
from backend.pension.transferred import TransferCase, TransferMonth, TransferYear
from backend.pension.transferring import cases, doubled, money

QUESTION = "关系转移"


def check(uow: Uow) -> list[ledger.Difference]:
    """Where cases, ledger and accounts do not say the same; [] if all is well."""
    return [*_on_the_way(uow), *_tables(uow), *_months(uow), *_paid_twice(uow)]


def _on_the_way(uow: Uow) -> Iterator[ledger.Difference]:
    """Received and not booked, or owed and not paid, case by case; the account holds the sum of both."""
    waits = 0
    for case in uow.session.scalars(select(TransferCase).where(TransferCase.closed_on.is_(None))):
        if case.direction == cases.IN:
            waits += cases.received(uow, case).fen
        elif case.state == "decided" and case.with_money:
            waits += case.total.fen
    holds = -ledger.balance(uow, money.account(uow, money.TRANSIT))
    if waits != holds:
        yield ledger.Difference(QUESTION, "在途转移款", f"{waits} 分", f"{holds} 分")


def _tables(uow: Uow) -> Iterator[ledger.Difference]:
    """What moved is what the newest year of its table holds."""
    newest = (
        select(TransferYear.closing)
        .where(TransferYear.case_id == TransferCase.id)
        .order_by(TransferYear.year.desc())
        .limit(1)
        .scalar_subquery()
    )
    told = select(TransferCase.id, TransferCase.account, newest).where(
        TransferCase.state.in_(("informed", "decided", "done"))
    )
    for case, account, closing in uow.session.execute(told):
        left = closing.fen if closing is not None else 0
        if account.fen != left:
            yield ledger.Difference(QUESTION, f"转移 {case} 的个人账户", f"{left} 分", f"{account.fen} 分")


def _months(uow: Uow) -> Iterator[ledger.Difference]:
    """Months from elsewhere count exactly as often as a table brought them."""
    rows = uow.session.execute(
        select(Contribution.person_id, func.count())
        .outerjoin(
            TransferMonth,
            (TransferMonth.person_id == Contribution.person_id)
            & (TransferMonth.month == Contribution.month)
            & TransferMonth.counts,
        )
        .where(Contribution.area.is_not(None), TransferMonth.case_id.is_(None))
        .group_by(Contribution.person_id)
        .order_by(Contribution.person_id)
    )
    for person_id, n in rows:
        yield ledger.Difference(QUESTION, f"人员 {person_id} 从外地转入的月份", "有信息表", f"{n} 个月没有")


def _paid_twice(uow: Uow) -> Iterator[ledger.Difference]:
    """A month from elsewhere that was paid here too, and not given back yet (PEN-72)."""
    billed = levy.billed(Contribution.person_id, Contribution.month, doubled.INSURANCE)
    persons = select(Contribution.person_id).where(Contribution.area.is_not(None), billed).distinct()
    for person_id in uow.session.scalars(persons.order_by(Contribution.person_id)):
        for month, share in sorted(doubled.late(uow, person_id).items()):
            where = f"人员 {person_id} 的 {month} 两地重复缴费"
            yield ledger.Difference(QUESTION, where, f"退还 {share.fen} 分", "没有退")
