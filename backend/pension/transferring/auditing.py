"""What an auditor is given of transfers: every relation that came or went, with its money (GB/T 40217—2021 表7)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, select

from backend.pension.transferred import TransferCase, TransferMonth
from backend.registry.service import Person
from backend.registry.service import auditing as registry


def transfers(year: int | None) -> Select[*tuple[Any, ...]]:
    """Those that are done (decided in the year), with how many months moved."""
    months = (
        select(TransferMonth.case_id, func.count().label("months"))
        .group_by(TransferMonth.case_id)
        .subquery("months")
    )
    query = (
        select(
            *registry.PERSON,
            TransferCase.id.label("case_id"),
            TransferCase.direction,
            TransferCase.other_area,
            TransferCase.other_agency,
            TransferCase.deemed_months,
            TransferCase.account,
            TransferCase.pooled,
            TransferCase.total,
            TransferCase.with_money,
            TransferCase.decided_on,
            TransferCase.maker,
            func.coalesce(months.c.months, 0).label("months"),
        )
        .join(Person, Person.id == TransferCase.person_id)
        .outerjoin(months, months.c.case_id == TransferCase.id)
        .where(TransferCase.state == "done", TransferCase.decided_on.is_not(None))
        .order_by(TransferCase.id)
    )
    return query if year is None else query.where(func.extract("year", TransferCase.decided_on) == year)
