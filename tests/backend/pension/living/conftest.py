"""A man in payment since 2023-12, paid here from September to November 2026; his card, and a kiosk that holds cash."""

from __future__ import annotations

from datetime import date

import pytest

from backend.kernel.db import Runner
from backend.kernel.period import Month
from backend.payout import service as payout
from backend.pension import service as pension
from backend.pension.schema import Award
from backend.registry import service as registry
from backend.registry.schema import IssueCard
from tests.backend.payout.city import fund
from tests.backend.payout.terminal import CODE, Card, Terminal
from tests.backend.pension.test_service import MAN, pay_from, with_account

CARD_NO = "31A000019"


@pytest.fixture
def man(run: Runner) -> int:
    fund(run)
    person_id = with_account(run, MAN, months=360, balance="182340.15", index=10_500)
    run.system(pension.award, Award(ident=MAN, retired="2023-11"))
    run.system(pay_from, person_id, Month(2026, 9))
    for month in (9, 10, 11):
        run.system(pension.pay_month, Month(2026, month), "second")
    return person_id


@pytest.fixture
def card(run: Runner, man: int) -> Card:
    given = {"ident": MAN, "card_no": CARD_NO, "card_code": CODE, "version": "3.00"}
    days = {"issued": date(2024, 1, 2), "expires": date(2034, 1, 1)}
    run.system(registry.issue_card, IssueCard.model_validate(given | days))
    return Card(run.vault, MAN, CARD_NO, CODE)


@pytest.fixture
def kiosk(run: Runner, man: int) -> Terminal:
    terminal = Terminal(run)
    run.system(payout.load, terminal.id, 10_000_000, "first")
    return terminal
