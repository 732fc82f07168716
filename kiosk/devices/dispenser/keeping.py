"""Keeping: what staff do to the notes in the open machine, and where the device believes every note to be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from kiosk.devices.cassettes import move
from kiosk.devices.dispenser.memory import Memory
from kiosk.devices.port import DeviceFailed

BINS: Final = ("retracted", "rejected", "caught")


def holds(memory: Memory) -> dict[str, dict[int, int]]:
    """By place and denomination, as the device counts: what staff keyed in wrongly it believes."""
    believed = Counter(memory.cassettes)
    believed.update(memory.miscounted)
    return {
        "cassette": {fen: n for fen, n in believed.items() if n > 0},
        "stacker": dict(memory.stacker),
        "shutter": dict(memory.shutter),
        "rejected": dict(memory.rejected),
        "retracted": dict(memory.retracted),
        "caught": dict(memory.caught),
    }


def put_in(memory: Memory, pieces: Mapping[int, int]) -> None:
    """Notes of a bag go into the cassettes, beside what is there."""
    for place in (memory.cassettes, memory.initial):
        for fen, n in pieces.items():
            place[fen] = place.get(fen, 0) + n


def take_out(memory: Memory, pieces: Mapping[int, int]) -> None:
    """Staff take these notes with them: out of the bins first, the rest out of the cassettes."""
    there = Counter(memory.cassettes)
    for name in BINS:
        there.update(getattr(memory, name))
    if any(there[fen] < n for fen, n in pieces.items()):
        raise DeviceFailed("fewer pieces are there than were taken out")
    left, gone = dict(pieces), dict[int, int]()
    for place in (*(getattr(memory, name) for name in BINS), memory.cassettes):
        found = {fen: min(n, place.get(fen, 0)) for fen, n in left.items() if place.get(fen, 0) and n}
        move(place, gone, found)
        left = {fen: n - found.get(fen, 0) for fen, n in left.items()}
    memory.initial = dict(memory.cassettes)


def recount(memory: Memory, counted: Mapping[int, int]) -> None:
    """What two persons counted in the cassettes is what the device believes from here on."""
    kinds = {*counted, *memory.cassettes}
    wrong = {fen: counted.get(fen, 0) - memory.cassettes.get(fen, 0) for fen in kinds}
    memory.initial = {fen: n for fen, n in counted.items() if n}
    memory.miscounted = {fen: n for fen, n in wrong.items() if n}
    memory.dispensed, memory.presented = {}, {}
