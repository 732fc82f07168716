"""Bridging 制度衔接 between the employees' and the residents' scheme, at retirement age (人社部发〔2014〕17号).

Who has paid enough months as an employee takes the residents' account along: the account only, its years are no
employee's years. Who has not, takes the employees' account and its months to the residents' scheme. Each scheme books
its own fund's side.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import delete, select

from backend.kernel import ledger
from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.kernel.money import Money
from backend.kernel.sentences import read
from backend.pension import years
from backend.pension.calculators import (
    AskMinimumContribution,
    AskRetirementAge,
    minimum_contribution,
    retirement_age,
)
from backend.pension.model import Account, Contribution
from backend.pension.residents import moving
from backend.pension.statement import STATUS
from backend.pension.transferred import SchemeMove
from backend.pension.transferring import accruing, cases, leaving, money
from backend.pension.transferring.schema import MoveScheme
from backend.pension.transferring.shown import SchemeMoved
from backend.registry import service as registry

TO_EMPLOYEES = "to_employees"
ENDED = "2"
DOCUMENTS = {"to_employees": "scheme-in", "to_residents": "scheme-out"}


class MovedSchemeAlready(Refusal):
    """{name}已经办过制度衔接（{day}），只能办一次。"""


class NotYetOfAge(Refusal):
    """{name}到 {day} 才到职工养老保险的法定退休年龄，到了以后才能办制度衔接。"""


class EnoughMonths(Refusal):
    """{name}职工养老保险缴费 {months} 个月，已满 {minimum} 个月，应该按职工养老保险领取，不能转入居民养老保险。"""


class TooFewToTake(Refusal):
    """{name}职工养老保险缴费 {months} 个月，不满 {minimum} 个月，不能转入职工养老保险；可以延长缴费，或者转入居民养老保险。"""


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
    person, account = cases.fit(uow, cmd.ident, statuses="12345")
    cases.require_none_open(uow, person)
    _require_first(uow, person)
    if account.status != "1":
        raise AccountNotUsable(name=person.name, status=STATUS[account.status])
    _require_months(uow, person, account, cmd.direction)
    row = SchemeMove(
        person_id=person.id,
        direction=cmd.direction,
        amount=Money(0),
        months=0,
        document=cmd.document,
        moved_on=uow.today,
        maker=uow.actor.id,
    )
    uow.session.add(row)
    uow.session.flush()
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


def _require_first(uow: Uow, person: registry.Person) -> None:
    before = uow.session.scalar(select(SchemeMove).where(SchemeMove.person_id == person.id))
    if before is not None:
        raise MovedSchemeAlready(name=person.name, day=before.moved_on)


def _require_months(uow: Uow, person: registry.Person, account: Account, direction: str) -> None:
    """Of retirement age; enough months for a pension, or not, as the direction says. Fifteen years (第三条), and more
    where the reform asks for more."""
    asked = {
        "sex": "male" if person.sex == "1" else "female",
        "track": account.track,
        "birth": person.birth.isoformat(),
    }
    legal = date.fromisoformat(retirement_age(read(AskRetirementAge, asked)).date)
    if legal > uow.today:
        raise NotYetOfAge(name=person.name, day=legal)
    minimum = minimum_contribution(AskMinimumContribution(year=legal.year)).months
    months = account.months_paid + account.deemed_months
    told = {"name": person.name, "months": months, "minimum": minimum}
    if direction == TO_EMPLOYEES and months < minimum:
        raise TooFewToTake(**told)
    if direction != TO_EMPLOYEES and months >= minimum:
        raise EnoughMonths(**told)


def _leave(uow: Uow, person: registry.Person, account: Account, row: SchemeMove) -> None:
    """The employees' account ends; its months count as a resident's."""
    leaving.require_free(uow, person, account)
    accruing.settle(uow, person.id)
    row.amount = years.balance(uow, person.id)
    row.months = account.months_paid + account.deemed_months
    if not years.pay_debt(uow, person.id, row.amount):
        raise RuntimeError("an account holds less than it was just read to hold")
    uow.session.execute(delete(Contribution).where(Contribution.person_id == person.id))
    account.status, account.months_paid, account.index_sum = ENDED, 0, 0
    uow.session.flush()
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
