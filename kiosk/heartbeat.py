"""Heartbeat: every minute, and at once when something changed, the machine says how it is and hears what to do.

It runs beside the visit and never holds it up: what it asks of the devices they answer at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

import structlog

from backend.kernel.clock import Clock, SystemClock
from backend.kiosks.schema import Beat, DeviceWord, Lying, MachineState
from kiosk.case import Kiosk
from kiosk.client import NoAnswer, Refused
from kiosk.devices.port import DeviceHealth
from kiosk.flow import State
from kiosk.officeline import Office

log = structlog.get_logger()
EVERY_S: Final = 60.0
AGAIN_S: Final = 5.0  # while the line is down, and after a change
LOOK_S: Final = 0.5
SEALED: Final = frozenset({"KioskStopped", "DeviceUnknown"})
LONGEST: Final = 60  # characters of a device's word


def software() -> str:
    """The version that is installed."""
    try:
        return version("renshe")
    except PackageNotFoundError:
        return ""


def devices(at: Kiosk) -> dict[str, DeviceHealth]:
    """Every device of this machine in its own words."""
    found = {"reader": at.slot.health(), "printer": at.printer.health(), "dispenser": at.dispenser.health()}
    if at.pad is not None:
        found["pinpad"] = at.pad.health()
    if at.camera is not None:
        found["camera"] = at.camera.health()
    return found


def state_of(at: Kiosk, state: State, monotonic_s: float) -> MachineState:
    if state in (State.STOPPED, State.BOOTING):
        return "stopped"
    if state is not State.WELCOME:
        return "visit"
    return "serving" if at.duty.closed(monotonic_s) is None else "closed"


def gather(at: Kiosk, state: State, monotonic_s: float, booted: bool, clock: Clock) -> Beat:
    """How this machine is now. The journal is read before the notes and again after them: what was counted while an
    order moved says nothing."""
    journal = at.journal
    seq, head = journal.seq, journal.head
    opened, outbox = len(journal.unfinished()), len(journal.outbox())
    doubts = tuple(course.order for course in journal.doubts())
    lying = at.dispenser.holds()
    if journal.seq != seq or not booted:
        lying = None
    return Beat(
        state=state_of(at, state, monotonic_s),
        reason=(at.duty.staff or "")[:200],
        devices=tuple(_word(name, health) for name, health in devices(at).items()),
        notes=None
        if lying is None
        else tuple(
            Lying.model_validate({"place": place, "fen": fen, "n": n})
            for place, found in lying.items()
            for fen, n in found.items()
            if n
        ),
        journal_seq=seq if booted else None,
        journal_head=head if booted else None,
        open=opened,
        outbox=outbox,
        doubts=doubts[:200],
        version=software(),
        clock=clock.now(),
    )


def _word(name: str, health: DeviceHealth) -> DeviceWord:
    facts: dict[str, int | str] = {
        key: fact if isinstance(fact, int) else str(fact)[:200]
        for key, fact in list(health.facts.items())[:60]
    }
    return DeviceWord(name=name, state=health.state, code=str(health.code)[:LONGEST], facts=facts)


class Heart:
    """Sends what was gathered when it is time; one thread of its own."""

    def __init__(
        self,
        at: Kiosk,
        state: Callable[[], State],
        office: Office,
        monotonic: Callable[[], float] = time.monotonic,
        clock: Clock | None = None,
    ) -> None:
        self._at, self._state, self.office = at, state, office
        self.monotonic, self._clock = monotonic, clock or SystemClock()
        self._before = at.journal.seq  # entries of an earlier run are not told as this one's
        self._sent: float | None = None
        self._told: Any = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heart", daemon=True)
        self.now: Beat = self.gather()

    def gather(self) -> Beat:
        booted = self._at.journal.seq != self._before
        self.now = gather(self._at, self._state(), self.monotonic(), booted, self._clock)
        return self.now

    def tick(self) -> None:
        """Say it if it is time, or if it is news; then hear which cards were stopped since."""
        if self._state() is State.BOOTING:
            return
        beat, since = self.gather(), self.monotonic() - (self._sent if self._sent is not None else -EVERY_S)
        due = since >= (AGAIN_S if self._at.duty.offline else EVERY_S)
        if due or (_news(beat) != self._told and not self._at.duty.offline):
            self.say(beat)
            if self._at.stops is not None and not (self._at.duty.offline or self._at.duty.sealed):
                self._at.stops.catch_up()

    def say(self, beat: Beat) -> None:
        """One try; the line is down where nothing came back."""
        duty = self._at.duty
        self._sent = self.monotonic()
        try:
            heard = self.office.beat(beat)
        except NoAnswer as why:
            if not duty.offline:
                log.warning("line.down", why=why.detail)
            duty.offline = True
            return
        except Refused as refused:
            log.error("heartbeat.refused", code=refused.code)
            duty.offline, duty.sealed = False, refused.code in SEALED
            self._told = _news(beat)
            return
        if duty.offline:
            log.info("line.up")
        duty.skew_s = round((beat.clock - heard.now).total_seconds())
        duty.round_trip_ms = getattr(self.office, "last_ms", None)
        duty.heard_at = beat.clock
        duty.heed(heard)
        self._told = _news(beat)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """A word on its way is waited for a moment; nothing hangs on it."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=LOOK_S * 2)

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_S):
            try:
                self.tick()
            except Exception:  # the heart stands beside the money path: it is told of and never ends it
                log.critical("heart.failed", exc_info=True)


def _news(beat: Beat) -> Any:
    """What is told at once when it changes: not that somebody came, nor every note."""
    state = "serving" if beat.state == "visit" else beat.state
    told = tuple((one.name, one.state, one.code) for one in beat.devices)
    return state, beat.reason, told, beat.doubts, bool(beat.outbox)
