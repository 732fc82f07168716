"""Desk: the one thread that owns the visit; pages hand it what was pressed and read the screen it fixed."""

from __future__ import annotations

import os
import queue
import signal
import threading
from collections.abc import Callable

import structlog

from kiosk.case import Screen
from kiosk.heartbeat import Heart
from kiosk.visit import Teller

log = structlog.get_logger()
TICK_S = 0.05
STOP_S = 10.0
WAIT_S = 0.35  # how long a press waits for its effect before the page shows "busy"


class Desk:
    def __init__(self, teller: Teller) -> None:
        self.teller = teller
        self.heart: Heart | None = None  # says to the office how this machine is
        self._jobs: queue.SimpleQueue[tuple[Callable[[], object], threading.Event]] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="desk", daemon=True)

    @property
    def screen(self) -> Screen:
        return self.teller.screen

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def start(self) -> None:
        self._thread.start()
        if self.heart is not None:
            self.heart.start()

    def do(self, job: Callable[[], object]) -> None:
        """Have it done; come back when it is, or when it takes too long to wait for."""
        done = threading.Event()
        self._jobs.put((job, done))
        done.wait(WAIT_S)

    def nudge(self) -> None:
        """Something happened at the card slot."""
        self.do(self.teller.tick)

    def stop(self) -> None:
        """Ends after what is under way; a power cut would do no more harm. What takes longer keeps the
        journal: the end of the program closes it, and nobody else opens it before."""
        if self.heart is not None:
            self.heart.stop()
        self._stopping.set()
        self._thread.join(timeout=STOP_S)
        if not self.alive:
            self.teller.kiosk.journal.close()

    def _run(self) -> None:
        """A fault nobody foresaw ends the program: started again, it settles from the journal."""
        try:
            self.teller.start()
            while not self._stopping.is_set():
                self._turn()
        except Exception:  # told in the log, which masks it, and never survived
            log.critical("desk.crashed", state=self.teller.state.name, exc_info=True)
            os.kill(os.getpid(), signal.SIGTERM)

    def _turn(self) -> None:
        try:
            job, done = self._jobs.get(timeout=TICK_S)
        except queue.Empty:
            self.teller.tick()
            return
        try:
            job()
        finally:
            done.set()
