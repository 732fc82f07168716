"""Duty: whether this machine may begin with another person, who says so, and what it last heard from the office.

What is decided survives a restart: it stands in a small file. A visit under way is never ended by it.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog

from backend.kiosks.schema import BagWaiting, Heard

log = structlog.get_logger()
UNREADABLE: Final = "停用记录读不出来，请工作人员检查后恢复服务"
ATTENDED_S: Final = 300.0  # staff have the operator's page open; after this without a touch it is over


@dataclass
class Duty:
    """Simple facts that several threads read; each is set whole."""

    path: Path | None = None
    office: str | None = None  # why the office has stopped it
    staff: str | None = None  # why staff at the machine have
    offline: bool = False  # the last heartbeat had no answer
    sealed: bool = False  # the office does not know this machine any more, or does not trust it
    attended_until: float = 0.0  # by the machine's own monotonic clock
    heard: Heard | None = None
    skew_s: int | None = None  # this machine's clock less the office's
    round_trip_ms: int | None = None
    heard_at: datetime | None = None
    bags: tuple[BagWaiting, ...] = field(default=())

    def __post_init__(self) -> None:
        if self.path is not None and self.path.exists():
            try:
                self.office, self.staff = _kept(self.path)
            except (OSError, ValueError) as why:
                log.error("duty.unreadable", why=str(why))
                self.staff = UNREADABLE

    def closed(self, monotonic_s: float) -> str | None:
        """Why nobody new is served now; an empty text where no reason is given, None where everybody is."""
        if self.office is not None:
            return self.office
        if self.sealed:
            return ""
        if self.staff is not None:
            return self.staff
        return "" if monotonic_s < self.attended_until else None

    def heed(self, heard: Heard) -> None:
        """What the office wants."""
        office = None if heard.serve else heard.reason
        changed = office != self.office
        self.heard, self.bags, self.office = heard, heard.bags, office
        self.offline = self.sealed = False
        if changed:
            self._keep()

    def close(self, reason: str) -> None:
        self.staff = reason
        self._keep()

    def reopen(self) -> None:
        self.staff = None
        self._keep()

    def attend(self, monotonic_s: float, seconds: float = ATTENDED_S) -> None:
        """Staff are at the machine: no card begins a visit."""
        self.attended_until = monotonic_s + seconds

    def leave(self) -> None:
        self.attended_until = 0.0

    def _keep(self) -> None:
        if self.path is None:
            return
        fresh = self.path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            file.write(json.dumps({"office": self.office, "staff": self.staff}, ensure_ascii=False))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)


def _kept(path: Path) -> tuple[str | None, str | None]:
    """Why the office and why staff have stopped it; raises ValueError where that is not what stands there."""
    match json.loads(path.read_text("utf-8")):
        case {"office": str() | None as office, "staff": str() | None as staff}:
            return office, staff
    raise ValueError("no record of who stopped it")
