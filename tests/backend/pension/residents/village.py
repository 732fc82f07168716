"""Residents in Shanghai's terms: who pays by the year, and reaches sixty."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from backend.demo.numbers import citizen_number
from backend.kernel import ledger
from backend.kernel.clock import CHINA, FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.payout import accounts
from backend.payout import service as payout
from backend.payout.model import Payable
from backend.pension.residents import service as residents
from backend.pension.residents.schema import (
    AskMine,
    Enrol,
    Enrolled,
    Overview,
    Pay,
    Receipt,
)
from backend.registry import service as registry
from tests.backend.payout.books import agree
from tests.backend.people import a_person

FUND = "resident_pension"
FUND_FEN = 100_000_000


def born(day: str, order: int = 110) -> str:
    """The number of somebody born on a day."""
    return citizen_number("310115", day, order)


YOUNG = born("19900115", 101)  # 36 years old
NEAR = born("19660520", 102)  # sixty in May 2026
LONG = born("19631008", 103)  # sixty in October 2023
OLD = born("19480601", 104)  # was sixty before the scheme began
HEIR = born("19880808", 105)


def at(clock: FixedClock, year: int, month: int, day: int = 10) -> None:
    clock.set(datetime(year, month, day, 10, tzinfo=CHINA))


def fund(run: Runner) -> None:
    """A million yuan of the residents' own."""
    run.system(payout.open_books, FUND_FEN, FUND_FEN, maker="a", checker="b", fund=FUND)


def enrol(run: Runner, ident: str, tier: int = 500, **changed: Any) -> Enrolled:
    given = {"ident": ident, "hukou": "310115", "tier": tier}
    return run.system(residents.enrol, Enrol.model_validate(given | changed))


def a_resident(run: Runner, ident: str, tier: int = 500) -> int:
    person_id = a_person(run, ident, area="310115", name="刘桂兰")
    enrol(run, ident, tier)
    return person_id


def pay(run: Runner, ident: str, year: int, yuan: int = 500, **changed: Any) -> Receipt:
    """By the bank, today."""
    given = {
        "ident": ident,
        "year": year,
        "amount_fen": yuan * 100,
        "channel": "bank",
        "reference": f"{ident[-8:]}-{year}",
        "received_on": run.clock.today(),
    }
    return run.system(residents.pay, Pay.model_validate(given | changed))


def pay_back(run: Runner, ident: str, first: int, last: int, yuan: int = 500) -> None:
    for year in range(first, last + 1):
        pay(run, ident, year, yuan)


def mine(run: Runner, ident: str) -> Overview:
    return run.system(residents.mine, AskMine(ident=ident))


def balance(run: Runner, ident: str) -> Money:
    return Money(mine(run, ident).balance_fen)


def booked(run: Runner, kind: str) -> int:
    """What an account of the residents' fund holds, debits less credits."""
    return run.system(lambda uow: ledger.balance(uow, ledger.account(uow, FUND, "310000", kind)))


def posted(run: Runner, ident: str, item: str = "居民基本养老金") -> dict[str, tuple[int, str]]:
    """Month by month what somebody is owed or was paid, and how that stands."""

    def ask(uow: Uow) -> dict[str, tuple[int, str]]:
        person_id = registry.person(uow, ident).id
        rows = uow.session.scalars(
            select(Payable).where(Payable.person_id == person_id, Payable.item == item).order_by(Payable.id)
        ).all()
        return {str(row.month): (row.amount.fen, row.stored) for row in rows}

    return run.system(ask)


def draw(run: Runner, ident: str, month: str, item: str = "居民基本养老金") -> None:
    """As if drawn at a counter: the state and the ledger line of it, in one."""

    def book(uow: Uow) -> None:
        due = uow.session.scalars(
            select(Payable).where(
                Payable.person_id == registry.person(uow, ident).id,
                Payable.month == Month.parse(month),
                Payable.item == item,
                Payable.cancelled_at.is_(None),
            )
        ).one()
        due.state, due.settled_at = "collected", uow.now
        lines = [ledger.Line(accounts.payable(uow, FUND), accounts.expenditure(uow, FUND), due.amount.fen)]
        ledger.post(
            uow,
            month=ledger.this_month(uow),
            document="collection",
            key=f"drawn/{due.id}",
            lines=lines,
            maker="a",
            checker="b",
        )

    run.system(book)


def all_agrees(run: Runner, *, orders: bool = True) -> bool:
    """Accounts, payments and ledger; without `orders` what was drawn above has none to show for it."""
    assert run.system(residents.check) == []
    if orders:
        return agree(run)
    assert run.system(ledger.check) == []
    return [one for one in run.system(payout.check) if one.question != "发放状态"] == []
