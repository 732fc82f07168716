"""Run: so many collections cut, one a boot, settled, and the books held against the notes."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Final, Protocol

from cardio.keys import TerminalKey
from cardio.tape import NAMES
from kiosk.client import Backend
from kiosk.drill.coverage import DEFINED, IGNORED
from kiosk.drill.crowd import MORE_WALKS, Books, Queue, Retiree, crews
from kiosk.drill.deck import Deck
from kiosk.drill.faults import WAYS, Fate, ways
from kiosk.drill.report import Report, ending
from kiosk.drill.scene import (
    AGAIN,
    FORGOTTEN_CARD,
    FORGOTTEN_CASH,
    LEFT_LYING,
    MISHAPS,
    UNHEARD,
    Machine,
    Place,
    act,
    survives,
)
from kiosk.drill.walk import Wanderer, Whims
from kiosk.flow import Event
from kiosk.slot import DemoCard

MEMORY: Final = Path("/dev/shm")  # noqa: S108 - power losses are played here, not suffered; no disk needs to wait
SCENES: Final = ("", *MISHAPS, FORGOTTEN_CARD, FORGOTTEN_CASH, AGAIN, UNHEARD)
AGREES: Final = (
    NAMES[0x52],
    NAMES[0x88],
)  # the card's last word before money is handed out, of either profile
OTHER_SCENE: Final = (1, 4)  # of the cuts happen while something else goes wrong too
RECOVERY_CUT: Final = (1, 3)  # of the restarts are cut again
BOOTS_A_WALK: Final = 3
COMES_AGAIN: Final = 4  # a wanderer, until nothing is due any more


class Answers(Protocol):
    """(status, body) of an item, as over HTTP."""

    def __call__(self, code: str, body: bytes, request_id: str) -> tuple[int, bytes]: ...


class City(Protocol):
    """What a drill is held in: the address of a backend, a kiosk enrolled there, its books."""

    url: str
    kiosk: str
    key: str
    dispenser: str
    dispenser_key: bytes
    answers: Answers | None  # without a network, where the city can be asked so
    terminal_key: bytes  # by which terminals read the cards that show their holder to terminals only
    books: Books


@dataclass(frozen=True)
class Cut:
    """One declared cut: where a collection is cut and how. Without a kind: a mishap and nothing else."""

    kind: str
    point: str
    way: str

    @property
    def told(self) -> tuple[str, str]:
        return f"{self.kind}: {self.point}", self.way


@dataclass(frozen=True)
class Passed:
    """The points one undisturbed boot passes: while it is switched on, and while it serves one person."""

    boot: list[tuple[str, str]]
    service: list[tuple[str, str]]

    def __contains__(self, point: tuple[str, str]) -> bool:
        return point in self.boot or point in self.service


@dataclass
class _Drill:
    place: Place
    backend: Backend
    books: Books
    rng: Random
    report: Report

    def __post_init__(self) -> None:
        self.coverage = self.report.coverage
        self.queue = Queue(self.books)
        self.wanderer = Wanderer(self.coverage, self.rng)
        self.whims = Whims(rng=self.rng)

    def _machine(self, cards: list[DemoCard], fate: Fate | None = None) -> Machine:
        fate = fate or Fate()
        fate.coverage = self.coverage
        return Machine(self.place, self.backend, cards, fate)

    def look(self) -> None:
        """One undisturbed collection for every mishap and kind of card, to see every point there is."""
        self.passed: dict[tuple[str, int], Passed] = {}
        for scene in SCENES:
            for kind in range(self.books.kinds):
                card, fate = DemoCard(self.queue.next(kind).persona), Fate()
                machine = self._machine([card], fate)
                machine.teller.start()
                boot, fate.points = fate.points, []
                self._came_before(machine, fate, scene, kind)
                machine.befall(scene)
                act(machine, scene)
                machine.idle()
                machine.off()
                self.passed[scene, kind] = Passed(boot, fate.points)
                self._settle([card])
        met = {point for passed in self.passed.values() for point in passed.boot + passed.service}
        cuts = [
            Cut(kind, point, way) for kind, point in sorted(met) for way in ways(kind, point, self.coverage)
        ]
        cuts += [Cut("person or device", scene, "mishap") for scene in SCENES if scene]
        self.deck = Deck(cuts, self.rng)
        self.report.declared = tuple(cut.told for cut in cuts)

    def _came_before(self, machine: Machine, fate: Fate, scene: str, kind: int, who: int = 0) -> None:
        """The visit before this one, where the scene has one."""
        if scene not in (AGAIN, UNHEARD):
            return
        if scene == UNHEARD:
            asked = [point for what, point in self.passed["", kind].service if what == "card"]
            agrees = max(at for at, point in enumerate(asked, 1) if point.endswith(AGREES))
            fate.arm("card", agrees, "pulled after the command")
        act(machine, who=who)
        machine.idle()
        fate.spare()

    # ---- a boot that is cut ----

    def one(self, size: int) -> None:
        """So many people before one machine; one's collection is cut and settled, then they come again."""
        if not size:
            self.walk()
            return
        cut, scene, kinds = self._drawn()
        kind = self.queue.rarest(kinds)
        crew = [self.queue.next(self.queue.rarest()) for _ in range(size - 1)] + [self.queue.next(kind)]
        cards = [DemoCard(one.persona) for one in crew]
        before = self._accounts()
        served, hit, ended = self._cut(crew, cards, cut, scene, kind)
        self.deck.note(cut, hit=hit)
        self.report.end(ended, self._told(cut, scene, hit))
        self._check(crew, cards, served, before)

    def _drawn(self) -> tuple[Cut, str, list[int]]:
        """A cut, the scene it happens in (mostly an undisturbed one, if that passes the point), the kinds of card."""
        cut = self.deck.draw()
        kinds = list(range(self.books.kinds))
        if cut.way == "mishap":
            return cut, cut.point, kinds
        able = [at for at, passed in self.passed.items() if (cut.kind, cut.point) in passed]
        scenes = list(dict.fromkeys(scene for scene, _ in able))
        other = self.rng.randrange(OTHER_SCENE[1]) < OTHER_SCENE[0]
        scene = self.rng.choice(scenes) if other else scenes[0]
        return cut, scene, [kind for at, kind in able if at == scene]

    @staticmethod
    def _told(cut: Cut, scene: str, hit: bool) -> list[tuple[str, str]]:
        mishap = [Cut("person or device", scene, "mishap").told] if scene else []
        return mishap + ([cut.told] if hit and cut.way != "mishap" else [])

    def _cut(
        self, crew: list[Retiree], cards: list[DemoCard], cut: Cut, scene: str, kind: int
    ) -> tuple[set[int], bool, str]:
        """(who has been served by now, whether the cut came about, how it ended)."""
        fate, victim = Fate(rng=self.rng), len(cards) - 1
        machine, point, passed = self._machine(cards, fate), (cut.kind, cut.point), self.passed[scene, kind]
        boot = point in passed.boot and (point not in passed.service or not self.rng.randrange(3))
        if boot:
            self._arm(fate, cut, passed.boot)
        on = survives(machine, machine.teller.start)
        served = set()
        for at in range(victim if on else 0):
            self._serve(machine, at, crew[at])
            served.add(at)
        before = self._accounts()
        if on and not boot:
            self._came_before(machine, fate, scene, kind, victim)
            self._arm(fate, cut, passed.service)
            machine.befall(scene)
        on = (
            on and survives(machine, partial(act, machine, scene, victim)) and survives(machine, machine.idle)
        )
        self.place.blind = fate.blinds
        if not on and self.rng.randrange(2):
            self.place.somebody_takes(self.rng.choice((0, LEFT_LYING)))
        machine.network.arrive()
        if on:
            machine.idle()
            machine.off()
        hit = fate.hit is not None or cut.way == "mishap"
        counted = self._settle(cards)
        taken_fen = self.place.handed_fen() - before.handed_fen
        booked_fen = self.books.paid_in_cash_fen() - before.paid_fen
        if booked_fen != taken_fen:
            self._wrong(f"{cut.told}: {booked_fen} booked, {taken_fen} taken")
        return served, hit, ending(booked_fen, counted=counted)

    def _arm(self, fate: Fate, cut: Cut, points: list[tuple[str, str]]) -> None:
        """At one of the times that this point is passed."""
        same = [point for kind, point in points if kind == cut.kind]
        times = [n for n, point in enumerate(same, 1) if point == cut.point]
        if times:
            fate.arm(cut.kind, self.rng.choice(times), cut.way)

    def _serve(self, machine: Machine, at: int, person: Retiree) -> None:
        """One collection that nothing cuts: paid and booked to the fen."""
        before = self._accounts()
        act(machine, who=at)
        now = self._accounts()
        if (now.handed_fen - before.handed_fen, now.paid_fen - before.paid_fen) != (person.amount_fen,) * 2:
            self._wrong(f"{before} became {now}, {person.amount_fen} due")

    def _settle(self, cards: list[DemoCard]) -> bool:
        """Restart, perhaps cut again meanwhile; then time, then the count. Whether counting was needed."""
        if self.rng.randrange(2):  # the kiosk stays dark for a while
            self.books.time_passes()
        if self.rng.randrange(RECOVERY_CUT[1]) < RECOVERY_CUT[0]:
            kind = self.rng.choice(sorted(WAYS))
            again = self._machine(cards, Fate(kind, self.rng.randrange(4) + 1, self.rng))
            if survives(again, again.teller.start):
                survives(again, again.idle)
            again.off()
        machine = self._machine(cards)
        machine.teller.start()
        machine.idle()
        self.books.time_passes()
        doubtful = list(self.books.in_suspense())
        for order in doubtful:
            self.books.count_cash(order, handed_out=order in self.place.handed())
        machine.idle()
        machine.off()
        self.place.give_rest(doubtful)
        return bool(doubtful)

    def _check(self, crew: list[Retiree], cards: list[DemoCard], served: set[int], before: _Accounts) -> None:
        """Everybody comes (again), in one boot; the second time there is nothing left to collect."""
        machine = self._machine(cards)
        machine.teller.start()
        machine.idle()
        victim = len(cards) - 1
        for at in (*range(victim), victim, victim):
            if at not in served:
                act(machine, who=at)
        machine.idle()
        machine.off()
        self._judge(sum(one.amount_fen for one in crew), before)
        self.report.collections += len(crew)

    # ---- a walk ----

    def walk(self) -> None:
        """Somebody wanders about in several boots; what was left open is settled, and they have what is theirs."""
        person, before = self.queue.wanderer(), self._accounts()
        card = DemoCard(person.persona)
        self.wanderer.arrives(person.persona.pin)
        for boot in range(BOOTS_A_WALK):
            machine = self._machine([card], self.whims)
            if self._switched_on(machine):
                self.wanderer.go(machine, knows_pin=boot > 0 or bool(self.rng.randrange(4)))
            machine.idle()
            machine.off()
        self._settle([card])
        card.card.set_anew()  # a PIN was forgotten
        self.queue.card_found()
        machine = self._machine([card])
        machine.teller.start()
        for _ in range(COMES_AGAIN):
            act(machine)
        machine.idle()
        machine.off()
        self.report.end(ending(self._accounts().paid_fen - before.paid_fen, counted=False), [])
        self._judge(person.amount_fen, before)
        self.report.walks += 1

    def _switched_on(self, machine: Machine) -> bool:
        """Mostly: a machine may be touched before it is ready, its disk or its dispenser be dead."""
        match self.rng.randrange(8):
            case 0:
                machine.teller.handle(Event.DISK_FAILED)
                return False
            case 1:
                machine.dispenser.plan.dead = True
            case 2:
                self.wanderer.before_power(machine)
        machine.teller.start()
        machine.dispenser.plan.dead = False
        return True

    def walk_on(self) -> None:
        """What a drill that makes every cut has not met of the table is gone after a while longer."""
        for _ in range(MORE_WALKS):
            if self.report.faults < len(self.deck.cuts) or not self.coverage.missing(DEFINED | IGNORED):
                return
            self.wanderer.tried.clear()  # what came to nothing in a crowd of new things may come about now
            self.walk()

    # ---- the end of both ----

    def _judge(self, due_fen: int, before: _Accounts) -> None:
        now = self._accounts()
        handed_fen, booked_fen = now.handed_fen - before.handed_fen, now.paid_fen - before.paid_fen
        banked_fen = now.banked_fen - before.banked_fen
        if handed_fen + banked_fen > due_fen:
            self.report.twice.append(self.queue.all)
        if booked_fen > handed_fen or handed_fen + banked_fen < due_fen:
            self.report.lost.append(self.queue.all)
        if booked_fen != handed_fen or self.books.in_suspense():
            self._wrong(f"{booked_fen} booked, {handed_fen} handed out")
        if now.owed_fen != before.owed_fen - booked_fen:
            self._wrong("payable does not fall by what was paid")

    def _wrong(self, what: str) -> None:
        self.report.wrong.append(f"{self.queue.all}: {what}")

    def _accounts(self) -> _Accounts:
        return _Accounts(*self.books.accounts(), self.place.handed_fen())


@dataclass(frozen=True)
class _Accounts:
    owed_fen: int
    paid_fen: int  # by the ledger
    banked_fen: int  # told to the bank
    handed_fen: int  # by the notes


def nobody_looks() -> None:
    """One more is done."""


def collect(
    faults: int,
    seed: int,
    backend: Backend,
    books: Books,
    *,
    kiosk: str,
    dispenser: str,
    dispenser_key: bytes,
    terminal: TerminalKey | None = None,
    home: Path | None = None,
    done: Callable[[], None] = nobody_looks,
) -> Report:
    """Run the drill; the same seed cuts at the same points. `done` is told of every boot."""
    folder = home or Path(tempfile.mkdtemp(prefix="renshe-drill-", dir=MEMORY if MEMORY.is_dir() else None))
    report = Report(faults, seed)
    place = Place(folder, kiosk, dispenser, dispenser_key, terminal=terminal)
    drill = _Drill(place, backend, books, Random(seed), report)  # noqa: S311 - a demonstration
    try:
        drill.look()
        for size in crews(faults, seed):
            drill.one(size)
            done()
        drill.walk_on()
        report.wrong += books.differences()
        _, report.paid_fen, report.banked_fen = books.accounts()
        report.handed_fen, report.notes = place.handed_fen(), [place.notes()]
    finally:
        if home is None:
            shutil.rmtree(folder, ignore_errors=True)
    return report
