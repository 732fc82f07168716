"""A city for the drill: the reference backend with as many retirees as it takes, served over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from cardio.keys import SoftwareTerminalKey, card_key
from cardio.sim import Persona
from kiosk.client import NoAnswer
from kiosk.drill import Retiree
from tests.kiosk.people import persona
from tests.kiosk.reference_backend import ReferenceBackend, dispenser_key
from tests.kiosk.reference_orders import Kept
from tests.kiosk.served import KEY, Wire, served

KIOSK, DISPENSER = "00000001", "D-1"
WANDERERS = 1_000_000
COUNTS = 2  # the kind of card that does
READERS = bytes(range(1, 17))  # the master by which terminals may read third-generation cards


def terminal() -> SoftwareTerminalKey:
    return SoftwareTerminalKey(READERS)


def known_to_terminals(card: Persona) -> Persona:
    """The same card, third generation: it shows its holder to known terminals only."""
    return replace(card, version="3.00", read_key=card_key(READERS, card.area, card.card_code))


class PeopledBackend(ReferenceBackend):
    """Has a person for every number, each with one payment due and one of three kinds of card: of the second
    generation, of the third, of the third and keeping count and proofs."""

    kinds = 3

    def wanderer(self, n: int) -> Retiree:
        card = self._card(n + WANDERERS)
        return Retiree(
            card, sum(self.owe(card, 200_000 + month, f"2026-{month:02d}").amount_fen for month in (10, 11))
        )

    def accounts(self) -> tuple[int, int, int]:
        at_bank = (o for o in self.orders.values() if (o.method, o.state) == ("bank", "authorised"))
        return self.owed_fen(), self.paid_in_cash_fen(), sum(o.due.amount_fen for o in at_bank)

    def give_back(self, n: int) -> None:
        self.lost_cards.discard(persona(n + WANDERERS).card_no)

    def retiree(self, n: int) -> Retiree:
        card = self._card(n)
        return Retiree(card, self.owe(card, 300_000 + 7919 * n % 400_000).amount_fen)

    def _card(self, n: int) -> Persona:
        kind = n % self.kinds
        card = persona(n, profile="collect" if kind == COUNTS else "field")
        return known_to_terminals(card) if kind else card


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
    terminal_key: bytes = READERS
    answers: None = None


@contextmanager
def city(people: int, seed: int, wanderers: int) -> Iterator[City]:
    books = PeopledBackend()
    with served(Wire(books).app()) as url:
        yield City(url, books)
