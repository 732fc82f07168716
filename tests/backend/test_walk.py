"""Whatever is done in whatever order: nothing below nothing, nothing twice, every fen is somewhere and all books agree."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import Random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session, sessionmaker

from backend import wiring
from backend.kernel.actor import SYSTEM
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.payout import service as payout
from tests.backend.payout.terminal import Terminal
from tests.backend.walk import CASH_FEN, STEPS, Walk, a_place
from tests.conftest import TODAY

SEEDS = range(2, 12)  # ways tried until every step has happened
TIMES = int(os.environ.get("RENSHE_FUZZ", "1"))  # `make fuzz`
# in this order each of them can happen: else nothing would be known of those that are always refused
ALL = (
    *(
        "declare",
        "declare",
        "declare",
        "choose",
        "bill",
        "take_whole",
        "pay_month",
        "collect",
        "collect",
        "send",
    ),
    *(
        "answer",
        "answer_again",
        "mend",
        "wait",
        "wait",
        "count",
        "bill",
        "pay_month",
        "close",
        "reopen",
        "move",
    ),
    *(
        "take",
        "take",
        "take_file",
        "assign",
        "assign",
        "refund",
        "reverse",
        "reassess",
        "reassess",
        "collect",
    ),
    *(
        "claim",
        "claim",
        "offset",
        "repay",
        "suspend",
        "suspend",
        "resume",
        "resume",
        "imprison",
        "imprison",
        "release",
        "release",
        "lapse",
        "lapse",
        "prove",
        "bill",
        "die",
        "write_off",
        "pay_month",
        "grant",
        "inherit",
        "pay_family",
        "take_back",
    ),
)


@pytest.fixture(scope="module")
def town(engine: Engine) -> Iterator[tuple[Connection, Runner, FixedClock, Terminal]]:
    """The town as every walk begins; undone afterwards, and commits are savepoints."""
    with engine.connect() as connection:
        outer = connection.begin()
        clock = FixedClock(TODAY)
        sessions = sessionmaker[Session](
            bind=connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        )
        run = Runner(sessions, wiring.HANDLERS, actor=SYSTEM, clock=clock)
        a_place(run, clock)
        kiosk = Terminal(run)
        run.system(payout.load, kiosk.id, CASH_FEN, "first")
        yield connection, run, clock, kiosk
        outer.rollback()


@contextmanager
def undone(connection: Connection, clock: FixedClock) -> Iterator[None]:
    began, walk = clock.now(), connection.begin_nested()
    try:
        yield
    finally:
        walk.rollback()
        clock.set(began)


@settings(
    max_examples=6 * TIMES,
    deadline=None,
    derandomize=TIMES == 1,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(st.sampled_from(STEPS), min_size=5, max_size=30), chance=st.randoms())
@example(steps=ALL, chance=Random(SEEDS[0]))
def test_in_any_order(
    town: tuple[Connection, Runner, FixedClock, Terminal], steps: Sequence[str], chance: Random
) -> None:
    connection, run, clock, kiosk = town
    with undone(connection, clock):
        walk = Walk(run, clock, chance, kiosk)
        for step in steps:
            walk.step(step)
            walk.holds()


def test_every_step_can_happen(town: tuple[Connection, Runner, FixedClock, Terminal]) -> None:
    connection, run, clock, kiosk = town
    happened = Counter[str]()
    for seed in SEEDS:
        if set(STEPS) == set(happened):
            return
        with undone(connection, clock):
            walk = Walk(run, clock, Random(seed), kiosk)
            for step in ALL:
                walk.step(step)
            happened += walk.done
    assert set(STEPS) - set(happened) == set()
