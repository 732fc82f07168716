"""Staff 在职职工: who works for an employer now, as the employer sees them."""

from __future__ import annotations

from sqlalchemy import func, select

from backend.kernel import codes
from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow
from backend.kernel.items import question
from backend.registry.finding import employer
from backend.registry.model import Job, Person
from backend.registry.schema import AskStaff, Colleague, Staff


@question("REG-Q3", "单位在职职工", may=Permission.REGISTRY_READ, by=(Kind.EMPLOYER,))
def staff(uow: Uow, ask: AskStaff) -> Staff:
    """Who came last stands first."""
    boss = employer(uow, ask.uscc)
    there = (
        select(Person.id, Person.ident, Person.name, Job.started, Job.occupation, Job.hire_reason)
        .join(Job, Job.person_id == Person.id)
        .where(Job.employer_id == boss.id, Job.ended.is_(None))
    )
    total = uow.session.scalar(select(func.count()).select_from(there.subquery())) or 0
    if ask.ident:
        there = there.where(Person.ident == ask.ident)
    rows = uow.session.execute(
        there.order_by(Job.started.desc(), Person.id).offset((ask.page - 1) * ask.size).limit(ask.size)
    )
    return Staff(
        total=total,
        staff=tuple(
            Colleague(
                ident=row.ident,
                handle=uow.vault.handle("person", row.id),
                name=row.name,
                started=row.started,
                occupation=codes.name("occupation", row.occupation) if row.occupation else None,
                hire_reason=codes.name("hire_reason", row.hire_reason) if row.hire_reason else None,
            )
            for row in rows
        ),
    )
