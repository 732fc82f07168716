"""Records 缴费记录: what was levied for a person and whether it is paid; a payer's receipts and where they went."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, type_coerce

from backend.kernel import codes
from backend.kernel.actor import Kind, Permission
from backend.kernel.db import MoneyType, Uow
from backend.kernel.items import question
from backend.kernel.money import ZERO
from backend.levy.model import Bill, DueLine, Receipt, Settlement
from backend.levy.owing import in_year
from backend.levy.schema import (
    CHANNELS,
    KINDS,
    AskEmployerReceipts,
    AskOwnLines,
    AskPersonReceipts,
    OwnLine,
    OwnLines,
    PaidReceipt,
    PartView,
    Receipts,
)
from backend.registry import service as registry

SHOWN = 240  # lines of a person: five years of four insurances
RECEIPTS = 60  # of a payer
FLEXIBLE = "灵活就业"


@question("LEV-Q5", "个人缴费明细", may=Permission.LEVY_READ, by=(Kind.CITIZEN,))
def own_lines(uow: Uow, ask: AskOwnLines) -> OwnLines:
    """Each month in each insurance: by whom, on what base, and whether it has been paid in full."""
    who = registry.person(uow, ask.ident)
    rows = uow.session.execute(
        _limited(months_of_person(who.id), DueLine.month, ask.year, SHOWN).order_by(
            DueLine.month.desc(), DueLine.insurance
        )
    ).all()
    bosses = registry.employers(uow, {row.employer_id for row in rows if row.employer_id})
    return OwnLines(
        lines=tuple(
            OwnLine(
                month=str(row.month),
                insurance_name=codes.name("insurance", row.insurance),
                payer=bosses[row.employer_id].name if row.employer_id else FLEXIBLE,
                base_fen=row.base.fen,
                employer_fen=row.employer_share.fen if row.employer_id else 0,
                relief_fen=row.relief.fen,
                person_fen=row.person_share.fen + (0 if row.employer_id else row.employer_share.fen),
                paid=row.paid,
            )
            for row in rows
        )
    )


def _limited(
    rows: Select[*tuple[Any, ...]], month: Any, year: int | None, most: int
) -> Select[*tuple[Any, ...]]:
    """The newest, or all of a year."""
    return rows.where(*in_year(month, year)) if year else rows.limit(most)


def months_of_person(person_id: int) -> Select[*tuple[Any, ...]]:
    """Selects a person's months in each insurance at each payer, with what was added or taken off later: month,
    insurance, employer_id, base, employer_share, person_share, relief, `paid` (whether all of it is paid) and `counts`
    (whether a part is, by which the month counts)."""
    settled = Bill.settled_at.isnot(None)
    base, employer_share, person_share, relief = (
        type_coerce(func.sum(of), MoneyType()).label(of.key)
        for of in (DueLine.base, DueLine.employer_share, DueLine.person_share, DueLine.relief)
    )
    return (
        select(
            DueLine.month,
            DueLine.insurance,
            DueLine.employer_id,
            base,
            employer_share,
            person_share,
            relief,
            func.bool_and(settled).label("paid"),
            (func.sum(DueLine.base).filter(settled) > ZERO).label("counts"),
        )
        .join(
            Bill,
            (Bill.run_id == DueLine.run_id)
            & (Bill.insurance == DueLine.insurance)
            & (Bill.kind == "dues")
            & (
                (Bill.employer_id == DueLine.employer_id)
                | (DueLine.employer_id.is_(None) & (Bill.person_id == DueLine.person_id))
            ),
        )
        .where(DueLine.person_id == person_id)
        .group_by(DueLine.month, DueLine.insurance, DueLine.employer_id)
        .having(func.sum(DueLine.base) > ZERO)
    )


@question("LEV-Q7", "单位到账和去向", may=Permission.LEVY_READ, by=(Kind.EMPLOYER,))
def receipts_of_employer(uow: Uow, ask: AskEmployerReceipts) -> Receipts:
    return _receipts(uow, Receipt.employer_id == registry.employer(uow, ask.uscc).id, ask.year)


@question("LEV-Q8", "个人到账和去向", may=Permission.LEVY_READ, by=(Kind.CITIZEN,))
def receipts_of_person(uow: Uow, ask: AskPersonReceipts) -> Receipts:
    return _receipts(uow, Receipt.person_id == registry.person(uow, ask.ident).id, ask.year)


def _receipts(uow: Uow, whose: ColumnElement[bool], year: int | None) -> Receipts:
    wanted = select(Receipt).where(whose)
    during = (Receipt.received_on.between(date(year, 1, 1), date(year, 12, 31)),) if year else ()
    wanted = wanted.where(*during).limit(None if year else RECEIPTS)
    rows = uow.session.scalars(wanted.order_by(Receipt.received_on.desc(), Receipt.id.desc())).all()
    parts = _parts(uow, [row.id for row in rows])
    return Receipts(
        receipts=tuple(
            PaidReceipt(
                reference=row.reference,
                channel_name=str(CHANNELS[row.channel]),
                received_on=row.received_on,
                amount_fen=row.amount.fen,
                unallocated_fen=row.unallocated.fen,
                refunded_fen=row.refunded.fen,
                reversed=row.reversed_at is not None,
                parts=tuple(parts[row.id]),
            )
            for row in rows
        )
    )


def _parts(uow: Uow, receipts: list[int]) -> dict[int, list[PartView]]:
    """What each receipt has paid, by receipt."""
    found: dict[int, list[PartView]] = defaultdict(list)
    rows = uow.session.execute(
        select(Settlement.receipt_id, Bill.month, Bill.insurance, Bill.kind, func.sum(Settlement.amount))
        .join(Bill, Bill.id == Settlement.bill_id)
        .where(Settlement.receipt_id.in_(receipts), Settlement.undone_at.is_(None))
        .group_by(Settlement.receipt_id, Bill.month, Bill.insurance, Bill.kind)
        .order_by(Bill.kind, Bill.month, Bill.insurance)
    )
    for receipt, month, insurance, kind, amount in rows:
        found[receipt].append(
            PartView(
                month=str(month),
                insurance_name=codes.name("insurance", insurance),
                kind_name=KINDS[kind],
                amount_fen=amount.fen,
            )
        )
    return found
