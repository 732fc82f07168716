"""Kept: answers that many visitors share for some seconds, made by one of them while the others go on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")
MOST = 1_000


@dataclass
class _Entry:
    making: threading.Lock = field(default_factory=threading.Lock)
    value: Any = None
    until: datetime | None = None


class Kept:
    """One for each application: what it keeps belongs to that application's data."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: dict[Hashable, _Entry] = {}

    def get(self, key: Hashable, now: datetime, lasts: timedelta, make: Callable[[], T]) -> T:
        """The value under this key, made anew when it has lasted its time.

        While one thread makes it, others are given the one before, unless that is older than twice its time.
        """
        entry = self._entry(key)
        if entry.until is not None and now < entry.until:
            return entry.value  # type: ignore[no-any-return]
        too_old = entry.until is None or now >= entry.until + lasts
        if not entry.making.acquire(blocking=too_old):
            return entry.value  # type: ignore[no-any-return]
        try:
            if entry.until is None or now >= entry.until:  # who had to wait finds it made
                entry.value = make()
                entry.until = now + lasts
            return entry.value  # type: ignore[no-any-return]
        finally:
            entry.making.release()

    def _entry(self, key: Hashable) -> _Entry:
        with self._lock:
            if key not in self._entries and len(self._entries) >= MOST:
                self._entries.clear()
            return self._entries.setdefault(key, _Entry())
