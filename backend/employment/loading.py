"""Loading 批量装入: many vacancies at once, from another system or for a demonstration."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import func, insert, select

from backend.employment.model import Vacancy
from backend.employment.outbox import tell_of_new
from backend.employment.rules import NO_SCHOOLING, a_month, rulebook
from backend.employment.vacancies import public_no
from backend.kernel.db import Uow
from backend.kernel.money import Money
from backend.kernel.period import add_months

BATCH = 5_000
BY = "loading"


@dataclass(frozen=True)
class LoadedVacancy:
    """A vacancy whose publication was decided elsewhere. Without `published` it is a draft."""

    employer_id: int
    title: str
    occupation: str
    area: str
    address: str
    work: str
    pay_min_fen: int
    pay_max_fen: int
    contact: str
    phone: str
    conditions: str = ""
    benefits: str = ""
    education: str = NO_SCHOOLING
    experience_years: int = 0
    type: str = "full"
    headcount: int = 1
    pay_unit: str = "month"
    source: str = ""
    published: datetime | None = None
    filled: datetime | None = None
    valid_until: date | None = None  # none: a month from today
    no: str | None = None  # none: a new one


def load(uow: Uow, rows: Iterable[LoadedVacancy]) -> int:
    """Insert them set by set and tell the indexer; how many there were."""
    newest = uow.session.scalar(select(func.max(Vacancy.id))) or 0
    number, given = 0, iter(rows)
    while batch := [_values(uow, row) for row in islice(given, BATCH)]:
        uow.session.execute(insert(Vacancy), batch)
        number += len(batch)
    tell_of_new(uow, newest)
    return number


def _values(uow: Uow, row: LoadedVacancy) -> dict[str, Any]:
    amounts = rulebook(uow.today, row.area).amounts
    salary_min, salary_max = (
        Money(a_month(fen, row.pay_unit, row.type, amounts)) for fen in (row.pay_min_fen, row.pay_max_fen)
    )
    known = {name: value for name, value in vars(row).items() if name not in {"published", "filled"}}
    del known["pay_min_fen"], known["pay_max_fen"]
    return known | {
        "no": row.no or public_no("V"),
        "pay_min": Money(row.pay_min_fen),
        "pay_max": Money(row.pay_max_fen),
        "salary_min": salary_min,
        "salary_max": salary_max,
        "forwarded": False,
        "written_by": BY,
        "created_at": row.published or uow.now,
        "submitted_at": row.published,
        "reviewed_at": row.published,
        "passed": True if row.published else None,
        "first_published": row.published,
        "withdrawn_at": None,
        "filled_at": row.filled,
        "valid_until": row.valid_until or add_months(uow.today, 1),
        "expiry_told": None,
    }
