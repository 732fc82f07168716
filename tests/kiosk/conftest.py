"""Fixtures: a kiosk at its place, an office with its books, and somebody with a card."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.drill.faults import Fate
from kiosk.drill.scene import Machine, Place
from kiosk.slot import DemoCard
from tests.kiosk.people import persona
from tests.kiosk.reference_backend import ReferenceBackend, dispenser_key

KIOSK = "00000001"


class Office:
    """One place, one office's books, one card; machines are switched on and off."""

    def __init__(self, home: Path) -> None:
        self.place = Place(home, KIOSK, "D-1", dispenser_key("D-1"))
        self.books = ReferenceBackend()
        self.card = DemoCard(persona())
        self.machine: Machine | None = None

    def switch_on(self, fate: Fate | None = None, mishap: str = "", card: DemoCard | None = None) -> Machine:
        """A machine that has power and does nothing yet."""
        self.off()
        self.machine = Machine(self.place, self.books.at(KIOSK), [card or self.card], fate or Fate())
        self.machine.befall(mishap)
        return self.machine

    def on(self, fate: Fate | None = None, mishap: str = "", card: DemoCard | None = None) -> Machine:
        """A machine that serves."""
        machine = self.switch_on(fate, mishap, card)
        machine.teller.start()
        return machine

    def off(self) -> None:
        if self.machine is not None:
            self.machine.off()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    yield office
    office.off()


@pytest.fixture
def books() -> ReferenceBackend:
    return ReferenceBackend()
