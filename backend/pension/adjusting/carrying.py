"""Carrying 调整结转: when an award is replaced, each year's adjustment is worked out again on the new facts.

Months posted with an increase differ by what `awarding.differences` writes down. What an increase was paid for in
arrears differs here: so many months (`arrears_months`) by what it is more or less a month; which months those are is
then asked again (`settling.settle`).
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import inspect, select

from backend.kernel.db import Uow
from backend.kernel.money import Money
from backend.kernel.settings import settings
from backend.pension.adjusting.due import months
from backend.pension.adjusting.settling import make_good, source
from backend.pension.amounts import present_of
from backend.pension.calculators.adjustment import known
from backend.pension.model import Account, Adjustment, AdjustmentRun, Award
from backend.pension.rules.adjustment import Increase, Pensioner, increase
from backend.registry import service as registry

TOOK_NO_PART = Increase(0, 0, 0, 0, 0)  # who was in prison in that year
NOTE = "待遇重新核定，{year} 年养老金调整补发 {months} 个月的差额"


def adjusted_among(uow: Uow, awards: Collection[int]) -> set[int]:
    """Which of these awards were ever adjusted."""
    found = select(Adjustment.award_id).where(Adjustment.award_id.in_(awards)).distinct()
    return set(uow.session.scalars(found))


def carry(uow: Uow, old: Award, new: Award) -> None:
    """What `old` was given stands for `new` from now on, at what the new facts come to. Both are held by the caller; a
    year that is not one of the new award's (it was retired too late for it) falls away. What was reversed goes with it
    as it was: months that were posted with it are still its."""
    rows = uow.session.execute(
        select(Adjustment, AdjustmentRun.reversed_at)
        .join(AdjustmentRun, AdjustmentRun.id == Adjustment.run_id)
        .where(Adjustment.award_id == old.id)
        .order_by(Adjustment.year)
        .with_for_update(of=Adjustment)
    ).all()
    of_new = select(months()).select_from(Award).join(Account, Account.person_id == Award.person_id)
    paid = uow.session.scalars(of_new.where(Award.id == new.id)).one()
    born = uow.session.get_one(registry.Person, new.person_id).birth
    for row, reversed_at in rows:
        if row.undone_at is not None:
            if row.undone_at == reversed_at:
                uow.session.add(_copied(row, new))
            continue
        row.undone_at = uow.now
        given = 0
        if new.retired.year < row.year:
            given = _give(uow, new, row, Pensioner(present_of(new).fen, paid, row.year - 1 - born.year))
        fen = (given - row.increase.fen) * row.arrears_months
        note = NOTE.format(year=row.year, months=row.arrears_months)
        make_good(uow, new.person_id, fen, source(row.run_id, new.id), note)
    uow.session.flush()


def _copied(row: Adjustment, new: Award) -> Adjustment:
    """What was reversed, under the new award."""
    kept = {each.key: getattr(row, each.key) for each in inspect(Adjustment).column_attrs}
    return Adjustment(**{**kept, "award_id": new.id})


def _give(uow: Uow, new: Award, old: Adjustment, one: Pensioner) -> int:
    given = increase(one, known(old.year, settings().area).scheme) if old.increase.fen else TOOK_NO_PART
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
    return int(given.total)
