"""Stopping and resuming a pension 暂停、恢复, and its end by death 死亡 (社会保险经办条例 第二十五条). Months in prison are
not paid later (`living/serving`); those for want of a proof of life are, when there is one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ARRAY, BigInteger, func, literal, select, update

from backend.kernel import codes
from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.kernel.money import ZERO, Money
from backend.kernel.period import Month
from backend.payout import service as payout
from backend.pension import interest, years
from backend.pension.adjusting import settling as adjusting
from backend.pension.awarding import differences
from backend.pension.awarding.viewing import STATES
from backend.pension.benefits import FUND, ITEM
from backend.pension.books import EMPLOYEES, Books
from backend.pension.careers.doubles import refunded
from backend.pension.model import Award, Drawing
from backend.pension.schema import Resume, Resumed, Suspend, Suspended
from backend.registry import service as registry

DEATH, UNPROVED, SERVING = "01", "02", "03"  # 停发原因


@dataclass(frozen=True)
class Vouched:
    """Fact: by this document officers resumed a pension that was stopped for want of a proof of life."""

    person_id: int
    document: str


class NothingAwarded(Refusal):
    """{name}没有核定过养老待遇，没有可以暂停或者恢复的。"""

    status = 404


class NotRunning(Refusal):
    """{name}的养老待遇现在是“{state}”，不用再暂停。"""


class NotSuspended(Refusal):
    """{name}的养老待遇现在是“{state}”，不能恢复。"""


class DeathElsewhere(Refusal):
    """去世要在“死亡登记”里办，登记以后待遇从次月起自动停发。"""


class ServingElsewhere(Refusal):
    """服刑停发的月份不补发，要写判决生效和释放的日期：停发请办“服刑停发”（PEN-27），恢复请办“刑满恢复”（PEN-28）。"""


class MonthBeforeFirst(Refusal):
    """{name}的养老待遇从 {first} 起发放，{month} 还没有待遇，请核对月份。"""

    status = 422


class MonthTooFar(Refusal):
    """最晚写到下个月（{latest}），请到时候再办。"""

    status = 422


class BeforeTheStop(Refusal):
    """待遇是从 {since} 起暂停的，恢复不能早于这个月。"""

    status = 422


class MonthsClaimed(Refusal):
    """到 {month} 为止已经领走的待遇正在追回，恢复要从 {after} 或者以后的月份起。"""


@item(
    "PEN-21",
    "养老待遇暂停",
    may=Permission.PENSION_DECIDE,
    review=1,
    guide=Guide(
        what="查实出现暂停享受待遇的情形，从哪个月起停发；没有领的撤销，恢复时补发。",
        who="经办机构",
        law="社会保险经办条例 第二十五条",
    ),
)
def suspend(uow: Uow, cmd: Suspend) -> Suspended:
    """No month from `since` on is paid; what was not drawn yet is cancelled."""
    person = registry.person(uow, cmd.ident, lock=True)
    award = award_of(uow, person.id, person.name)
    if cmd.reason == SERVING:
        raise ServingElsewhere
    return halt(uow, award, person.name, STATES, cmd)


def halt(
    uow: Uow, award: Drawing, name: str, states: Mapping[str, str], cmd: Suspend, books: Books = EMPLOYEES
) -> Suspended:
    """Of any scheme: it stops from a month on, which is one of its own."""
    since = Month.parse(cmd.since)
    if cmd.reason == DEATH:
        raise DeathElsewhere
    if award.state != "active":
        raise NotRunning(name=name, state=states[award.state])
    _require_within(uow, award, name, since)
    award.state = "suspended"
    swept = payout.stop(
        uow,
        person_id=award.person_id,
        fund=books.fund,
        what=books.item,
        since=since,
        reason=cmd.reason,
        document=cmd.document,
        claims=cmd.claims,
    )
    return suspended(name, since, cmd.reason, swept)


def suspended(name: str, since: Month, reason: str, swept: payout.Swept) -> Suspended:
    return Suspended(
        name=name,
        since=str(since),
        reason=codes.name("stop_reason", reason),
        cancelled=swept.cancelled,
        cancelled_fen=swept.cancelled_fen,
        claimed=swept.claimed,
        claimed_fen=swept.claimed_fen,
    )


@item(
    "PEN-22",
    "养老待遇恢复",
    may=Permission.PENSION_DECIDE,
    review=1,
    guide=Guide(
        what="暂停的原因没有了，恢复发放养老金；暂停的月份也补发，从下一次发放起一并发给。",
        who="养老待遇被暂停的人",
        bring=("居民身份证", "暂停原因消失的证明"),
        law="社会保险经办条例 第二十五条",
    ),
)
def resume(uow: Uow, cmd: Resume) -> Resumed:
    """Paid again from `since` on (else for all the months of the stop); the next run pays the arrears."""
    person = registry.person(uow, cmd.ident, lock=True)
    award = award_of(uow, person.id, person.name)
    if award.state == "suspended" and payout.standing(uow, person.id, ITEM, SERVING):
        raise ServingElsewhere
    unproved = payout.standing(uow, person.id, ITEM, UNPROVED)
    since = lift(uow, award, person.name, STATES, cmd)
    go_on(uow, award)
    if unproved:
        uow.emit(Vouched(person.id, cmd.document))
    return Resumed(name=person.name, since=str(since))


def lift(
    uow: Uow, award: Drawing, name: str, states: Mapping[str, str], cmd: Resume, books: Books = EMPLOYEES
) -> Month:
    """Of any scheme: the stop is lifted from a month on, whose pension nobody claims back. That month."""
    held = payout.standing(uow, award.person_id, books.item)
    if award.state != "suspended" or held is None:
        raise NotSuspended(name=name, state=states[award.state])
    since = Month.parse(cmd.since) if cmd.since else max(held.since, award.first_month)
    if since < held.since:
        raise BeforeTheStop(since=held.since)
    _require_within(uow, award, name, since)
    if claimed := payout.claimed_from(uow, award.person_id, books.item, since):
        raise MonthsClaimed(month=claimed, after=claimed + 1)
    payout.lift(uow, person_id=award.person_id, what=books.item, since=since)
    return since


def go_on(uow: Uow, award: Award) -> None:
    """It runs unless something still stands against it; the next run looks for it, as for one newly decided."""
    held = payout.standing(uow, award.person_id, ITEM)
    award.state, award.decided_at = "suspended" if held else "active", uow.now
    uow.session.flush()
    differences.settle_again(uow, award.person_id)
    adjusting.settle(uow, award.person_id)


def suspend_all(uow: Uow, people: Sequence[int]) -> None:
    """So many pensions that run are stopped by as many stops."""
    whom = literal(list(people), ARRAY(BigInteger))
    theirs = update(Award).where(Award.person_id == func.any(whom), Award.state == "active")
    uow.session.execute(theirs.values(state="suspended").execution_options(synchronize_session=False))


def award_of(uow: Uow, person_id: int, name: str) -> Award:
    """The award that stands, locked."""
    award = uow.session.scalar(
        select(Award).where(Award.person_id == person_id, Award.state != "replaced").with_for_update()
    )
    if award is None:
        raise NothingAwarded(name=name)
    return award


def _require_within(uow: Uow, award: Drawing, name: str, month: Month) -> None:
    latest = Month.of(uow.today) + 1
    if month < award.first_month:
        raise MonthBeforeFirst(name=name, first=award.first_month, month=month)
    if month > latest:
        raise MonthTooFar(latest=latest)


def on_died(uow: Uow, fact: registry.Died) -> None:
    """The pension ends with the month of death; what was drawn for later months is claimed back. So does interest,
    where years since have had theirs."""
    interest.renew(uow, fact.person_id, fact.died.year)
    award = uow.session.scalar(
        select(Award).where(Award.person_id == fact.person_id, Award.state != "replaced").with_for_update()
    )
    if award is None:
        return
    end(uow, award, fact)


def end(uow: Uow, award: Drawing, fact: registry.Died, books: Books = EMPLOYEES) -> None:
    """Of any scheme: nothing is due after the month of death."""
    award.state = "ended"
    payout.stop(
        uow,
        person_id=award.person_id,
        fund=books.fund,
        what=books.item,
        since=Month.of(fact.died) + 1,
        reason=DEATH,
        document=fact.document,
        claims=True,
    )


def on_lives(uow: Uow, fact: registry.Lives) -> None:
    """The death was a mistake: the pension goes on as it stood before, and the next run pays what was not paid. The
    account bears interest as if nothing had happened."""
    _pay_on(uow, fact)
    interest.renew(uow, fact.person_id, fact.died.year)


def _pay_on(uow: Uow, fact: registry.Lives) -> None:
    award = uow.session.scalar(
        select(Award).where(Award.person_id == fact.person_id, Award.state == "ended").with_for_update()
    )
    if award is None:
        return
    take_back(uow, award, reason=DEATH, document=fact.document, because=fact.because)
    go_on(uow, award)


def take_back(uow: Uow, award: Award, *, reason: str, document: str, because: str) -> None:
    """A stop that should not have been is undone, and the account gives for what is due after all."""

    def again(months: Sequence[tuple[Month, int]]) -> None:
        for part, booked in differences.by_part(uow, award, months):
            years.draw_again(uow, award.person_id, part, booked)

    undo(uow, award, again, reason=reason, document=document, because=because)


def undo(
    uow: Uow,
    award: Drawing,
    again: Callable[[Sequence[tuple[Month, int]]], None],
    *,
    reason: str,
    document: str,
    because: str,
    books: Books = EMPLOYEES,
) -> None:
    """Of any scheme: the stop is as if it had not been. The account gives `again` for months that are due after all,
    year by year, each with its payable; what it had given for debts comes back to it."""
    undone = payout.undo(
        uow,
        person_id=award.person_id,
        fund=books.fund,
        what=books.item,
        reason=reason,
        document=document,
        because=because,
    )
    for months in undone.due_again:
        again(months)
    if undone.to_account_fen:
        years.pay_debt(uow, award.person_id, ZERO - Money(undone.to_account_fen), books)


def on_withdrawn(uow: Uow, fact: payout.Withdrawn) -> None:
    """Months that were not due give the account's part back to the year in which they were booked."""
    if (fact.fund, fact.item) != (FUND, ITEM):
        return
    award = uow.session.scalar(
        select(Award).where(Award.person_id == fact.person_id, Award.state != "replaced")
    )
    if award is not None:
        differences.settle_again(
            uow, fact.person_id
        )  # before the months themselves: no year pays less than nothing
        year = fact.booked[0].year
        due = payout.still_due(uow, fact.person_id, ITEM, year)
        debts = payout.accounted.from_account(uow, fact.person_id, FUND, year)
        debts += refunded(uow, fact.person_id, year)
        months = list(zip(fact.booked, fact.payables, strict=True))
        for part, booked in differences.by_part(uow, award, months):
            years.give_back(uow, award, part, booked, due=due, for_debts=debts)
        interest.renew(uow, fact.person_id, year)
