"""Site: what the drill with real processes has in hand — the house, the card service, the cards, the screen."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Protocol

from cardio import sandbox
from kiosk.drill.crowd import Books
from kiosk.drill.person import Screen


class Program(Protocol):
    process: Any


class House(Protocol):
    """Everything that runs, and what may be done to it."""

    url: str
    portal_url: str
    authority: Path
    books: Books
    kiosk: Program

    @property
    def kiosk_home(self) -> Path: ...
    def unattended(self) -> AbstractContextManager[None]: ...
    def kill(self, name: str) -> None: ...
    def restart_kiosk(self) -> None: ...
    def cable(self, state: str) -> None: ...
    def fill_disk(self) -> None: ...
    def free_disk(self) -> None: ...
    def lose_journal(self) -> None: ...
    def tell_door(self, word: str) -> None: ...
    def hear_door(self) -> str: ...
    def wait_for_books(self) -> None: ...


class Opens(Protocol):
    def __call__(self, people: int, seed: int, env: Mapping[str, str]) -> AbstractContextManager[House]: ...


class Voice:
    """What a helper program says, line by line, without waiting for it."""

    def __init__(self, hear: Callable[[], str]) -> None:
        self._words: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._listen, args=(hear,), daemon=True).start()

    def _listen(self, hear: Callable[[], str]) -> None:
        while word := hear():
            self._words.put(word)

    def forget(self) -> None:
        """What was said before counts no more."""
        while True:
            try:
                self._words.get_nowait()
            except queue.Empty:
                return

    def said(self, word: str, seconds: float = 0.0) -> bool:
        """Whether it has said this by now, or does within that time."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                heard = self._words.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                return False
            if heard == word:
                return True


class CardHand:
    """The program that holds the cards, beside the card service."""

    def __init__(self, service: sandbox.Sandbox) -> None:
        argv = service.inside([sys.executable, "-m", "kiosk.drill.hand"])
        self._program = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603
        self.voice = Voice(self._hear)
        if not self.voice.said("ready", 20):
            raise RuntimeError("the hand with the cards does not move")

    def _hear(self) -> str:
        return self._program.stdout.readline().strip() if self._program.stdout else ""

    def tell(self, **order: Any) -> None:
        if self._program.stdin:
            self._program.stdin.write(json.dumps(order, ensure_ascii=False) + "\n")
            self._program.stdin.flush()

    def insert(self, persona: str) -> None:
        self.tell(insert=json.loads(persona))
        self.voice.said("in", 15)

    def pull(self) -> None:
        self.tell(pull=True)
        self.voice.said("out", 10)

    def close(self) -> None:
        self._program.kill()
        self._program.communicate()


class Creeper:
    """The program that lets the kiosk go on bit by bit."""

    def __init__(self, home: Path) -> None:
        argv = [sys.executable, "-m", "kiosk.drill.creep", str(home)]
        self._program = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603

    def tell(self, words: str) -> None:
        if self._program.stdin:
            self._program.stdin.write(f"{words}\n")
            self._program.stdin.flush()

    def ask(self, words: str) -> str:
        self.tell(words)
        return self._program.stdout.readline().strip() if self._program.stdout else ""

    def close(self) -> None:
        self._program.kill()
        self._program.communicate()


@dataclass
class Site:
    """Everything a cut can be made with."""

    house: House
    service: sandbox.Sandbox
    hand: CardHand
    creeper: Creeper
    screen: Screen
    rng: Random
    door: Voice = field(init=False)

    def __post_init__(self) -> None:
        self.door = Voice(self.house.hear_door)
