"""Bridging 制度衔接 between the employees' and the residents' scheme, at retirement age (人社部发〔2014〕17号).

Who has paid enough months as an employee takes the residents' account along: the account only, its years are no
employee's years. Who has not, takes the employees' account and its months to the residents' scheme, or ends the
relation in writing and is paid the account (社会保险法 第十六条). Each scheme books its own fund's side.
"""

from __future__ import annotations

from sqlalchemy import delete, select

from backend.kernel import ledger
from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.payout import service as payout
from backend.pension import years
from backend.pension.benefits import FUND
from backend.pension.careers.choosing import dates, enough_since, minimum, needed_of
from backend.pension.careers.summing import Listed, counted
from backend.pension.model import Account, Contribution
from backend.pension.residents import moving
from backend.pension.statement import STATUS
from backend.pension.transferred import SchemeMove
from backend.pension.transferring import accruing, cases, leaving, money
from backend.pension.transferring.schema import EndRelation, MoveScheme
from backend.pension.transferring.shown import RelationEnded, SchemeMoved
from backend.registry import service as registry

TO_EMPLOYEES = "to_employees"
PAID_OUT, OUT_OF_ACCOUNT = "paid_out", "个人账户一次性支付"
ENDED = "2"
DOCUMENTS = {"to_employees": "scheme-in", "to_residents": "scheme-out"}


class MovedSchemeAlready(Refusal):
    """{name}已经办过制度衔接或者终止了关系（{day}），只能办一次。"""


class NotYetOfAge(Refusal):
    """{name}到 {day} 才到职工养老保险的法定退休年龄，到了以后才能办制度衔接。"""


class EnoughMonths(Refusal):
    """{name}职工养老保险到 {since} 已满 {minimum} 个月，应该按职工养老保险领取（PEN-04），不能转居民养老，也不能终止关系。"""


class TooFewToTake(Refusal):
    """{name}职工养老保险缴费 {months} 个月，不满 {minimum} 个月，不能转入；可以延长缴费、转居民养老，或者终止关系（PEN-74）。"""


class NotConfirmed(Refusal):
    """终止关系以后不能恢复：要先书面告知本人可以延长缴费或者转入居民养老保险，本人书面确认以后再办，没有办理。"""

    status = 422


class AccountNotUsable(Refusal):
    """{name}的职工养老保险个人账户现在是“{status}”，不能办制度衔接。"""


@item(
    "PEN-69",
    "城乡养老保险制度衔接",
    may=Permission.PENSION_DECIDE,
    review=1,
    guide=Guide(
        what="到了退休年龄，职工养老保险缴费够年限的，把居民养老保险的个人账户并进来（居民缴费年限不折算）；不够的，可以转入居民养老保险，个人账户和年限都带过去。",
        who="两种养老保险都参加过的人，还没有领取待遇的",
        bring=("居民身份证", "本人的书面申请"),
        days="十五个工作日",
        law="人社部发〔2014〕17号 第三条、第五条、第六条",
    ),
)
def move(uow: Uow, cmd: MoveScheme) -> SchemeMoved:
    person, account = _movable(uow, cmd.ident)
    _require_months(uow, person, account, cmd.direction)
    row = _moved(uow, person, cmd.direction, cmd.document)
    if cmd.direction == TO_EMPLOYEES:
        row.amount = moving.give_up(uow, person.id)
        years.credit(uow, person.id, row.amount)
        _book(uow, row, "receipts_deposit", "transfer_income")
    else:
        _leave(uow, person, account, row)
    uow.session.flush()
    return SchemeMoved(
        name=person.name, direction=cmd.direction, amount_fen=row.amount.fen, months=row.months
    )


@item(
    "PEN-74",
    "终止职工养老保险关系",
    may=Permission.PENSION_DECIDE,
    review=1,
    guide=Guide(
        what="到了法定退休年龄，缴费不够最低年限，不延长缴费也不转入居民养老保险的，本人书面申请、书面确认以后终止职工养老保险关系，"
        "个人账户储存额（连同利息）一次性支付给本人。终止以后这些缴费年限不再计算，不能恢复，请想清楚再办。",
        who="到了退休年龄、职工养老保险缴费不够年限的人",
        bring=("居民身份证", "本人的书面申请和确认书", "社会保障卡"),
        days="十五个工作日",
        law="社会保险法 第十六条；实施《中华人民共和国社会保险法》若干规定（人社部令第13号）第三条",
    ),
)
def end(uow: Uow, cmd: EndRelation) -> RelationEnded:
    """The account with its interest is theirs, drawn as any benefit; the months count no more."""
    if not cmd.confirmed:
        raise NotConfirmed
    person, account = _movable(uow, cmd.ident)
    _require_months(uow, person, account, PAID_OUT)
    leaving.require_free(uow, person, account)
    row = _moved(uow, person, PAID_OUT, cmd.document)
    warnings = _emptied(uow, person, account, row)
    if row.amount.fen:
        payout.pay_once(uow, person_id=person.id, fund=FUND, what=OUT_OF_ACCOUNT, fen=row.amount.fen)
    return RelationEnded(name=person.name, amount_fen=row.amount.fen, months=row.months, warnings=warnings)


def _movable(uow: Uow, ident: str) -> tuple[registry.Person, Account]:
    person, account = cases.fit(uow, ident, statuses="12345")
    cases.require_none_open(uow, person)
    _require_first(uow, person)
    if account.status != "1":
        raise AccountNotUsable(name=person.name, status=STATUS[account.status])
    return person, account


def _moved(uow: Uow, person: registry.Person, direction: str, document: str) -> SchemeMove:
    row = SchemeMove(
        person_id=person.id,
        direction=direction,
        amount=Money(0),
        months=0,
        document=document,
        moved_on=uow.today,
        maker=uow.actor.id,
    )
    uow.session.add(row)
    uow.session.flush()
    return row


def _emptied(uow: Uow, person: registry.Person, account: Account, row: SchemeMove) -> tuple[str, ...]:
    """The employees' account ends with its interest to this month; its months are no employee's any more."""
    _, told = accruing.settle(uow, person.id)
    row.amount = years.balance(uow, person.id)
    row.months = account.months_paid + account.deemed_months
    if not years.pay_debt(uow, person.id, row.amount):
        raise RuntimeError("an account holds less than it was just read to hold")
    uow.session.execute(delete(Contribution).where(Contribution.person_id == person.id))
    account.status, account.months_paid, account.index_sum = ENDED, 0, 0
    uow.session.flush()
    return told


def _require_first(uow: Uow, person: registry.Person) -> None:
    before = uow.session.scalar(select(SchemeMove).where(SchemeMove.person_id == person.id))
    if before is not None:
        raise MovedSchemeAlready(name=person.name, day=before.moved_on)


def _require_months(uow: Uow, person: registry.Person, account: Account, direction: str) -> None:
    """Of retirement age; enough months for a pension (in some month since, as an award asks it), or not, as the
    direction says. Fifteen years (第三条), and more where the reform asks for more."""
    legal = dates(person.sex, account.track, person.birth).legal
    if legal > uow.today:
        raise NotYetOfAge(name=person.name, day=legal)
    now, listed = Month.of(uow.today), Listed.of(uow, [person.id])
    months, since = counted(account, listed, now), enough_since(person, account, listed, now)
    if direction == TO_EMPLOYEES and since is None:
        raise TooFewToTake(name=person.name, months=months, minimum=needed_of(person, account, listed, now))
    if direction != TO_EMPLOYEES and since is not None:
        raise EnoughMonths(name=person.name, since=since, minimum=minimum(since.year))


def _leave(uow: Uow, person: registry.Person, account: Account, row: SchemeMove) -> None:
    """The employees' account ends; its months count as a resident's."""
    leaving.require_free(uow, person, account)
    _emptied(uow, person, account, row)
    _book(uow, row, "transfer_expense", "expenditure_deposit")
    moving.take_in(uow, person.id, row.amount, row.months)


def _book(uow: Uow, row: SchemeMove, debit: str, credited: str) -> None:
    if row.amount.fen:
        ledger.post(
            uow,
            month=ledger.this_month(uow),
            document=DOCUMENTS[row.direction],
            key=f"scheme/{row.id}",
            lines=[ledger.Line(money.account(uow, debit), money.account(uow, credited), row.amount.fen)],
            checker=next(reversed(uow.approvers), "system/checked"),
        )
