"""Faults: every point where a collection can be cut, and wrappers that cut it there."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final, TypeVar

from pydantic import BaseModel

from cardio.link import Answer, CardPulled, Link
from cardio.tape import narrator
from kiosk import flow
from kiosk.case import Kiosk
from kiosk.client import Backend, NoAnswer, Refused
from kiosk.devices.dispenser import Plan
from kiosk.drill.coverage import Coverage
from kiosk.flow import TABLE, Do, Event, State
from kiosk.journal import Journal
from kiosk.reading import Effect
from kiosk.slot import DemoCard, TraySlot

A = TypeVar("A", bound=BaseModel)

# kind of point → the ways it can go wrong there
WAYS: Final[Mapping[str, tuple[str, ...]]] = {
    "card": ("pulled before the command", "pulled after the command"),
    "journal": ("kiosk dies before the record", "record torn", "kiosk dies after the record"),
    "kiosk": ("kiosk dies",),
    "backend": (
        "dies before the commit",
        "dies after the commit",
        "answer repeated",
        "request late",
        "network down",
    ),
    "dispenser": ("power loss", "power loss, sensors blind"),
}
ANSWER, GESTURE = "answer", "gesture"  # their ways follow from the table
# what may honestly stand in for any answer: nothing was done, or nobody knows. Never that something was done
FAILURES: Final = (
    Event.NO_ANSWER,
    Event.REFUSED,
    Event.CARD_BAD,
    Event.CARD_OUT,
    Event.NOT_STACKED,
    Event.NOT_PRESENTED,
    Event.DISPENSER_DEAD,
)
DISK_WAYS: Final = tuple(f"{Event.DISK_FAILED.name} {when}" for when in ("instead", "after"))


def ways(kind: str, point: str, coverage: Coverage) -> tuple[str, ...]:
    """How it can go wrong at a point, by what the table knows there."""
    if kind == GESTURE:
        return tuple(e.name for e in Event if flow.ignored(State[point], e))
    if kind != ANSWER:
        return WAYS[kind]
    state, deed = point.split()
    asks = bool(coverage.answers.get(Do[deed]))
    other = [e for e in FAILURES if asks and (State[state], e) in TABLE]
    return DISK_WAYS + tuple(f"{e.name} instead" for e in other)


class PowerLoss(BaseException):
    """Everything in memory is gone."""


@dataclass
class Fate:
    """Counts the points a collection passes and says at which one what happens."""

    kind: str = ""  # empty lets everything pass
    at: int = 0  # the how-manieth point of this kind, from 1
    rng: Random = field(default_factory=Random)
    way: str = ""  # empty leaves it to chance
    points: list[tuple[str, str]] = field(default_factory=list)
    hit: tuple[str, str, str] | None = None  # kind, point, way
    coverage: Coverage = field(default_factory=Coverage)
    gesture: Callable[[Event], None] = lambda event: None  # somebody does this to the machine now

    @property
    def blinds(self) -> bool:
        """Whether the dispenser's sensors cannot tell, after this, where the notes are."""
        return self.hit is not None and self.hit[2].endswith("blind")

    def arm(self, kind: str, at: int, way: str) -> None:
        """From here on: at the how-manieth point of this kind, counted from now."""
        self.kind, self.at, self.way = kind, at, way
        self.points.clear()

    def spare(self) -> None:
        """From here on nothing happens, and what happened before does not count."""
        self.arm("", 0, "")
        self.hit = None

    def meet(self, kind: str, point: str) -> str:
        """What happens here; empty for nothing."""
        self.points.append((kind, point))
        if kind != self.kind or self.hit or sum(met == kind for met, _ in self.points) != self.at:
            return ""
        way = self.way or self.rng.choice(WAYS[kind])
        self.hit = (kind, point, way)
        return way


class CutJournal(Journal):
    """A journal on a disk that loses power."""

    def __init__(self, path: Path, fate: Fate) -> None:
        self.fate = fate
        super().__init__(path, kept=2**14)

    def _write(self, told: dict[str, Any]) -> Any:
        way = self.fate.meet("journal", told["stage"])
        if way == "kiosk dies before the record":
            raise PowerLoss
        self._tear = way == "record torn"
        written = super()._write(told)
        if way:
            raise PowerLoss
        return written

    def _put(self, record: bytes) -> None:
        if self._tear:
            os.write(self._file, record[: self.fate.rng.randrange(len(record))])
            raise PowerLoss
        super()._put(record)


def watched(effects: Mapping[Do, Effect], fate: Fate) -> dict[Do, Effect]:
    """The same effects on a machine that may die before any of them, hear another answer, or be touched meanwhile."""

    def doomed(do: Do, effect: Effect) -> Effect:
        def run(at: Kiosk) -> Event | None:
            state = fate.coverage.state
            if fate.meet("kiosk", do.name):
                raise PowerLoss
            if state not in flow.WAITING and (touch := fate.meet(GESTURE, state.name)):
                fate.gesture(Event[touch])
            if way := fate.meet(ANSWER, f"{state.name} {do.name}"):
                return _other_answer(at, effect, *way.split())
            answer = effect(at)
            fate.coverage.answered(do, answer)
            return answer

        return run

    return {do: doomed(do, effect) for do, effect in effects.items()}


def _other_answer(at: Kiosk, effect: Effect, event: str, when: str) -> Event:
    """Another answer than the effect's own: before it is done, or when it is."""
    if when == "after":
        effect(at)
    return Event[event]


class CutSlot(TraySlot):
    """A slot from which somebody pulls the card."""

    def __init__(self, cards: Sequence[DemoCard], fate: Fate) -> None:
        super().__init__(cards)
        self.fate = fate

    def link(self) -> Link:
        return _Pulled(super().link(), self)


class _Pulled:
    def __init__(self, link: Link, slot: CutSlot) -> None:
        self._link, self._slot = link, slot
        self._names, self._count = narrator(), 0

    def atr(self) -> bytes:
        return self._link.atr()

    def send(self, apdu: bytes) -> Answer:
        self._count += 1
        way = self._slot.fate.meet("card", f"{self._count:02d} {self._names(apdu)}")
        if way == "pulled before the command":
            self._slot.pull()
        answer = self._link.send(apdu)
        if way:
            self._slot.pull()
            raise CardPulled(way)
        return answer

    def close(self) -> None:
        self._link.close()


def cut_plan(fate: Fate, *, sees: bool = True) -> Plan:
    """A dispenser that loses power with the rest of the machine."""
    plan = Plan(sees=sees)

    def cut(point: str) -> None:
        if fate.meet("dispenser", point):
            raise PowerLoss

    plan.cut = cut
    return plan


class FaultyBackend:
    """The real backend behind a network that loses, repeats and delays."""

    def __init__(self, backend: Backend, fate: Fate) -> None:
        self._backend, self._fate = backend, fate
        self._down = False
        self._late: list[Callable[[], BaseModel]] = []

    def __getattr__(self, name: str) -> Callable[[BaseModel, str], BaseModel]:
        """Every call there is, by its name."""
        real = getattr(self._backend, name)
        return lambda cmd, key: self._call(name, lambda: real(cmd, key))

    def serve(self, cmd: BaseModel, answer: type[A], key: str) -> A:
        return self._call("serve", lambda: self._backend.serve(cmd, answer, key))

    def ask(self, question: BaseModel, answer: type[A]) -> A:
        return self._call("ask", lambda: self._backend.ask(question, answer))

    def hand_in(self, name: str, content: bytes) -> str:
        return self._backend.hand_in(name, content)

    def _call(self, name: str, call: Callable[[], A]) -> A:
        way = self._fate.meet("backend", name)
        if way == "network down":
            self._down = True
        if way == "request late":
            self._late.append(call)
        if self._down or way in ("dies before the commit", "request late"):
            raise NoAnswer("cut")
        answer = call()
        if way == "dies after the commit":
            raise NoAnswer("cut")
        return call() if way == "answer repeated" else answer

    def arrive(self) -> None:
        """The network is back, and what was under way arrives after all."""
        self._down = False
        for call in self._late:
            try:
                call()
            except Refused:
                continue  # too late to be of use
        self._late.clear()
