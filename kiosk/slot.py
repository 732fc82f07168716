"""Slot: where a card is put in — the tray of demo cards, a real reader, or whichever has a card."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from threading import Lock

from cardio.link import Answer, CardPulled, Link
from cardio.pcsc import NoCard, PcscLink
from cardio.sim import Persona, SimCard
from cardio.tlv import Malformed
from cardio.watch import Watcher
from kiosk.case import Slot


@dataclass
class DemoCard:
    """A card of the tray; the same card keeps its tries and everything else it remembers."""

    persona: Persona
    note: str = ""
    card: SimCard = field(init=False)

    def __post_init__(self) -> None:
        self.card = SimCard(self.persona)


def demo_cards(path: Path) -> list[DemoCard]:
    """The demo cards of a file: a list of personas, each with an optional `note` beside it."""
    if not path.exists():
        return []
    try:
        listed = json.loads(path.read_text("utf-8"))
        return [DemoCard(Persona.from_json(one), note) for one in listed for note in [one.pop("note", "")]]
    except (ValueError, TypeError, AttributeError, RecursionError) as why:
        raise Malformed(f"{path.name} 应该是一个列表，每项一张卡：{why}") from why


class _Inside:
    """A link to the card in the tray's slot: dead from the moment that card is pulled."""

    def __init__(self, tray: TraySlot, card: SimCard, insertion: int) -> None:
        self._tray, self._card, self._insertion = tray, card, insertion

    def _there(self) -> None:
        if self._tray.insertion() != self._insertion:
            raise CardPulled("not in the slot any more")

    def atr(self) -> bytes:
        self._there()
        return self._card.atr()

    def send(self, apdu: bytes) -> Answer:
        self._there()
        answer = self._card.send(apdu)
        self._there()
        return answer

    def close(self) -> None:
        self._card.close()


class TraySlot:
    """Demo cards beside the machine; a click puts one in, a click pulls it out."""

    def __init__(self, cards: Sequence[DemoCard]) -> None:
        self.cards = tuple(cards)
        self.inside: int | None = None
        self.version = 0
        self._numbers = count(1)
        self._insertion: int | None = None
        self._lock = Lock()

    def insert(self, card: int) -> None:
        with self._lock:
            if self.inside is None and 0 <= card < len(self.cards):
                self.cards[card].card.insert()
                self.inside, self._insertion = card, next(self._numbers)
                self.version += 1

    def pull(self) -> None:
        with self._lock:
            if self.inside is not None:
                self.cards[self.inside].card.pull()
            self.inside = self._insertion = None
            self.version += 1

    def insertion(self) -> int | None:
        return self._insertion

    def link(self) -> Link:
        with self._lock:
            if self.inside is None or self._insertion is None:
                raise NoCard
            return _Inside(self, self.cards[self.inside].card, self._insertion)


class ReaderSlot:
    """A real reader, by PC/SC."""

    def __init__(self) -> None:
        self._watcher = Watcher()
        self._started = False

    def start(self) -> None:
        self._watcher.start()
        self._started = True

    def stop(self) -> None:
        if self._started:
            self._watcher.stop()

    def insertion(self) -> int | None:
        event = self._watcher.inside()
        return None if event is None else event.insertion

    def link(self) -> Link:
        event = self._watcher.inside()
        if event is None:
            raise NoCard
        return PcscLink(event.reader)


@dataclass
class EitherSlot:
    """A real reader and the tray; a card in the reader goes first."""

    reader: Slot
    tray: TraySlot

    def _one(self) -> Slot:
        return self.reader if self.reader.insertion() is not None else self.tray

    def insertion(self) -> int | None:
        """The tray's numbers are below zero: a card of the one is never taken for a card of the other."""
        one = self._one()
        number = one.insertion()
        return -number if number is not None and one is self.tray else number

    def link(self) -> Link:
        return self._one().link()
