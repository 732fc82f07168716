"""Checking 对账: every account holds what was paid for it; and what came in and went out stands in the fund's ledger."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import BigInteger, Select, Subquery, case, cast, func, literal, select, text, union_all

from backend.kernel import ledger
from backend.kernel.db import Uow
from backend.kernel.settings import settings
from backend.pension import checking
from backend.pension.residents.books import FUND, RESIDENTS
from backend.pension.residents.contributing import INCOME, PAYMENT
from backend.pension.residents.model import ResidentMove, ResidentPayment, ResidentYear
from backend.pension.residents.moving import IN, OUT
from backend.pension.residents.paid import LIVING
from backend.pension.residents.reversing import REVERSAL
from backend.pension.residents.subsidising import ALLOTMENT

QUESTION, BOOKS = "居民个人账户", "居民养老保险和总账"
DOCUMENTS = [PAYMENT, REVERSAL, ALLOTMENT, IN, OUT]
# what our documents moved on an account of the fund, as income grows or expense
MOVED = text(
    """
    select a.kind, abs(sum(case when t.debit = a.id then t.amount_fen else -t.amount_fen end))::bigint fen
    from ledger.transfer t join ledger.batch b on b.id = t.batch and b.ym = t.ym
    join ledger.account a on a.id in (t.debit, t.credit)
    where b.document = any (:documents) and a.fund = :fund and a.area = :area and a.kind = any (:kinds)
    group by a.kind
    """
)


def check(uow: Uow) -> list[ledger.Difference]:
    return [*checking.check(uow, RESIDENTS, QUESTION), *_credited_differs(uow), *_ledger_differs(uow)]


def _credited_differs(uow: Uow) -> Iterator[ledger.Difference]:
    """What went into each account is its payments with their subsidies, and what came from the other scheme."""
    paid = (
        select(
            ResidentPayment.person_id,
            cast(ResidentPayment.amount, BigInteger) + cast(ResidentPayment.subsidy, BigInteger),
        ).where(LIVING),
        select(ResidentMove.person_id, cast(ResidentMove.amount, BigInteger)).where(
            ResidentMove.kind == "in"
        ),
    )
    come = union_all(*(one.subquery().select() for one in paid)).subquery("come")
    person, fen = come.c
    told = select(person.label("person"), func.sum(fen).label("fen")).group_by(person).subquery("told")
    kept = _credited()
    rows = (
        select(
            func.coalesce(told.c.person, kept.c.person),
            func.coalesce(told.c.fen, 0),
            func.coalesce(kept.c.fen, 0),
        )
        .select_from(told)
        .join(kept, kept.c.person == told.c.person, full=True)
        .where(func.coalesce(told.c.fen, 0) != func.coalesce(kept.c.fen, 0))
    )
    for person_id, expected, found in uow.session.execute(rows):
        yield ledger.Difference(QUESTION, f"人员 {person_id} 的本金", f"{expected} 分", f"{found} 分")


def _credited() -> Subquery:
    return (
        select(
            ResidentYear.person_id.label("person"),
            func.sum(cast(ResidentYear.credited, BigInteger)).label("fen"),
        )
        .group_by(ResidentYear.person_id)
        .subquery("kept")
    )


def _ledger_differs(uow: Uow) -> Iterator[ledger.Difference]:
    """Income by kind and what moved between the schemes, against the fund's ledger."""
    told = {
        kind: fen for one in (_payments(), _subsidies(), _moves()) for kind, fen in uow.session.execute(one)
    }
    kinds = sorted({*INCOME.values(), "fiscal_subsidy", "transfer_income", "transfer_expense"})
    asked = {"documents": DOCUMENTS, "fund": FUND, "area": settings().area, "kinds": kinds}
    booked = {row.kind: row.fen for row in uow.session.execute(MOVED, asked)}
    for kind in kinds:
        if (told.get(kind) or 0) != (booked.get(kind) or 0):
            yield ledger.Difference(BOOKS, kind, f"{told.get(kind) or 0} 分", f"{booked.get(kind) or 0} 分")


def _payments() -> Select[*tuple[Any, ...]]:
    kind = case((ResidentPayment.kind == "own", literal(INCOME["own"])), else_=literal(INCOME["collective"]))
    return (
        select(kind, func.sum(cast(ResidentPayment.amount, BigInteger)))
        .where(LIVING, ResidentPayment.batch.isnot(None))
        .group_by(kind)
    )


def _subsidies() -> Select[*tuple[Any, ...]]:
    """Allotted, less what was settled with an allotment because its payment was reversed."""
    kept = case((ResidentPayment.returned.is_(None), cast(ResidentPayment.subsidy, BigInteger)), else_=0)
    return select(literal("fiscal_subsidy"), func.sum(kept)).where(
        ResidentPayment.allotted.isnot(None), ResidentPayment.batch.isnot(None)
    )


def _moves() -> Select[*tuple[Any, ...]]:
    kind = case((ResidentMove.kind == "in", literal("transfer_income")), else_=literal("transfer_expense"))
    return select(kind, func.sum(cast(ResidentMove.amount, BigInteger))).group_by(kind)
