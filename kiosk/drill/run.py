"""Run: so many collections, each cut once, settled, and the books held against the notes."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final, Protocol

from rich.console import Console
from rich.progress import track
from rich.table import Table

from cardio.sim import Persona
from kiosk.client import Backend
from kiosk.drill.faults import Fate
from kiosk.drill.scene import (
    FORGOTTEN_CARD,
    FORGOTTEN_CASH,
    MISHAPS,
    Machine,
    Place,
    act,
    survives,
)
from kiosk.slot import DemoCard

MEMORY: Final = Path("/dev/shm")  # noqa: S108 - power losses are played here, not suffered; no disk needs to wait
PEOPLE: Final = (*MISHAPS, FORGOTTEN_CARD, FORGOTTEN_CASH)
MISHAP_SHARE: Final = (1, 4)  # of the faults: the machine's or the person's own, not a cut
MISHAP_CUT: Final = (1, 3)  # of those are cut as well
RECOVERY_CUT: Final = (1, 3)  # of the restarts are cut again


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


@dataclass
class Report:
    faults: int
    seed: int
    ended: Counter[str] = field(default_factory=Counter)  # how the cut collection ended, once settled
    cuts: Counter[tuple[str, str]] = field(default_factory=Counter)  # where, how
    lost: list[int] = field(default_factory=list)  # people the books call paid who have no notes
    twice: list[int] = field(default_factory=list)  # people with more than they were owed
    wrong: list[str] = field(default_factory=list)  # whatever else does not add up
    paid_fen: int = 0  # by the ledger
    handed_fen: int = 0  # by the notes

    @property
    def good(self) -> bool:
        return not (self.lost or self.twice or self.wrong) and self.paid_fen == self.handed_fen


@dataclass
class _Drill:
    place: Place
    backend: Backend
    books: Books
    rng: Random
    report: Report
    points: dict[str, list[str]] = field(default_factory=dict)  # kind → what an undisturbed collection passes

    def look(self, n: int) -> None:
        """One undisturbed collection, to see every point it passes."""
        card, fate = DemoCard(Retiree.of(self.books.retiree(n)).persona), Fate()
        machine = Machine(self.place, self.backend, card, fate)
        survives(machine, card.persona.pin, "")
        machine.off()
        for kind, point in fate.points:
            self.points.setdefault(kind, []).append(point)

    def one(self, n: int) -> None:
        """One collection, cut; then settled; then the person comes again, and again."""
        person = Retiree.of(self.books.retiree(n))
        owed_fen, paid_fen = self.books.owed_fen(), self.books.paid_in_cash_fen()
        before = self.place.handed_fen()
        card = DemoCard(person.persona)
        self._cut(card)
        taken_fen = self.place.handed_fen() - before
        counted = self._settle(card)
        booked_fen = self.books.paid_in_cash_fen() - paid_fen
        self.report.ended[_ending(booked_fen, counted)] += 1
        if booked_fen != taken_fen:
            self.report.wrong.append(f"{n}: {booked_fen} booked, {taken_fen} taken")
        for _ in range(2):  # the second time there is nothing left to collect
            self._clean(card)
        self._check(n, person, self.place.handed_fen() - before, owed_fen, paid_fen)

    def _cut(self, card: DemoCard) -> None:
        mishap = ""
        fate = Fate(rng=self.rng)
        if self.rng.randrange(MISHAP_SHARE[1]) < MISHAP_SHARE[0]:
            mishap = self.rng.choice(PEOPLE)
            self.report.cuts["person or device", mishap] += 1
        if not mishap or self.rng.randrange(MISHAP_CUT[1]) < MISHAP_CUT[0]:
            fate.kind = self.rng.choice(sorted(self.points))
            fate.at = self.rng.randrange(len(self.points[fate.kind])) + 1
        machine = Machine(self.place, self.backend, card, fate, mishap)
        on = survives(machine, card.persona.pin, mishap)
        if fate.hit:
            self.report.cuts[f"{fate.hit[0]}: {fate.hit[1]}", fate.hit[2]] += 1
        self.place.blind = fate.blinds
        if not on and self.rng.randrange(2):
            self.place.somebody_takes()
        machine.network.arrive()
        if on:
            machine.idle()
            machine.off()

    def _settle(self, card: DemoCard) -> bool:
        """Restart, perhaps cut again meanwhile; then time, then the count. Whether counting was needed."""
        if self.rng.randrange(2):  # the kiosk stays dark for a while
            self.books.time_passes()
        if self.rng.randrange(RECOVERY_CUT[1]) < RECOVERY_CUT[0]:
            kind = self.rng.choice(sorted(self.points))
            again = Machine(self.place, self.backend, card, Fate(kind, self.rng.randrange(4) + 1, self.rng))
            survives(again, "", "")
            again.off()
        machine = Machine(self.place, self.backend, card, Fate())
        machine.teller.start()
        machine.idle()
        self.books.time_passes()
        doubtful = list(self.books.in_suspense())
        for order in doubtful:
            self.books.count_cash(order, handed_out=order in self.place.handed())
        machine.idle()
        machine.off()
        return bool(doubtful)

    def _clean(self, card: DemoCard) -> None:
        machine = Machine(self.place, self.backend, card, Fate())
        machine.teller.start()
        machine.idle()
        act(machine, card.persona.pin)
        machine.idle()
        machine.off()

    def _check(self, n: int, person: Retiree, handed_fen: int, owed_fen: int, paid_fen: int) -> None:
        booked_fen = self.books.paid_in_cash_fen() - paid_fen
        if handed_fen > person.amount_fen:
            self.report.twice.append(n)
        if booked_fen > handed_fen or handed_fen < person.amount_fen:
            self.report.lost.append(n)
        if booked_fen != handed_fen or self.books.in_suspense():
            self.report.wrong.append(f"{n}: {booked_fen} booked, {handed_fen} handed out")
        if self.books.owed_fen() != owed_fen - booked_fen:
            self.report.wrong.append(f"{n}: payable does not fall by what was paid")
        self.report.paid_fen += booked_fen
        self.report.handed_fen += handed_fen


def _ending(booked_fen: int, counted: bool) -> str:
    ending = "paid" if booked_fen else "not paid, free again"
    return f"in doubt, counted: {ending}" if counted else ending


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
    try:
        drill.look(faults)
        turns = range(faults)
        for n in track(turns, "演练", console=console, transient=True) if console else turns:
            drill.one(n)
        report.wrong += books.differences()
    finally:
        if home is None:
            shutil.rmtree(folder, ignore_errors=True)
    return report


def show(report: Report, console: Console) -> None:
    """How each ended, and where they were cut."""
    ended = Table(
        "怎样结束",
        "次数",
        title=f"领取演练：{report.faults} 次故障，种子 {report.seed}",
        title_justify="left",
    )
    for ending, n in report.ended.most_common():
        ended.add_row(ENDINGS[ending], str(n))
    console.print(ended)
    cuts = Table("故障点", "故障", "次数", title="切断的地方", title_justify="left")
    for (where, how), n in sorted(report.cuts.items()):
        cuts.add_row(where, how, str(n))
    console.print(cuts)
    for problem in report.wrong:
        console.print(f"[red]{problem}[/]")
    verdict = "[green]相符[/]" if report.paid_fen == report.handed_fen else "[red]不符[/]"
    console.print(f"账上付出 {report.paid_fen} 分，出钞机交出 {report.handed_fen} 分：{verdict}")
    console.print(f"[bold]丢失 {len(report.lost)}，重复支付 {len(report.twice)}[/]")


ENDINGS: Final = {
    "paid": "已付，账已记",
    "not paid, free again": "没有付，已放回待领",
    "in doubt, counted: paid": "待核实，清点后认定已付",
    "in doubt, counted: not paid, free again": "待核实，清点后放回待领",
}
