"""Creep: lets a running kiosk go on for some microseconds at a time, until its disk shows a given point.

Seen from outside only: the journal and the dispenser's memory say how far it is. Both programs are put on one
processor and this one goes first, so whenever it looks the kiosk stands still; a power loss at the point is one
there and nowhere else. A program of its own (`python -m kiosk.drill.creep HOME`): on standard input `watch` when
a visit begins and `creep PID POINT`; on standard output `still` (stopped, at the point) or `past`.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from kiosk import journal
from kiosk.devices.dispenser import Memory

SLICE_S: Final = 0.00004
LONGEST_S: Final = 15.0


@dataclass
class Seen:
    """How far one collection is, by what stands on the disk."""

    home: Path
    offset: int = field(init=False)
    stages: list[str] = field(default_factory=list)
    order: str = ""
    counter: int = field(init=False)  # the dispenser's nonces so far

    def __post_init__(self) -> None:
        self.offset = self._journal.stat().st_size if self._journal.exists() else 0
        self.counter = self.memory().counter

    @property
    def _journal(self) -> Path:
        return self.home / "journal.log"

    def memory(self) -> Memory:
        return Memory.read(self.home / "dispenser.json")

    def look(self) -> None:
        """Take in what the journal says of orders since the last look."""
        with self._journal.open("rb") as file:
            file.seek(self.offset)
            data = file.read()
        at = 0
        while (found := journal.record_at(data, at)) is not None:
            payload, at = found
            told = json.loads(payload)
            if told["stage"] == "ORDERED":
                self.order, self.stages = told["order"], []
                self.counter = self.memory().counter
            if told["order"] == self.order and self.order:
                self.stages.append(told["stage"])
        self.offset += at

    @property
    def last(self) -> str:
        return self.stages[-1] if self.stages else ""

    def told(self, memory: Memory) -> str:
        return memory.told.get(self.order, ("", 0))[0]


Point = Callable[[Seen, Memory], bool]

# point → whether a kiosk that stands still is just there
POINTS: Final[Mapping[str, Point]] = {
    "ORDERED written": lambda seen, m: seen.last == "ORDERED" and m.in_hand != seen.order,
    "DISPENSING written": lambda seen, m: seen.last == "DISPENSING" and m.in_hand != seen.order,
    "token used, no note moved": lambda seen, m: (
        seen.last == "DISPENSING" and m.in_hand == seen.order and not m.stacker
    ),
    "notes in the stacker": lambda seen, m: seen.last == "DISPENSING" and bool(m.stacker),
    "STACKED written": lambda seen, m: seen.last == "STACKED",
    "PRESENTING written": lambda seen, m: seen.last == "PRESENTING" and seen.told(m) == "no",
    "shutter about to open": lambda seen, m: m.opening and bool(m.stacker),
    "notes in reach, not noted": lambda seen, m: bool(m.shutter) and seen.told(m) == "unknown",
    "notes in reach, noted": lambda seen, m: bool(m.shutter) and seen.told(m) == "yes",
    "notes taken": lambda seen, m: (
        seen.last == "PRESENTING" and seen.order in m.handed and m.counter == seen.counter
    ),
    "nonce cleared": lambda seen, m: seen.last == "PRESENTING" and m.counter > seen.counter,
    "OUT written": lambda seen, m: seen.last == "OUT",
    "ACKED written": lambda seen, m: seen.last == "ACKED",
}
BEFORE_CASH: Final = tuple(POINTS)[:5]  # passed after "in cash" is pressed
BEFORE_NOTES: Final = tuple(POINTS)[5:9]  # passed after the card is out


def creep(pid: int, seen: Seen, point: str, seconds: float) -> bool:
    """Whether the program stands still at the point now; if not, it has passed it and runs on."""
    later = tuple(POINTS)[tuple(POINTS).index(point) + 1 :]
    deadline = time.monotonic() + seconds
    try:
        _pin(pid, {_processor()})
        while time.monotonic() < deadline:
            seen.look()
            memory = seen.memory()
            if POINTS[point](seen, memory):
                os.kill(pid, signal.SIGSTOP)
                return True
            if any(POINTS[one](seen, memory) for one in later):
                break
            time.sleep(SLICE_S)
        _pin(pid, os.sched_getaffinity(os.getppid()))
    except ProcessLookupError:
        return False
    return False


def may_go_first() -> bool:
    """Whether this machine lets one program go before all others."""
    usual = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        _go_first()
        os.sched_setscheduler(0, *usual)
    except OSError:
        return False
    return True


def _go_first() -> None:
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))


def _processor() -> int:
    return max(os.sched_getaffinity(0))


def _pin(pid: int, processors: set[int]) -> None:
    """Every thread of a program."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(ProcessLookupError):
            os.sched_setaffinity(int(task.name), processors)


def main(home: str) -> None:
    _go_first()
    os.sched_setaffinity(0, {_processor()})
    seen = Seen(Path(home))
    for line in sys.stdin:
        word, _, rest = line.strip().partition(" ")
        if word == "watch":
            seen = Seen(Path(home))
        else:
            pid, _, point = rest.partition(" ")
            still = creep(int(pid), seen, point, LONGEST_S)
            sys.stdout.write("still\n" if still else "past\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
