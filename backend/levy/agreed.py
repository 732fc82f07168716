"""Agreements in force 缓缴协议: which bills are paid later by one, and how far it was kept (rules/deferring.py)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, bindparam, func, select

from backend.kernel.db import Uow
from backend.levy.model import OPEN, Bill, Deferral, DeferralBill, DeferralPart, Receipt, Settlement, owed_fen
from backend.levy.rules.deferring import Part, Plan


def plans_of(uow: Uow, bills: Iterable[int]) -> dict[int, Plan]:
    """By bill: the agreement that covers it. Bills of one agreement share it."""
    if not (numbers := list(bills)):
        return {}
    covered = select(DeferralBill.bill_id, DeferralBill.deferral_id).where(
        among(DeferralBill.bill_id, numbers)
    )
    by_bill = {bill: deferral for bill, deferral in uow.session.execute(covered)}  # noqa: C416 - rows, not pairs
    if not by_bill:
        return {}
    known = plans(uow, set(by_bill.values()))
    return {bill: known[deferral] for bill, deferral in by_bill.items()}


def plans(uow: Uow, deferrals: Iterable[int]) -> dict[int, Plan]:
    """Agreements by number, each with what has come for its bills since it was made."""
    numbers = list(deferrals)
    rows = uow.session.scalars(select(Deferral).where(among(Deferral.id, numbers))).all()
    parts = defaultdict[int, list[Part]](list)
    for part in uow.session.scalars(
        select(DeferralPart).where(among(DeferralPart.deferral_id, numbers)).order_by(DeferralPart.no)
    ):
        parts[part.deferral_id].append(Part(part.due_day, part.amount.fen))
    paid, still = _paid(uow, numbers), _open(uow, numbers)
    return {
        row.id: Plan(
            since=row.since,
            parts=tuple(parts[row.id]),
            paid=paid[row.id],
            open_fen=still[row.id],
            waived=row.waived,
            ended=row.ended_on,
        )
        for row in rows
    }


def _paid(uow: Uow, numbers: Sequence[int]) -> dict[int, list[tuple[date, int]]]:
    found = defaultdict[int, list[tuple[date, int]]](list)
    rows = uow.session.execute(
        select(DeferralBill.deferral_id, Receipt.received_on, func.sum(Settlement.amount))
        .join(Settlement, Settlement.bill_id == DeferralBill.bill_id)
        .join(Receipt, Receipt.id == Settlement.receipt_id)
        .join(Deferral, Deferral.id == DeferralBill.deferral_id)
        .where(
            among(DeferralBill.deferral_id, numbers),
            Settlement.undone_at.is_(None),
            Settlement.at > Deferral.made_at,
        )
        .group_by(DeferralBill.deferral_id, Receipt.received_on)
    )
    for number, day, amount in rows:
        found[number].append((day, amount.fen))
    return found


def _open(uow: Uow, numbers: Sequence[int]) -> dict[int, int]:
    found = defaultdict[int, int](int)
    rows = uow.session.execute(
        select(DeferralBill.deferral_id, Bill)
        .join(Bill, Bill.id == DeferralBill.bill_id)
        .where(among(DeferralBill.deferral_id, numbers), OPEN)
    )
    for number, bill in rows:
        found[number] += owed_fen(bill)
    return found


def running(uow: Uow) -> dict[int, Plan]:
    """The agreements that run today: what they cover is not asked for before its time."""
    last = select(func.max(DeferralPart.due_day)).where(DeferralPart.deferral_id == Deferral.id)
    alive = select(Deferral.id).where(Deferral.ended_on.is_(None), last.scalar_subquery() >= uow.today)
    known = plans(uow, uow.session.scalars(alive).all())
    return {number: plan for number, plan in known.items() if plan.state(uow.today) == "running"}


def covered(uow: Uow, deferrals: Iterable[int]) -> set[int]:
    """The bills of these agreements."""
    wanted = select(DeferralBill.bill_id).where(among(DeferralBill.deferral_id, list(deferrals)))
    return set(uow.session.scalars(wanted))


def among(column: Any, numbers: Iterable[int]) -> ColumnElement[bool]:
    """Whether a number is one of many."""
    found: ColumnElement[bool] = column == func.any(bindparam(None, list(numbers), type_=ARRAY(BigInteger)))
    return found
