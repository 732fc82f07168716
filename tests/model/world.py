"""The state of the modelled world: card, two kiosks with their dispensers, orders, network; and the rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple, TypeVar

T = TypeVar("T")
Message = tuple[Any, ...]
FINAL: Final = ("PAID", "RELEASED", "CANCELLED", "REFUSED")
LIVING: Final = ("OPENED", "AUTHORISED", "IN_DOUBT", "PAID")
NONE: Final = -1


@dataclass(frozen=True)
class Rules:
    """The protocol's rules; each can be taken away to see what it is for."""

    write_ahead: bool = True  # PRESENTING is journalled before the shutter opens
    one_open: bool = True  # one living order an entitlement
    never_by_time: bool = True  # AUTHORISED is never released by a time-out
    unknown: Literal["doubt", "not", "paid"] = "doubt"  # what a kiosk makes of "unknown" after a power loss
    token_bound: bool = True  # the token works for one nonce of the dispenser, once
    pinned: bool = True  # the first CONFIRM pins the nonce
    evidence: bool = True  # outcomes count only with the dispenser's signature
    clears: bool = True  # the nonce is cleared before an order is released
    proof_needed: bool = True  # no authorisation without the card's proof
    device_remembers: bool = True  # the dispenser's status survives a power loss inside present
    proof_again: bool = True  # the card gives its proof again (GET PROOF)


class Kiosk(NamedTuple):
    at: str  # what it does; "off" without power
    order: int
    stage: str  # the journal's last stage
    journalled: int  # and its order


class Dispenser(NamedTuple):
    nonce: int
    used: bool
    stacked: int  # the order whose notes lie in the stacker
    status: str  # none, no, yes, unknown: about the last dispense
    of: int
    given: tuple[int, ...]  # the orders whose cash went out: the truth


class Order(NamedTuple):
    state: str
    kiosk: int
    nonce: int


class World(NamedTuple):
    card: tuple[int, int]  # last order committed, all orders ever committed (bits)
    kiosks: tuple[Kiosk, Kiosk]
    dispensers: tuple[Dispenser, Dispenser]
    orders: tuple[Order, Order]
    net: frozenset[Message]
    losses: int  # power losses that may still come


Next = tuple[str, World]
IDLE: Final = Kiosk("idle", NONE, "none", NONE)
OFF: Final = Kiosk("off", NONE, "none", NONE)


def beginning(losses: int) -> World:
    empty = Dispenser(0, False, NONE, "none", NONE, ())
    new = Order("new", NONE, NONE)
    return World((NONE, 0), (IDLE, IDLE), (empty, empty), (new, new), frozenset(), losses)


def put(pair: tuple[T, T], index: int, value: T) -> tuple[T, T]:
    return (value, pair[1]) if index == 0 else (pair[0], value)


def free(orders: tuple[Order, Order]) -> bool:
    return not any(order.state in LIVING for order in orders)
