"""Checking 对账: deemed months are those that stand, a month counts once, and the account's sums are its months'."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import BigInteger, ColumnElement, cast, func, or_, select

from backend.kernel import ledger
from backend.kernel.db import Uow
from backend.pension.careers.model import DeemedPeriod
from backend.pension.model import Account, Contribution

QUESTION = "缴费年限"


def check(uow: Uow) -> list[ledger.Difference]:
    return [*_deemed_differ(uow), *_counted_twice(uow), *_sums_differ(uow)]


def _deemed_differ(uow: Uow) -> Iterator[ledger.Difference]:
    """The account's deemed months, against the periods that stand."""
    sums = (
        select(DeemedPeriod.person_id, func.sum(_months()).label("n"))
        .where(DeemedPeriod.withdrawn_on.is_(None))
        .group_by(DeemedPeriod.person_id)
        .subquery()
    )
    n = func.coalesce(sums.c.n, 0)
    rows = (
        select(Account.person_id, n, Account.deemed_months)
        .outerjoin(sums, sums.c.person_id == Account.person_id)
        .where(Account.deemed_months != n)
        .order_by(Account.person_id)
    )
    for person_id, expected, found in uow.session.execute(rows):
        yield _difference(f"人员 {person_id} 的视同缴费月数", expected, found)


def _months() -> ColumnElement[int]:
    """How many months a period has."""
    span = func.age(DeemedPeriod.last, DeemedPeriod.first)
    return cast(func.extract("year", span) * 12 + func.extract("month", span) + 1, BigInteger)


def _counted_twice(uow: Uow) -> Iterator[ledger.Difference]:
    rows = (
        select(DeemedPeriod.person_id, func.count())
        .join(
            Contribution,
            (Contribution.person_id == DeemedPeriod.person_id)
            & Contribution.month.between(DeemedPeriod.first, DeemedPeriod.last),
        )
        .where(DeemedPeriod.withdrawn_on.is_(None))
        .group_by(DeemedPeriod.person_id)
        .order_by(DeemedPeriod.person_id)
    )
    for person_id, found in uow.session.execute(rows):
        yield _difference(f"人员 {person_id} 既视同缴费又实际缴费的月数", 0, found)


def _sums_differ(uow: Uow) -> Iterator[ledger.Difference]:
    """An account may have months of which only the sum is known, never fewer than are listed; where every month is
    listed with its index, they add up."""
    rows = (
        select(
            Contribution.person_id,
            func.count().label("n"),
            func.count(Contribution.index).label("known"),
            cast(func.coalesce(func.sum(Contribution.index), 0), BigInteger).label("total"),
        )
        .group_by(Contribution.person_id)
        .subquery()
    )
    whole = rows.c.known == Account.months_paid
    wrong = (
        select(Account.person_id, rows.c.n, Account.months_paid, rows.c.total, Account.index_sum)
        .join(rows, rows.c.person_id == Account.person_id)
        .where(or_(rows.c.n > Account.months_paid, whole & (rows.c.total != Account.index_sum)))
        .order_by(Account.person_id)
    )
    for person_id, n, months, total, index_sum in uow.session.execute(wrong):
        if n > months:
            yield _difference(f"人员 {person_id} 的缴费月数", n, months)
        else:
            yield _difference(f"人员 {person_id} 的缴费指数合计", total, index_sum)


def _difference(where: str, expected: int, found: int) -> ledger.Difference:
    return ledger.Difference(QUESTION, where, str(expected), str(found))
