"""Steady: requests at a fixed rate whether or not the server keeps up; each is timed from when it was due.

A closed loop would wait for a slow server and so never see the queue before it. Here a late answer makes the
next ones late too, and that counts.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from loadtests.line import Line, Reply


class Post(NamedTuple):
    """What is sent instead of only asked for, and by whom (a session's token)."""

    path: str
    body: Mapping[str, Any]
    token: str = ""


class Seen(NamedTuple):
    """What came of the requests that were due after warming up."""

    ms: list[float]
    wrong: list[str]


def steady(
    begin: float, port: int, asked: Sequence[str | Post], rate: float, seconds: float, lines: int = 32
) -> Seen:
    """Ask one after the other (a path is fetched), `rate` a second from now until `seconds` after `begin`."""
    started, end = time.monotonic(), begin + seconds
    turns, lock, seen = itertools.count(), threading.Lock(), Seen([], [])

    def work() -> None:
        with Line(port) as line:
            while (due := started + (turn := next(turns)) / rate) < end:
                time.sleep(max(0.0, due - time.monotonic()))
                wrong = _ask(line, asked[turn % len(asked)])
                took_ms = (time.monotonic() - due) * 1000
                with lock:
                    if wrong:
                        seen.wrong.append(wrong)
                    if due >= begin:
                        seen.ms.append(took_ms)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(lines)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


def _ask(line: Line, one: str | Post) -> str:
    """What was wrong, if anything."""
    path = one if isinstance(one, str) else one.path
    try:
        reply = line.get(one) if isinstance(one, str) else _post(line, one)
    except OSError as error:
        return f"{path}: {type(error).__name__}"
    return "" if reply.status in {200, 202} else f"{path}: {reply.status}"


def _post(line: Line, one: Post) -> Reply:
    by = {"Authorization": f"Bearer {one.token}"} if one.token else {}
    return line.post(one.path, one.body, **by)
