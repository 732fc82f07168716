"""The end 注销登记 (LEV-25): only when nobody works there, every month is billed, all is paid, and nothing waits."""

from __future__ import annotations

from typing import NoReturn

from sqlalchemy import ColumnElement, func, select

from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.kernel.money import ZERO, Money
from backend.kernel.period import Month
from backend.kernel.settings import settings
from backend.levy.employers.schema import ENDINGS, CancelEmployer, Cancelled
from backend.levy.employers.standing import CANCEL, registered
from backend.levy.model import OPEN, Bill, DueLine, Receipt, Run, owed_fen
from backend.levy.owing import to_settle
from backend.registry import service as registry


class StillEmploying(Refusal):
    """{name} 还有 {n} 名职工在职或者参保，先为他们办理职工减少，再注销。"""


class StillUnbilled(Refusal):
    """{name} {month} 的社会保险费还没有核定，等核定并且缴清以后再注销。"""


class StillOwing(Refusal):
    """{name} 还欠 {n} 张应收单，一共 {yuan} 元，其中滞纳金 {fee} 元，最早的缴款期限是 {due_day}；先缴清，再注销。"""


class StillWaiting(Refusal):
    """{name} 有 {yuan} 元待转金还没有处理，先办理退回，再注销。"""


def _require_free(uow: Uow, boss: registry.Employer) -> None:
    """Nobody is insured there, every month is billed, everything is paid, nothing waits."""
    if n := registry.insuring.insured_now(uow, boss.id):
        raise StillEmploying(name=boss.name, n=n)
    if (month := _unbilled(uow, boss.id)) is not None:
        raise StillUnbilled(name=boss.name, month=month)
    whole = to_settle(uow, Bill.employer_id == boss.id)
    if whole:
        _refuse_owing(uow, boss, whole)
    waits = uow.session.scalars(
        select(Receipt.unallocated).where(Receipt.employer_id == boss.id, Receipt.unallocated > ZERO)
    ).all()
    if waits:
        raise StillWaiting(name=boss.name, yuan=Money(sum(one.fen for one in waits)))


def _refuse_owing(uow: Uow, boss: registry.Employer, whole: int) -> NoReturn:
    still = uow.session.scalars(select(Bill).where(Bill.employer_id == boss.id, OPEN)).all()
    dues = sum(owed_fen(bill) for bill in still if bill.kind == "dues")
    raise StillOwing(
        name=boss.name,
        n=len(still),
        yuan=Money(whole),
        fee=Money(whole - dues),
        due_day=min(bill.due_day for bill in still),
    )


def _unbilled(uow: Uow, employer_id: int) -> Month | None:
    """A month in which somebody was insured there and is not billed: one that was billed for everybody else, or
    one that is still to come."""
    there = registry.enrolled(Run.month)
    of = there.selected_columns
    billed = select(DueLine.run_id).where(
        DueLine.month == Run.month, DueLine.person_id == of.person_id, DueLine.insurance == of.insurance
    )
    missed = there.where(of.employer_id == employer_id, ~billed.correlate_except(DueLine).exists())
    found = uow.session.scalar(select(func.min(Run.month)).where(*_billed(), missed.correlate(Run).exists()))
    if found is not None:
        return found
    last = uow.session.scalar(select(func.max(Run.month)).where(*_billed()))
    ended = registry.insuring.insured_until(uow, employer_id)
    return ended if ended is not None and (last is None or ended > last) else None


def _billed() -> tuple[ColumnElement[bool], ...]:
    return Run.area == settings().area, Run.kind == "monthly"


def _may_cancel(uow: Uow, cmd: CancelEmployer) -> registry.Employer:
    boss = registered(uow, cmd.uscc, CANCEL)
    _require_free(uow, boss)
    return boss


@item(
    CANCEL,
    "单位社会保险注销登记",
    may=Permission.REGISTRY_WRITE,
    by=(Kind.EMPLOYER,),
    review=1,
    ready=_may_cancel,
    guide=Guide(
        what="单位终止的，三十日内办理注销：先为全部职工办理减少，结清社会保险费、滞纳金，退完待转金。",
        who="依法终止、合并、迁出或者不再用工的单位",
        bring=("终止的文件",),
        days="十个工作日",
        law="社会保险经办条例 第十条、社会保险费征缴暂行条例 第九条",
    ),
)
def cancel_employer(uow: Uow, cmd: CancelEmployer) -> Cancelled:
    boss = registry.lock_employer(uow, cmd.uscc)  # who is just being hired there comes first, or not at all
    _may_cancel(uow, cmd)
    registry.insuring.close(uow, boss)
    registry.insuring.changed(uow, boss, "09", "社会保险登记", None, str(ENDINGS[cmd.reason]))
    uow.session.flush()
    return Cancelled(name=boss.name, cancelled_on=uow.today)
