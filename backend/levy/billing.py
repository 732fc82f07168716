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
    Select,
    String,
    and_,
    case,
    cast,
    column,
    func,
    insert,
    literal,
    or_,
    select,
    type_coerce,
    values,
)
from sqlalchemy.dialects.postgresql import distinct_on

from backend.kernel.actor import Permission
from backend.kernel.db import MonthType, Uow, in_bulk, one_by_one, see_everybody
from backend.kernel.errors import Refusal
from backend.kernel.items import item
from backend.kernel.money import ZERO, Money
from backend.kernel.params import value
from backend.kernel.period import Month
from backend.kernel.pooling import require_reach
from backend.kernel.progress import step
from backend.kernel.rules import MILLION, millionths
from backend.kernel.settings import settings
from backend.levy.calculators.injury import WHOLE
from backend.levy.floating import levels
from backend.levy.model import Bill, DeclaredBase, DueLine, Problem, Relief, Run
from backend.levy.paying import PaidInFull
from backend.levy.receiving import use_all_waiting
from backend.levy.relieving import NONE, shares
from backend.levy.schema import BillMonth, RunView
from backend.levy.terms import FLEXIBLE, INJURY, Terms, compounds, known_terms, open_alone, standing
from backend.registry import service as registry

STEPS = {
    "declared": "按申报的基数逐人核定",
    "undeclared": "没有申报的，按上月核定",
    "problems": "记下没能核定的",
    "bills": "按单位和险种汇总成应收单",
    "waiting": "待转金先抵",
}


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
    known = known_terms(area, month)
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
    again = run.run > 1
    expected = _counted(uow, registry.enrolled(month), month, again=again)
    asked = _to_bill(enrolled_in(month), month, again=again)
    step(STEPS["declared"], expected)
    lines = _written(uow, _declared(asked, run.id, month, known))
    if lines < expected:
        step(STEPS["undeclared"], expected - lines)
        lines += _written(
            uow, _undeclared(_to_bill(enrolled_in(month), month, again=True), run.id, month, known)
        )
        if lines < expected:
            step(STEPS["problems"], expected - lines)
            run.problems = _written(uow, _problems(run.id, month, known))
    if not lines and not run.problems:
        raise NobodyToBill(month=month)
    step(STEPS["bills"], lines)
    run.n = lines
    run.total = write_bills(uow, run.id, month, due_day(month))
    uow.session.flush()
    one_by_one(uow)
    step(STEPS["waiting"])
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
    """Selects who is insured in a month, and on what terms: person_id, insurance, employer_id, standing, policy.
    Who is dead or too young is not there, whatever is enrolled."""
    asked = _all_enrolled(month)
    cannot = registry.uninsurable(month).subquery("cannot")
    who = asked.selected_columns.person_id
    return asked.where(~select(cannot.c.reason).where(cannot.c.person_id == who).exists())


def _counted(uow: Uow, asked: Select[*tuple[Any, ...]], month: Month, *, again: bool) -> int:
    rows = _to_bill(asked, month, again=again).subquery()
    return uow.session.scalars(select(func.count()).select_from(rows)).one()


def _all_enrolled(month: Month) -> Select[*tuple[Any, ...]]:
    rows, floats = registry.enrolled(month).subquery("enrolled"), levels(month).subquery("floats")
    level = case((rows.c.insurance == INJURY, func.coalesce(floats.c.percent, WHOLE)), else_=WHOLE)
    asked = select(
        rows.c.person_id,
        rows.c.insurance,
        rows.c.employer_id,
        standing(func.coalesce(rows.c.injury_class, FLEXIBLE), level).label("standing"),
    ).outerjoin(floats, floats.c.employer_id == rows.c.employer_id)
    if not shares(month):
        return asked.add_columns(literal(NONE).label("policy"))
    granted = and_(Relief.employer_id == rows.c.employer_id, Relief.month == month)
    return asked.outerjoin(Relief, granted).add_columns(func.coalesce(Relief.policy, NONE).label("policy"))


def _to_bill(asked: Select[*tuple[Any, ...]], month: Month, *, again: bool) -> Select[*tuple[Any, ...]]:
    """All of these; in a further run, who has not been billed."""
    if not again:
        return asked
    rows = asked.selected_columns
    billed = select(DueLine.run_id).where(
        DueLine.month == month,
        DueLine.person_id == rows.person_id,
        DueLine.insurance == rows.insurance,
    )
    return asked.where(~billed.exists())


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
    numbers = ("standing", "floor", "ceiling", "employer_rate", "person_rate")
    columns: list[Any] = [column("insurance", String()), *(column(name, BigInteger()) for name in numbers)]
    rows = [
        (one.insurance, one.standing, one.floor_fen, one.ceiling_fen, one.employer_rate, one.person_rate)
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
    base, employer_share, person_share, relief. Who has not declared (`among` these declarations) is not there."""
    who, at, declared = asked.subquery("asked"), _table(known), in_force(month, *among).subquery("declared")
    wage = type_coerce(declared.c.wage, BigInteger())
    base = func.least(func.greatest(wage, at.c.floor), at.c.ceiling)
    rest, relief = _relieved(_half_up(base, at.c.employer_rate, MILLION), who, month)
    return (
        select(
            who.c.person_id,
            who.c.insurance,
            who.c.employer_id,
            base.label("base"),
            rest.label("employer_share"),
            _half_up(base, at.c.person_rate, MILLION).label("person_share"),
            relief.label("relief"),
        )
        .join(declared, _same_payer(who, declared))
        .join(at, and_(at.c.insurance == who.c.insurance, at.c.standing == who.c.standing))
    )


def _relieved(
    whole: ColumnElement[int], who: FromClause, month: Month
) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """Of an employer's share: what is to be paid, and what policy takes off; never of a person's."""
    by_policy = [
        (and_(who.c.policy == policy, who.c.insurance == insurance), literal(share, BigInteger()))
        for (policy, insurance), share in shares(month).items()
    ]
    if not by_policy:
        return whole, literal(0, BigInteger())
    relief = _half_up(whole, case(*by_policy, else_=literal(0, BigInteger())), MILLION)
    return whole - relief, relief


def _declared(asked: Select[*tuple[Any, ...]], run: int, month: Month, known: Sequence[Terms]) -> Insert:
    return _insert(run, month, "declared", declared_shares(asked, month, known))


def _undeclared(asked: Select[*tuple[Any, ...]], run: int, month: Month, known: Sequence[Terms]) -> Insert:
    """Who has not declared owes a share of the month before (社会保险法 第六十二条), before any relief.

    Where an area counts from the last month that was declared, who has not declared again owes the same again.
    """
    who, before = asked.subquery("asked"), _before(month - 1)
    declared = in_force(month).subquery("declared")
    share: ColumnElement[int] = literal(millionths(value("levy.undeclared.share", month.first)), BigInteger())
    if not compounds(settings().area, month):
        share = case((before.c.undeclared, literal(MILLION, BigInteger())), else_=share)
    rest, relief = _relieved(_half_up(before.c.employer_share, share, MILLION), who, month)
    return _insert(
        run,
        month,
        "undeclared",
        select(
            who.c.person_id,
            who.c.insurance,
            who.c.employer_id,
            before.c.base,
            rest,
            _half_up(before.c.person_share, share, MILLION),
            relief,
        )
        .join(before, and_(_same_payer(who, before), before.c.insurance == who.c.insurance))
        .where(
            who.c.insurance.in_(sorted({one.insurance for one in known})),
            ~select(declared.c.wage).where(_same_payer(who, declared)).exists(),
        ),
    )


def _before(month: Month) -> FromClause:
    """What was billed for a month, with what was added or taken off since; an employer's share without relief.
    `undeclared`: it was itself billed by the month before it, and nothing has settled it."""
    first = select(DueLine).where(DueLine.month == month, DueLine.seq == 1).subquery("first")
    names = ("base", "employer_share", "person_share", "relief")
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
            whole["base"].label("base"),
            (whole["employer_share"] + whole["relief"]).label("employer_share"),
            whole["person_share"].label("person_share"),
            and_(first.c.kind == "undeclared", more.c.person_id.is_(None)).label("undeclared"),
        )
        .select_from(
            first.outerjoin(more, and_(_same_payer(first, more), more.c.insurance == first.c.insurance))
        )
        .where(whole["base"] > 0)
        .subquery("before")
    )


def _insert(run: int, month: Month, kind: str, lines: Select[*tuple[Any, ...]]) -> Insert:
    names = ["person_id", "insurance", "employer_id", "base", "employer_share", "person_share", "relief"]
    given = (literal(run), literal(month, MonthType()), literal(1), literal(kind))
    return insert(DueLine).from_select([*names, "run_id", "month", "seq", "kind"], lines.add_columns(*given))


def _problems(run: int, month: Month, known: Sequence[Terms]) -> Insert:
    """Who is still without a line, and why (`unbilled.REASONS`)."""
    who = _to_bill(_all_enrolled(month), month, again=True).subquery("who")
    cannot, declared = registry.uninsurable(month).subquery("cannot"), in_force(month).subquery("declared")
    reason = case(
        (cannot.c.reason.isnot(None), cannot.c.reason),
        (who.c.insurance.notin_(sorted({one.insurance for one in known})), "no_rate"),
        (and_(who.c.employer_id.is_(None), who.c.insurance.notin_(open_alone(known))), "no_terms"),
        (declared.c.person_id.is_(None), "no_base"),
        (who.c.insurance == INJURY, "no_level"),
        else_="no_terms",
    )
    return insert(Problem).from_select(
        ["person_id", "insurance", "employer_id", "reason", "run_id"],
        select(who.c.person_id, who.c.insurance, who.c.employer_id, reason, literal(run))
        .select_from(who)
        .outerjoin(cannot, cannot.c.person_id == who.c.person_id)
        .outerjoin(declared, _same_payer(who, declared)),
    )


def write_bills(uow: Uow, run: int, month: Month, due: date) -> Money:
    """One bill a payer and insurance from a run's lines; their sum. What relief leaves nothing of is paid in full."""
    total = Money(int(uow.session.scalars(_bills(uow, run, month, due)).one()))
    nothing = select(Bill.id).where(Bill.run_id == run, Bill.settled_at.isnot(None))
    if settled := tuple(uow.session.scalars(nothing)):
        uow.emit(PaidInFull(settled))
    return total


def _bills(uow: Uow, run: int, month: Month, payable: date) -> Select[int]:
    """Writes one bill a payer and insurance from the run's lines; selects their sum."""
    person = case((DueLine.employer_id.is_(None), DueLine.person_id))
    due, relief = func.sum(DueLine.employer_share + DueLine.person_share), func.sum(DueLine.relief)
    given: dict[str, Any] = {
        "run_id": literal(run),
        "month": literal(month, MonthType()),
        "kind": literal("dues"),
        "due_day": literal(payable),
        "paid": literal(0),
        "written_off": literal(0),
        "employer_id": DueLine.employer_id,
        "person_id": person,
        "insurance": DueLine.insurance,
        "n": func.count(),
        "undeclared": func.count().filter(DueLine.kind == "undeclared"),
        "due": due,
        "relief": relief,
        "settled_at": case((due == 0, literal(uow.now))),
    }
    made = (
        insert(Bill)
        .from_select(
            list(given),
            select(*given.values())
            .where(DueLine.run_id == run)
            .group_by(DueLine.employer_id, person, DueLine.insurance)
            .having(or_(due > 0, relief > ZERO)),
        )
        .returning(Bill.due)
        .cte("made")
    )
    return select(func.coalesce(func.sum(type_coerce(made.c.due, BigInteger())), 0))


def due_day(month: Month) -> date:
    """缴款期限 of a month's dues."""
    day = int(value("levy.collection.due_day", month.first, settings().area))
    return date(month.year, month.month, day)
