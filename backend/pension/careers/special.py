"""Special work 特殊工种: whether what is recognised opens an earlier retirement (国发〔1978〕104号; 办法 第八条).

Months count as they were; that some provinces count them as more (折算) is not done here.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from backend.kernel.db import Uow
from backend.kernel.params import Lookup
from backend.kernel.period import Month
from backend.pension.careers.chosen import SpecialStanding
from backend.pension.careers.model import SpecialWork
from backend.pension.rules.special import enough_since, short_months, worked
from backend.registry import service as registry

AGE, YEARS = "pension.special.age", "pension.special.years"


def recognised(uow: Uow, person_id: int) -> Sequence[SpecialWork]:
    """What stands, in order of time."""
    return uow.session.scalars(
        select(SpecialWork)
        .where(SpecialWork.person_id == person_id, SpecialWork.withdrawn_on.is_(None))
        .order_by(SpecialWork.first)
    ).all()


def earliest(uow: Uow, person: registry.Person, look: Lookup) -> Month | None:
    """The first month in which special work lets the person retire; None where it does not (yet)."""
    age, years = look.optional(AGE), look.optional(YEARS)
    if age is None or years is None:
        return None
    since = enough_since(_spells(uow, person.id), years.value)
    if since is None:
        return None
    grown: int = age.value[person.sex]
    return max(Month.of(person.birth) + 12 * grown, Month.numbered(since))


def opens(uow: Uow, person: registry.Person, retired: Month) -> bool:
    """Whether special work lets the person retire in this month."""
    first = earliest(uow, person, Lookup(retired.first))
    return first is not None and first <= retired


def standing(uow: Uow, person: registry.Person, look: Lookup) -> SpecialStanding | None:
    """How much is recognised and how much is wanting; None where nothing is."""
    spells = _spells(uow, person.id)
    if not spells:
        return None
    months = worked(spells, Month.of(uow.today).number)
    first = earliest(uow, person, look)
    return SpecialStanding(
        months=dict(months),
        short_months=short_months(months, look.value(YEARS)),
        earliest=str(first) if first else None,
    )


def _spells(uow: Uow, person_id: int) -> list[tuple[str, int, int]]:
    return [(one.kind, one.first.number, one.last.number) for one in recognised(uow, person_id)]
