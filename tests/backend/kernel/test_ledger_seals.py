"""Seals of the ledger: blocks of lines, each carrying the one before; any change under them is found."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

from backend.kernel import ledger
from backend.kernel.actor import SYSTEM
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow, runner
from backend.kernel.vault import Vault
from tests.backend.kernel.ledger_world import World, a_world, post
from tests.conftest import Fresh


def many(uow: Uow, world: World) -> None:
    """Twelve lines in three batches of one, four and seven."""
    for n in (1, 4, 7):
        post(uow, f"of {n}", *[(world.cash, world.expenditure, n)] * n)


def blocks(uow: Uow) -> list[tuple[int, ...]]:
    rows = uow.session.execute(text("select seq, n, first_line, last_line from ledger.seal order by seq"))
    return [tuple(row) for row in rows]


def test_blocks_are_of_the_size_asked_and_end_with_the_newest_line(run: Runner) -> None:
    run(many, a_world(run))
    assert run(ledger.seal, 5) == 15
    assert [(seq, n) for seq, n, _, _ in run(blocks)] == [(1, 5), (2, 5), (3, 5)]
    assert run(blocks)[0][2:] == (1, 1)
    assert run(ledger.seal) == 0
    assert run(ledger.verify_seals) == []


def test_what_is_posted_later_goes_into_later_blocks(run: Runner) -> None:
    world = a_world(run)
    assert run(ledger.seal) == 3
    run(many, world)
    assert run(ledger.seal) == 12
    assert [(seq, n) for seq, n, _, _ in run(blocks)] == [(1, 3), (2, 12)]
    assert run(ledger.verify_seals) == []


def test_nothing_is_sealed_where_nothing_is_posted(run: Runner) -> None:
    assert run(ledger.seal) == 0
    assert run(ledger.verify_seals) == []


@pytest.fixture
def sealed(owner: Engine, clock: FixedClock) -> Iterator[Runner]:
    """Fifteen lines in blocks of four, in the hands of the owner of the database, triggers off."""
    with owner.connect() as connection:
        outer = connection.begin()
        sessions = sessionmaker[Session](bind=connection, join_transaction_mode="create_savepoint")
        run = Runner(sessions, actor=SYSTEM, clock=clock)
        run(many, a_world(run))
        assert run(ledger.seal, 4) == 15
        run(lambda uow: uow.session.execute(text("set local session_replication_role = replica")))
        yield run
        outer.rollback()


BATCH_4 = "(select id from ledger.batch where key = 'of 4')"
TAMPERINGS = [
    (f"update ledger.transfer set amount_fen = 5 where batch = {BATCH_4} and line = 3", {2}),
    (f"update ledger.transfer set debit = credit, credit = debit where batch = {BATCH_4} and line = 1", {2}),
    (f"delete from ledger.transfer where batch = {BATCH_4} and line = 2", {2}),
    (
        "insert into ledger.transfer select ym, batch, 5, debit, credit, 1 from ledger.transfer"
        f" where batch = {BATCH_4} and line = 4",
        {3},
    ),
    ("insert into ledger.transfer select ym, 0, 1, debit, credit, 1 from ledger.transfer limit 1", set()),
    ("update ledger.batch set maker = 'x' where key = 'of 7'", {3}),
    ("update ledger.batch set approved_at = approved_at - interval '1 day' where key = 'of 1'", {1}),
    ("update ledger.batch set key = 'other', document = 'other' where key = 'of 1'", {1}),
    ("delete from ledger.transfer where batch = (select max(id) from ledger.batch)", {3, 4}),
    ("update ledger.seal set n = n - 1 where seq = 3", {3}),
    ("update ledger.seal set root = repeat('0', 64) where seq = 3", {3}),
    ("update ledger.seal set hash = repeat('0', 64) where seq = 3", {3, 4}),
    ("update ledger.seal set previous = repeat('0', 63) || '1' where seq = 2", {2}),
    ("delete from ledger.seal where seq = 1", {2}),
    ("delete from ledger.seal where seq = 3", {4}),
]


@pytest.mark.parametrize(("statement", "blocks"), TAMPERINGS)
def test_every_tampering_is_found_and_its_block_named(
    sealed: Runner, statement: str, blocks: set[int]
) -> None:
    assert sealed(ledger.verify_seals) == []
    sealed(lambda uow: uow.session.execute(text(statement)))
    found = {broken.seq for broken in sealed(ledger.verify_seals)}
    assert blocks <= found
    if statement.startswith("insert into ledger.transfer select ym, 0"):
        assert "凭证" in {difference.question for difference in sealed(ledger.check)}


def test_a_forged_seal_with_a_right_hash_does_not_fit_the_chain(sealed: Runner) -> None:
    """Who rewrites a line and seals its block anew must rewrite every later block too."""

    def forge(uow: Uow) -> None:
        uow.session.execute(
            text(f"update ledger.transfer set amount_fen = 5 where batch = {BATCH_4} and line = 3")
        )
        uow.session.execute(
            text(
                "update ledger.seal s set root = f.root, hash = ledger.seal_hash(s.seq, s.previous,"
                " s.first_batch, s.first_line, s.last_batch, s.last_line, s.n, f.root) from ("
                "  select encode(sha256(convert_to("
                "    string_agg(content, chr(10) order by batch, line), 'UTF8')), 'hex') as root"
                "  from ledger.sealing, ledger.seal"
                "  where seq = 2 and (batch, line) >= (first_batch, first_line)"
                "  and (batch, line) <= (last_batch, last_line)"
                ") f where s.seq = 2"
            )
        )

    sealed(forge)
    assert [broken.seq for broken in sealed(ledger.verify_seals)] == [3]


def test_a_seal_waits_but_a_moment_for_a_posting_on_its_way(fresh: Fresh) -> None:
    run = runner(fresh(), {}, Vault.new(), size=2).system
    world = a_world(run)

    def on_its_way(uow: Uow) -> int:
        post(uow, "on its way", (world.cash, world.expenditure, 1))
        began = time.monotonic()
        sealed = run(ledger.seal)
        assert time.monotonic() - began < 20
        return sealed

    assert run(on_its_way) == 0
    assert run(ledger.seal) > 0
    run.sessions.kw["bind"].dispose()
