"""Watching the readers: a monitor of our own that outlives every failure of the card service.

pyscard's monitor thread dies with pcscd and never comes back. This one opens a new context after any failure;
in between every card counts as removed, since nobody can say it was not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from threading import Event, Lock, Thread
from typing import Any, Final, Literal

from cardio.link import CardFault
from cardio.pcsc import NoReader, PcscMissing, ReaderFault, api, checked, list_readers, open_context

LOOK_MS: Final = 300  # how soon a new reader is seen; a card is seen at once
PAUSE_S: Final = 0.5
TIMEOUT: Final = 0x8010000A
UNKNOWN_READER: Final = 0x80100009


@dataclass(frozen=True)
class CardEvent:
    """A card went in or out. `insertion` numbers the stay; the same card put in again has another."""

    kind: Literal["inserted", "removed"]
    reader: str
    insertion: int
    mute: bool = False


class Eyes:
    """What is known of the readers. PC/SC counts their events, so a quick swap is seen as out and in."""

    def __init__(self, minded: Callable[[str], bool] = lambda reader: True) -> None:
        self.minded = minded  # the others are somebody else's: the security module's, for one
        self.readers: tuple[str, ...] = ()
        self.trouble: CardFault | None = NoReader()  # why no card can be seen at all
        self._numbers = count(1)
        self._known: dict[str, int] = {}  # reader → state as last told
        self._stays: dict[str, int] = {}  # reader → insertion

    def found(self, names: tuple[str, ...]) -> Iterator[CardEvent]:
        """These readers are there; a card in any other is gone with it."""
        self.readers = tuple(filter(self.minded, names))
        self.trouble = None if self.readers else NoReader(", ".join(names))
        yield from self.all_gone(but=self.readers)

    def blind(self, why: Exception) -> Iterator[CardEvent]:
        """Nothing is known any more."""
        self.readers = ()
        self.trouble = why if isinstance(why, CardFault) else ReaderFault(type(why).__name__)
        yield from self.all_gone()

    def questions(self) -> list[tuple[str, int]]:
        return [(name, self._known.get(name, 0)) for name in self.readers]

    def seen(self, reader: str, state: int) -> Iterator[CardEvent]:
        pcsc = api()
        present = bool(state & pcsc.SCARD_STATE_PRESENT)
        before, self._known[reader] = self._known.get(reader, 0), state & ~pcsc.SCARD_STATE_CHANGED
        swapped = reader in self._stays and before >> 16 != state >> 16
        if not present or swapped:
            yield from self.gone(reader)
        if present and reader not in self._stays:
            self._stays[reader] = next(self._numbers)
            yield CardEvent("inserted", reader, self._stays[reader], mute=bool(state & pcsc.SCARD_STATE_MUTE))

    def gone(self, reader: str) -> Iterator[CardEvent]:
        if reader in self._stays:
            yield CardEvent("removed", reader, self._stays.pop(reader))

    def all_gone(self, but: tuple[str, ...] = ()) -> Iterator[CardEvent]:
        for reader in self._known.keys() - set(but):
            del self._known[reader]
            yield from self.gone(reader)


def events(stop: Event, eyes: Eyes | None = None) -> Iterator[CardEvent]:
    """Cards going in and out of every reader minded, until `stop`. A card that is already in is inserted first."""
    eyes = eyes or Eyes()
    while not stop.is_set():
        try:
            yield from _look(eyes, stop)
        except PcscMissing:
            raise
        except Exception as why:  # noqa: BLE001 - whatever it was: a kiosk that sees no card any more serves nobody
            yield from eyes.blind(why)
            stop.wait(PAUSE_S)
    yield from eyes.all_gone()


def _look(eyes: Eyes, stop: Event) -> Iterator[CardEvent]:
    """With one context, until it fails."""
    context = open_context()
    try:
        while not stop.is_set():
            yield from eyes.found(list_readers(context))
            if not eyes.readers:
                stop.wait(PAUSE_S)
                continue
            for name, state in _changes(context, eyes.questions()):
                yield from eyes.seen(name, state)
    finally:
        api().SCardReleaseContext(context)


def _changes(context: Any, questions: list[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    code, states = api().SCardGetStatusChange(context, LOOK_MS, questions)
    if code & 0xFFFFFFFF in (TIMEOUT, UNKNOWN_READER):
        return
    for name, state, _ in checked("SCardGetStatusChange", code, states):
        if state & api().SCARD_STATE_CHANGED:
            yield name, state


class Watcher:
    """A thread that watches, tells `hear` of every event, and knows which card is in."""

    def __init__(
        self,
        hear: Callable[[CardEvent], None] = lambda event: None,
        minded: Callable[[str], bool] = lambda reader: True,
    ) -> None:
        self._hear = hear
        self._eyes = Eyes(minded)
        self._inside: dict[str, CardEvent] = {}
        self._lock = Lock()
        self._stop = Event()
        self._thread = Thread(target=self._watch, name="card watcher", daemon=True)

    def start(self) -> None:
        api()
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(LOOK_MS / 1000 + PAUSE_S + 1)

    @property
    def readers(self) -> tuple[str, ...]:
        """The readers minded that are connected now."""
        return self._eyes.readers

    @property
    def trouble(self) -> CardFault | None:
        """Why no card can be seen, if that is so."""
        return self._eyes.trouble

    def cards(self) -> tuple[CardEvent, ...]:
        """Every card that is in, the one that has been in longest first."""
        with self._lock:
            return tuple(sorted(self._inside.values(), key=lambda event: event.insertion))

    def inside(self) -> CardEvent | None:
        """The card that has been in a reader longest, if any."""
        return next(iter(self.cards()), None)

    def _watch(self) -> None:
        for event in events(self._stop, self._eyes):
            with self._lock:
                if event.kind == "inserted":
                    self._inside[event.reader] = event
                else:
                    self._inside.pop(event.reader, None)
            self._hear(event)
