"""Loading 以前的账: what was paid, borne and drawn before these books began, for who brings it in (the demo city)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from backend.kernel.db import Uow
from backend.kernel.money import ZERO, Money
from backend.kernel.period import Month
from backend.kernel.rules import MILLION, Steps
from backend.kernel.settings import settings
from backend.pension.awarding.balance import Held, at_retirement
from backend.pension.residents.awarding import parts, told
from backend.pension.residents.books import RESIDENTS
from backend.pension.residents.model import ResidentAccount, ResidentAward, ResidentPayment, ResidentYear
from backend.pension.residents.terms import look, span, tiers
from backend.pension.rules.interest import YEAR, monthly_product_fen
from backend.pension.rules.residents import share_fen
from backend.registry import service as registry


@dataclass(frozen=True)
class Paid:
    """A year that was paid, and when."""

    year: int
    yuan: int
    day: date


@dataclass(frozen=True)
class Loaded:
    """Somebody who takes part: since when, what they paid, and whether they are paid a pension already."""

    ident: str
    opened: Month
    tier: int
    paid: Sequence[Paid]
    receiving: bool


def load(uow: Uow, one: Loaded) -> None:
    """Their account as those years leave it. A pension is paid here from this month on."""
    who = registry.person(uow, one.ident)
    account = ResidentAccount(
        person_id=who.id,
        status="4" if one.receiving else "1",
        opened=one.opened,
        hukou=who.area,
        tier=Money(one.tier * 100),
        taken_months=0,
    )
    uow.session.add(account)
    uow.session.flush()
    payments = [_payment(uow, who, paid) for paid in one.paid]
    uow.session.add_all(payments)
    known = span(who.birth, look(uow.today))
    first = known.reached + 1 if one.receiving else None
    history = History(payments, first, uow.today)
    uow.session.add_all(history.rows(who.id))
    if first is not None:
        uow.session.add(_award(uow, who.id, first, known.minimum, len(payments) * YEAR, history.at_first))
    uow.session.flush()


def _payment(uow: Uow, who: registry.Person, paid: Paid) -> ResidentPayment:
    return ResidentPayment(
        person_id=who.id,
        kind="own",
        year=paid.year,
        amount=Money(paid.yuan * 100),
        subsidy=tiers(look(paid.day))[paid.yuan],
        channel="bank",
        reference=f"OLD-{who.id}-{paid.year}",
        payer=who.name,
        received_on=paid.day,
        batch=None,
        booked_at=uow.now,
    )


class History:
    """An account year by year: what was paid in and drawn, month by month, and the interest of each year."""

    def __init__(self, payments: Sequence[ResidentPayment], first: Month | None, today: date) -> None:
        self.payments, self.first, self.this = payments, first, Month.of(today)
        self.at_first = Held(ZERO)  # what the account held when the pension began

    def rows(self, person_id: int) -> Iterator[ResidentYear]:
        fen, part, before = 0, 0, list[ResidentYear]()
        begins = min([row.received_on.year for row in self.payments], default=self.this.year)
        for year in range(begins, self.this.year + 1):
            opening, moved, paid, credited = fen, [0] * YEAR, 0, 0
            for month in Month(year, 1).until(Month(year, YEAR)):
                come = sum(
                    (row.amount + row.subsidy).fen
                    for row in self.payments
                    if Month.of(row.received_on) == month
                )
                if month == self.first:
                    now = _year(person_id, year, opening, moved, credited)
                    self.at_first = at_retirement([*before, now], month - 1, books=RESIDENTS)
                    part = share_fen(
                        self.at_first.total.fen, look(month.first).value("resident.benefit.divisor")
                    )
                gone = min(part, fen) if self.first and self.first <= month < self.this else 0
                fen, paid, credited = fen + come - gone, paid + gone, credited + come
                moved[month.month - 1] = come - gone
            over = year < self.this.year
            interest = _interest(year, opening, moved) if over else 0
            fen += interest
            if over or paid or credited:
                row = _year(person_id, year, opening, moved, credited)
                row.months = YEAR * sum(one.received_on.year == year for one in self.payments)
                row.interest, row.paid, row.closing = Money(interest), Money(paid), Money(fen)
                row.rate = 0 if over else None
                before.append(row)
                yield row


def _year(person_id: int, year: int, opening: int, moved: list[int], credited: int) -> ResidentYear:
    """What a year began with, and what came and went so far."""
    return ResidentYear(
        person_id=person_id, year=year, opening=Money(opening), credited=Money(credited), moved=moved
    )


def _interest(year: int, opening: int, moved: Sequence[int]) -> int:
    rate = look(date(year, 1, 1)).value("resident.account.interest_rate")
    return max(0, monthly_product_fen(opening, moved, int(rate * MILLION)))


def _award(uow: Uow, person_id: int, first: Month, minimum: int, months: int, held: Held) -> ResidentAward:
    at, steps = look(first.first), Steps()
    part, addition = parts(held.total, months, minimum, at, steps)
    return ResidentAward(
        person_id=person_id,
        area=settings().area,
        decided_on=first.first,
        reached=first - 1,
        months=months,
        first_month=first,
        pays_from=max(first, Month.of(uow.today)),
        balance=held.total,
        account=part,
        addition=addition,
        state="active",
        decided_at=uow.now,
        steps=told(held, steps, at),
    )
