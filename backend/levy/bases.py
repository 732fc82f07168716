"""Bases as payers see them: who has declared for whom, and between what a flexible worker chooses."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, FromClause, Select, and_, case, exists, func, select, type_coerce

from backend.kernel.actor import Kind, Permission
from backend.kernel.db import MoneyType, MonthType, Uow
from backend.kernel.errors import NotFound
from backend.kernel.items import question
from backend.kernel.money import ZERO
from backend.kernel.params import value
from backend.kernel.period import Month
from backend.kernel.rules import share_fen
from backend.kernel.settings import settings
from backend.levy.billing import due_day, in_force, runs_of
from backend.levy.model import DueLine
from backend.levy.schema import (
    AskEmployeeBases,
    AskOwnBase,
    EmployeeBase,
    EmployeeBases,
    OwnBase,
)
from backend.levy.terms import PENSION, Terms, flexible_terms, opened
from backend.registry import service as registry


@question("LEV-Q6", "单位职工缴费基数", may=Permission.LEVY_READ, by=(Kind.EMPLOYER,))
def employee_bases(uow: Uow, ask: AskEmployeeBases) -> EmployeeBases:
    """Each employee with what was declared for the next month that is billed, who has none first."""
    boss = registry.employer(uow, ask.uscc)
    open_month = next_month(uow)
    limits = _limits(open_month)
    rows = _employees(boss.id, Month.of(uow.today)).subquery("rows")
    counted = select(func.count(), func.count().filter(rows.c.wage.is_(None))).select_from(rows)
    total, undeclared = uow.session.execute(counted).one()
    wanted = select(rows)
    if ask.ident:
        wanted = wanted.where(rows.c.person_id == registry.person(uow, ask.ident).id)
    page = uow.session.execute(
        wanted.order_by(rows.c.wage.isnot(None), rows.c.person_id)
        .offset((ask.page - 1) * ask.size)
        .limit(ask.size)
    ).all()
    people = registry.persons(uow, {row.person_id for row in page})
    return EmployeeBases(
        total=total,
        undeclared=undeclared,
        month=str(open_month),
        due_day=due_day(open_month),
        floor_fen=limits.floor_fen,
        ceiling_fen=limits.ceiling_fen,
        share_percent=int(value("levy.undeclared.share", open_month.first) * 100),
        employees=tuple(
            EmployeeBase(
                ident=people[row.person_id].ident,
                handle=uow.vault.handle("person", row.person_id),
                name=people[row.person_id].name,
                month=str(row.month),
                wage_fen=row.wage.fen if row.wage else None,
                until=str(row.until) if row.until else None,
                billed_fen=row.billed.fen if row.billed else None,
            )
            for row in page
            if row.person_id in people
        ),
    )


def next_month(uow: Uow) -> Month:
    """The next month that is billed for everybody: this one, or the one after it."""
    now = Month.of(uow.today)
    done = exists().where(*runs_of(now))
    return now + 1 if uow.session.scalar(select(done)) else now


def _limits(month: Month) -> Terms:
    return flexible_terms(settings().area, month)


def _employees(employer_id: int, now: Month) -> Select[*tuple[object, ...]]:
    """Selects person_id, month (the next one to be billed), wage and until as declared for it, and what base was
    billed last."""
    who = registry.enrolled(now).subquery("enrolled")
    billed = _line(who, employer_id, DueLine.month == now)
    this, after = (_declared(month, name) for month, name in ((now, "this"), (now + 1, "after")))
    last = (
        select(type_coerce(func.sum(DueLine.base), MoneyType()))
        .where(
            DueLine.person_id == who.c.person_id,
            DueLine.employer_id == employer_id,
            DueLine.insurance == PENSION,
            DueLine.month >= now - 1,
        )
        .group_by(DueLine.month)
        .having(func.sum(DueLine.base) > ZERO)
        .order_by(DueLine.month.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(
            who.c.person_id,
            type_coerce(case((billed, (now + 1).first), else_=now.first), MonthType()).label("month"),
            type_coerce(case((billed, after.c.wage), else_=this.c.wage), MoneyType()).label("wage"),
            type_coerce(case((billed, after.c.until), else_=this.c.until), MonthType()).label("until"),
            last.label("billed"),
        )
        .select_from(
            who.outerjoin(this, _of(this, who, employer_id)).outerjoin(after, _of(after, who, employer_id))
        )
        .where(who.c.employer_id == employer_id, who.c.insurance == PENSION)
    )


def _line(who: FromClause, employer_id: int, when: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the person has been billed there, as declared."""
    return exists().where(
        when,
        DueLine.person_id == who.c.person_id,
        DueLine.employer_id == employer_id,
        DueLine.insurance == PENSION,
        DueLine.kind != "undeclared",
    )


def _declared(month: Month, name: str) -> FromClause:
    return in_force(month).subquery(name)


def _of(declared: FromClause, who: FromClause, employer_id: int) -> ColumnElement[bool]:
    return and_(declared.c.person_id == who.c.person_id, declared.c.employer_id == employer_id)


@question("LEV-Q9", "灵活就业人员缴费基数", may=Permission.LEVY_READ, by=(Kind.CITIZEN,))
def own_base(uow: Uow, ask: AskOwnBase) -> OwnBase:
    """For who insures themselves; for all others there is nothing to choose."""
    who = registry.person(uow, ask.ident)
    first = next_month(uow)
    month, insurances = next(
        ((month, held) for month in (first, first + 1) if PENSION in (held := _alone_in(uow, who.id, month))),
        (first, ()),
    )
    if not insurances:
        raise NotFound(what="灵活就业参保登记")
    known = in_force(month).subquery()
    chosen = uow.session.execute(
        select(known.c.wage, known.c.until).where(known.c.person_id == who.id, known.c.employer_id.is_(None))
    ).first()
    limits = _limits(month)
    terms = [one for one in opened(settings().area, month) if one.insurance in insurances]
    return OwnBase(
        month=str(month),
        base_fen=chosen.wage.fen if chosen else None,
        until=str(chosen.until) if chosen else None,
        floor_fen=limits.floor_fen,
        ceiling_fen=limits.ceiling_fen,
        floor_due_fen=_due(terms, limits.floor_fen),
        ceiling_due_fen=_due(terms, limits.ceiling_fen),
    )


def _alone_in(uow: Uow, person_id: int, month: Month) -> tuple[str, ...]:
    """In which insurances a person insures themselves in a month."""
    enrolled = registry.enrolled(month).subquery()
    mine = select(enrolled.c.insurance).where(
        enrolled.c.person_id == person_id, enrolled.c.employer_id.is_(None)
    )
    return tuple(uow.session.scalars(mine))


def _due(terms: Sequence[Terms], base_fen: int) -> int:
    return sum(share_fen(base_fen, rate) for one in terms for rate in (one.employer_rate, one.person_rate))
