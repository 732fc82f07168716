"""Memory: what the simulated dispenser keeps through every power loss, and where every piece of money is."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from kiosk.devices.cassettes import FULL

Told = Literal["yes", "no", "unknown"]
REMEMBERED: Final = 200  # orders; of older ones it says "unknown", never "no"
PLACES: Final = ("cassettes", "stacker", "shutter", "rejected", "retracted", "caught", "customers")
TALLIES: Final = ("initial", "miscounted", "dispensed", "presented")


@dataclass
class Memory:
    """What survives in the device, and where the money is."""

    boots: int = 0
    counter: int = 0  # first half of the nonce: it only grows, so that "before" and "after" can be told apart
    nonce: str = ""
    used: bool = False
    in_hand: str = ""  # the order whose notes are in the stacker or at the shutter
    opening: bool = False  # the shutter was moving to let notes out
    told: dict[str, tuple[Told, int]] = field(default_factory=dict)  # order → (handed out?, fen)
    forgotten: str = ""  # every order up to this one is forgotten
    cassettes: dict[int, int] = field(default_factory=lambda: dict(FULL))
    stacker: dict[int, int] = field(default_factory=dict)
    shutter: dict[int, int] = field(default_factory=dict)
    rejected: dict[int, int] = field(default_factory=dict)
    retracted: dict[int, int] = field(default_factory=dict)
    caught: dict[int, int] = field(default_factory=dict)  # stuck in the mechanics, found only by opening it
    customers: dict[int, int] = field(default_factory=dict)
    handed: dict[str, int] = field(default_factory=dict)  # order → fen that people really took: for counting
    sheets: list[str] = field(default_factory=list)  # of staff, the newest last: what is on one is done once
    # what the device counts for itself, since it was loaded
    initial: dict[int, int] = field(default_factory=lambda: dict(FULL))
    miscounted: dict[int, int] = field(default_factory=dict)  # pieces it believes in and that are not there
    dispensed: dict[int, int] = field(default_factory=dict)  # left the cassette
    presented: dict[int, int] = field(default_factory=dict)  # were within reach
    # faults that a restart does not mend
    jammed: bool = False
    inoperative: list[int] = field(default_factory=list)  # cassettes that give nothing

    @classmethod
    def read(cls, path: Path) -> Memory:
        if not path.exists():
            return cls()
        kept: dict[str, Any] = json.loads(path.read_text("utf-8"))
        for place in (*PLACES, *TALLIES):
            kept[place] = {int(fen): n for fen, n in kept.get(place, {}).items()}
        kept["told"] = {order: (told, fen) for order, (told, fen) in kept["told"].items()}
        return cls(**kept)

    def write(self, path: Path) -> None:
        fresh = path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            file.write(json.dumps(vars(self)))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
