"""Declaring bases 缴费基数申报: an employer for each employee, a flexible worker for themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ARRAY, BigInteger, bindparam, column, func, select, type_coerce

from backend.kernel import ident
from backend.kernel.actor import Kind, Permission
from backend.kernel.db import MonthType, Uow
from backend.kernel.errors import NotFound, Refusal
from backend.kernel.items import Guide, item
from backend.kernel.money import Money
from backend.kernel.params import value
from backend.kernel.period import Month
from backend.kernel.settings import settings
from backend.levy.model import DeclaredBase, DueLine
from backend.levy.schema import ChooseBase, DeclareBase, Declared
from backend.levy.terms import PENSION, flexible_terms
from backend.registry import service as registry


class NotInsuredThere(Refusal):
    """证件号码 {number} 在 {month} 没有在这里参保，不能申报缴费基数；请核对号码和月份，或者先办理职工增加。"""


class BilledAlready(Refusal):
    """{name} {month} 的应缴已经核定，新的缴费基数要从还没有核定的月份起；以前月份的差额请办理补差。"""


class BaseBeyond(Refusal):
    """{month} 的缴费基数要在 {floor} 元到 {ceiling} 元之间，请重新选择。"""

    status = 422


@item(
    "LEV-02",
    "缴费基数申报",
    may=Permission.LEVY_RUN,
    by=(Kind.EMPLOYER,),
    guide=Guide(
        what="每个缴费年度按职工上年度月平均工资申报一次；没有按时申报的，按上月缴费额的百分之一百一十核定。",
        who="用人单位",
        bring=("职工工资发放表",),
        law="社会保险法 第六十条、第六十二条",
    ),
)
def declare_base(uow: Uow, cmd: DeclareBase) -> Declared:
    boss = registry.active_employer(uow, cmd.uscc)
    return _declare(uow, cmd.ident, boss.id, Month.parse(cmd.since), Money(cmd.wage_fen))


@item(
    "LEV-03",
    "灵活就业人员选择缴费基数",
    may=Permission.LEVY_RUN,
    by=(Kind.CITIZEN,),
    guide=Guide(
        what="在缴费基数上限和下限之间自己选一个，用到缴费年度结束。",
        who="以灵活就业身份参保的人",
        law="国办发〔2019〕13号 第三条",
    ),
)
def choose_base(uow: Uow, cmd: ChooseBase) -> Declared:
    since = Month.parse(cmd.since)
    limits = flexible_terms(settings().area, since)
    if not limits.floor_fen <= cmd.base_fen <= limits.ceiling_fen:
        raise BaseBeyond(month=since, floor=Money(limits.floor_fen), ceiling=Money(limits.ceiling_fen))
    return _declare(uow, cmd.ident, None, since, Money(cmd.base_fen))


def _declare(uow: Uow, number: str, employer_id: int | None, since: Month, wage: Money) -> Declared:
    """Good to the end of the base year; said again for the same month it replaces what was said."""
    try:
        who = registry.person(uow, number, lock=True)
    except NotFound:
        raise not_insured_there(number, since) from None
    [standing] = standings(uow, employer_id, [(who.id, since)])
    if refusal := standing.hindrance(number, who.name, since):
        raise refusal
    row = uow.session.scalar(
        select(DeclaredBase).where(
            DeclaredBase.person_id == who.id,
            DeclaredBase.employer_id.is_not_distinct_from(employer_id),
            DeclaredBase.since == since,
        )
    ) or DeclaredBase(person_id=who.id, employer_id=employer_id, since=since, until=year_end(since))
    row.wage, row.declared_at = wage, uow.now
    uow.session.add(row)
    uow.session.flush()
    return Declared(name=who.name, since=str(since), until=str(row.until), wage_fen=wage.fen)


def not_insured_there(number: str, since: Month) -> NotInsuredThere:
    """Also of a number that nobody has; a name is nobody's to learn."""
    return NotInsuredThere(number=ident.masked(number), month=since)


@dataclass(frozen=True)
class Standing:
    """Of one person and month: whether insured there, and the last month from then on billed as declared."""

    insured: bool
    billed: Month | None

    def hindrance(self, number: str, name: str, since: Month) -> Refusal | None:
        """Why no base can be declared, or None where it can."""
        if not self.insured:
            return not_insured_there(number, since)
        if self.billed is not None:
            return BilledAlready(name=name, month=self.billed)
        return None


def standings(uow: Uow, employer_id: int | None, asked: Sequence[tuple[int, Month]]) -> Iterator[Standing]:
    """How these persons stand at an employer (or at none) in these months, in the order asked."""
    given = (
        func.unnest(
            bindparam("persons", type_=ARRAY(BigInteger)),
            bindparam("months", type_=ARRAY(MonthType())),
        )
        .table_valued(column("person_id", BigInteger()), column("since", MonthType()), with_ordinality="line")
        .render_derived(name="given")
    )
    enrolled = registry.enrolled(given.c.since)
    of = enrolled.selected_columns
    there = enrolled.where(
        of.person_id == given.c.person_id,
        of.insurance == PENSION,
        of.employer_id.is_not_distinct_from(employer_id),
    ).correlate(given)
    billed = select(func.max(DueLine.month)).where(
        DueLine.person_id == given.c.person_id,
        DueLine.employer_id.is_not_distinct_from(employer_id),
        DueLine.month >= given.c.since,
        DueLine.kind != "undeclared",
    )
    rows = uow.session.execute(
        select(there.exists(), type_coerce(billed.correlate(given).scalar_subquery(), MonthType()))
        .select_from(given)
        .order_by(given.c.line),
        {"persons": [person for person, _ in asked], "months": [since for _, since in asked]},
    )
    return (Standing(insured, last) for insured, last in rows)


def year_end(month: Month) -> Month:
    """The last month of the base year 缴费年度 that a month lies in."""
    first = int(value("levy.declaration.first_month", month.first, settings().area))
    begins = Month(month.year if month.month >= first else month.year - 1, first)
    return begins + 11
