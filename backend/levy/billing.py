"""Monthly bills 应收核定: what everybody's month costs in every insurance, made as one set from facts and terms.

A month can be run again: who was missing is billed, nobody twice. Who cannot be billed stands on a list with
the reason and stops nobody else.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Insert,
    Integer,
    Select,
    String,
    and_,
    case,
    cast,
    column,
    func,
    insert,
    literal,
    select,
    type_coerce,
    values,
)
from sqlalchemy.dialects.postgresql import distinct_on

from backend.kernel import codes
from backend.kernel.actor import Permission
from backend.kernel.db import MonthType, Uow, in_bulk, one_by_one, see_everybody
from backend.kernel.errors import Refusal
from backend.kernel.items import item, question
from backend.kernel.money import ZERO, Money
from backend.kernel.params import value
from backend.kernel.period import Month
from backend.kernel.pooling import require_reach
from backend.kernel.rules import MILLION, millionths
from backend.kernel.settings import settings
from backend.levy.model import Bill, DeclaredBase, DueLine, Problem, Run
from backend.levy.receiving import use_all_waiting
from backend.levy.schema import REASONS, AskProblems, BillMonth, Problems, ProblemView, RunView
from backend.levy.terms import FLEXIBLE, Terms, terms
from backend.registry import service as registry

MOST = 1000  # problems shown at once


class MonthAhead(Refusal):
    """{month} 还没有到，不能提前核定应缴。"""


class NobodyToBill(Refusal):
    """{month} 没有还没核定的参保人，没有新的应缴。"""


@item("LEV-04", "月度应收核定", may=Permission.LEVY_RUN, review=1)
def bill_month(uow: Uow, cmd: BillMonth) -> RunView:
    """Everybody's dues of one month in all insurances; a further run bills only who was missing."""
    require_reach(uow)
    month = Month.parse(cmd.month)
    if month.first > uow.today:
        raise MonthAhead(month=month)
    return bill(uow, month)


def bill(uow: Uow, month: Month) -> RunView:
    see_everybody(uow)
    in_bulk(uow)
    area = settings().area
    known = terms(area, month)
    run = Run(
        area=area,
        month=month,
        kind="monthly",
        run=1 + uow.session.scalars(select(func.count()).where(*runs_of(month))).one(),
        n=0,
        total=ZERO,
        problems=0,
        maker=uow.actor.id,
        made_at=uow.now,
    )
    uow.session.add(run)
    uow.session.flush()  # of two runs at once the second waits here, and is asked again
    asked = _enrolled(month, again=run.run > 1)
    expected = uow.session.scalars(select(func.count()).select_from(asked.subquery())).one()
    lines = _written(uow, _declared(asked, run.id, month, known))
    if lines < expected:
        rest = _enrolled(month, again=True)
        lines += _written(uow, _undeclared(rest, run.id, month))
        if lines < expected:
            run.problems = _written(uow, _problems(rest, run.id, month))
    if not lines and not run.problems:
        raise NobodyToBill(month=month)
    run.n = lines
    run.total = write_bills(uow, run.id, month, due_day(month))
    uow.session.flush()
    one_by_one(uow)
    use_all_waiting(uow)
    return run_view(run)


def runs_of(month: Month, kind: str = "monthly") -> tuple[ColumnElement[bool], ...]:
    return Run.area == settings().area, Run.month == month, Run.kind == kind


def _written(uow: Uow, statement: Insert) -> int:
    """How many rows it wrote."""
    counted = statement.execution_options(preserve_rowcount=True)
    return uow.session.connection().execute(counted).rowcount


def run_view(run: Run) -> RunView:
    return RunView(run=run.run, month=str(run.month), n=run.n, total_fen=run.total.fen, problems=run.problems)


def enrolled_in(month: Month) -> Select[*tuple[Any, ...]]:
    """Selects who is in which insurance in a month: person_id, insurance, employer_id, injury_class."""
    rows = registry.enrolled(month).subquery("enrolled")
    return select(
        rows.c.person_id,
        rows.c.insurance,
        rows.c.employer_id,
        func.coalesce(rows.c.injury_class, FLEXIBLE).label("injury_class"),
    )


def _enrolled(month: Month, *, again: bool) -> Select[*tuple[Any, ...]]:
    """Who is to be billed; in a further run, who has not been."""
    asked = enrolled_in(month)
    if again:
        rows = asked.selected_columns
        billed = select(DueLine.run_id).where(
            DueLine.month == month,
            DueLine.person_id == rows.person_id,
            DueLine.insurance == rows.insurance,
        )
        asked = asked.where(~billed.exists())
    return asked


def in_force(month: Month, *among: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """The newest declaration (`among` these) of each person at each employer that is good for the month."""
    return (
        select(DeclaredBase.person_id, DeclaredBase.employer_id, DeclaredBase.wage, DeclaredBase.until)
        .ext(distinct_on(DeclaredBase.person_id, DeclaredBase.employer_id))
        .where(DeclaredBase.since <= month, DeclaredBase.until >= month, *among)
        .order_by(DeclaredBase.person_id, DeclaredBase.employer_id, DeclaredBase.since.desc())
    )


def _table(known: Sequence[Terms]) -> FromClause:
    """The terms as rows, which joins can use."""
    columns = (
        column("insurance", String()),
        column("injury_class", Integer()),
        column("floor", BigInteger()),
        column("ceiling", BigInteger()),
        column("employer_rate", BigInteger()),
        column("person_rate", BigInteger()),
    )
    rows = [
        (one.insurance, one.injury_class, one.floor_fen, one.ceiling_fen, one.employer_rate, one.person_rate)
        for one in known
    ]
    return values(*columns, name="terms").data(rows)


def _same_payer(one: FromClause, other: FromClause) -> ColumnElement[bool]:
    """Of the same person at the same employer, or at none; such a join can be hashed."""
    return and_(
        one.c.person_id == other.c.person_id,
        func.coalesce(one.c.employer_id, 0) == func.coalesce(other.c.employer_id, 0),
    )


def _half_up(amount: ColumnElement[int], times: ColumnElement[int], of: int) -> ColumnElement[int]:
    """四舍五入 in whole numbers, as rules.half_up; the database divides whole numbers downwards."""
    return (amount * times + of // 2) // literal(of, BigInteger())


def declared_shares(
    asked: Select[*tuple[Any, ...]], month: Month, known: Sequence[Terms], *among: ColumnElement[bool]
) -> Select[*tuple[Any, ...]]:
    """Selects what a month costs by the declared wage, held between the limits: person_id, insurance, employer_id,
    base, employer_share, person_share. Who has not declared (`among` these declarations) is not there."""
    who, at, declared = asked.subquery("asked"), _table(known), in_force(month, *among).subquery("declared")
    wage = type_coerce(declared.c.wage, BigInteger())
    base = func.least(func.greatest(wage, at.c.floor), at.c.ceiling)
    return (
        select(
            who.c.person_id,
            who.c.insurance,
            who.c.employer_id,
            base.label("base"),
            _half_up(base, at.c.employer_rate, MILLION).label("employer_share"),
            _half_up(base, at.c.person_rate, MILLION).label("person_share"),
        )
        .join(declared, _same_payer(who, declared))
        .join(at, and_(at.c.insurance == who.c.insurance, at.c.injury_class == who.c.injury_class))
    )


def _declared(asked: Select[*tuple[Any, ...]], run: int, month: Month, known: Sequence[Terms]) -> Insert:
    return _insert(run, month, "declared", declared_shares(asked, month, known))


def _undeclared(asked: Select[*tuple[Any, ...]], run: int, month: Month) -> Insert:
    """Who has not declared owes a share of the month before (社会保险法 第六十二条)."""
    who, before = asked.subquery("asked"), _before(month - 1)
    share = literal(millionths(value("levy.undeclared.share", month.first)), BigInteger())
    return _insert(
        run,
        month,
        "undeclared",
        select(
            who.c.person_id,
            who.c.insurance,
            who.c.employer_id,
            before.c.base,
            *(_half_up(before.c[name], share, MILLION) for name in ("employer_share", "person_share")),
        ).join(before, and_(_same_payer(who, before), before.c.insurance == who.c.insurance)),
    )


def _before(month: Month) -> FromClause:
    """What was billed for a month, with what was added or taken off since."""
    first = select(DueLine).where(DueLine.month == month, DueLine.seq == 1).subquery("first")
    names = ("base", "employer_share", "person_share")
    more = (
        select(
            DueLine.person_id,
            DueLine.insurance,
            DueLine.employer_id,
            *(cast(func.sum(getattr(DueLine, name)), BigInteger()).label(name) for name in names),
        )
        .where(DueLine.month == month, DueLine.seq > 1)
        .group_by(DueLine.person_id, DueLine.insurance, DueLine.employer_id)
        .subquery("more")
    )
    whole = {
        name: type_coerce(first.c[name], BigInteger()) + func.coalesce(more.c[name], 0) for name in names
    }
    return (
        select(
            first.c.person_id,
            first.c.insurance,
            first.c.employer_id,
            *(number.label(name) for name, number in whole.items()),
        )
        .select_from(
            first.outerjoin(more, and_(_same_payer(first, more), more.c.insurance == first.c.insurance))
        )
        .where(whole["base"] > 0)
        .subquery("before")
    )


def _insert(run: int, month: Month, kind: str, lines: Select[*tuple[Any, ...]]) -> Insert:
    names = ["person_id", "insurance", "employer_id", "base", "employer_share", "person_share"]
    given = (literal(run), literal(month, MonthType()), literal(1), literal(kind))
    return insert(DueLine).from_select([*names, "run_id", "month", "seq", "kind"], lines.add_columns(*given))


def _problems(asked: Select[*tuple[Any, ...]], run: int, month: Month) -> Insert:
    """Who is still without a line: has not declared, or is in an insurance without terms."""
    who, declared = asked.subquery("asked"), in_force(month).subquery("declared")
    reason = case((declared.c.person_id.is_(None), "no_base"), else_="no_terms")
    return insert(Problem).from_select(
        ["person_id", "insurance", "employer_id", "reason", "run_id"],
        select(who.c.person_id, who.c.insurance, who.c.employer_id, reason, literal(run))
        .select_from(who)
        .outerjoin(declared, _same_payer(who, declared)),
    )


def write_bills(uow: Uow, run: int, month: Month, due: date) -> Money:
    """One bill a payer and insurance from a run's lines; their sum."""
    return Money(int(uow.session.scalars(_bills(run, month, due)).one()))


def _bills(run: int, month: Month, payable: date) -> Select[int]:
    """Writes one bill a payer and insurance from the run's lines; selects their sum."""
    person = case((DueLine.employer_id.is_(None), DueLine.person_id))
    due = func.sum(DueLine.employer_share + DueLine.person_share)
    made = (
        insert(Bill)
        .from_select(
            [
                "run_id",
                "month",
                "kind",
                "due_day",
                "paid",
                "written_off",
                "employer_id",
                "person_id",
                "insurance",
                "n",
                "due",
            ],
            select(
                literal(run),
                literal(month, MonthType()),
                literal("dues"),
                literal(payable),
                literal(0),
                literal(0),
                DueLine.employer_id,
                person,
                DueLine.insurance,
                func.count(),
                due,
            )
            .where(DueLine.run_id == run)
            .group_by(DueLine.employer_id, person, DueLine.insurance)
            .having(due > 0),
        )
        .returning(Bill.due)
        .cte("made")
    )
    return select(func.coalesce(func.sum(type_coerce(made.c.due, BigInteger())), 0))


def due_day(month: Month) -> date:
    """缴款期限 of a month's dues."""
    day = int(value("levy.collection.due_day", month.first, settings().area))
    return date(month.year, month.month, day)


@question("LEV-Q4", "没能核定的人", may=Permission.LEVY_READ)
def problems(uow: Uow, ask: AskProblems) -> Problems:
    """Who could not be billed in the last run of a month, and why."""
    last = select(func.max(Run.id)).where(*runs_of(Month.parse(ask.month)))
    rows = uow.session.scalars(
        select(Problem).where(Problem.run_id == last.scalar_subquery()).order_by(Problem.id).limit(MOST)
    ).all()
    bosses = registry.employers(uow, {row.employer_id for row in rows if row.employer_id})
    people = registry.persons(uow, {row.person_id for row in rows})
    return Problems(
        problems=tuple(
            ProblemView(
                ident=people[row.person_id].ident,
                name=people[row.person_id].name,
                employer=bosses[row.employer_id].name if row.employer_id else "灵活就业",
                insurance_name=codes.name("insurance", row.insurance),
                reason=REASONS[row.reason],
            )
            for row in rows
            if row.person_id in people
        )
    )
