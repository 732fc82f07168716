"""Carrying 调整结转: when an award is replaced, each year's adjustment is worked out again on the new facts.

How many months it was paid for in arrears stays as it was: whoever replaces the award posts the difference between what
each month is worth now and what was posted for it (`settling.arrears_of` says what adjustments added to that).
"""

from __future__ import annotations

from sqlalchemy import select

from backend.kernel.db import Uow
from backend.kernel.money import Money
from backend.kernel.settings import settings
from backend.pension.amounts import present_of
from backend.pension.calculators.adjustment import known
from backend.pension.model import Account, Adjustment, Award
from backend.pension.rules.adjustment import Pensioner, increase
from backend.registry import service as registry


def carry(uow: Uow, old: Award, new: Award) -> None:
    """What `old` was given stands for `new` from now on, at what the new facts come to. Both are held by the caller; a
    year that is not one of the new award's (it was retired too late for it) falls away."""
    rows = uow.session.scalars(
        select(Adjustment)
        .where(Adjustment.award_id == old.id, Adjustment.undone_at.is_(None))
        .order_by(Adjustment.year)
        .with_for_update()
    ).all()
    account = uow.session.get_one(Account, new.person_id)
    born = uow.session.get_one(registry.Person, new.person_id).birth
    for row in rows:
        row.undone_at = uow.now
        if new.retired.year < row.year:
            months = account.months_paid + account.deemed_months
            _give(uow, new, row, Pensioner(present_of(new).fen, months, row.year - 1 - born.year))
    uow.session.flush()


def _give(uow: Uow, new: Award, old: Adjustment, one: Pensioner) -> None:
    given = increase(one, known(old.year, settings().area).scheme)
    uow.session.add(
        Adjustment(
            run_id=old.run_id,
            award_id=new.id,
            year=old.year,
            before=Money(one.pension),
            months=one.months,
            age=one.age,
            fixed=Money(given.fixed),
            linked=Money(given.linked),
            tilted=Money(given.tilted),
            top_up=Money(given.top_up),
            increase=Money(given.total),
            arrears_months=old.arrears_months,
        )
    )
    new.increase, new.adjusted = new.increase + Money(given.total), old.year
