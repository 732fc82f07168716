"""A city for the drill: the reference backend with as many retirees as it takes, served over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from kiosk.client import NoAnswer
from kiosk.drill import Retiree
from tests.kiosk.people import persona
from tests.kiosk.reference_backend import ReferenceBackend, dispenser_key
from tests.kiosk.reference_orders import Kept
from tests.kiosk.served import KEY, Wire, served

KIOSK, DISPENSER = "00000001", "D-1"


class PeopledBackend(ReferenceBackend):
    """Has a person for every number, each with one payment due."""

    profile = "field"

    def retiree(self, n: int) -> Retiree:
        card = persona(n, profile=self.profile)
        return Retiree(card, self.owe(card, 300_000 + 7919 * n % 400_000).amount_fen)


class CountingBackend(PeopledBackend):
    """The same, all with cards that keep count and proofs."""

    profile = "collect"


class ImpatientBackend(PeopledBackend):
    """Releases by time what it should leave in doubt: the mistake a drill is there to find."""

    def time_passes(self) -> None:
        for order in self.orders.values():
            if order.state in ("opened", "authorised", "in_doubt"):
                order.state = "released"


class ShortReceipts(PeopledBackend):
    """Cuts receipt numbers so short that two orders of one boot have the same: the second is never booked."""

    def finish(self, kept: Kept, state: str) -> None:
        number = f"R20261124{kept.order}"[:24]
        if state == "paid" and any(other.receipt_no == number for other in self.orders.values()):
            raise NoAnswer("receipt number taken")
        super().finish(kept, state)
        if state == "paid":
            kept.receipt_no = number

    def count_cash(self, order: str, *, handed_out: bool) -> None:
        with suppress(NoAnswer):
            super().count_cash(order, handed_out=handed_out)


@dataclass
class City:
    url: str
    books: PeopledBackend
    kiosk: str = KIOSK
    key: str = KEY
    dispenser: str = DISPENSER
    dispenser_key: bytes = dispenser_key(DISPENSER)


@contextmanager
def city(people: int, seed: int) -> Iterator[City]:
    books = PeopledBackend()
    with served(Wire(books).app()) as url:
        yield City(url, books)
