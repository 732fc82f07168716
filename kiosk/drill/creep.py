"""Creep: lets a running kiosk go on for a tenth of a millisecond at a time, until its disk shows a given point.

Seen from outside only: the journal and the dispenser's memory say how far it is. At the point it stands still,
so a power loss there is one there and nowhere else.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from kiosk import journal
from kiosk.devices.dispenser import Memory

SLICE_S: Final = 0.0001


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
IN_THE_DARK: Final = tuple(POINTS)[7:9]  # somebody may take what lies in reach


def creep(pid: int, seen: Seen, point: str, seconds: float) -> bool:
    """Whether the program stands still at the point now; if not, it runs on."""
    deadline = time.monotonic() + seconds
    try:
        while time.monotonic() < deadline:
            os.kill(pid, signal.SIGSTOP)
            _stand_still(pid)
            seen.look()
            if POINTS[point](seen, seen.memory()):
                return True
            os.kill(pid, signal.SIGCONT)
            time.sleep(SLICE_S)
    except ProcessLookupError:
        return False
    return False


def _stand_still(pid: int) -> None:
    """Every thread of it."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        while True:
            try:
                state = (task / "stat").read_text("utf-8").rpartition(") ")[2][:1]
            except OSError:
                break
            if state in "TtZX":
                break
