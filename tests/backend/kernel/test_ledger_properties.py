"""Whatever is asked in whatever order, the ledger does what a page of arithmetic says."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from backend.kernel import ledger
from backend.kernel.actor import SYSTEM
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.errors import Refusal
from tests.backend.kernel.ledger_world import NOVEMBER, World, a_world, post

NAMES = ("cash", "other_cash", "expenditure", "payable", "clearing", "expense", "treasury")
SIDES = {"cash": 1, "other_cash": 1, "expenditure": 1, "payable": -1, "clearing": -1}  # those that authorise
PAIRS = st.lists(st.sampled_from(NAMES), min_size=2, max_size=2, unique=True)
AMOUNTS = st.integers(1, 300_00)
LINES = st.lists(st.tuples(PAIRS, AMOUNTS), min_size=1, max_size=4)
KEYS = st.sampled_from(["a", "b", "c", "d"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("post"), KEYS, LINES),
        st.tuples(st.just("reverse"), KEYS, st.none()),
        st.tuples(st.just("reserve"), KEYS, st.tuples(PAIRS, AMOUNTS)),
        st.tuples(st.just("post_hold"), KEYS, st.none()),
        st.tuples(st.just("void_hold"), KEYS, st.none()),
    ),
    max_size=14,
)
Move = tuple[str, str, int]


@dataclass
class Page:
    """The same books by arithmetic: debits less credits, what is pending, what each key did."""

    net: Counter[str] = field(default_factory=Counter)
    pending: Counter[tuple[str, str]] = field(default_factory=Counter)
    posted: dict[str, list[Move]] = field(default_factory=dict)
    reversed: set[str] = field(default_factory=set)
    holds: dict[str, tuple[Move, str]] = field(default_factory=dict)

    def move(self, moves: list[Move]) -> bool:
        after = self.net.copy()
        for debit, credit, fen in moves:
            after[debit] += fen
            after[credit] -= fen
        if not self.covered(after, self.pending):
            return False
        self.net = after
        return True

    def covered(self, net: Counter[str], pending: Counter[tuple[str, str]]) -> bool:
        return all(
            net[name] * side >= pending[name, "credit" if side > 0 else "debit"]
            for name, side in SIDES.items()
        )

    def post(self, key: str, moves: list[Move]) -> bool:
        if key in self.posted:
            return self.posted[key] == moves or Counter(self.posted[key]) == Counter(moves)
        if not self.move(moves):
            return False
        self.posted[key] = moves
        return True

    def reverse(self, key: str) -> bool:
        if key in self.reversed:
            return True
        if key not in self.posted or not self.move([(c, d, fen) for d, c, fen in self.posted[key]]):
            return False
        self.reversed.add(key)
        return True

    def reserve(self, key: str, move: Move) -> bool:
        if key in self.holds:
            return self.holds[key] == (move, "pending")
        after = self.pending + Counter({(move[0], "debit"): move[2], (move[1], "credit"): move[2]})
        if not self.covered(self.net, after):
            return False
        self.pending, self.holds[key] = after, (move, "pending")
        return True

    def settle(self, key: str, wanted: str) -> bool:
        if key not in self.holds:
            return False
        move, state = self.holds[key]
        if state != "pending":
            return state == wanted
        self.pending -= Counter({(move[0], "debit"): move[2], (move[1], "credit"): move[2]})
        assert wanted == "voided" or self.move([move])
        self.holds[key] = (move, wanted)
        return True


def expected(page: Page, step: tuple[str, str, Any]) -> bool:
    what, key, more = step
    if what == "post":
        return page.post(key, [(debit, credit, fen) for (debit, credit), fen in more])
    if what == "reserve":
        (debit, credit), fen = more
        return page.reserve(key, (debit, credit, fen))
    if what == "reverse":
        return page.reverse(key)
    return page.settle(key, "posted" if what == "post_hold" else "voided")


def done(uow: Uow, world: World, batches: dict[str, int], step: tuple[str, str, Any]) -> None:
    what, key, more = step
    if what == "post":
        lines = ((getattr(world, debit), getattr(world, credit), fen) for (debit, credit), fen in more)
        batches[key] = post(uow, f"post/{key}", *lines)
    elif what == "reverse":
        ledger.reverse(uow, batches.get(key, 10**9), maker="maker", checker="checker")
    elif what == "reserve":
        (debit, credit), fen = more
        ledger.reserve(
            uow,
            key=key,
            debit=getattr(world, debit),
            credit=getattr(world, credit),
            fen=fen,
            month=NOVEMBER,
        )
    elif what == "post_hold":
        ledger.post_hold(uow, key=key, document="test")
    else:
        ledger.void_hold(uow, key=key)


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(STEPS)
def test_the_ledger_agrees_with_arithmetic(
    engine: Engine, clock: FixedClock, steps: list[tuple[str, str, Any]]
) -> None:
    with engine.connect() as connection:
        outer = connection.begin()
        sessions = sessionmaker[Session](bind=connection, join_transaction_mode="create_savepoint")
        run = Runner(sessions, actor=SYSTEM, clock=clock)
        world, page, batches = a_world(run), Page(), dict[str, int]()
        page.net.update(
            {
                "expenditure": 1_000_00,
                "cash": 100_00,
                "treasury": -1_100_00,
                "expense": 500_00,
                "payable": -500_00,
            }
        )
        for step in steps:
            try:
                run(done, world, batches, step)
                accepted = True
            except Refusal:
                accepted = False
            assert accepted == expected(page, step), step
        assert {name: run(ledger.balance, getattr(world, name)) for name in NAMES} == {
            name: page.net[name] for name in NAMES
        }
        assert run(ledger.check) == []
        outer.rollback()
