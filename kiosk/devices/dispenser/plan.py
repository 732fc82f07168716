"""Plan: what goes wrong in the simulated dispenser, and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal


@dataclass
class Plan:
    """What goes wrong at the next collection. `cut(point)` may end the power there."""

    jam: bool = False  # while counting into the stacker
    short_pieces: int = 0  # this many pieces too few reach the stacker
    shutter: Literal["works", "closed", "unsure", "blocked"] = "works"
    retract_short: bool = False  # one piece gets stuck on the way back in
    dead: bool = False  # its cable has come off
    sees: bool = True  # after a power loss its sensors can tell where the notes are
    cut: Callable[[str], None] = lambda point: None
    jam_at: int = 0  # the how-manieth piece is torn and stuck: only opening the machine helps
    double_at: int = 0  # at this piece two come at once; the sensor sees it
    picks_nothing_at: int = 0  # at this piece the cassette's rollers get hold of nothing
    missing: frozenset[int] = field(default_factory=frozenset)  # cassettes that somebody pulled out
    left_lying: int = 0  # so many pieces the person leaves lying who takes the others
    taken_back: int = 0  # so many pieces the person still snatches while they are taken back in
    forgets: bool = False  # its status is lost: of every order it says that it cannot tell
    powerless: bool = False  # its power supply is out
    bin_holds: int = 10_000  # pieces in the bins, reject and retract together; then nothing is counted out
