"""Run: so many collections cut, one a boot, settled, and the books held against the notes."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final, Protocol

from rich.console import Console
from rich.progress import track

from cardio.sim import Persona
from kiosk.client import Backend
from kiosk.drill.deck import Deck
from kiosk.drill.faults import WAYS, Fate
from kiosk.drill.report import Report, ending
from kiosk.drill.scene import FORGOTTEN_CARD, FORGOTTEN_CASH, MISHAPS, Machine, Place, act, survives
from kiosk.slot import DemoCard

MEMORY: Final = Path("/dev/shm")  # noqa: S108 - power losses are played here, not suffered; no disk needs to wait
SCENES: Final = ("", *MISHAPS, FORGOTTEN_CARD, FORGOTTEN_CASH)
OTHER_SCENE: Final = (1, 4)  # of the cuts happen while something else goes wrong too
RECOVERY_CUT: Final = (1, 3)  # of the restarts are cut again
MOST_A_BOOT: Final = 5  # people served by one boot before the next cut, the last of them included


def crews(faults: int, seed: int) -> list[int]:
    """How many people come to each boot that is cut."""
    rng = Random(f"crews {seed}")  # noqa: S311 - a demonstration
    return [rng.randint(1, MOST_A_BOOT) for _ in range(faults)]


def people(faults: int, seed: int) -> int:
    """How many people with a payment due a drill needs."""
    return len(SCENES) + sum(crews(faults, seed))


@dataclass(frozen=True)
class Retiree:
    persona: Persona
    amount_fen: int

    @classmethod
    def of(cls, told: Retiree | Told) -> Retiree:
        """Also from a city that knows nothing of cards but their contents."""
        if isinstance(told, Retiree):
            return told
        return cls(Persona.from_json(told.persona), told.amount_fen)


class Told(Protocol):
    """A person with a payment due, the card's contents as data."""

    persona: Mapping[str, Any]
    amount_fen: int


class Books(Protocol):
    """The office's own accounts, as an auditor may ask them."""

    def retiree(self, n: int) -> Retiree | Told:
        """The n-th person, with exactly one payment due."""
        ...

    def owed_fen(self) -> int:
        """Everything payable that has not been paid."""
        ...

    def paid_in_cash_fen(self) -> int:
        """Everything the ledger says went out of this kiosk's cassettes."""
        ...

    def in_suspense(self) -> Sequence[str]:
        """Orders authorised or in doubt."""
        ...

    def time_passes(self) -> None:
        """A quarter of an hour goes by, and what the backend does about it."""
        ...

    def count_cash(self, order: str, *, handed_out: bool) -> None:
        """Two persons counted the stopped kiosk."""
        ...

    def differences(self) -> Sequence[str]:
        """What the ledger finds wrong with itself."""
        ...


class City(Protocol):
    """What a drill is held in: the address of a backend, a kiosk enrolled there, its books."""

    url: str
    kiosk: str
    key: str
    dispenser: str
    dispenser_key: bytes
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


@dataclass
class _Drill:
    place: Place
    backend: Backend
    books: Books
    rng: Random
    report: Report
    person: int = 0  # how many have come so far

    def look(self) -> None:
        """One undisturbed collection for every mishap, to see every point there is."""
        self.passed: dict[str, Passed] = {}
        for scene in SCENES:
            (person,) = self._come(1)
            card, fate = DemoCard(person.persona), Fate()
            machine = Machine(self.place, self.backend, [card], fate)
            machine.teller.start()
            boot, fate.points = fate.points, []
            machine.befall(scene)
            act(machine, scene)
            machine.idle()
            machine.off()
            self.passed[scene] = Passed(boot, fate.points)
            self._settle([card])
        met = {point for passed in self.passed.values() for point in passed.boot + passed.service}
        cuts = [Cut(kind, point, way) for kind, point in sorted(met) for way in WAYS[kind]]
        cuts += [Cut("person or device", scene, "mishap") for scene in SCENES if scene]
        self.deck = Deck(cuts, self.rng)
        self.report.declared = tuple(cut.told for cut in cuts)

    def _come(self, n: int) -> list[Retiree]:
        came = [Retiree.of(self.books.retiree(self.person + at)) for at in range(n)]
        self.person += n
        return came

    def one(self, size: int) -> None:
        """So many people before one machine; one's collection is cut and settled, then they come again."""
        crew = self._come(size)
        cards = [DemoCard(one.persona) for one in crew]
        before = self._accounts()
        cut, scene = self._drawn()
        served, hit, ended = self._cut(crew, cards, cut, scene)
        self.deck.note(cut, hit=hit)
        self.report.end(ended, self._told(cut, scene, hit))
        self._check(crew, cards, served, before)

    def _drawn(self) -> tuple[Cut, str]:
        """A cut, and the scene it happens in: mostly an undisturbed one, if that passes the point."""
        cut = self.deck.draw()
        if cut.way == "mishap":
            return cut, cut.point
        point = cut.kind, cut.point
        able = [scene for scene, passed in self.passed.items() if point in passed.boot + passed.service]
        other = self.rng.randrange(OTHER_SCENE[1]) < OTHER_SCENE[0]
        return cut, self.rng.choice(able) if other else able[0]

    @staticmethod
    def _told(cut: Cut, scene: str, hit: bool) -> list[tuple[str, str]]:
        mishap = [Cut("person or device", scene, "mishap").told] if scene else []
        return mishap + ([cut.told] if hit and cut.way != "mishap" else [])

    def _cut(
        self, crew: list[Retiree], cards: list[DemoCard], cut: Cut, scene: str
    ) -> tuple[set[int], bool, str]:
        """(who has been served by now, whether the cut came about, how it ended)."""
        fate, victim = Fate(rng=self.rng), len(cards) - 1
        machine = Machine(self.place, self.backend, cards, fate)
        passed, point = self.passed[scene], (cut.kind, cut.point)
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
            self._arm(fate, cut, passed.service)
            machine.befall(scene)
        on = (
            on and survives(machine, partial(act, machine, scene, victim)) and survives(machine, machine.idle)
        )
        self.place.blind = fate.blinds
        if not on and self.rng.randrange(2):
            self.place.somebody_takes()
        machine.network.arrive()
        if on:
            machine.idle()
            machine.off()
        hit = fate.hit is not None or cut.way == "mishap"
        taken_fen = self.place.handed_fen() - before.handed_fen
        counted = self._settle(cards)
        booked_fen = self.books.paid_in_cash_fen() - before.paid_fen
        if booked_fen != taken_fen:
            self.report.wrong.append(f"{self.person}: {booked_fen} booked, {taken_fen} taken")
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
            self.report.wrong.append(f"{self.person}: {before} became {now}, {person.amount_fen} due")

    def _settle(self, cards: list[DemoCard]) -> bool:
        """Restart, perhaps cut again meanwhile; then time, then the count. Whether counting was needed."""
        if self.rng.randrange(2):  # the kiosk stays dark for a while
            self.books.time_passes()
        if self.rng.randrange(RECOVERY_CUT[1]) < RECOVERY_CUT[0]:
            kind = self.rng.choice(sorted(WAYS))
            again = Machine(self.place, self.backend, cards, Fate(kind, self.rng.randrange(4) + 1, self.rng))
            if survives(again, again.teller.start):
                survives(again, again.idle)
            again.off()
        machine = Machine(self.place, self.backend, cards, Fate())
        machine.teller.start()
        machine.idle()
        self.books.time_passes()
        doubtful = list(self.books.in_suspense())
        for order in doubtful:
            self.books.count_cash(order, handed_out=order in self.place.handed())
        machine.idle()
        machine.off()
        return bool(doubtful)

    def _check(self, crew: list[Retiree], cards: list[DemoCard], served: set[int], before: _Accounts) -> None:
        """Everybody comes (again), in one boot; the second time there is nothing left to collect."""
        machine = Machine(self.place, self.backend, cards, Fate())
        machine.teller.start()
        machine.idle()
        victim = len(cards) - 1
        for at in (*range(victim), victim, victim):
            if at not in served:
                act(machine, who=at)
        machine.idle()
        machine.off()
        now, due_fen = self._accounts(), sum(one.amount_fen for one in crew)
        handed_fen, booked_fen = now.handed_fen - before.handed_fen, now.paid_fen - before.paid_fen
        if handed_fen > due_fen:
            self.report.twice.append(self.person)
        if booked_fen > handed_fen or handed_fen < due_fen:
            self.report.lost.append(self.person)
        if booked_fen != handed_fen or self.books.in_suspense():
            self.report.wrong.append(f"{self.person}: {booked_fen} booked, {handed_fen} handed out")
        if now.owed_fen != before.owed_fen - booked_fen:
            self.report.wrong.append(f"{self.person}: payable does not fall by what was paid")
        self.report.collections += len(crew)
        self.report.paid_fen += booked_fen
        self.report.handed_fen += handed_fen

    def _accounts(self) -> _Accounts:
        return _Accounts(self.books.owed_fen(), self.books.paid_in_cash_fen(), self.place.handed_fen())


@dataclass(frozen=True)
class _Accounts:
    owed_fen: int
    paid_fen: int  # by the ledger
    handed_fen: int  # by the notes


def collect(
    faults: int,
    seed: int,
    backend: Backend,
    books: Books,
    *,
    kiosk: str,
    dispenser: str,
    dispenser_key: bytes,
    home: Path | None = None,
    console: Console | None = None,
) -> Report:
    """Run the drill; the same seed cuts at the same points."""
    folder = home or Path(tempfile.mkdtemp(prefix="renshe-drill-", dir=MEMORY if MEMORY.is_dir() else None))
    report = Report(faults, seed)
    drill = _Drill(Place(folder, kiosk, dispenser, dispenser_key), backend, books, Random(seed), report)  # noqa: S311
    sizes = crews(faults, seed)
    try:
        drill.look()
        for size in track(sizes, "演练", console=console, transient=True) if console else sizes:
            drill.one(size)
        report.wrong += books.differences()
    finally:
        if home is None:
            shutil.rmtree(folder, ignore_errors=True)
    return report
