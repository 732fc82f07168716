"""Sources 来源: for every table that the system has the data of, where its records come from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, Protocol

from sqlalchemy import Select

from backend.exchange.scope import Scope, Values, count, read
from backend.exchange.sources import books, dues, employers, paid, people, residents, words
from backend.kernel.db import Uow
from backend.levy.service import auditing as levy
from backend.pension.residents.service import auditing as resident
from backend.pension.service import auditing as pension
from backend.pension.service import transferring


class Source(Protocol):
    """Gives the records of a scope, and says how many there are."""

    def rows(self, uow: Uow, scope: Scope) -> Iterator[Values]: ...

    def count(self, uow: Uow, scope: Scope) -> int: ...


@dataclass(frozen=True)
class Selected:
    """What a query finds, row by row from the server's cursor."""

    query: Callable[[Scope], Select[*tuple[Any, ...]]]
    record: Callable[[Any, Scope], Values]

    def rows(self, uow: Uow, scope: Scope) -> Iterator[Values]:
        return (self.record(row, scope) for row in read(uow, self.query(scope)))

    def count(self, uow: Uow, scope: Scope) -> int:
        return count(uow, self.query(scope))


@dataclass(frozen=True)
class Told:
    """What a function tells one after the other."""

    tell: Callable[[Uow, Scope], Iterator[Values]]

    def rows(self, uow: Uow, scope: Scope) -> Iterator[Values]:
        return self.tell(uow, scope)

    def count(self, uow: Uow, scope: Scope) -> int:
        return sum(1 for _ in self.tell(uow, scope))


@dataclass(frozen=True)
class Joined:
    """What several sources give, one after the other."""

    sources: tuple[Source, ...]

    def rows(self, uow: Uow, scope: Scope) -> Iterator[Values]:
        return chain.from_iterable(one.rows(uow, scope) for one in self.sources)

    def count(self, uow: Uow, scope: Scope) -> int:
        return sum(one.count(uow, scope) for one in self.sources)


SOURCES: dict[int, Source] = {
    1: Selected(employers.query, employers.record),
    2: Joined(
        (
            Selected(lambda scope: pension.insured(), people.insured),
            Selected(lambda scope: resident.insured(), people.insured),
        )
    ),
    3: Selected(lambda scope: pension.dead(scope.year), people.dead),
    4: Selected(lambda scope: pension.enrolments(), people.enrolments),
    5: Selected(lambda scope: people.awards_and_arrears(), people.awards),
    6: Joined(
        (
            Selected(lambda scope: pension.account_years(scope.year), people.account_years),
            Selected(lambda scope: resident.account_years(scope.year), residents.account_years),
        )
    ),
    7: Selected(lambda scope: transferring.auditing.transfers(scope.year), people.transfers),
    8: Joined(
        (
            Selected(lambda scope: pension.employer_months(scope.year), dues.of_employers),
            Selected(lambda scope: pension.employer_bills(scope.year), dues.of_bills),
        )
    ),
    10: Selected(lambda scope: resident.payments(scope.year), residents.payments),
    11: Joined(
        (
            Selected(lambda scope: pension.contributions(scope.year), dues.of_persons),
            Selected(lambda scope: pension.billed(scope.year), dues.of_lines),
        )
    ),
    13: Joined(
        (
            Selected(paid.query, paid.record),
            Selected(residents.benefits_query, residents.benefits),
        )
    ),
    14: Selected(lambda scope: levy.employer_changes(pension.INSURANCE, scope.year), employers.changes),
    15: Selected(lambda scope: pension.changes(scope.year), people.changes),
    16: Told(words.parameters),
    17: Told(words.benefits),
    18: Told(books.chart_lines),
    19: Told(books.balances),
    20: Told(books.voucher_lines),
}
