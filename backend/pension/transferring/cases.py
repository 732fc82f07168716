"""Cases 转移办件: opened, found, moved from step to step with its deadline, and shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import func, select

from backend.kernel import codes, pooling, workdays
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.money import ZERO, Money
from backend.kernel.params import Lookup
from backend.kernel.period import Month
from backend.kernel.settings import settings
from backend.pension.model import Account
from backend.pension.statement import STATUS, account_of
from backend.pension.transferred import (
    TransferCase,
    TransferMoney,
    TransferMonth,
    TransferStep,
    TransferYear,
)
from backend.pension.transferring.shown import STATES, MoneyView, StepView, TransferView
from backend.registry import service as registry

IN, OUT = "in", "out"
RETIRED = "4"
NOT_SURE = "期限暂按周一至周五算，{year} 年的放假安排公布以后可能顺延。"
NOTHING = {"account": ZERO, "pooled": ZERO, "total": ZERO, "booked": ZERO, "doubled": ZERO}


class AlreadyOpen(Refusal):
    """{name}还有一件关系转移没有办完（{state}，编号 {case}），办完或者撤销以后再办。"""


class NothingOpen(Refusal):
    """{name}没有正在办的{direction}，请先登记。"""

    status = 404


class NotAtThisStep(Refusal):
    """{name}的关系转移现在是“{state}”，不能办这一步。"""


class SamePlace(Refusal):
    """{area} 就在本统筹区，不用转移关系。"""

    status = 422


class DrawsPension(Refusal):
    """{name}已经在领取基本养老金，养老保险关系不再转移（国办发〔2009〕66号第二条）。"""


class HasDied(Refusal):
    """{name}已经登记死亡，养老保险关系不再转移；个人账户由继承人办理。"""


class NotOnItsOwn(Refusal):
    """{name}的个人账户现在是“{status}”，不能转移，请先核对。"""


class DayAhead(Refusal):
    """日期 {day} 还没有到，请核对。"""

    status = 422


class DayBefore(Refusal):
    """日期 {day} 早于这件转移的登记日期 {first}，请核对。"""

    status = 422


@dataclass(frozen=True)
class Held:
    """A case with its person and account, all locked."""

    case: TransferCase
    person: registry.Person
    account: Account


def fit(uow: Uow, ident: str, *, statuses: str) -> tuple[registry.Person, Account]:
    """The person and account of who may have a relation moved, locked."""
    person = registry.person(uow, ident, lock=True)
    account = account_of(uow, person.id, person.name, lock=True)
    if person.died is not None:
        raise HasDied(name=person.name)
    if person.retired is not None or account.status == RETIRED:
        raise DrawsPension(name=person.name)
    if account.status not in statuses:
        raise NotOnItsOwn(name=person.name, status=STATUS[account.status])
    return person, account


def require_none_open(uow: Uow, person: registry.Person) -> None:
    case = _open(uow, person.id)
    if case is not None:
        raise AlreadyOpen(name=person.name, state=state_label(case), case=case.id)


def is_here(area: str) -> bool:
    """Whether a place lies in the area that pools its dues here (or is named as a whole that it lies in)."""
    own = settings().area
    return own == area or pooling.superior(own, area) or pooling.superior(area, own)


def require_elsewhere(area: str) -> None:
    if is_here(area):
        raise SamePlace(area=codes.full_name(area))


def opened(uow: Uow, person: registry.Person, **told: Any) -> TransferCase:
    row = TransferCase(
        person_id=person.id,
        maker=uow.actor.id,
        content={},
        deemed_months=0,
        file=None,
        due_on=None,
        due_sure=True,
        decided_on=None,
        closed_on=None,
        **NOTHING,
        **told,
    )
    uow.session.add(row)
    uow.session.flush()
    return row


def held(uow: Uow, ident: str, direction: str | None, *states: str) -> Held:
    """The open case of a person in one of these states; everything locked."""
    person = registry.person(uow, ident, lock=True)
    case = _open(uow, person.id)
    if case is None or direction not in (None, case.direction):
        raise NothingOpen(name=person.name, direction={IN: "转入", OUT: "转出", None: "关系转移"}[direction])
    if states and case.state not in states:
        raise NotAtThisStep(name=person.name, state=state_label(case))
    return Held(case, person, account_of(uow, person.id, person.name, lock=True))


def _open(uow: Uow, person_id: int) -> TransferCase | None:
    return uow.session.scalar(
        select(TransferCase)
        .where(TransferCase.person_id == person_id, TransferCase.closed_on.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def step(uow: Uow, case: TransferCase, what: str, note: str = "") -> None:
    """Write down what happened."""
    uow.session.flush()
    no = uow.session.scalar(select(func.count()).where(TransferStep.case_id == case.id)) or 0
    uow.session.add(
        TransferStep(
            case_id=case.id,
            no=no + 1,
            what=what,
            day=uow.today,
            maker=uow.actor.name or uow.actor.id,
            note=note[:200],
        )
    )
    uow.session.flush()


def due(case: TransferCase, since: date | None) -> None:
    """The next step must be done within so many working days of this one; None: nothing is to be done here."""
    if since is None:
        case.due_on, case.due_sure = None, True
        return
    days = int(Lookup(since).value("pension.transfer.step_days"))
    term = workdays.after(since, days)
    case.due_on, case.due_sure = term.day, term.sure


def close(uow: Uow, case: TransferCase, state: str, note: str = "") -> None:
    case.state, case.closed_on = state, uow.today
    due(case, None)
    step(uow, case, state, note)


def moves_money(on: date, other_area: str, asked: bool | None) -> tuple[bool, tuple[str, ...]]:
    """Whether money goes along: as the letter says, else as the law of the day has it."""
    if asked is not None:
        return asked, ()
    own = settings().area
    look = Lookup(on, own)
    which = "within" if own[:2] == other_area[:2] else "across"
    return look.value(f"pension.transfer.money_{which}") == "yes", look.warnings()


def received(uow: Uow, case: TransferCase) -> Money:
    """What has come of a case's money and was not sent back."""
    rows = uow.session.execute(
        select(TransferMoney.way, TransferMoney.amount).where(TransferMoney.case_id == case.id)
    )
    sums = {"received": ZERO, "returned": ZERO, "paid": ZERO}
    for way, amount in rows:
        sums[way] += amount
    return sums["received"] - sums["returned"]


def state_label(case: TransferCase) -> str:
    return STATES["received" if (case.direction, case.state) == (OUT, "asked") else case.state]


def months_of(uow: Uow, case: TransferCase) -> Sequence[TransferMonth]:
    return uow.session.scalars(
        select(TransferMonth).where(TransferMonth.case_id == case.id).order_by(TransferMonth.month)
    ).all()


def years_of(uow: Uow, case: TransferCase) -> Sequence[TransferYear]:
    return uow.session.scalars(
        select(TransferYear).where(TransferYear.case_id == case.id).order_by(TransferYear.year)
    ).all()


def view(uow: Uow, case: TransferCase, name: str, warnings: Sequence[str] = ()) -> TransferView:
    """A case as it stands; `warnings`: what of this step nobody has verified."""
    got = received(uow, case) if case.direction == IN else ZERO
    months = months_of(uow, case)
    if case.due_on and not case.due_sure:
        warnings = (*warnings, NOT_SURE.format(year=case.due_on.year))
    return TransferView(
        case=case.id,
        name=name,
        direction=case.direction,
        state=case.state,
        state_label=state_label(case),
        other_area=case.other_area,
        other_agency=case.other_agency,
        letter=case.letter,
        temporary=case.temporary,
        applied_on=case.applied_on,
        due_on=case.due_on,
        overdue=case.due_on < uow.today if case.due_on else None,
        with_money=case.with_money,
        **_amounts(case, got),
        months=len(months) or None,
        doubled=tuple(runs(case.content.get("doubled", ()))),
        deemed_months=case.deemed_months or None,
        file=case.file,
        steps=_steps(uow, case),
        money=_money(uow, case),
        warnings=tuple(warnings),
    )


def runs(months: Iterable[str]) -> Iterator[str]:
    """Months in a row as people write them.

    >>> list(runs(["2024-11", "2024-12", "2025-01", "2025-03"]))
    ['2024-11～2025-01', '2025-03']
    """
    numbered = enumerate(map(Month.parse, months))
    for _, run in groupby(numbered, key=lambda one: one[1].number - one[0]):
        row = [month for _, month in run]
        yield str(row[0]) if len(row) == 1 else f"{row[0]}～{row[-1]}"


def _amounts(case: TransferCase, got: Money) -> dict[str, int | None]:
    """What is known by now; what no step has told yet is left out."""
    told = case.state in {"informed", "decided", "done"}
    waits = case.direction == IN and case.with_money and case.state == "informed"
    done = case.direction == IN and case.state == "done"
    return {
        "account_fen": case.account.fen if told else None,
        "pooled_fen": case.pooled.fen if told else None,
        "total_fen": case.total.fen if told else None,
        "received_fen": got.fen or None,
        "short_fen": (case.total - got).fen if waits else None,
        "booked_fen": case.booked.fen if done else None,
        "doubled_fen": case.doubled.fen or None,
    }


def _steps(uow: Uow, case: TransferCase) -> tuple[StepView, ...]:
    rows = uow.session.scalars(
        select(TransferStep).where(TransferStep.case_id == case.id).order_by(TransferStep.no)
    )
    return tuple(StepView(day=row.day, what=row.what, note=row.note) for row in rows)


def _money(uow: Uow, case: TransferCase) -> tuple[MoneyView, ...]:
    rows = uow.session.scalars(
        select(TransferMoney).where(TransferMoney.case_id == case.id).order_by(TransferMoney.id)
    )
    return tuple(
        MoneyView(day=row.day, way=row.way, amount_fen=row.amount.fen, slip=row.slip) for row in rows
    )


def require_day(uow: Uow, case: TransferCase, day: date) -> None:
    if day > uow.today:
        raise DayAhead(day=day)
    if day < case.applied_on:
        raise DayBefore(day=day, first=case.applied_on)
