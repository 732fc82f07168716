"""Steady: requests at a fixed rate whether or not the server keeps up; each is timed from when it was due.

A closed loop would wait for a slow server and so never see the queue before it. Here a late answer makes the
next ones late too, and that counts.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Sequence
from typing import NamedTuple

from loadtests.line import Line


class Seen(NamedTuple):
    """What came of the requests that were due after warming up."""

    ms: list[float]
    wrong: list[str]


def steady(
    begin: float, port: int, paths: Sequence[str], rate: float, seconds: float, lines: int = 32
) -> Seen:
    """GET one path after the other, `rate` a second from now until `seconds` after `begin`."""
    started, end = time.monotonic(), begin + seconds
    turns, lock, seen = itertools.count(), threading.Lock(), Seen([], [])

    def work() -> None:
        with Line(port) as line:
            while (due := started + (turn := next(turns)) / rate) < end:
                time.sleep(max(0.0, due - time.monotonic()))
                wrong = _get(line, paths[turn % len(paths)])
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


def _get(line: Line, path: str) -> str:
    """What was wrong, if anything."""
    try:
        reply = line.get(path)
    except OSError as error:
        return f"{path}: {type(error).__name__}"
    return "" if reply.status == 200 else f"{path}: {reply.status}"
