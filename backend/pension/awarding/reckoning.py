"""Reckoning 待遇计算: from a person's records to the facts of an award, one person or many at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from backend.kernel.db import Uow
from backend.kernel.money import ZERO
from backend.kernel.period import Month
from backend.kernel.rules import half_up
from backend.payout import service as payout
from backend.pension.awarding.balance import QUIET, at_retirement
from backend.pension.awarding.facts import Facts, base_of, index
from backend.pension.benefits import ITEM
from backend.pension.crediting import PARTS, average_wage
from backend.pension.model import Account, AccountYear, Award, Contribution
from backend.pension.rules.interest import YEAR
from backend.registry import service as registry


@dataclass(frozen=True)
class Records:
    """What the books hold of several persons: account years in order, months paid after retirement, pensions."""

    years: Mapping[int, Sequence[AccountYear]] = field(default_factory=dict)
    paid: Mapping[int, Sequence[Contribution]] = field(default_factory=dict)
    drawn: Mapping[int, Sequence[Month]] = field(default_factory=dict)  # when each month's pension was booked


def records(uow: Uow, persons: Collection[int], since: Month, *, awarded: bool = False) -> Records:
    """`since`: the earliest month of retirement. `awarded`: they draw pensions, which are no part of what the account
    held."""
    years: dict[int, list[AccountYear]] = defaultdict(list)
    for row in uow.session.scalars(
        select(AccountYear).where(AccountYear.person_id.in_(persons)).order_by(AccountYear.year)
    ):
        years[row.person_id].append(row)
    paid: dict[int, list[Contribution]] = defaultdict(list)
    after = select(Contribution).where(Contribution.person_id.in_(persons), Contribution.month > since)
    for one in uow.session.scalars(after):
        paid[one.person_id].append(one)
    drawn: dict[int, list[Month]] = defaultdict(list)
    if awarded:
        for person_id, booked in payout.booked(uow, ITEM, persons):
            drawn[person_id].append(booked)
    return Records(years, paid, drawn)


def reckon(
    who: registry.Person,
    account: Account,
    retired: Month,
    kept: Records,
    standing: Award | None = None,
    area: str = "",
) -> Facts:
    """Months after the month of retirement count for nothing, nor does what they brought. `standing`: the award that
    draws on the account; `area`: by whose law it was made, wherever its person lives now."""
    late = [one for one in kept.paid.get(who.id, ()) if one.month > retired]
    beyond = len(late), sum((one.person_share for one in late), ZERO)
    index_sum = account.index_sum - sum(
        half_up(one.base.fen * PARTS, average_wage(one.month)) for one in late
    )
    months_paid = account.months_paid - len(late)
    held = at_retirement(
        kept.years.get(who.id, ()),
        retired,
        beyond=beyond,
        drawn=_by_month(kept.drawn.get(who.id, ()), retired.year, standing),
    )
    area = area or who.area
    base, base_year = base_of(area, retired)
    return Facts(
        area=area,
        retired=retired,
        base=base,
        index=index(index_sum, months_paid),
        months=months_paid + account.deemed_months,
        deemed_months=account.deemed_months,
        account=held.total,
        age=(retired.year - who.birth.year) * YEAR + retired.month - who.birth.month,
        base_year=base_year,
        held=held,
    )


def _by_month(booked: Sequence[Month], year: int, standing: Award | None) -> Sequence[int]:
    if standing is None or not booked:
        return QUIET
    part = standing.account.fen
    return [part * booked.count(Month(year, month)) for month in range(1, YEAR + 1)]
