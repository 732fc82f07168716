"""Clients: so many processes that begin at the same moment, and what each of them found and cost."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any, Generic, NamedTuple, TypeVar

T = TypeVar("T")
PATIENCE_S = 600.0


class Ran(NamedTuple, Generic[T]):
    """What the clients found, and the processor time that they took."""

    found: list[T]
    cpu_s: float
    wall_s: float

    @property
    def share(self) -> float:
        """Of all processors of the machine."""
        return self.cpu_s / (self.wall_s * (os.cpu_count() or 1))


def together(
    work: Callable[..., T], each: Sequence[tuple[Any, ...]], warm_s: float, lasts_s: float = 0
) -> Ran[T]:
    """`work(begin, *args)` in a process for each; `begin` (monotonic, the same for all) comes after warming up
    (the first requests of a connection are not counted). `lasts_s`: how long they are to work, where that is long."""
    system = multiprocessing.get_context("fork")  # at once, and without reading the program again
    lines, processes = [], []
    for args in each:
        ours, theirs = system.Pipe()
        process = system.Process(target=_run, args=(theirs, work, args), daemon=True)
        process.start()
        theirs.close()
        lines.append(ours)
        processes.append(process)
    for line in lines:
        line.recv()
    begin, began = time.monotonic() + warm_s, time.monotonic()
    for line in lines:
        line.send(begin)
    ended = [_answer(line, lasts_s + PATIENCE_S) for line in lines]
    for process in processes:
        process.join(PATIENCE_S)
    return Ran([found for found, _ in ended], sum(cpu for _, cpu in ended), time.monotonic() - began)


def _run(line: Connection, work: Callable[..., Any], args: tuple[Any, ...]) -> None:
    line.send("ready")
    begin = line.recv()
    before = time.process_time()
    try:
        found: Any = work(begin, *args)
    except Exception as error:  # noqa: BLE001 - told to whoever waits
        found = error
    line.send((found, time.process_time() - before))


def _answer(line: Connection, patience_s: float) -> tuple[Any, float]:
    if not line.poll(patience_s):
        raise TimeoutError("a client did not end")
    found, cpu_s = line.recv()
    if isinstance(found, Exception):
        raise found
    return found, cpu_s
