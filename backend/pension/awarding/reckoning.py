"""Reckoning 待遇计算: from a person's records to the facts of an award, one person or many at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from backend.kernel.db import Uow
from backend.kernel.money import ZERO
from backend.kernel.period import Month
from backend.payout import service as payout
from backend.pension.awarding.balance import QUIET, at_retirement
from backend.pension.awarding.facts import Facts, base_of
from backend.pension.benefits import ITEM
from backend.pension.careers.summing import Listed, summed
from backend.pension.model import Account, AccountYear, Award, DisabilityDrawn
from backend.pension.rules.interest import YEAR
from backend.registry import service as registry


@dataclass(frozen=True)
class Records:
    """What the books hold of several persons: their months, account years in order, pensions."""

    months: Listed
    years: Mapping[int, Sequence[AccountYear]] = field(default_factory=dict)
    drawn: Mapping[int, Sequence[Month]] = field(default_factory=dict)  # when each month's pension was booked
    taken: Mapping[int, Mapping[Month, int]] = field(default_factory=dict)  # what allowances took, in fen


def records(
    uow: Uow, persons: Collection[int], *, awarded: bool = False, months: Listed | None = None
) -> Records:
    """`awarded`: they draw pensions, which are no part of what the account held; `months`: where they were read already."""
    years: dict[int, list[AccountYear]] = defaultdict(list)
    for row in uow.session.scalars(
        select(AccountYear).where(AccountYear.person_id.in_(persons)).order_by(AccountYear.year)
    ):
        years[row.person_id].append(row)
    drawn: dict[int, list[Month]] = defaultdict(list)
    if awarded:
        for person_id, booked in payout.booked(uow, ITEM, persons):
            drawn[person_id].append(booked)
    taken: dict[int, dict[Month, int]] = defaultdict(dict)
    for one in uow.session.scalars(select(DisabilityDrawn).where(DisabilityDrawn.person_id.in_(persons))):
        taken[one.person_id][one.booked] = one.amount.fen
    return Records(months or Listed.of(uow, persons), years, drawn, taken)


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
    late = [one for one in kept.months.paid.get(who.id, ()) if one.month > retired]
    beyond = len(late), sum((one.share for one in late), ZERO)
    behind = summed(account, kept.months, retired)
    held = at_retirement(
        kept.years.get(who.id, ()),
        retired,
        beyond=beyond,
        drawn=_by_month(kept.drawn.get(who.id, ()), retired.year, standing),
        taken=kept.taken.get(who.id),
    )
    area = area or who.area
    base, base_year = base_of(area, retired)
    return Facts(
        area=area,
        retired=retired,
        base=base,
        index=behind.index,
        months=behind.months,
        deemed_months=behind.deemed_months,
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
