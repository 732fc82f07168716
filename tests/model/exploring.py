"""Visits every state the model of the collection protocol can reach, and judges each.

Safety: cash goes out at most once; PAID means this order's cash went out; cash out means its order is
AUTHORISED, IN_DOUBT or PAID; cash out means the card committed that order. Liveness: from every state the
pension can still be settled.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.model.collect_model import Protocol
from tests.model.world import World, beginning, free


@dataclass(frozen=True)
class Verdict:
    states: int
    broken: str | None = None
    trace: tuple[str, ...] = ()


def _given(world: World) -> tuple[int, ...]:
    return world.dispensers[0].given + world.dispensers[1].given


def unsafe(world: World) -> str | None:
    """What must never be, if it is."""
    given = _given(world)
    if len(given) > 1:
        return "paid twice"
    if any(not world.card[1] >> o & 1 for o in given):
        return "cash without the card"
    for o, order in enumerate(world.orders):
        if order.state == "PAID" and o not in given:
            return "booked as paid, never handed out"
        if o in given and order.state not in ("AUTHORISED", "IN_DOUBT", "PAID"):
            return "handed out, but released"
    return None


def settled(world: World) -> bool:
    given = _given(world)
    paid = any(order.state == "PAID" for order in world.orders)
    return (paid and len(given) == 1) or (free(world.orders) and not given)


def check(protocol: Protocol, losses: int = 2) -> Verdict:
    """Visit every state; stop at the first unsafe one, then look for states with no way to an end."""
    with _uncollected():
        return _explore(protocol, beginning(losses))


@contextmanager
def _uncollected() -> Iterator[None]:
    """Nothing here is a cycle, and looking for one among half a million states took a third of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _explore(protocol: Protocol, start: World) -> Verdict:
    """States are numbered as they are found: each is hashed once a way to it, and the rest is arithmetic."""
    numbers = {start: 0}
    worlds = [start]
    ways: list[tuple[int, str]] = [(0, "")]  # from which state, by which step, each was first found
    following: list[list[int]] = []

    def trace(number: int) -> tuple[str, ...]:
        labels = []
        while number:
            number, label = ways[number]
            labels.append(label)
        return tuple(reversed(labels))

    for here, world in enumerate(worlds):  # grows while it is walked
        found: list[int] = []
        following.append(found)
        for label, after in protocol.steps(world):
            number = numbers.setdefault(after, len(worlds))
            found.append(number)
            if number < len(worlds):
                continue
            worlds.append(after)
            ways.append((here, label))
            if (broken := unsafe(after)) is not None:
                return Verdict(len(worlds), broken, trace(number))
    stuck = _stuck(following, [number for number, world in enumerate(worlds) if settled(world)])
    return Verdict(
        len(worlds), None if stuck is None else "can never be settled", () if stuck is None else trace(stuck)
    )


def _stuck(following: list[list[int]], ends: list[int]) -> int | None:
    """The first state from which no settled state can be reached."""
    before: list[list[int]] = [[] for _ in following]
    for here, found in enumerate(following):
        for after in found:
            before[after].append(here)
    good = bytearray(len(following))
    for end in ends:
        good[end] = 1
    reached = list(ends)
    for number in reached:  # grows while it is walked
        for earlier in before[number]:
            if not good[earlier]:
                good[earlier] = 1
                reached.append(earlier)
    first = good.find(0)
    return None if first < 0 else first
