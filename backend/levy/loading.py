"""Loading 装入: months that were paid before this house opened its books. Bills are there; the money is not in this ledger."""

from __future__ import annotations

from sqlalchemy import ColumnElement, String, cast, func, insert, literal, select, type_coerce, update
from sqlalchemy.sql.dml import ReturningInsert

from backend.kernel.db import MoneyType, Uow
from backend.kernel.money import ZERO
from backend.kernel.period import Month
from backend.levy.model import OPEN, Bill, Receipt, Settlement
from backend.registry import service as registry


def paid_before(uow: Uow, month: Month, *, but: frozenset[str] = frozenset()) -> int:
    """Every open bill of a month as paid on its due day, by one receipt a payer; how many receipts came of it.

    Nobody is told: what these months did to the accounts stands in them already. `but`: credit codes of
    employers that have not paid.
    """
    unpaid = [registry.employer(uow, uscc).id for uscc in but]
    which = (Bill.month == month) & OPEN & func.coalesce(Bill.employer_id, 0).notin_(unpaid)
    made = _receipts(uow, month, which).cte("made")
    settled = insert(Settlement).from_select(
        ["receipt_id", "bill_id", "amount", "at"],
        select(made.c.id, Bill.id, Bill.due, literal(uow.now)).where(
            which,
            Bill.employer_id.is_not_distinct_from(made.c.employer_id),
            Bill.person_id.is_not_distinct_from(made.c.person_id),
        ),
    )
    uow.session.execute(settled)
    uow.session.execute(
        update(Bill)
        .where(which)
        .values(paid=Bill.due, settled_at=uow.now)
        .execution_options(synchronize_session=False)
    )
    return uow.session.scalars(select(func.count()).where(Receipt.reference.startswith(f"{month}-"))).one()


def _receipts(
    uow: Uow, month: Month, which: ColumnElement[bool]
) -> ReturningInsert[int, int | None, int | None]:
    """Writes one receipt a payer."""
    boss, who = registry.Employer, registry.Person
    number = func.coalesce(cast(Bill.employer_id, String), func.concat("P", Bill.person_id))
    nothing = literal(ZERO, MoneyType())
    values = {
        "channel": literal("bank"),
        "reference": func.concat(f"{month}-", number),
        "payer": func.coalesce(boss.uscc, who.ident),
        "employer_id": Bill.employer_id,
        "person_id": Bill.person_id,
        "amount": type_coerce(func.sum(Bill.due), MoneyType()),
        "unallocated": nothing,
        "refunded": nothing,
        "batches": literal([], Receipt.batches.type),
        "received_on": Bill.due_day,
        "taken_at": literal(uow.now),
    }
    of_payers = (
        select(*values.values())
        .outerjoin(boss, boss.id == Bill.employer_id)
        .outerjoin(who, who.id == Bill.person_id)
        .where(which)
        .group_by(Bill.employer_id, Bill.person_id, Bill.due_day, boss.uscc, who.ident)
    )
    return (
        insert(Receipt)
        .from_select(list(values), of_payers)
        .returning(Receipt.id, Receipt.employer_id, Receipt.person_id)
    )
