"""Payments 缴费记录: what has been paid for whom, as it is read by everybody else here."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select

from backend.kernel.clock import CHINA
from backend.kernel.db import Uow
from backend.pension.residents.model import ResidentPayment
from backend.pension.residents.schema import PaymentView

LIVING = ResidentPayment.reversed_at.is_(None)


def paid_years(uow: Uow, person_id: int) -> set[int]:
    """The years that the person has paid."""
    return set(uow.session.scalars(select(ResidentPayment.year).where(*_own(person_id))))


def own_payments(uow: Uow, person_id: int) -> Sequence[ResidentPayment]:
    """The years paid by the person, in the order in which the money came."""
    return uow.session.scalars(
        select(ResidentPayment)
        .where(*_own(person_id))
        .order_by(ResidentPayment.received_on, ResidentPayment.id)
    ).all()


def _own(person_id: int) -> tuple[ColumnElement[bool], ...]:
    return ResidentPayment.person_id == person_id, ResidentPayment.kind == "own", LIVING


def views(uow: Uow, person_id: int) -> tuple[PaymentView, ...]:
    """Everything that came in, the newest first; what was reversed too."""
    rows = uow.session.scalars(
        select(ResidentPayment)
        .where(ResidentPayment.person_id == person_id)
        .order_by(ResidentPayment.year.desc(), ResidentPayment.id.desc())
    )
    return tuple(view(row) for row in rows)


def view(row: ResidentPayment) -> PaymentView:
    return PaymentView(
        year=row.year,
        kind=row.kind,
        amount_fen=row.amount.fen,
        subsidy_fen=row.subsidy.fen,
        payer=row.payer,
        channel=row.channel,
        reference=row.reference,
        received_on=row.received_on,
        reversed_on=row.reversed_at.astimezone(CHINA).date() if row.reversed_at else None,
    )
