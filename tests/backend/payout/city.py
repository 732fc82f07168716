"""One retiree with a card, an award of a known amount and this month posted."""

from __future__ import annotations

from datetime import date

from sqlalchemy import literal, select

from backend.kernel import ledger
from backend.kernel.db import Runner, Uow
from backend.kernel.period import Month
from backend.payout import accounts
from backend.payout import service as payout
from backend.registry import service as registry
from backend.registry.model import BankAccount
from backend.registry.schema import IssueCard
from tests.backend.payout.terminal import CODE, Card, Terminal
from tests.backend.people import ZHANG, a_person

AMOUNT = 384_752
FUND_FEN = 100_000_000
GOOD_BANK = "6217000000000000004"


def fund(run: Runner) -> None:
    """A million yuan in the expenditure account."""
    run.system(payout.open_books, FUND_FEN, FUND_FEN, maker="a", checker="b")


def a_retiree(
    run: Runner,
    ident: str = ZHANG,
    month: str = "2026-11",
    bank_number: str | None = GOOD_BANK,
    card_no: str = "31A000019",
    code: str = CODE,
) -> Card:
    person_id = a_person(run, ident)
    run.system(
        registry.issue_card,
        IssueCard(
            ident=ident,
            card_no=card_no,
            card_code=code,
            version="3.00",
            issued=date(2024, 1, 2),
            expires=date(2034, 1, 1),
        ),
    )

    def owe(uow: Uow) -> None:
        if bank_number:
            uow.session.add(
                BankAccount(
                    person_id=person_id, bank="示例银行", number=bank_number, holder="张秀䶮", standing=False
                )
            )
            uow.session.flush()
        payout.run_month(
            uow,
            fund="pension",
            what="基本养老金",
            area="310000",
            month=Month.parse(month),
            due=select(
                literal(person_id).label("person_id"),
                payout.month_of(Month.parse(month)).label("month"),
                literal(AMOUNT).label("amount"),
            ),
            checker="b",
        )

    run.system(owe)
    return Card(run.vault, ident, card_no, code)


def cash(run: Runner, kiosk: Terminal) -> int:
    return run.system(lambda uow: ledger.balance(uow, accounts.cassette(uow, kiosk.id)))


def owed(run: Runner) -> int:
    return run.system(lambda uow: -ledger.balance(uow, accounts.payable(uow)))
