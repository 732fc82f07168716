"""Slot: where a card is put in — the tray of demo cards, a real reader, or whichever has a card."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from threading import Lock

from cardio.link import Answer, CardPulled, Link
from cardio.pcsc import NoCard, NoReader, PcscLink, TwoCards, named
from cardio.sim import Persona, SimCard
from cardio.tlv import Malformed
from cardio.watch import Watcher
from kiosk.case import Slot
from kiosk.devices.port import DeviceHealth


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
        self.plugged = True  # the cable of the reader; a card stays in it
        self._numbers = count(1)
        self._insertion: int | None = None
        self._lock = Lock()

    def insert(self, card: int) -> None:
        with self._lock:
            if self.inside is None and 0 <= card < len(self.cards):
                self.inside = card
                if self.plugged:
                    self.cards[card].card.insert()
                    self._insertion = next(self._numbers)
                self.version += 1

    def pull(self) -> None:
        with self._lock:
            if self.inside is not None:
                self.cards[self.inside].card.pull()
            self.inside = self._insertion = None
            self.version += 1

    def plug(self, *, plugged: bool) -> None:
        """The reader's cable comes off or is put on again: a card that is in is then seen as a new one."""
        with self._lock:
            if plugged is not self.plugged:
                self.plugged = plugged
                if self.inside is not None:
                    self.cards[self.inside].card.pull()
                    if plugged:
                        self.cards[self.inside].card.insert()
                self._insertion = next(self._numbers) if plugged and self.inside is not None else None
                self.version += 1

    def insertion(self) -> int | None:
        return self._insertion

    def health(self) -> DeviceHealth:
        if not self.plugged:
            return DeviceHealth("away", NoReader.__name__, {})
        return DeviceHealth("ok", "TRAY", {"cards": len(self.cards)})

    def link(self) -> Link:
        with self._lock:
            if not self.plugged:
                raise NoReader
            if self.inside is None or self._insertion is None:
                raise NoCard
            return _Inside(self, self.cards[self.inside].card, self._insertion)


class ReaderSlot:
    """A real reader, by PC/SC: the one this pattern names, and never the one that holds the security module."""

    def __init__(self, reader: str = "", module: str = "") -> None:
        self._watcher = Watcher(
            minded=lambda name: named(name, reader) and not (module and named(name, module))
        )
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
        """To the card that has been in longest; where another is beside it, nobody knows whose turn it is."""
        cards = self._watcher.cards()
        if not cards:
            raise self._watcher.trouble or NoCard()
        if len(cards) > 1:
            raise TwoCards(", ".join(event.reader for event in cards))
        return PcscLink(cards[0].reader)

    def health(self) -> DeviceHealth:
        trouble, readers = self._watcher.trouble, self._watcher.readers
        if trouble is not None:
            return DeviceHealth("away", trouble.code, {"readers": 0})
        facts: dict[str, str | int] = {"readers": len(readers), "reader": ", ".join(readers)}
        if len(self._watcher.cards()) > 1:
            return DeviceHealth("warns", TwoCards.__name__, facts)
        return DeviceHealth("ok", "PCSC", facts)


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

    def health(self) -> DeviceHealth:
        """Where the reader is away the tray still takes cards."""
        real, beside = self.reader.health(), self.tray.health()
        if real.state == "away" and beside.state == "ok":
            return DeviceHealth("warns", real.code, real.facts)
        return beside if beside.state == "away" else real
