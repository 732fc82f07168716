"""Later assessment 补缴和补差核定: months billed before are settled by what was declared and what law sets by now.

What was too little is a new bill of the current month. What was too much lowers the bill it stood in, and where
that was paid, the money waits for its payer again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Insert,
    bindparam,
    case,
    column,
    func,
    insert,
    select,
    type_coerce,
)

from backend.kernel import codes
from backend.kernel.actor import Permission
from backend.kernel.db import Uow, in_bulk, one_by_one, see_everybody
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.kernel.money import ZERO, Money
from backend.kernel.period import Month
from backend.kernel.pooling import require_reach
from backend.kernel.settings import settings
from backend.levy.billing import declared_shares, due_day, enrolled_in, runs_of, write_bills
from backend.levy.declaring import year_end
from backend.levy.model import Bill, DeclaredBase, DueLine, Receipt, Run
from backend.levy.paying import Lowered, Reassessed, lower
from backend.levy.receiving import give_back, use_all_waiting
from backend.levy.rules.reassessing import Billed, Further, Shares, further
from backend.levy.schema import Reassess, ReassessedView
from backend.levy.terms import known_terms
from backend.registry import service as registry

MOST_MONTHS = 120


class NobodyNamed(Refusal):
    """请填写单位的统一社会信用代码；灵活就业人员填写本人的证件号码。"""

    status = 422


class SpanWrong(Refusal):
    """补缴、补差的起止月份不对：止月不能早于起月，一次最多 {most} 个月。请更正后再办。"""

    status = 422


class WageOfWhom(Refusal):
    """查实的月平均工资是一个人的，请同时填写单位和这个人的证件号码。"""

    status = 422


class NotBilledYet(Refusal):
    """{month} 还没有做过月度应收核定，不能补缴、补差；请先做月度应收核定，或者只办以前的月份。"""


class NothingToReassess(Refusal):
    """这些月份应该缴的和已经核定的一样，不需要补缴、补差。"""


class NoRateThen(Refusal):
    """没有收录这些月份{insurances}的缴费比例或者上下限，这些险种没有重新算；其余的和已经核定的一样，不需要补缴、补差。"""


class Payer(NamedTuple):
    """An employer (all employees, or one of them) or a flexible worker."""

    employer_id: int | None
    person_id: int | None

    def of(self, rows: Any) -> tuple[ColumnElement[bool], ...]:
        """Their rows of lines, bases or enrolments."""
        named = (rows.employer_id.is_not_distinct_from(self.employer_id),)
        return named if self.person_id is None else (*named, rows.person_id == self.person_id)

    def owns(self, rows: type[Bill] | type[Receipt]) -> ColumnElement[bool]:
        """Their bills, or their receipts."""
        return (
            rows.person_id == self.person_id
            if self.employer_id is None
            else rows.employer_id == self.employer_id
        )


Key = tuple[Month, int, str]  # month, person, insurance


@dataclass
class Found:
    """The lines that are wanting, and where in a month the next one stands."""

    lines: list[tuple[Key, Further]] = field(default_factory=list)
    last: dict[Key, int] = field(default_factory=dict)
    no_rate: set[str] = field(default_factory=set)  # insurances that had no rate in one of the months

    @property
    def left_out(self) -> str:
        return "、".join(codes.name("insurance", one) for one in sorted(self.no_rate))

    def sums(self, kind: str) -> int:
        return sum(line.shares.fen for _, line in self.lines if line.kind == kind)


@item(
    "LEV-16",
    "补缴和补差核定",
    may=Permission.LEVY_RUN,
    review=1,
    guide=Guide(
        what="以前月份少核定的补缴、补差，多核定的核减；按当月的费率、上下限和申报的缴费基数逐月算，只办差额。",
        who="用人单位、灵活就业人员",
        bring=("缴费基数申报表", "职工工资发放表"),
        law="社会保险法 第六十二条、第六十三条",
    ),
)
def reassess(uow: Uow, cmd: Reassess) -> ReassessedView:
    require_reach(uow)
    payer, months = _payer(uow, cmd), _months(uow, cmd)
    see_everybody(uow)
    if payer.person_id is None:
        in_bulk(uow)
    if cmd.wage_fen:
        _correct_base(uow, payer, months, Money(cmd.wage_fen))
    found = Found()
    for month in months:
        _compare(uow, payer, month, found)
    if not found.lines:
        raise NoRateThen(insurances=found.left_out) if found.no_rate else NothingToReassess
    run = _write(uow, payer, found)
    lowered = _lower(uow, payer, found)
    if lowered.bills:
        uow.emit(Reassessed(tuple(lowered.bills)))
    one_by_one(uow)
    use_all_waiting(uow, payer.owns(Receipt))
    return ReassessedView(
        run=run.id,
        lines=len(found.lines),
        supplement_fen=found.sums("supplement"),
        difference_fen=found.sums("difference"),
        reduction_fen=-found.sums("reduction"),
        left_out=found.left_out,
        returned_fen=sum(sums.total() for sums in lowered.returned.values()),
    )


def _payer(uow: Uow, cmd: Reassess) -> Payer:
    if cmd.wage_fen and not (cmd.uscc and cmd.ident):
        raise WageOfWhom
    who = registry.person(uow, cmd.ident).id if cmd.ident else None
    if cmd.uscc:
        return Payer(registry.employer(uow, cmd.uscc).id, who)
    if who is None:
        raise NobodyNamed
    return Payer(None, who)


def _months(uow: Uow, cmd: Reassess) -> list[Month]:
    """The span, all of it billed before: who is missing in a month not yet billed is billed with it."""
    first, last = Month.parse(cmd.since), Month.parse(cmd.until)
    if not 0 <= last - first < MOST_MONTHS:
        raise SpanWrong(most=MOST_MONTHS)
    months = list(first.until(last))
    for month in months:
        if not uow.session.scalar(select(func.count()).where(*runs_of(month))):
            raise NotBilledYet(month=month)
    return months


def _correct_base(uow: Uow, payer: Payer, months: Sequence[Month], wage: Money) -> None:
    """What an inspection has found stands for these months as if it had been declared."""
    since, until = months[0], min(months[-1], year_end(months[0]))
    row = uow.session.scalar(
        select(DeclaredBase).where(*payer.of(DeclaredBase), DeclaredBase.since == since)
    ) or DeclaredBase(person_id=payer.person_id, employer_id=payer.employer_id, since=since, until=until)
    row.wage, row.declared_at = wage, uow.now
    uow.session.add(row)
    uow.session.flush()


# ---- what is wanting ----


def _compare(uow: Uow, payer: Payer, month: Month, found: Found) -> None:
    """Adds the lines of a month in which something is wanting. Who never declared stays as they were billed."""
    right, insured = _right(uow, payer, month, found)
    billed = _billed(uow, payer, month)
    elsewhere = _number(uow, payer, month, {person for _, person, _ in billed.keys() | insured}, found)
    for key in sorted(insured | billed.keys()):
        if key in right and (key in billed or key not in elsewhere):
            found.lines += [(key, line) for line in further(right[key], billed.get(key, []))]
        elif key not in insured:
            found.lines += [(key, line) for line in further(Shares(), billed[key])]


def _right(uow: Uow, payer: Payer, month: Month, found: Found) -> tuple[dict[Key, Shares], set[Key]]:
    """What each month should be, of those who have declared; and who is insured there, declared or not."""
    asked, known = enrolled_in(month), known_terms(settings().area, month)
    asked = asked.where(*payer.of(asked.selected_columns))
    shares = declared_shares(asked, month, known, *payer.of(DeclaredBase))
    right = {
        (month, person, insurance): Shares(*numbers)
        for person, insurance, _, *numbers in uow.session.execute(shares)
    }
    insured = {(month, row.person_id, row.insurance) for row in uow.session.execute(asked)}
    found.no_rate |= {insurance for _, _, insurance in insured} - {one.insurance for one in known}
    return right, insured


def _numbers(of: Any) -> list[ColumnElement[int]]:
    names = ("base", "employer_share", "person_share", "relief")
    return [type_coerce(of[name], BigInteger()) for name in names]


def _billed(uow: Uow, payer: Payer, month: Month) -> dict[Key, list[Billed]]:
    """What each month was billed, run by run, the newest first."""
    sums = (func.sum(number) for number in _numbers(DueLine.__table__.c))
    rows = uow.session.execute(
        select(DueLine.person_id, DueLine.insurance, DueLine.run_id, *sums)
        .where(DueLine.month == month, *payer.of(DueLine))
        .group_by(DueLine.person_id, DueLine.insurance, DueLine.run_id)
        .order_by(DueLine.run_id.desc())
    )
    billed = defaultdict[Key, list[Billed]](list)
    for person, insurance, run, *shares in rows:
        billed[month, person, insurance].append(Billed(run, Shares(*map(int, shares))))
    return dict(billed)


def _number(uow: Uow, payer: Payer, month: Month, people: set[int], found: Found) -> set[Key]:
    """Notes the last line of each of these persons' month; what another payer has been billed for comes back."""
    own = DueLine.employer_id.is_not_distinct_from(payer.employer_id)
    fen = type_coerce(DueLine.employer_share + DueLine.person_share, BigInteger())
    rows = uow.session.execute(
        select(
            DueLine.person_id, DueLine.insurance, func.max(DueLine.seq), func.sum(case((own, 0), else_=fen))
        )
        .where(
            DueLine.month == month,
            DueLine.person_id == func.any(bindparam(None, sorted(people), type_=ARRAY(BigInteger))),
        )
        .group_by(DueLine.person_id, DueLine.insurance)
    ).all()
    found.last |= {(month, person, insurance): last for person, insurance, last, _ in rows}
    return {(month, person, insurance) for person, insurance, _, others in rows if others > 0}


# ---- what follows ----


def _write(uow: Uow, payer: Payer, found: Found) -> Run:
    """The lines, and the bills of what was too little."""
    month = Month.of(uow.today)
    run = Run(
        area=settings().area,
        month=month,
        kind="back",
        run=1 + uow.session.scalars(select(func.count()).where(*runs_of(month, "back"))).one(),
        n=len(found.lines),
        total=ZERO,
        problems=0,
        maker=uow.actor.id,
        made_at=uow.now,
    )
    uow.session.add(run)
    uow.session.flush()
    uow.session.execute(_writing([_row(run, payer, found, key, line) for key, line in found.lines]))
    due = due_day(month) if uow.today <= due_day(month) else due_day(month + 1)
    run.total = write_bills(uow, run.id, month, due)
    return run


def _writing(rows: Sequence[dict[str, Any]]) -> Insert:
    """All lines in one statement: what they refer to is checked once a statement."""
    table = DueLine.__table__.c
    arrays = [bindparam(None, [row[name] for row in rows], type_=ARRAY(table[name].type)) for name in rows[0]]
    given = (
        func.unnest(*arrays)
        .table_valued(*(column(name, table[name].type) for name in rows[0]))
        .render_derived(name="given")
    )
    return insert(DueLine).from_select(list(rows[0]), select(given))


def _row(run: Run, payer: Payer, found: Found, key: Key, line: Further) -> dict[str, Any]:
    month, person, insurance = key
    found.last[key] = found.last.get(key, 0) + 1
    return {
        "month": month,
        "person_id": person,
        "insurance": insurance,
        "seq": found.last[key],
        "run_id": line.run_id or run.id,
        "employer_id": payer.employer_id,
        "kind": line.kind,
        "base": Money(line.shares.base),
        "employer_share": Money(line.shares.employer),
        "person_share": Money(line.shares.person),
        "relief": Money(line.shares.relief),
    }


def _lower(uow: Uow, payer: Payer, found: Found) -> Lowered:
    """Each bill that holds a reduction is lowered; what was paid beyond that goes back to its receipts."""
    sums = defaultdict[tuple[int, str], Shares](Shares)
    for (_, _, insurance), line in found.lines:
        if line.run_id is not None:
            sums[line.run_id, insurance] += line.shares
    lowered = Lowered()
    for (run_id, insurance), shares in sorted(sums.items()):
        bill = uow.session.scalars(
            select(Bill)
            .where(payer.owns(Bill), Bill.run_id == run_id, Bill.insurance == insurance, Bill.kind == "dues")
            .with_for_update()
        ).one()
        bill.relief = bill.relief + Money(shares.relief)
        lower(uow, bill, -shares.fen, lowered)
    uow.session.flush()
    give_back(uow, lowered.returned)
    return lowered
