"""The indexer on real commits: what is posted is found within a second, and a rush is one commit, not many."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from backend.employment import service as employment
from backend.kernel.db import Runner, runner
from backend.kernel.vault import Vault
from portal.indexing import Indexer, keep_up
from search.embedded import EmbeddedIndex
from search.port import Query
from search.thesaurus import Thesaurus
from tests.backend.employment.city import a_market, post
from tests.conftest import Fresh

RUSH = 30
PATIENCE_S = 60


@pytest.fixture
def following(fresh: Fresh, tmp_path: Path) -> Iterator[tuple[Runner, EmbeddedIndex, list[int]]]:
    """A market whose indexer keeps up; what each of its commits showed, by the number of vacancies then."""
    url = fresh()
    run = runner(url, {}, Vault.new(), size=6)
    a_market(run)
    stopping, shown = threading.Event(), list[int]()

    class Watched(EmbeddedIndex):
        def commit(self) -> None:
            super().commit()
            shown.append(self.count(Query()))

    with (
        Watched(tmp_path, Thesaurus.load(), write=True) as index,
        psycopg.connect(url, autocommit=True) as db,
    ):
        db.execute(f"listen {employment.CHANNEL}")
        indexer = Indexer(run, index, tmp_path)
        indexer.rebuild()
        keeping = threading.Thread(target=keep_up, args=(indexer, db, stopping))
        keeping.start()
        yield run, index, shown
        stopping.set()
        keeping.join(60)
        assert not keeping.is_alive()
    run.sessions.kw["bind"].dispose()


def until_found(index: EmbeddedIndex, number: int) -> None:
    """By a reader that looks again and again."""
    deadline = time.monotonic() + PATIENCE_S
    while index.count(Query()) < number:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_what_is_posted_is_found_by_itself(following: tuple[Runner, EmbeddedIndex, list[int]]) -> None:
    run, index, _ = following
    for number in range(1, 6):
        post(run)
        until_found(index, number)


def test_a_rush_is_taken_in_together(following: tuple[Runner, EmbeddedIndex, list[int]]) -> None:
    run, index, shown = following
    began = time.monotonic()
    for _ in range(RUSH):
        post(run)
    until_found(index, RUSH)
    assert len(shown) <= 2 + (time.monotonic() - began) / 0.25
    assert len(shown) < RUSH
