"""The embedded engine among several processes: what one commits, others see at once, whole or not at all."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from search.embedded import EmbeddedIndex
from search.generations import Generations
from search.port import Document, IndexMissing, Query, WriterBusy
from search.thesaurus import Thesaurus
from tests.search.corpus import vacancy

ROOT = Path(__file__).parents[2]
WORDS = Thesaurus.load()
SEEN_WITHIN_SECONDS = 0.5

READER = """
import sys, time
from pathlib import Path
from search.embedded import EmbeddedIndex
from search.port import Query
from search.thesaurus import Thesaurus

reader = EmbeddedIndex(Path(sys.argv[1]), Thesaurus.load())
reader.find(Query("电焊工"))
print("ready", flush=True)
while reader.count(Query()) < 2:
    time.sleep(0.002)
print(time.time(), flush=True)
"""

HOLDER = """
import sys
from pathlib import Path
from search.embedded import EmbeddedIndex
from search.thesaurus import Thesaurus

writer = EmbeddedIndex(Path(sys.argv[1]), Thesaurus.load(), write=True)
print("holding", flush=True)
sys.stdin.read()
"""


@contextmanager
def python(source: str, home: Path) -> Iterator[subprocess.Popen[str]]:
    """A process of its own, once it has said its first line."""
    command = [sys.executable, "-c", source, str(home)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout
        assert process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


def test_readers_in_other_processes_see_a_commit_within_half_a_second(tmp_path: Path) -> None:
    with EmbeddedIndex(tmp_path, WORDS, write=True) as writer:
        writer.rebuild([vacancy("a", "电焊工")])
        with python(READER, tmp_path) as one, python(READER, tmp_path) as other:
            writer.put([vacancy("b", "氩弧焊工")])
            started = time.time()
            writer.commit()
            for reader in (one, other):
                assert reader.stdout
                assert 0 < float(reader.stdout.readline()) - started < SEEN_WITHIN_SECONDS


def test_there_is_one_writer_and_when_it_dies_another_takes_over(tmp_path: Path) -> None:
    with python(HOLDER, tmp_path), pytest.raises(WriterBusy, match="另一个程序正在写"):
        EmbeddedIndex(tmp_path, WORDS, write=True)
    with EmbeddedIndex(tmp_path, WORDS, write=True) as writer:
        writer.put([vacancy("a", "电焊工")])
        writer.commit()
        assert writer.count(Query()) == 1


def test_while_an_index_is_rebuilt_again_and_again_readers_never_see_half_of_it(tmp_path: Path) -> None:
    size, done = 60, threading.Event()
    reader = EmbeddedIndex(tmp_path, WORDS)

    def watch() -> set[tuple[int, str]]:
        seen = set()
        while not done.is_set():
            answer = reader.find(Query("电焊工", size=1))
            seen.add((answer.total, answer.hits[0].document.employer))
        return seen

    with EmbeddedIndex(tmp_path, WORDS, write=True) as writer, ThreadPoolExecutor(2) as pool:
        writer.rebuild(vacancy(str(each), "电焊工", employer="0") for each in range(size))
        watchers = [pool.submit(watch) for _ in range(2)]
        for turn in range(1, 6):
            writer.rebuild(vacancy(str(each), "电焊工", employer=str(turn)) for each in range(size + turn))
        done.set()
        seen = set.union(*(watcher.result() for watcher in watchers))
    assert seen <= {(size + turn, str(turn)) for turn in range(6)}
    assert len(list(tmp_path.glob("v*"))) == 2


def test_what_was_not_committed_is_forgotten_and_the_rest_is_there_after_a_restart(tmp_path: Path) -> None:
    with EmbeddedIndex(tmp_path, WORDS, write=True) as writer:
        writer.put([vacancy("a", "电焊工")])
        writer.commit()
        writer.put([vacancy("b", "钳工")])
    with EmbeddedIndex(tmp_path, WORDS, write=True) as writer:
        assert not writer.needs_rebuild
        assert [hit.id for hit in writer.find(Query()).hits] == ["a"]


def test_a_rebuild_that_fails_leaves_the_old_index_and_no_litter(tmp_path: Path) -> None:
    def torn() -> Iterator[Document]:
        yield vacancy("new", "钳工")
        raise ConnectionError

    with EmbeddedIndex(tmp_path, WORDS, write=True) as writer:
        writer.rebuild([vacancy("old", "电焊工")])
        with pytest.raises(ConnectionError):
            writer.rebuild(torn())
        assert [hit.id for hit in writer.find(Query()).hits] == ["old"]
        writer.put([vacancy("more", "车工")])
        writer.commit()
        assert writer.count(Query()) == 2
    assert len(list(tmp_path.glob("v*"))) == 2


def test_an_index_of_another_format_counts_as_missing(tmp_path: Path) -> None:
    (tmp_path / "v0-000000001").mkdir(parents=True)
    (tmp_path / "current").write_text("v0-000000001")
    assert Generations(tmp_path).current() is None
    with pytest.raises(IndexMissing, match=str(tmp_path)):
        EmbeddedIndex(tmp_path, WORDS).find(Query())
    with EmbeddedIndex(tmp_path, WORDS, write=True) as writer:
        assert writer.needs_rebuild
        assert writer.rebuild([vacancy("a", "电焊工")]) == 1
        assert not writer.needs_rebuild


def test_many_threads_may_ask_while_one_writes(tmp_path: Path) -> None:
    with EmbeddedIndex(tmp_path, WORDS, write=True) as index, ThreadPoolExecutor(8) as pool:
        index.rebuild([vacancy("0", "电焊工")])
        asked = [pool.submit(index.find, Query("电焊工")) for _ in range(100)]
        for each in range(1, 6):
            index.put([vacancy(str(each), "电焊工")])
            index.commit()
        asked += [pool.submit(index.find, Query("电焊工")) for _ in range(100)]
        totals = [each.result().total for each in asked]
    assert set(totals) <= set(range(1, 7))
    assert totals[-1] == 6


def test_a_commit_is_read_once_however_many_threads_find_it(tmp_path: Path) -> None:
    with EmbeddedIndex(tmp_path, WORDS, write=True) as index, ThreadPoolExecutor(16) as pool:
        index.rebuild(vacancy(str(each), "电焊工") for each in range(50))
        for turn in range(5):
            index.put([vacancy("new", f"钳工{turn}")])
            index.commit()
            start = threading.Barrier(16)
            readers = [pool.submit(lambda start=start: (start.wait(), index._latest())[1]) for _ in range(16)]
            assert len({id(reader.result()) for reader in readers}) == 1
