"""Who closed a month and opened it again stays on record, and the database refuses every other way."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.kernel import ledger
from backend.kernel.actor import SYSTEM
from backend.kernel.db import Runner, Uow, on_behalf
from backend.kernel.period import Month
from tests.backend.kernel.ledger_world import DECEMBER, NOVEMBER, World, a_world, post
from tests.backend.people import officer

MAKER = officer("officer:1")


@pytest.fixture
def world(run: Runner) -> World:
    world = a_world(run)
    run(ledger.close_period, NOVEMBER)
    return world


def reopen(uow: Uow, month: Month, *checkers: str, reason: str = "记错了") -> None:
    with on_behalf(uow, MAKER, checkers) as maker:
        ledger.reopen_period(maker, month, reason)


def test_a_month_opens_again_and_takes_postings(run: Runner, world: World) -> None:
    run(reopen, NOVEMBER, "officer:2", "officer:3")
    run(post, "late", (world.cash, world.expenditure, 1))
    run(ledger.close_period, NOVEMBER)
    told = [(one.what, one.maker, one.checkers, one.reason) for one in run(ledger.steps)]
    assert told == [
        ("closed", SYSTEM.id, (), ""),
        ("reopened", "officer:1", ("officer:2", "officer:3"), "记错了"),
        ("closed", SYSTEM.id, (), ""),
    ]
    assert run(ledger.check) == []


@pytest.mark.parametrize(
    "checkers",
    [(), ("officer:2",), ("officer:2", "officer:2"), ("officer:1", "officer:2")],
    ids=["nobody", "one", "one twice", "the maker"],
)
def test_fewer_than_two_others_open_nothing(run: Runner, world: World, checkers: tuple[str, ...]) -> None:
    with pytest.raises(ledger.ReopenNotChecked):
        run(reopen, NOVEMBER, *checkers)


def test_only_the_newest_closed_month_opens_again(run: Runner, world: World) -> None:
    run(ledger.open_period, DECEMBER)
    run(ledger.close_period, DECEMBER)
    with pytest.raises(ledger.NotNewest):
        run(reopen, NOVEMBER, "officer:2", "officer:3")
    run(reopen, DECEMBER, "officer:2", "officer:3")
    with pytest.raises(ledger.NotNewest):
        run(reopen, DECEMBER, "officer:2", "officer:3")
    run(reopen, NOVEMBER, "officer:2", "officer:3")


def test_a_reason_is_kept_or_nothing_happens(run: Runner, world: World) -> None:
    with pytest.raises(DBAPIError, match="step_says_why"):
        run(reopen, NOVEMBER, "officer:2", "officer:3", reason="")
    assert [one.status for one in run(ledger.calendar)] == ["closed"]


@pytest.mark.parametrize(
    "statement",
    [
        "insert into ledger.step (ym, what, maker, checkers, at) values (202611, 'reopened', 'm', '{}', now())",
        "update ledger.step set reason = 'x'",
        "delete from ledger.step",
        "truncate ledger.step",
        "insert into ledger.total select 1, 1, false, 1, 1",
        "update ledger.total set debit = 1",
        "update ledger.period set status = 'open', closed_at = null",
    ],
)
def test_no_program_writes_the_record_itself(run: Runner, world: World, statement: str) -> None:
    with pytest.raises(DBAPIError) as told:
        run(lambda uow: uow.session.execute(text(statement)))
    assert getattr(told.value.orig, "sqlstate", None) == "42501"


def test_what_is_covered_is_what_is_free(run: Runner) -> None:
    world = a_world(run)
    run(ledger.require_covered, world.expenditure, 1_000_00)
    with pytest.raises(ledger.Overdrawn):
        run(ledger.require_covered, world.expenditure, 1_000_01)
    run(ledger.require_covered, world.payable, 500_00)
    with pytest.raises(ledger.Overdrawn):
        run(ledger.require_covered, world.treasury, 1)
    with pytest.raises(ledger.Overdrawn):
        run(ledger.require_covered, 10**9, 1)


def test_movements_are_of_the_accounts_and_months_that_are_asked_for(run: Runner) -> None:
    world = a_world(run)
    run(ledger.open_period, DECEMBER)
    run(lambda uow: post(uow, "december", (world.cash, world.expenditure, 7), month=DECEMBER))

    def asked(uow: Uow) -> list[tuple[Month, int, int]]:
        cash = [one for one in ledger.accounts_of(uow, *ledger.funds_kept(uow)[1]) if one.id == world.cash]
        return [
            (one.month, one.debit_fen, one.credit_fen)
            for one in ledger.movements(uow, cash, DECEMBER, DECEMBER)
        ]

    assert run(asked) == [(DECEMBER, 7, 0)]
    assert run(ledger.posted, "december") is not None
    assert run(ledger.posted, "nothing") is None


def test_a_closed_month_is_read_by_its_totals_and_says_the_same(run: Runner) -> None:
    world = a_world(run)
    run(ledger.open_period, DECEMBER)
    run(lambda uow: post(uow, "december", (world.cash, world.expenditure, 7), month=DECEMBER))

    def asked(uow: Uow) -> object:
        accounts = [one for kept in ledger.funds_kept(uow) for one in ledger.accounts_of(uow, *kept)]
        moved = ledger.movements(uow, accounts, NOVEMBER, DECEMBER)
        return (
            {(one.account.id, one.month): (one.debit_fen, one.credit_fen) for one in moved},
            ledger.trial_balance(uow, NOVEMBER),
            ledger.trial_balance(uow, DECEMBER),
        )

    before = run(asked)
    run(ledger.close_period, NOVEMBER)
    assert run(asked) == before
    run(reopen, NOVEMBER, "officer:2", "officer:3")
    assert run(asked) == before
    run(lambda uow: post(uow, "late", (world.cash, world.expenditure, 5)))
    run(ledger.close_period, NOVEMBER)
    after = run(asked)
    assert after != before
    run(ledger.close_period, DECEMBER)
    assert run(asked) == after
    assert run(ledger.check) == []
