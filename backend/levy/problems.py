"""Problems 没能核定: who could not be billed in a month, why, and what is to be done."""

from __future__ import annotations

from sqlalchemy import func, select

from backend.kernel import codes
from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.items import question
from backend.kernel.period import Month
from backend.levy.billing import runs_of
from backend.levy.model import Problem, Run
from backend.levy.unbilled import REASONS, WHAT_TO_DO, AskProblems, Problems, ProblemView, ReasonView
from backend.registry import service as registry

MOST = 1000  # shown at once


@question("LEV-Q4", "没能核定的人", may=Permission.LEVY_READ)
def problems(uow: Uow, ask: AskProblems) -> Problems:
    """Who could not be billed in the last run of a month: how many for each reason, and the first of them by name."""
    last = select(func.max(Run.id)).where(*runs_of(Month.parse(ask.month))).scalar_subquery()
    counted = uow.session.execute(
        select(Problem.reason, func.count())
        .where(Problem.run_id == last)
        .group_by(Problem.reason)
        .order_by(func.count().desc(), Problem.reason)
    ).all()
    rows = uow.session.scalars(
        select(Problem).where(Problem.run_id == last).order_by(Problem.id).limit(MOST)
    ).all()
    bosses = registry.employers(uow, {row.employer_id for row in rows if row.employer_id})
    people = registry.persons(uow, {row.person_id for row in rows})
    return Problems(
        total=sum(n for _, n in counted),
        reasons=tuple(
            ReasonView(reason=REASONS[reason], n=n, what_to_do=WHAT_TO_DO[reason]) for reason, n in counted
        ),
        problems=tuple(
            ProblemView(
                ident=people[row.person_id].ident,
                name=people[row.person_id].name,
                employer=bosses[row.employer_id].name if row.employer_id else "灵活就业",
                insurance_name=codes.name("insurance", row.insurance),
                reason=REASONS[row.reason],
                what_to_do=WHAT_TO_DO[row.reason],
            )
            for row in rows
            if row.person_id in people
        ),
    )
