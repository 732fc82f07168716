"""Deemed years 视同缴费年限 (PEN-10), and withdrawing what was recognised wrongly (PEN-11).

A month counts once: a period overlaps no other and no month that was paid. The account has the sum.
"""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import func, select, type_coerce

from backend.kernel.actor import Permission
from backend.kernel.db import MonthType, Uow
from backend.kernel.errors import NotFound, Refusal
from backend.kernel.items import Guide, item
from backend.kernel.params import Lookup
from backend.kernel.period import Month
from backend.kernel.settings import settings
from backend.pension.careers.model import DeemedPeriod, OtherRule, SpecialWork
from backend.pension.careers.schema import GROUNDS, Recognised, RecogniseDeemed, WithdrawRecognised
from backend.pension.careers.spans import whose, worked_span
from backend.pension.model import Account, Contribution
from backend.registry import service as registry

Row = DeemedPeriod | SpecialWork | OtherRule
SPANS = TypeVar("SPANS", DeemedPeriod, SpecialWork)
TABLES: dict[str, Any] = {"deemed": DeemedPeriod, "special": SpecialWork, "other": OtherRule}
AWARDED = "{name} 的待遇已经核定，年限变了的，请再办待遇重算。"
LATE = "“{ground}”一般到 {latest} 为止（没有核实过），请对照当地规定复核。"


class PaidMeanwhile(Refusal):
    """{name}在 {month} 已经实际缴费，一个月只能算一次，视同缴费的月份不能包括它；请更正起止月。"""


class DeemedAlready(Refusal):
    """{name}的 {first} 到 {last} 已经认定过（认定编号 {no}），不能重叠；要更正的，请先撤销（PEN-11）。"""


class WithdrawnAlready(Refusal):
    """认定编号 {no} 已经在 {day} 撤销，不需要再办。"""


@item(
    "PEN-10",
    "视同缴费年限认定",
    may=Permission.PENSION_DECIDE,
    review=2,
    ready=lambda uow, cmd: _deemable(uow, cmd),
    guide=Guide(
        what="实行个人缴费以前、按国家规定计算的连续工龄，军龄、知青年限、机关事业单位工作年限，认定为视同缴费年限，退休时和实际缴费一起算。",
        who="参加企业职工基本养老保险、有视同缴费年限的人",
        bring=("居民身份证", "职工档案原件"),
        days="三十个工作日",
        law="社会保险法 第十三条；国发〔2005〕38号",
    ),
)
def recognise(uow: Uow, cmd: RecogniseDeemed) -> Recognised:
    person, account, first, last = _deemable(uow, cmd)
    row = DeemedPeriod(
        person_id=person.id,
        first=first,
        last=last,
        ground=cmd.ground,
        evidence=cmd.evidence,
        archive=cmd.archive,
        decided_on=uow.today,
        withdrawn_on=None,
        withdrawn_because=None,
    )
    uow.session.add(row)
    account.deemed_months += last - first + 1
    uow.session.flush()
    return told(uow, person, row, tuple(_late(cmd.ground, first, last)))


def _deemable(uow: Uow, cmd: RecogniseDeemed) -> tuple[registry.Person, Account, Month, Month]:
    """Whose, and which months; refused where one of them counts already."""
    person, account = whose(uow, cmd.ident)
    first, last = worked_span(uow, person, cmd.first, cmd.last)
    require_free(uow, person, DeemedPeriod, first, last)
    paid = uow.session.scalar(
        select(type_coerce(func.min(Contribution.month), MonthType())).where(
            Contribution.person_id == person.id, Contribution.month.between(first, last)
        )
    )
    if paid is not None:
        raise PaidMeanwhile(name=person.name, month=paid)
    return person, account, first, last


def require_free(uow: Uow, person: registry.Person, table: type[SPANS], first: Month, last: Month) -> None:
    """None of these months is recognised already."""
    taken = uow.session.scalar(
        select(table)
        .where(
            table.person_id == person.id,
            table.withdrawn_on.is_(None),
            table.first <= last,
            table.last >= first,
        )
        .limit(1)
    )
    if taken is not None:
        raise DeemedAlready(name=person.name, first=taken.first, last=taken.last, no=taken.id)


def _late(ground: str, first: Month, last: Month) -> list[str]:
    """By the law of the time when contributions began: a ground's last month is not verified, so it only warns."""
    latest = Lookup(last.first, settings().area).optional("pension.deemed.latest")
    until = latest.value.get(ground) if latest else None
    return [LATE.format(ground=GROUNDS[ground], latest=until)] if until is not None and last > until else []


@item(
    "PEN-11",
    "年限认定撤销",
    may=Permission.PENSION_DECIDE,
    review=2,
    ready=lambda uow, cmd: _standing(uow, cmd),
    guide=Guide(
        what="视同缴费年限、特殊工种或者另有规定的退休时间认定错了的，写明原因撤销；要更正的，撤销以后按对的重新认定。",
        who="经办机构",
        bring=("更正的依据",),
        law="社会保险经办条例 第三十七条",
    ),
)
def withdraw(uow: Uow, cmd: WithdrawRecognised) -> Recognised:
    person, row = _standing(uow, cmd)
    row.withdrawn_on, row.withdrawn_because = uow.today, cmd.because
    if isinstance(row, DeemedPeriod):
        uow.session.get_one(Account, person.id).deemed_months -= row.last - row.first + 1
    uow.session.flush()
    return told(uow, person, row)


def _standing(uow: Uow, cmd: WithdrawRecognised) -> tuple[registry.Person, Row]:
    """Whose it is, and the row as it stands."""
    found: Row | None = uow.session.get(TABLES[cmd.what], cmd.no)
    person = registry.persons(uow, {found.person_id}).get(found.person_id) if found else None
    if found is None or person is None:
        raise NotFound(what=f"认定编号 {cmd.no}")
    whose(uow, person.ident)
    uow.session.refresh(found)
    if found.withdrawn_on is not None:
        raise WithdrawnAlready(no=cmd.no, day=found.withdrawn_on)
    return person, found


def told(uow: Uow, person: registry.Person, row: Row, also: tuple[str, ...] = ()) -> Recognised:
    """The sums as they are now."""
    span = (row.earliest, row.latest) if isinstance(row, OtherRule) else (row.first, row.last)
    special = uow.session.scalars(
        select(SpecialWork).where(SpecialWork.person_id == person.id, SpecialWork.withdrawn_on.is_(None))
    )
    return Recognised(
        no=row.id,
        name=person.name,
        first=str(span[0]),
        last=str(span[1]),
        months=span[1] - span[0] + 1,
        deemed_months=uow.session.get_one(Account, person.id).deemed_months,
        special_months=sum(one.last - one.first + 1 for one in special),
        warnings=(*also, *([AWARDED.format(name=person.name)] if person.retired else [])),
    )
