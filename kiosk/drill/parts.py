"""Parts: a long drill in several processes, each with a city, a kiosk and a seed of its own; one report."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from contextlib import AbstractContextManager
from pydoc import locate
from queue import Empty
from typing import TYPE_CHECKING, Final, Protocol, cast

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn

from cardio.keys import SoftwareTerminalKey
from kiosk.client import HttpBackend
from kiosk.drill.crowd import people, wanderers
from kiosk.drill.quiet import quiet
from kiosk.drill.report import Report
from kiosk.drill.run import Answers, City, collect

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

LONG: Final = 1000  # faults from which on a drill is held in two parts
PARTS: Final = 2  # never as many as there are processors: the same seed cuts at the same points everywhere
LOOK_S: Final = 5.0


class Opens(Protocol):
    """Opens a city with so many retirees, and so many who wander, for the length of a drill."""

    def __call__(self, people: int, seed: int, wanderers: int) -> AbstractContextManager[City]: ...


class PartFell(RuntimeError):
    """A part of the drill ended without a report."""


class ShortWire(httpx.BaseTransport):
    """Items go straight to a city in this process; anything else goes by the network."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._network = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        folder, _, code = request.url.path.rpartition("/")
        if not folder.endswith("/items"):
            return self._network.handle_request(request)
        status, body = self._answers(code, request.read(), request.headers["Idempotency-Key"])
        return httpx.Response(status, content=body)

    def close(self) -> None:
        self._network.close()


def shares(faults: int, seed: int) -> list[tuple[int, int]]:
    """(faults, seed) of each part.

    >>> shares(500, 7), shares(2001, 7)
    ([(500, 7)], [(1001, 7), (1000, 1000007)])
    """
    parts = PARTS if faults >= LONG else 1
    return [(faults // parts + (at < faults % parts), seed + at * 1_000_000) for at in range(parts)]


def simulated(city: str, faults: int, seed: int, console: Console) -> Report:
    whole = Report(faults, seed)
    with _progress(console) as progress:
        bar = progress.add_task("演练", total=faults)
        found = shares(faults, seed)
        if len(found) == 1:
            whole.add(part(city, faults, seed, lambda: progress.advance(bar)))
        else:
            _beside(city, found, whole, lambda: progress.advance(bar))
    return whole


def part(city: str, faults: int, seed: int, done: Callable[[], None]) -> Report:
    """One city, one kiosk."""
    opens = cast(Opens, locate(city.replace(":", ".")))
    with opens(people(faults, seed), seed, wanderers(faults, seed)) as held:
        wire = None if held.answers is None else ShortWire(held.answers)
        backend = HttpBackend(held.url, held.kiosk, held.key, transport=wire)
        report = collect(
            faults,
            seed,
            backend,
            held.books,
            kiosk=held.kiosk,
            dispenser=held.dispenser,
            dispenser_key=held.dispenser_key,
            terminal=SoftwareTerminalKey(held.terminal_key),
            done=done,
        )
        backend.close()
    return report


def _beside(city: str, found: list[tuple[int, int]], whole: Report, done: Callable[[], None]) -> None:
    """Every part in a process of its own; what they say is heard here."""
    context = multiprocessing.get_context("spawn")
    said: Queue[Report | None] = context.Queue()
    running = [context.Process(target=_work, args=(city, *one, said)) for one in found]
    for process in running:
        process.start()
    left = len(running)
    try:
        while left:
            try:
                word = said.get(timeout=LOOK_S)
            except Empty:
                if any(process.exitcode for process in running):
                    raise PartFell from None
                continue
            if word is None:
                done()
            else:
                whole.add(word)
                left -= 1
    finally:
        for process in running:
            process.terminate() if left else process.join()


def _work(city: str, faults: int, seed: int, said: Queue[Report | None]) -> None:
    with quiet(trace=False):
        said.put(part(city, faults, seed, lambda: said.put(None)))


def _progress(console: Console) -> Progress:
    return Progress(
        "{task.description}",
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
