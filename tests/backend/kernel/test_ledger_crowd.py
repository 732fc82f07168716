"""Many at once: nothing is posted twice, nobody draws what is not there, nobody waits in a ring."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from backend.kernel import ledger
from backend.kernel.actor import SYSTEM
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.db import runner as make_runner
from backend.kernel.errors import Refusal
from backend.kernel.period import Month
from backend.kernel.vault import Vault
from tests.backend.kernel.ledger_world import AREA, NOVEMBER, a_world, post

THREADS = 4


@pytest.fixture
def crowd(fresh: Callable[[], str], clock: FixedClock) -> Iterator[Runner]:
    """A database of its own, real commits, a connection for each thread."""
    run = replace(make_runner(fresh(), {}, Vault.new(), size=THREADS + 1), actor=SYSTEM, clock=clock)
    yield run
    run.sessions.kw["bind"].dispose()


def together(*works: Callable[[], Any]) -> list[Any]:
    """All start at one moment; each answer, or the refusal it met."""
    gate = threading.Barrier(len(works))

    def one(work: Callable[[], Any]) -> Any:
        gate.wait()
        try:
            return work()
        except Refusal as refusal:
            return type(refusal)

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


def deadlocks(uow: Uow) -> int:
    uow.session.execute(text("select pg_stat_force_next_flush()"))
    counted = text("select deadlocks from pg_stat_database where datname = current_database()")
    return int(uow.session.execute(counted).scalar_one())


def test_a_crowd_draws_no_more_than_there_is_and_never_deadlocks(crowd: Runner) -> None:
    """Single postings, holds, and their ends, in every direction between the same few accounts."""
    world = a_world(crowd)
    accounts = (
        world.cash,
        world.other_cash,
        world.expenditure,
        world.payable,
        world.clearing,
        world.treasury,
    )
    drawn: list[int] = []

    def work(seed: int) -> None:
        chance = random.Random(seed)
        for step in range(60):
            key, fen = f"{seed}/{step}", chance.randint(1, 40_00)
            debit, credit = chance.sample(accounts, 2)
            try:
                if chance.random() < 0.5:
                    crowd(post, key, (debit, credit, fen))
                    continue
                crowd(lambda uow: reserve(uow, key, debit, credit, fen))  # noqa: B023 - run at once
                if chance.random() < 0.5:
                    crowd(lambda uow: ledger.post_hold(uow, key=key, document="collection"))  # noqa: B023
                else:
                    crowd(lambda uow: ledger.void_hold(uow, key=key))  # noqa: B023
            except ledger.Overdrawn:
                drawn.append(fen)

    together(*(lambda seed=seed: work(seed) for seed in range(THREADS)))
    assert drawn
    assert crowd(ledger.check) == []
    assert crowd(deadlocks) == 0
    for account, sign in ((world.cash, 1), (world.expenditure, 1), (world.payable, -1), (world.clearing, -1)):
        assert crowd(ledger.balance, account) * sign >= 0
    crowd(ledger.seal)
    assert crowd(ledger.verify_seals) == []


def reserve(uow: Uow, key: str, debit: int, credit: int, fen: int) -> ledger.Hold:
    return ledger.reserve(uow, key=key, debit=debit, credit=credit, fen=fen, month=NOVEMBER)


def test_the_last_note_is_promised_to_one(crowd: Runner) -> None:
    world = a_world(crowd)
    answers = together(
        *(
            lambda n=n: crowd(reserve, f"order/{n}", world.payable, world.cash, 60_00).state
            for n in range(THREADS)
        )
    )
    assert sorted(map(str, answers)) == sorted(map(str, ["pending"] + [ledger.Overdrawn] * (THREADS - 1)))


def test_one_key_posted_by_many_is_one_batch(crowd: Runner) -> None:
    world = a_world(crowd)
    answers = together(
        *(lambda: crowd(post, "same", (world.cash, world.expenditure, 7)) for _ in range(THREADS))
    )
    assert len(set(answers)) == 1
    assert crowd(ledger.balance, world.cash) == 100_07
    different = together(
        *(lambda n=n: crowd(post, "other", (world.cash, world.expenditure, n)) for n in range(1, THREADS + 1))
    )
    assert different.count(ledger.AlreadyPosted) == THREADS - 1
    assert crowd(ledger.check) == []


def test_a_hold_is_posted_or_voided_never_both(crowd: Runner) -> None:
    world = a_world(crowd)
    for n in range(12):
        key = f"order/{n}"
        crowd(reserve, key, world.payable, world.cash, 1_00)
        posted, again, voided = together(
            lambda key=key: crowd(lambda uow: ledger.post_hold(uow, key=key, document="collection")),
            lambda key=key: crowd(lambda uow: ledger.post_hold(uow, key=key, document="collection")),
            lambda key=key: crowd(lambda uow: ledger.void_hold(uow, key=key)),
        )
        assert posted == again
        assert (posted is ledger.HoldSettled) != (voided is ledger.HoldSettled)
    assert crowd(ledger.check) == []


def test_many_open_the_same_month_and_the_same_account(crowd: Runner) -> None:
    months = together(*(lambda: crowd(ledger.open_period, Month(2027, 3)) for _ in range(THREADS)))
    assert months == [None] * THREADS
    numbers = together(
        *(lambda: crowd(ledger.account, "injury", AREA, "cash", "00000007") for _ in range(THREADS))
    )
    assert len(set(numbers)) == 1


def test_a_month_closes_between_postings_never_in_one(crowd: Runner) -> None:
    world = a_world(crowd)
    ended = threading.Event()

    def go_on(seed: int) -> int:
        for step in range(10_000):
            if step == 20:
                ended.set()
            try:
                crowd(post, f"{seed}/{step}", (world.cash, world.expenditure, 1))
            except ledger.PeriodNotOpen:
                return step
        raise AssertionError("never closed")

    def close() -> int:
        ended.wait()
        crowd(ledger.close_period, NOVEMBER)
        return -crowd(ledger.balance, world.expenditure)

    *counts, left = together(lambda: go_on(1), lambda: go_on(2), close)
    assert left == sum(counts) - 1_000_00 == -crowd(ledger.balance, world.expenditure)
    assert crowd(ledger.check) == []


def test_seals_wait_for_a_batch_that_is_on_its_way(crowd: Runner) -> None:
    """A batch may take a number and commit after a later number did: no seal may pass it by."""
    world = a_world(crowd)
    taken, let_go = threading.Event(), threading.Event()

    def slow() -> int:
        def work(uow: Uow) -> int:
            number = post(uow, "slow", (world.cash, world.expenditure, 1))
            taken.set()
            let_go.wait()
            return number

        return crowd(work)

    def quick() -> tuple[int, int]:
        taken.wait()
        number = crowd(post, "quick", (world.other_cash, world.treasury, 1))
        sealed = crowd(ledger.seal)
        let_go.set()
        return number, sealed

    first, (second, sealed) = together(slow, quick)
    assert first < second
    assert sealed == 0
    assert crowd(ledger.seal) == 5
    assert crowd(ledger.verify_seals) == []


def test_only_read_committed_may_post(crowd: Runner) -> None:
    world = a_world(crowd)

    for level in ("REPEATABLE READ", "SERIALIZABLE"):
        pool = crowd.sessions.kw["bind"].execution_options(isolation_level=level)
        stricter = replace(crowd, sessions=sessionmaker[Session](pool))
        with pytest.raises(DBAPIError, match="read committed"):
            stricter(post, level, (world.cash, world.expenditure, 1))


def test_two_who_post_twice_crosswise_both_get_through(crowd: Runner) -> None:
    """Two postings in one transaction can wait in a ring: the database undoes one, Runner does it again."""
    world = a_world(crowd)
    met = threading.Barrier(2)
    tries: list[str] = []

    def crosswise(name: str, first: int, second: int) -> None:
        def work(uow: Uow) -> None:
            tries.append(name)
            post(uow, f"{name}/1", (first, world.treasury, 1))
            if tries.count(name) == 1:
                met.wait()
            post(uow, f"{name}/2", (second, world.treasury, 1))

        crowd(work)

    answers = together(
        lambda: crosswise("a", world.cash, world.other_cash),
        lambda: crosswise("b", world.other_cash, world.cash),
    )
    assert answers == [None, None]
    assert len(tries) >= 3  # on a busy machine they may meet once more
    assert crowd(ledger.balance, world.cash) == 100_02
    assert crowd(ledger.balance, world.other_cash) == 2
    assert crowd(ledger.check) == []
