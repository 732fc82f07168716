"""Summing up a career 缴费年限: how many months count at a retirement, and on which average index they were paid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import select

from backend.kernel.db import Uow
from backend.kernel.money import Money
from backend.kernel.params import Lookup
from backend.kernel.period import Month
from backend.kernel.rules import half_up
from backend.kernel.settings import settings
from backend.pension.careers.model import DeemedPeriod
from backend.pension.model import Account, Contribution
from backend.pension.rules import index as rule

GROUP = "pension.index"
Span = tuple[Month, Month]


@dataclass(frozen=True)
class Career:
    """`months` are all that count, up to and including the month of retirement; `deemed_months` those among them."""

    months: int
    deemed_months: int
    index: Decimal


class Paid(NamedTuple):
    """A month that was paid: its index (none where it is not known), and what of it went to the account."""

    month: Month
    at: int | None
    share: Money


@dataclass(frozen=True)
class Listed:
    """What is on record of several persons' months: those paid, and the spans of those deemed paid."""

    paid: Mapping[int, Sequence[Paid]]
    deemed: Mapping[int, Sequence[Span]]

    @classmethod
    def of(cls, uow: Uow, persons: Collection[int]) -> Listed:
        paid: dict[int, list[Paid]] = defaultdict(list)
        rows = select(
            Contribution.person_id, Contribution.month, Contribution.index, Contribution.person_share
        ).where(Contribution.person_id.in_(persons))
        for person_id, month, at, share in uow.session.execute(rows):
            paid[person_id].append(Paid(month, at, share))
        deemed: dict[int, list[Span]] = defaultdict(list)
        spans = select(DeemedPeriod.person_id, DeemedPeriod.first, DeemedPeriod.last).where(
            DeemedPeriod.person_id.in_(persons), DeemedPeriod.withdrawn_on.is_(None)
        )
        for person_id, first, last in uow.session.execute(spans):
            deemed[person_id].append((first, last))
        return cls(paid, deemed)

    def twice(self, person_id: int) -> list[Month]:
        """Months that were paid and are recognised as deemed as well, the earliest first."""
        spans = self.deemed.get(person_id, ())
        return sorted(
            one.month
            for one in self.paid.get(person_id, ())
            if any(first <= one.month <= last for first, last in spans)
        )


def career(uow: Uow, person_id: int, retired: Month) -> Career:
    """What counts of a person's months at this retirement, by the area's way of averaging."""
    return summed(uow.session.get_one(Account, person_id), Listed.of(uow, [person_id]), retired)


def summed(account: Account, listed: Listed, retired: Month, further: Sequence[Paid] = ()) -> Career:
    """The same, from what has been read already; `further`: months that may still be paid."""
    rows = listed.paid.get(account.person_id, ())
    later = [one.at for one in rows if one.month > retired]
    unlisted = Unlisted.of(account, [one.at for one in rows]).without(later.count(None))
    known = [one for one in (*rows, *further) if one.at is not None and one.month <= retired]
    years = _by_year([(one.month, one.at or 0) for one in known])
    look = Lookup(retired.first, settings().area)
    if look.value(f"{GROUP}.deemed") == "fixed":
        found = int(look.value(f"{GROUP}.deemed_index") * rule.PARTS)
        _add_deemed(listed.deemed.get(account.person_id, ()), years, found)
    return Career(
        months=counted(account, listed, retired) + len(further),
        deemed_months=account.deemed_months,
        index=_average(look, list(years.values()), (unlisted.total, unlisted.months)),
    )


def counted(account: Account, listed: Listed, until: Month) -> int:
    """How many months count up to this one and with it; what is deemed counts whenever it was."""
    later = sum(one.month > until for one in listed.paid.get(account.person_id, ()))
    return account.months_paid - later + account.deemed_months


def index(index_sum: int, months_paid: int) -> Decimal:
    """The mean over all paid months (`index_sum` in ten-thousandths), to four places."""
    if not months_paid:
        return Decimal(1)
    return Decimal(rule.month((), (index_sum, months_paid), 4)).scaleb(-4)


def how(look: Lookup) -> str:
    """In words, how the area averages."""
    return (rule.MODES[look.value(f"{GROUP}.mode")].__doc__ or "").split("\n")[0]


def warnings(retired: Month) -> tuple[str, ...]:
    """What of the way of averaging nobody has verified."""
    look = Lookup(retired.first, settings().area)
    for name in ("mode", "places", "deemed", "deemed_index"):
        look.optional(f"{GROUP}.{name}")
    return look.warnings()


@dataclass(frozen=True)
class Unlisted:
    """Paid months of which the account has only the sum: how many, and what their indices come to."""

    months: int
    total: int

    @classmethod
    def of(cls, account: Account, found: list[int | None]) -> Unlisted:
        known = [one for one in found if one is not None]
        return cls(account.months_paid - len(known), account.index_sum - sum(known))

    @property
    def mean(self) -> int:
        return half_up(max(self.total, 0), self.months) if self.months > 0 else 0

    def without(self, months: int) -> Unlisted:
        """So many of them left out, at their mean."""
        return Unlisted(self.months - months, self.total - months * self.mean)


def _by_year(rows: list[tuple[Month, int]]) -> dict[int, tuple[int, int]]:
    """Of each calendar year: the sum of its months' indices, how many months."""
    years = dict[int, tuple[int, int]]()
    for month, found in rows:
        total, n = years.get(month.year, (0, 0))
        years[month.year] = total + found, n + 1
    return years


def _average(look: Lookup, years: rule.Sums, rest: rule.Rest) -> Decimal:
    if not rest[1] and not years:
        return Decimal(1)
    places = int(look.value(f"{GROUP}.places"))
    return Decimal(rule.MODES[look.value(f"{GROUP}.mode")](years, rest, places)).scaleb(-places)


def _add_deemed(spans: Sequence[Span], years: dict[int, tuple[int, int]], found: int) -> None:
    """Deemed months at the index the area gives them, in their own years."""
    months = [month for first, last in spans for month in first.until(last)]
    for year, (total, n) in _by_year([(month, found) for month in months]).items():
        before = years.get(year, (0, 0))
        years[year] = before[0] + total, before[1] + n
