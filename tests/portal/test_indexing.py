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
WITHIN_S = 1.0


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
        keeping.join(10)
        assert not keeping.is_alive()
    run.sessions.kw["bind"].dispose()


def found_after(index: EmbeddedIndex, number: int, since: float) -> float:
    """Seconds until so many are found, by a reader that looks again and again."""
    while index.count(Query()) < number:
        assert time.monotonic() - since < 10
        time.sleep(0.005)
    return time.monotonic() - since


def test_what_is_posted_is_found_within_a_second(
    following: tuple[Runner, EmbeddedIndex, list[int]],
) -> None:
    run, index, _ = following
    took = []
    for number in range(1, 6):
        post(run)
        took.append(found_after(index, number, time.monotonic()))
    assert max(took) < WITHIN_S, took


def test_a_rush_is_taken_in_together(following: tuple[Runner, EmbeddedIndex, list[int]]) -> None:
    run, index, shown = following
    began = time.monotonic()
    for _ in range(RUSH):
        post(run)
    posted = time.monotonic()
    assert found_after(index, RUSH, posted) < WITHIN_S
    assert len(shown) <= 2 + (posted - began + WITHIN_S) / 0.25
    assert len(shown) < RUSH
