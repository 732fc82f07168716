"""Visits every state the model of the collection protocol can reach, and judges each.

Safety: cash goes out at most once; PAID means this order's cash went out; cash out means its order is
AUTHORISED, IN_DOUBT or PAID; cash out means the card committed that order. Liveness: from every state the
pension can still be settled.
"""

from __future__ import annotations

from collections import defaultdict, deque
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
    start = beginning(losses)
    parents: dict[World, tuple[World, str] | None] = {start: None}
    following: dict[World, list[World]] = {}
    queue = deque([start])

    def trace(world: World) -> tuple[str, ...]:
        labels = []
        while (parent := parents[world]) is not None:
            world, label = parent
            labels.append(label)
        return tuple(reversed(labels))

    while queue:
        world = queue.popleft()
        found = following[world] = []
        for label, after in protocol.steps(world):
            found.append(after)
            if after in parents:
                continue
            parents[after] = (world, label)
            queue.append(after)
            if (broken := unsafe(after)) is not None:
                return Verdict(len(parents), broken, trace(after))
    stuck = _stuck(following)
    return Verdict(len(parents), "can never be settled" if stuck else None, trace(stuck[0]) if stuck else ())


def _stuck(following: dict[World, list[World]]) -> list[World]:
    """States from which no settled state can be reached."""
    before: dict[World, list[World]] = defaultdict(list)
    for world, after in following.items():
        for one in after:
            before[one].append(world)
    good = {world for world in following if settled(world)}
    queue = deque(good)
    while queue:
        for world in before[queue.popleft()]:
            if world not in good:
                good.add(world)
                queue.append(world)
    return [world for world in following if world not in good]
