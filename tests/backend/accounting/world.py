"""A pension fund with two years of books, and officers who do and approve what accounting asks for."""

from __future__ import annotations

from typing import Any

from backend.kernel import items, ledger
from backend.kernel.actor import Actor
from backend.kernel.db import Runner, Uow
from backend.kernel.period import Month
from backend.kernel.review import Decide, review
from backend.kernel.sentences import read
from backend.systems import CATALOGUE
from tests.backend.people import officer

AREA = "310000"
LAST_YEAR, OCTOBER, NOVEMBER = Month(2025, 11), Month(2026, 10), Month(2026, 11)
CLERK = officer("officer:11", "财务")
FIRST, SECOND = officer("officer:12", "复核"), officer("officer:13", "复核")

# kind debited, kind credited, fen
Moves = tuple[tuple[str, str, int], ...]
BOOKED: dict[Month, Moves] = {
    LAST_YEAR: (
        ("receipts_deposit", "contribution_income", 700_00),
        ("benefit_expense", "benefit_payable", 300_00),
    ),
    OCTOBER: (
        ("receipts_deposit", "contribution_income", 1_000_00),
        ("receipts_deposit", "interest_income", 20_00),
        ("benefit_expense", "benefit_payable", 400_00),
    ),
    NOVEMBER: (
        ("receipts_deposit", "contribution_income", 1_200_00),
        ("benefit_expense", "benefit_payable", 450_00),
    ),
}


def book(uow: Uow, month: Month, moves: Moves, key: str = "", fund: str = "pension", area: str = AREA) -> int:
    ledger.open_period(uow, month)
    lines = [
        ledger.Line(ledger.account(uow, fund, area, debit), ledger.account(uow, fund, area, credit), fen)
        for debit, credit, fen in moves
    ]
    return ledger.post(
        uow,
        month=month,
        document="test",
        key=key or f"test/{fund}/{area}/{month}",
        lines=lines,
        maker="m",
        checker="c",
    )


def two_years(run: Runner, fund: str = "pension") -> None:
    """Contributions received and benefits owed in November 2025, October and November 2026."""
    for month, moves in BOOKED.items():
        run(book, month, moves, fund=fund)


def ask(run: Runner, code: str, actor: Actor = CLERK, **fields: Any) -> Any:
    known = CATALOGUE[code]
    return items.perform(run.by(actor), known, read(known.asks, fields))


def done(run: Runner, code: str, maker: Actor = CLERK, **fields: Any) -> Any:
    """Filed by one, approved by as many others as it needs; its answer."""
    filed = ask(run, code, maker, **fields)
    assert isinstance(filed, items.Filed), filed
    case: Any = None
    for other in (FIRST, SECOND)[: filed.need]:
        case = run.by(other)(review, Decide(no=filed.case_no, decision="approved"))
    assert case.state == "done"
    return CATALOGUE[code].answers.model_validate(case.answer)


def settle(run: Runner, *months: Month) -> None:
    """Close months without asking anybody."""
    for month in months:
        run(ledger.open_period, month)
        run(ledger.close_period, month)
