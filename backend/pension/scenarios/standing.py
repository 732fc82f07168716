"""Where somebody stands who has not retired: what they have paid, what their account holds, what they pay now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.period import Month
from backend.pension.careers.choosing import Dates, dates, going_on, minimum, needed
from backend.pension.careers.summing import Listed, counted
from backend.pension.model import Account, AccountYear, Contribution
from backend.pension.rules.interest import Booked
from backend.pension.statement import STATUS, account_of
from backend.registry import service as registry

OPEN = frozenset({"0", "1", "5"})  # 初始、正常结息、封存: of who has still to retire


class RetiredAlready(Refusal):
    """{name}已经退休，养老金已经核定，没有要估算的；每月多少钱请看待遇核定。"""

    status = 404


class AccountClosed(Refusal):
    """{name}的个人账户是“{status}”，这里不能估算；账户转到了外地的，请问转入地的经办机构。"""

    status = 404


@dataclass(frozen=True)
class Standing:
    """A person's facts on a day. `years`: what has moved in each year whose interest has not been given, from
    `first_year` on, which began with `opening_fen`."""

    area: str
    birth: date
    dates: Dates
    today: date
    paid: int
    deemed: int
    account: Account
    listed: Listed
    balance_fen: int
    first_year: int
    opening_fen: int
    years: Mapping[int, Booked]
    last: Contribution | None

    @property
    def now(self) -> Month:
        return Month.of(self.today)

    @property
    def months(self) -> int:
        return self.paid + self.deemed

    @property
    def flexible(self) -> bool:
        """Whether they pay for themselves alone."""
        return self.last is not None and self.last.employer_id is None

    @property
    def start(self) -> Month:
        """The first month that is not paid yet and can still be paid in time."""
        return max(self.last.month + 1, self.now) if self.last else self.now

    @property
    def regular(self) -> Month:
        """The month to retire in without asking anybody: the legal one, also where it has passed; who had too few months
        then goes on to this one."""
        legal = self.dates.legal_month
        if legal <= self.now and counted(self.account, self.listed, legal) >= minimum(legal.year):
            return legal
        return min(max(legal, self.now), Month.of(self.dates.latest))

    def until(self, retired: Month) -> int:
        """How many months can still be paid up to and with the month of retirement."""
        return max(0, retired - self.start + 1)

    def needed(self, retired: Month, paying: int) -> int:
        """最低缴费月数 of who pays so many months more and then retires in this one, as an award will ask it."""
        legal = self.dates.legal_month
        at_legal = counted(self.account, self.listed, legal) + min(paying, self.until(legal))
        return needed(legal, retired, at_legal)

    @property
    def soonest(self) -> Month | None:
        """The first early month that PEN-15 still takes today: told in time, and enough months by then."""
        able = (
            month
            for month in self.dates.early
            if self.today <= self.dates.tell_by(month)
            and going_on(self.account, self.listed, month, self.now) >= minimum(month.year)
        )
        return next(able, None)

    def age(self, retired: Month) -> int:
        """In months, as an award counts it."""
        return retired - Month.of(self.birth)


def standing(uow: Uow, number: str) -> Standing:
    person = registry.person(uow, number)
    account = account_of(uow, person.id, person.name)
    if account.status == "4":
        raise RetiredAlready(name=person.name)
    if account.status not in OPEN:
        raise AccountClosed(name=person.name, status=STATUS[account.status])
    rows = uow.session.scalars(
        select(AccountYear).where(AccountYear.person_id == person.id).order_by(AccountYear.year)
    ).all()
    balance = rows[-1].closing.fen if rows else 0
    unsettled = [row for row in rows if row.rate is None]
    return Standing(
        area=person.area,
        birth=person.birth,
        dates=dates(person.sex, account.track, person.birth),
        today=uow.today,
        paid=account.months_paid,
        deemed=account.deemed_months,
        account=account,
        listed=Listed.of(uow, [person.id]),
        balance_fen=balance,
        first_year=unsettled[0].year if unsettled else uow.today.year,
        opening_fen=unsettled[0].opening.fen if unsettled else balance,
        years={
            row.year: Booked(row.opening.fen, row.moved, row.credited.fen, row.paid.fen) for row in unsettled
        },
        last=uow.session.scalar(
            select(Contribution)
            .where(Contribution.person_id == person.id)
            .order_by(Contribution.month.desc())
            .limit(1)
        ),
    )
