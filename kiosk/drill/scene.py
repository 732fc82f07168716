"""Scene: one machine on a disk that survives it, and a person who wants their pension."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

from cardio.keys import TerminalKey
from kiosk.case import Kiosk
from kiosk.client import Backend, Caller, Patience
from kiosk.devices.camera import CameraPlan, SimCamera
from kiosk.devices.cassettes import FULL, move, pick, total_fen
from kiosk.devices.dispenser import Memory, SimDispenser, keeping, mechanics
from kiosk.devices.printer import FilePrinter
from kiosk.drill.faults import CutJournal, CutSlot, Fate, FaultyBackend, PowerLoss, cut_plan, watched
from kiosk.flow import Event, State
from kiosk.slot import DemoCard
from kiosk.visit import DOUBTS_S, EFFECTS, LIMITS_S, Teller

FORGOTTEN_CARD: Final = "card forgotten"
FORGOTTEN_CASH: Final = "notes forgotten"
AGAIN: Final = "comes again"  # of whom the last collection is closed on the card
UNHEARD: Final = "comes again, the card unheard"  # it was pulled just after it had agreed
STUCK: Final = "piece stuck on retract"
TAKES_SOME: Final = "takes some notes and leaves"
MISHAPS: Final = ("jam", "short count", "shutter closed", "shutter stuck", STUCK, TAKES_SOME)
LEFT_LYING: Final = 2  # notes by whoever takes only some


@dataclass
class HandClock:
    """A clock that moves when it is told."""

    at_s: float = 1000.0

    def __call__(self) -> float:
        return self.at_s

    def forward(self, seconds: float) -> None:
        self.at_s += seconds


@dataclass
class Place:
    """Where a kiosk stands: its number, its disk, its dispenser. Survives every power loss."""

    home: Path
    kiosk: str
    dispenser: str
    dispenser_key: bytes
    clock: HandClock = field(default_factory=HandClock)
    blind: bool = False  # at the next power-up the dispenser's sensors cannot tell
    terminal: TerminalKey | None = None
    loaded_fen: int = 0  # all that staff ever put in, less what they took out of the bins

    @property
    def memory_path(self) -> Path:
        return self.home / "dispenser.json"

    def handed(self) -> dict[str, int]:
        """What people really took of late: order → fen."""
        return Memory.read(self.memory_path).handed

    def handed_fen(self) -> int:
        """Everything people ever took."""
        return total_fen(Memory.read(self.memory_path).customers)

    def notes(self) -> Notes:
        return notes(Memory.read(self.memory_path), self.loaded_fen)

    def somebody_takes(self, left: int = 0) -> None:
        take_in_the_dark(self.memory_path, left)

    def give_rest(self, orders: Iterable[str]) -> None:
        give_rest(self.memory_path, orders)


@dataclass(frozen=True)
class Notes:
    """Where every fen is that was ever put into a kiosk."""

    loaded_fen: int
    cassettes_fen: int
    bins_fen: Mapping[str, int]  # rejected, retracted, caught, and what still lies in stacker or shutter
    taken_fen: int

    @property
    def inside_fen(self) -> int:
        return self.cassettes_fen + sum(self.bins_fen.values())

    @property
    def add_up(self) -> bool:
        return self.loaded_fen == self.inside_fen + self.taken_fen


BINS: Final = ("stacker", "shutter", "rejected", "retracted", "caught")


def notes(memory: Memory, loaded_fen: int) -> Notes:
    bins = {name: total_fen(getattr(memory, name)) for name in BINS}
    return Notes(loaded_fen, total_fen(memory.cassettes), bins, total_fen(memory.customers))


def take_in_the_dark(path: Path, left: int = 0) -> None:
    """Whatever lies within reach of a dead machine is taken, or all but so many notes."""
    memory = Memory.read(path)
    pieces = mechanics.without_last(memory.shutter, left)
    if pieces:
        move(memory.shutter, memory.customers, pieces)
        memory.handed[memory.in_hand] = memory.handed.get(memory.in_hand, 0) + total_fen(pieces)
        memory.write(path)


def rest_fen(memory: Memory, order: str) -> int:
    """What is still theirs of an order of which they took some notes and not all."""
    taken_fen = memory.handed.get(order, 0)
    _, presented_fen = memory.told.get(order, ("unknown", 0))
    return max(0, presented_fen - taken_fen) if taken_fen else 0


def give_rest(path: Path, orders: Iterable[str]) -> None:
    """Two persons who counted give the rest to whoever took a part: the whole amount is booked as handed out."""
    memory = Memory.read(path)
    for order in orders:
        amount_fen, there = rest_fen(memory, order), Counter(memory.cassettes)
        for name in keeping.BINS:
            there.update(getattr(memory, name))
        if (pieces := pick(amount_fen, there)) is None:
            raise RuntimeError(f"{amount_fen} fen cannot be made of what lies inside")
        if pieces:
            keeping.take_out(memory, pieces)
            memory.customers = dict(Counter(memory.customers) + Counter(pieces))
            memory.handed[order] += amount_fen
    memory.write(path)


class Machine:
    """A kiosk at a place, some people with their cards before it; dropped without a word when the power goes."""

    def __init__(self, place: Place, backend: Backend, cards: Sequence[DemoCard], fate: Fate) -> None:
        self.place = place
        self.network = FaultyBackend(backend, fate)
        self.slot = CutSlot(cards, fate)
        self.dispenser = SimDispenser(
            place.memory_path, place.dispenser, place.dispenser_key, cut_plan(fate, sees=not place.blind)
        )
        place.blind = False
        self._fill()
        self.journal = CutJournal(place.home / "journal.log", fate)
        patience = Patience(3.0, (1.0,), place.clock, place.clock.forward)
        kiosk = Kiosk(
            id=place.kiosk,
            slot=self.slot,
            caller=Caller(cast(Backend, self.network), patience),
            dispenser=self.dispenser,
            printer=FilePrinter(place.home / "receipts"),
            journal=self.journal,
            terminal=place.terminal,
            camera=SimCamera(plan=CameraPlan(covered=True)),  # so that both ways to go on are met
        )
        fate.gesture = self.touched
        fate.coverage.state = State.BOOTING
        self.teller = Teller(kiosk, place.clock, watched(EFFECTS, fate), fate.coverage.step)

    def _fill(self) -> None:
        """Staff fill the cassettes and empty the bins; both are written down."""
        before = notes(self.dispenser.memory, 0)
        self.dispenser.load(FULL)
        if not self.place.loaded_fen:  # what it came with
            self.place.loaded_fen = before.inside_fen + before.taken_fen
        self.place.loaded_fen += notes(self.dispenser.memory, 0).inside_fen - before.inside_fen

    def touched(self, event: Event) -> None:
        """Somebody does this while the machine is at work."""
        if event is Event.CARD_OUT:
            self.slot.pull()
        self.teller.handle(event)

    def off(self) -> None:
        self.journal.close()

    def befall(self, mishap: str) -> None:
        """What goes wrong with the notes from here on."""
        plan = self.dispenser.plan
        plan.jam = mishap == "jam"
        plan.short_pieces = 2 if mishap == "short count" else 0
        if mishap.startswith("shutter"):
            plan.shutter = "closed" if mishap == "shutter closed" else "unsure"
        plan.retract_short = mishap == STUCK
        plan.left_lying = LEFT_LYING if mishap == TAKES_SOME else 0

    def idle(self) -> None:
        """Nobody there for a while: the outbox goes out, doubts are asked after."""
        self.slot.pull()
        self.teller.press(Event.LEAVE)
        for _ in range(2):
            self.place.clock.forward(DOUBTS_S + 1)
            self.teller.tick()


def act(machine: Machine, mishap: str = "", who: int = 0) -> None:
    """A person comes, collects in cash and goes; where the machine says no, they leave."""
    teller, slot, clock = machine.teller, machine.slot, machine.place.clock
    slot.insert(who)
    teller.tick()
    for digit in slot.cards[who].persona.pin:
        teller.type_digit(digit)
    for event in (Event.PIN_TYPED, Event.COLLECT, Event.CHOSEN, Event.CASH):
        teller.press(event)  # with one payment due there is nothing to choose, and that press does nothing
    if mishap == FORGOTTEN_CARD and teller.state is State.STACKED:
        clock.forward(LIMITS_S[State.STACKED] + 1)
        teller.tick()
    slot.pull()
    teller.tick()
    forgets = mishap in (FORGOTTEN_CASH, STUCK) and teller.state is State.PRESENTING
    if not forgets and machine.dispenser.hand():
        teller.tick()
    if (forgets or mishap == TAKES_SOME) and teller.state is State.PRESENTING:
        clock.forward(LIMITS_S[State.PRESENTING] + 1)
        teller.tick()
    teller.press(Event.LEAVE)
    teller.tick()


def survives(machine: Machine, work: Callable[[], None]) -> bool:
    """Whether the machine is still on when this is done."""
    try:
        work()
    except PowerLoss:
        machine.off()
        return False
    return True
