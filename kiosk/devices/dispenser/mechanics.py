"""Mechanics: pieces leave their cassettes one after the other, and what can happen to each on its way."""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.devices.cassettes import move
from kiosk.devices.dispenser.memory import Memory
from kiosk.devices.dispenser.plan import Plan
from kiosk.devices.dispenser.states import Fault
from kiosk.devices.port import DeviceFailed


def count_out(memory: Memory, plan: Plan, pieces: Mapping[int, int]) -> None:
    """Into the stacker, the largest first; stops at the first that does not come."""
    values = [fen for fen in sorted(pieces, reverse=True) for _ in range(pieces[fen])]
    for n, fen in enumerate(values, 1):
        if n == plan.double_at and memory.cassettes.get(fen, 0) > 1:
            _leaves(memory, memory.rejected, fen, 2)
        one_piece(memory, plan, memory.stacker, fen, n)


def one_piece(memory: Memory, plan: Plan, target: dict[int, int], fen: int, n: int) -> None:
    """The n-th piece of a command."""
    if n == plan.picks_nothing_at:
        memory.inoperative = sorted({*memory.inoperative, fen})
        raise DeviceFailed(f"the cassette of {fen} fen gives nothing", Fault.CASH_UNIT)
    if not memory.cassettes.get(fen, 0):
        memory.miscounted.pop(fen, None)  # now it is seen to be empty
        raise DeviceFailed(f"the cassette of {fen} fen is empty, against its count", Fault.CASH_UNIT)
    if n == plan.jam_at:
        _leaves(memory, memory.caught, fen, 1)
        memory.jammed = True
        raise DeviceFailed(f"piece {n} is stuck", Fault.HARDWARE_ERROR)
    _leaves(memory, target, fen, 1)


def _leaves(memory: Memory, target: dict[int, int], fen: int, n: int) -> None:
    move(memory.cassettes, target, {fen: n})
    memory.dispensed[fen] = memory.dispensed.get(fen, 0) + n


def without_last(pieces: Mapping[int, int], n: int) -> dict[int, int]:
    """The same pieces less the last `n`."""
    kept = dict(pieces)
    for _ in range(min(n, sum(kept.values()))):
        smallest = min(fen for fen, count in kept.items() if count)
        kept[smallest] -= 1
    return {fen: count for fen, count in kept.items() if count}


def last(pieces: Mapping[int, int], n: int) -> dict[int, int]:
    """The last `n` of them."""
    kept = without_last(pieces, n)
    return {fen: count - kept.get(fen, 0) for fen, count in pieces.items() if count > kept.get(fen, 0)}
