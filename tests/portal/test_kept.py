"""Kept answers: fresh for their time, made by one thread, and a failure is never kept."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from portal.kept import MOST, Kept

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
LASTS = timedelta(seconds=10)


def test_an_answer_is_shared_for_its_time_and_made_anew_after() -> None:
    kept, made = Kept(), iter(range(10))
    asked = [kept.get("a", NOW + timedelta(seconds=s), LASTS, lambda: next(made)) for s in (0, 9, 10, 19, 60)]
    assert asked == [0, 0, 1, 1, 2]
    assert kept.get("b", NOW, LASTS, lambda: next(made)) == 3


def test_of_many_who_come_first_one_makes_it_and_all_get_it() -> None:
    kept, made, start = Kept(), list[int](), threading.Barrier(16)

    def make() -> int:
        made.append(threading.get_ident())
        return len(made)

    def ask() -> int:
        start.wait()
        return kept.get("a", NOW, LASTS, make)

    with ThreadPoolExecutor(16) as pool:
        answers = [asked.result() for asked in [pool.submit(ask) for _ in range(16)]]
    assert (set(answers), len(made)) == ({1}, 1)


def test_while_one_makes_it_anew_others_get_the_one_before_unless_it_is_too_old() -> None:
    kept, making, go_on = Kept(), threading.Event(), threading.Event()
    kept.get("a", NOW, LASTS, lambda: "old")

    def slowly() -> str:
        making.set()
        assert go_on.wait(60)
        return "new"

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(kept.get, "a", NOW + LASTS, LASTS, slowly)
        assert making.wait(60)
        assert kept.get("a", NOW + LASTS, LASTS, lambda: "never") == "old"
        waits = pool.submit(kept.get, "a", NOW + 2 * LASTS, LASTS, lambda: "newest")
        go_on.set()
        assert (first.result(), waits.result()) == ("new", "newest")


def test_what_failed_is_tried_again() -> None:
    kept = Kept()
    with pytest.raises(ZeroDivisionError):
        kept.get("a", NOW, LASTS, lambda: 1 // 0)
    assert kept.get("a", NOW, LASTS, lambda: 1) == 1


def test_it_never_keeps_more_than_it_may() -> None:
    kept = Kept()
    for key in range(MOST * 2 + 1):
        kept.get(key, NOW, LASTS, lambda: 0)
    assert len(kept._entries) <= MOST
