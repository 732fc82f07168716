"""Agreements to pay later 缓缴协议 (社会保险法 第六十三条): what is owed is put off with a guarantee, whole or in parts.

Money goes on paying the oldest dues first; what came for the bills of an agreement by a part's day keeps that part.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, exists, select

from backend.kernel import files
from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import NotFound, Refusal
from backend.kernel.items import Guide, item, question
from backend.kernel.money import Money
from backend.kernel.params import Lookup
from backend.kernel.period import Month, add_months
from backend.kernel.pooling import require_reach
from backend.kernel.settings import settings
from backend.levy.agreed import plans
from backend.levy.billing import due_day
from backend.levy.deferred import AskDeferrals, Defer, Deferrals, DeferralView, EndDeferral, PartOfPlan
from backend.levy.model import OPEN, Bill, Deferral, DeferralBill, DeferralPart, owed_fen
from backend.levy.rules.deferring import Plan
from backend.levy.rules.splitting import split
from backend.registry import service as registry

SHOWN = 200
LONGEST, LATE_FEE = "levy.deferral.longest_months", "levy.deferral.late_fee"


class NothingToDefer(Refusal):
    """{name}现在没有可以缓缴的社会保险费：没有欠缴，或者都已经缓缴过一次。没有签协议。"""


class DeferralRunning(Refusal):
    """{name}的缓缴协议 {document} 还在履行，缴清或者终止以后才能再签。"""


class DocumentUsed(Refusal):
    """编号 {document} 的缓缴协议已经登记过，没有再登记，请核对编号。"""


class FirstPartPassed(Refusal):
    """第一期的缴款期限 {day} 已经过了，请从后面的月份开始。"""

    status = 422


class TooLong(Refusal):
    """缓缴最长 {most} 个月，最后一期要在 {latest} 以前，现在是 {last}；请减少期数或者早一点开始。"""

    status = 422


class TooManyParts(Refusal):
    """一共只欠 {amount} 元，分不了 {parts} 期，请减少期数。"""

    status = 422


class EndedAlready(Refusal):
    """缓缴协议 {document} 已经{state}，不需要终止。"""


@item(
    "LEV-21",
    "签订缓缴协议",
    may=Permission.LEVY_RUN,
    review=1,
    guide=Guide(
        what="单位暂时缴不出社会保险费的，提供担保，签订缓缴协议，延后或者分期缴；缓缴期间免收滞纳金，没有按期缴足的协议当天终止。",
        who="用人单位",
        bring=("缓缴申请和财务报表", "抵押、质押或者保证的担保文书", "双方签好的缓缴协议"),
        days="10 个工作日",
        law="社会保险法 第六十三条",
    ),
)
def defer(uow: Uow, cmd: Defer) -> DeferralView:
    """Everything that is owed today and was not put off before; it begins on the day of approval."""
    require_reach(uow)
    boss = registry.employer(uow, cmd.uscc)
    files.fetch(uow, cmd.file)
    if uow.session.scalar(select(exists().where(Deferral.document == cmd.document))):
        raise DocumentUsed(document=cmd.document)
    bills = _deferrable(uow, boss.id)
    _require_none_running(uow, boss.id, boss.name)
    owed = sum(map(owed_fen, bills))
    if not owed:
        raise NothingToDefer(name=boss.name)
    if owed < cmd.parts:
        raise TooManyParts(amount=Money(owed), parts=cmd.parts)
    look = Lookup(uow.today, settings().area)
    days = _days(uow.today, cmd, look)
    row = Deferral(
        employer_id=boss.id,
        document=cmd.document,
        guarantee=cmd.guarantee,
        file=cmd.file,
        reason=cmd.reason,
        amount=Money(owed),
        waived=look.value(LATE_FEE) == "waived",
        since=uow.today,
        made_at=uow.now,
        ended_on=None,
        end_reason=None,
    )
    uow.session.add(row)
    uow.session.flush()
    uow.session.add_all(DeferralBill(bill_id=bill.id, deferral_id=row.id) for bill in bills)
    for no, (day, fen) in enumerate(zip(days, split(owed, [owed] * len(days)), strict=True), 1):
        uow.session.add(DeferralPart(deferral_id=row.id, no=no, due_day=day, amount=Money(fen)))
    uow.session.flush()
    return view(uow, row, look.warnings())


def _deferrable(uow: Uow, employer_id: int) -> list[Bill]:
    """Open dues that no agreement has covered; a late fee is not put off."""
    before = exists().where(DeferralBill.bill_id == Bill.id)
    wanted = select(Bill).where(Bill.employer_id == employer_id, OPEN, Bill.kind == "dues", ~before)
    return list(uow.session.scalars(wanted.order_by(Bill.id).with_for_update()))


def _require_none_running(uow: Uow, employer_id: int, name: str) -> None:
    for row, plan in _with_plans(uow, Deferral.employer_id == employer_id):
        if plan.state(uow.today) == "running":
            raise DeferralRunning(name=name, document=row.document)


def _days(today: date, cmd: Defer, look: Lookup) -> list[date]:
    """The due day of each part: a month after the other, within what the law allows."""
    first = Month.parse(cmd.first)
    days = [due_day(first + n) for n in range(cmd.parts)]
    if days[0] <= today:
        raise FirstPartPassed(day=days[0])
    longest = look.value(LONGEST)
    latest = add_months(today, longest)
    if days[-1] > latest:
        raise TooLong(most=longest, latest=latest, last=days[-1])
    return days


@item("LEV-22", "终止缓缴协议", may=Permission.LEVY_RUN, review=1)
def end_deferral(uow: Uow, cmd: EndDeferral) -> DeferralView:
    """Its days until today stay without a late fee."""
    require_reach(uow)
    found = uow.session.scalar(select(Deferral).where(Deferral.document == cmd.document).with_for_update())
    if found is None:
        raise NotFound(what=f"缓缴协议 {cmd.document} ")
    seen = view(uow, found)
    if seen.state != "running":
        raise EndedAlready(document=found.document, state=ENDED[seen.state])
    found.ended_on, found.end_reason = uow.today, cmd.reason
    uow.session.flush()
    return view(uow, found)


ENDED = {"kept": "缴清", "broken": "因为没有按期缴足终止", "ended": "终止"}


@question("LEV-Q23", "缓缴协议清单", may=Permission.LEVY_READ)
def deferrals(uow: Uow, ask: AskDeferrals) -> Deferrals:
    require_reach(uow)
    rows = _with_plans(uow)
    seen = (_view(uow, row, plan) for row, plan in rows)
    return Deferrals(deferrals=tuple(one for one in seen if ask.state in ("all", one.state)))


def of_employer(uow: Uow, employer_id: int) -> tuple[DeferralView, ...]:
    """An employer's agreements, the newest first."""
    return tuple(_view(uow, row, plan) for row, plan in _with_plans(uow, Deferral.employer_id == employer_id))


def _with_plans(uow: Uow, *whose: ColumnElement[bool]) -> list[tuple[Deferral, Plan]]:
    rows = uow.session.scalars(select(Deferral).where(*whose).order_by(Deferral.id.desc()).limit(SHOWN)).all()
    known = plans(uow, [row.id for row in rows]) if rows else {}
    return [(row, known[row.id]) for row in rows]


def view(uow: Uow, row: Deferral, warnings: tuple[str, ...] = ()) -> DeferralView:
    return _view(uow, row, plans(uow, [row.id])[row.id], warnings)


def _view(uow: Uow, row: Deferral, plan: Plan, warnings: tuple[str, ...] = ()) -> DeferralView:
    boss = registry.employer_by_id(uow, row.employer_id)
    return DeferralView(
        document=row.document,
        uscc=boss.uscc,
        name=boss.name,
        state=plan.state(uow.today),
        amount_fen=row.amount.fen,
        open_fen=plan.open_fen,
        since=plan.since,
        until=plan.parts[-1].due_day,
        waived=row.waived,
        stopped_on=plan.broken_on(uow.today) or row.ended_on,
        guarantee=row.guarantee,
        reason=row.reason,
        parts=tuple(_parts(plan, uow.today)),
        warnings=warnings,
    )


def _parts(plan: Plan, today: date) -> list[PartOfPlan]:
    """What has come fills the parts in their order."""
    shown, left = [], plan.paid_fen
    broken = plan.broken_on(today)
    for no, part in enumerate(plan.parts, 1):
        paid = min(part.fen, left)
        left -= paid
        full = paid == part.fen or not plan.open_fen
        state = "paid" if full and part.due_day != broken else "short" if part.due_day < today else "open"
        shown.append(PartOfPlan(no=no, due_day=part.due_day, amount_fen=part.fen, paid_fen=paid, state=state))
    return shown
