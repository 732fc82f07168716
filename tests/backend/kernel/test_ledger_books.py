"""Months of the ledger open and close in order; statements and trial balances carry forward."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from backend.kernel import ledger
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.funds import Fund
from backend.kernel.period import Month
from tests.backend.kernel.ledger_world import AREA, DECEMBER, NOVEMBER, OCTOBER, World, a_world, post

JANUARY = Month(2027, 1)


@pytest.fixture
def world(run: Runner) -> World:
    return a_world(run)


def test_the_current_month_opens_itself_and_others_by_hand(
    run: Runner, clock: FixedClock, world: World
) -> None:
    clock.set(datetime(2026, 12, 1, tzinfo=UTC))
    run(lambda uow: post(uow, "december", (world.cash, world.expenditure, 1), month=DECEMBER))
    with pytest.raises(ledger.PeriodNotOpen, match="2027-01"):
        run(lambda uow: post(uow, "january", (world.cash, world.expenditure, 1), month=JANUARY))
    run(ledger.open_period, JANUARY)
    run(ledger.open_period, JANUARY)
    run(lambda uow: post(uow, "january", (world.cash, world.expenditure, 1), month=JANUARY))


def test_a_closed_month_stays_closed(run: Runner, world: World) -> None:
    run(ledger.close_period, NOVEMBER)
    run(ledger.close_period, NOVEMBER)
    with pytest.raises(ledger.PeriodNotOpen, match="2026-11"):
        run(post, "late", (world.cash, world.expenditure, 1))
    with pytest.raises(ledger.PeriodNotOpen):
        run(
            lambda uow: ledger.reserve(
                uow, key="order", debit=world.payable, credit=world.cash, fen=1, month=NOVEMBER
            )
        )
    with pytest.raises(ledger.PeriodNotOpen):
        run(ledger.open_period, NOVEMBER)
    with pytest.raises(ledger.LaterClosed, match="2026-10"):
        run(ledger.open_period, OCTOBER)


def test_a_posting_that_was_done_before_the_close_is_still_answered(run: Runner, world: World) -> None:
    batch = run(post, "before", (world.cash, world.expenditure, 1))
    run(ledger.close_period, NOVEMBER)
    assert run(post, "before", (world.cash, world.expenditure, 1)) == batch


def test_months_close_in_order(run: Runner, world: World) -> None:
    run(ledger.open_period, DECEMBER)
    with pytest.raises(ledger.EarlierOpen, match="2026-12"):
        run(ledger.close_period, DECEMBER)
    run(ledger.close_period, NOVEMBER)
    run(ledger.close_period, DECEMBER)
    with pytest.raises(ledger.PeriodNotOpen):
        run(ledger.close_period, JANUARY)


# ---- books ----


def test_a_statement_carries_forward(run: Runner, clock: FixedClock, world: World) -> None:
    clock.set(datetime(2026, 12, 2, tzinfo=UTC))

    def more(uow: Uow) -> None:
        line = (world.cash, world.expenditure, 3)
        post(uow, "one", line, line, (world.expenditure, world.cash, 1), month=DECEMBER)
        post(uow, "two", (world.expenditure, world.cash, 4), month=DECEMBER)

    run(more)
    november = run(ledger.statement, world.cash, NOVEMBER, NOVEMBER)
    assert (november.opening_fen, november.closing_fen, len(november.lines)) == (0, 100_00, 1)
    december = run(ledger.statement, world.cash, DECEMBER, DECEMBER)
    assert december.opening_fen == november.closing_fen
    assert [(one.key, one.debit_fen, one.credit_fen, one.balance_fen) for one in december.lines] == [
        ("one", 6, 1, 100_05),
        ("two", 0, 4, 100_01),
    ]
    whole = run(ledger.statement, world.cash, NOVEMBER, DECEMBER)
    assert whole.lines == november.lines + december.lines
    assert whole.closing_fen == run(ledger.balance, world.cash)
    quiet = run(ledger.statement, world.cash, JANUARY, JANUARY)
    assert (quiet.opening_fen, quiet.lines, quiet.closing_fen) == (100_01, (), 100_01)


def test_the_trial_balance_of_each_fund_and_area_adds_up_to_nothing(
    run: Runner, clock: FixedClock, world: World
) -> None:
    clock.set(datetime(2026, 12, 2, tzinfo=UTC))
    run(lambda uow: post(uow, "more", (world.cash, world.expenditure, 3), month=DECEMBER))
    for month in (NOVEMBER, DECEMBER):
        lines = run(ledger.trial_balance, month)
        assert len(lines) == 9
        assert sum(line.opening_fen for line in lines) == 0
        assert sum(line.debit_fen for line in lines) == sum(line.credit_fen for line in lines) > 0
        assert [line.account.code for line in lines if line.account.area == AREA][:3] == [
            "1001",
            "1001",
            "1003",
        ]
    closing = {line.account.id: line.closing_fen for line in run(ledger.trial_balance, DECEMBER)}
    assert closing[world.cash] == run(ledger.balance, world.cash) == 100_03
    opening = {line.account.id: line.opening_fen for line in run(ledger.trial_balance, DECEMBER)}
    assert opening == {line.account.id: line.closing_fen for line in run(ledger.trial_balance, NOVEMBER)}
    names = {str(line.account) for line in run(ledger.trial_balance, NOVEMBER)}
    assert "企业职工基本养老保险基金 310000 1001 库存现金 00000001" in names


def test_a_voucher_tells_what_it_moved_between_two_accounts_in_one_line(run: Runner, world: World) -> None:
    lines = (
        (world.cash, world.expenditure, 1),
        (world.cash, world.expenditure, 2),
        (world.other_cash, world.cash, 3),
    )
    batch = run(post, "voucher", *lines)
    assert run(ledger.known_months) == (NOVEMBER,)
    told = [
        line for line in run(lambda uow: list(ledger.vouchers(uow, Fund.PENSION, AREA, NOVEMBER, NOVEMBER)))
        if line.batch == batch
    ]  # fmt: skip
    assert [(line.debit.id, line.credit.id, line.fen) for line in told] == [
        (world.cash, world.expenditure, 3),
        (world.other_cash, world.cash, 3),
    ]
    assert {(line.month, line.document, line.key, line.maker, line.checker) for line in told} == {
        (NOVEMBER, "test", "voucher", "maker", "checker")
    }


def test_vouchers_are_of_one_fund_one_area_and_some_months(run: Runner, world: World) -> None:
    def told(fund: Fund, area: str = AREA, month: Month = NOVEMBER) -> int:
        return run(lambda uow: sum(1 for _ in ledger.vouchers(uow, fund, area, month, month)))

    assert told(Fund.PENSION) > 0
    assert told(Fund.MEDICAL) == told(Fund.PENSION, month=DECEMBER) == told(Fund.PENSION, area="440100") == 0
    known = run(lambda uow: ledger.accounts_of(uow, Fund.MEDICAL, AREA))
    assert [one.id for one in known] == [world.medical]
