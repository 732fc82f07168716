"""Scope 范围: of which year, area and agency an export is; what every record begins with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, func, select

from backend.exchange.standard import meaning
from backend.exchange.values import Value
from backend.kernel import codes, ledger
from backend.kernel.db import Uow
from backend.kernel.settings import settings
from backend.pension import service as pension

READ_AT_ONCE = 5_000
NOTHING = "没有符合范围的记录"  # why a table that could be written is not
Values = Mapping[str, Value]


@dataclass(frozen=True)
class Scope:
    """`year` None: everything since the first year of accounts and books. Persons, employers and awards always
    stand as they are now."""

    year: int | None
    since: date
    until: date
    made: date
    area: str
    agency: str
    agency_name: str

    @property
    def head(self) -> Values:
        """What every record of every table begins with, and its day of writing."""
        return {
            "ZZZ001": f"{self.since:%Y%m%d}{self.until:%Y%m%d}",
            "ZZZ002": f"{self.area[:2]}0000",
            "AAB301": self.area,
            "AAA146": codes.name("area", self.area),
            "AAB034": self.agency,
            "AAB034N": self.agency_name,
            "ZZZ003": self.made,
        }


def scope_of(uow: Uow, year: int | None) -> Scope:
    if year is not None:
        since, until = date(year, 1, 1), date(year, 12, 31)
    else:
        years = [month.year for month in ledger.known_months(uow)]
        first = uow.session.scalar(pension.auditing.first_year())
        since, until = date(min([*years, first or uow.today.year]), 1, 1), uow.today
    known = settings()
    return Scope(year, since, until, uow.today, known.area, known.agency, known.agency_name)


def read(uow: Uow, query: Select[*tuple[Any, ...]]) -> Iterator[Row[Any]]:
    """The rows of a whole table, some thousands at a time from the server's cursor."""
    yield from uow.session.execute(query, execution_options={"yield_per": READ_AT_ONCE})


def count(uow: Uow, query: Select[*tuple[Any, ...]]) -> int:
    return uow.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0


def coded(element: str, word: object) -> Values:
    """A code and its name, which stands in the element of the same code with N."""
    code, name = meaning(element, word)
    return {element: code, NAMES.get(element, f"{element}N"): name}


NAMES = {"AAA036": "AAA037"}
