"""An individual account gives for what was overpaid: every fen leaves the account once and the debt once."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from backend.kernel import ledger
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.payout import accounts
from backend.payout.recovery import opening, repaying
from backend.payout.recovery.schema import ClaimOverpaid, RecoveryView
from backend.pension import offsetting
from backend.pension import service as pension
from backend.pension.model import AccountYear
from backend.pension.schema import OffsetAccount
from tests.backend.pension.test_service import MAN
from tests.backend.pension.test_stopping import (
    balance,
    claims,
    die,
    draw,
    ledger_agrees,
    man,
    owing,
    part,
    suspend,
    total,
)
from tests.backend.pension.test_undoing import due, live, open_claims

__all__ = ["man"]
DOC = "抵扣决定1"


@pytest.fixture
def debt(run: Runner, man: int) -> int:
    """A thousand yuan."""
    command = ClaimOverpaid(ident=MAN, amount_fen=100_000, reason="07", note="八月多算", document="追1")
    return run.system(repaying.claim_overpaid, command).recovery


def offset(run: Runner, recovery: int, fen: int, document: str = DOC) -> RecoveryView:
    return run.system(
        offsetting.offset_account, OffsetAccount(recovery=recovery, amount_fen=fen, document=document)
    )


def test_the_account_gives_and_the_debt_gets_less(run: Runner, man: int, debt: int) -> None:
    before, deposit = balance(run, man), _deposit(run)
    told = offset(run, debt, 60_000)
    assert (told.left_fen, told.state, told.repayments[0].way) == (40_000, "open", "account")
    assert (owing(run), claims(run)) == (40_000, 40_000)
    assert balance(run, man) == before - Money(60_000)
    assert _deposit(run) == deposit, "no money moves: it is the fund's already"
    assert offset(run, debt, 40_000, "抵扣决定2").state == "closed"
    assert ledger_agrees(run)


def _deposit(run: Runner) -> int:
    return run.system(lambda uow: ledger.balance(uow, accounts.expenditure(uow)))


def test_neither_more_than_is_owed_nor_than_there_is_nor_twice(run: Runner, man: int, debt: int) -> None:
    before = balance(run, man)
    with pytest.raises(repaying.TooMuchBack):
        offset(run, debt, 100_001)
    offset(run, debt, 1)
    with pytest.raises(repaying.SlipUsed):
        offset(run, debt, 1)
    held = before.fen - 1
    command = ClaimOverpaid(ident=MAN, amount_fen=held + 1, reason="06", note="冒领", document="追2")
    large = run.system(repaying.claim_overpaid, command).recovery
    with pytest.raises(offsetting.AccountShort, match="不够抵扣"):
        offset(run, large, held + 1)
    assert (balance(run, man), owing(run)) == (Money(held), 100_000 - 1 + held + 1)
    assert offset(run, large, held).left_fen == 1
    assert balance(run, man) == Money(0)
    assert ledger_agrees(run)


def test_a_pension_account_settles_no_other_funds_claim(run: Runner, man: int) -> None:
    def claimed(fund: str) -> int:
        return run.system(
            opening.open_recovery, person_id=man, fund=fund, what="伤残津贴", fen=5, reason="07", note="多算", source="x"
        )  # fmt: skip

    with pytest.raises(offsetting.OtherFund, match="工伤保险基金"):
        offset(run, claimed("injury"), 5)


def test_an_account_emptied_for_a_debt_gets_back_no_months_that_it_did_not_pay(
    run: Runner, man: int, clock: FixedClock
) -> None:
    """December was posted when the account was empty already: stopped, it has nothing to give back."""
    held = balance(run, man).fen
    command = ClaimOverpaid(ident=MAN, amount_fen=held, reason="06", note="冒领", document="追2")
    offset(run, run.system(repaying.claim_overpaid, command).recovery, held)
    clock.at = datetime(2026, 12, 10, 2, 0, tzinfo=UTC)
    run.system(pension.pay_month, Month(2026, 12), "second")
    suspend(run, "2026-12")
    assert balance(run, man) == Money(0)
    assert ledger_agrees(run)


def test_a_death_that_was_a_mistake_gives_the_account_back_what_it_gave(run: Runner, man: int) -> None:
    before = balance(run, man)
    draw(run, 10)
    draw(run, 11)
    die(run, date(2026, 9, 30))
    [one] = open_claims(run)
    offset(run, one.recovery, 70_000)
    live(run)
    assert (owing(run), claims(run)) == (0, 0)
    assert due(run, "退还退回的待遇") == {}, "nothing had come from the person"
    assert balance(run, man) == before
    year = run.system(lambda uow: uow.session.get_one(AccountYear, (2026, man)))
    assert year.paid == Money(3 * part(run))
    assert set(due(run).values()) == {total(run)}
    assert ledger_agrees(run)
