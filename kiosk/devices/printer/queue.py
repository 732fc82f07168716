"""The queue before the printer: a receipt about money is on the disk before it goes to the printer.

What did not come out waits, and nobody prints it by itself later: by then somebody else stands there. Its holder
has it printed again while the visit lasts, staff whenever they are asked for it. A copy says that it is one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import structlog

from kiosk.devices.port import DeviceDead, DeviceFailed, DeviceHealth, Printer, Receipt

log = structlog.get_logger()
KEPT: Final = 200  # receipts that came out; what did not stays until it does


class NoSuchReceipt(LookupError):
    """It was never here, or it came out long ago."""


@dataclass(frozen=True)
class Kept:
    """A receipt, and how often it came out."""

    receipt: Receipt
    copies: int = 0

    @classmethod
    def read(cls, path: Path) -> Kept:
        told: dict[str, Any] = json.loads(path.read_text("utf-8"))
        receipt = told["receipt"]
        receipt["lines"] = tuple((label, value) for label, value in receipt["lines"])
        return cls(Receipt(**receipt), told["copies"])

    def write(self, path: Path) -> None:
        fresh = path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            file.write(json.dumps(asdict(self), ensure_ascii=False))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)


class ReceiptQueue:
    """A printer that keeps what it is given."""

    def __init__(self, printer: Printer, folder: Path) -> None:
        self.printer, self._folder = printer, folder

    def print(self, name: str, receipt: Receipt) -> None:
        """Comes back when it came out; whatever is raised, the receipt is still here."""
        if not receipt.about_money:
            self.printer.print(name, receipt)
            return
        known = self._find(name)
        self._put(name, kept := Kept(receipt, known.copies if known else 0))
        self._out(name, kept)

    def again(self, name: str) -> None:
        """Whoever may have it asks for it."""
        kept = self._find(name)
        if kept is None:
            raise NoSuchReceipt(name)
        self._out(name, kept)

    def waiting(self) -> tuple[str, ...]:
        """What did not come out yet, the oldest first."""
        return tuple(path.stem for path in self._files() if not Kept.read(path).copies)

    def health(self) -> DeviceHealth:
        found, waiting = self.printer.health(), len(self.waiting())
        facts: Mapping[str, str | int] = {**found.facts, "waiting": waiting}
        if found.state == "ok" and waiting:
            return DeviceHealth("warns", "WAITING", facts)
        return replace(found, facts=facts)

    def _out(self, name: str, kept: Kept) -> None:
        receipt = kept.receipt
        if kept.copies:
            receipt = replace(receipt, title=f"{receipt.title} {receipt.copy_mark}".strip())
        try:
            self.printer.print(name, receipt)
        except (OSError, DeviceFailed, DeviceDead):
            log.warning("receipt.waits", receipt=name)
            raise
        self._put(name, replace(kept, copies=kept.copies + 1))
        self._forget()

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.json"

    def _find(self, name: str) -> Kept | None:
        path = self._path(name)
        return Kept.read(path) if path.exists() else None

    def _put(self, name: str, kept: Kept) -> None:
        """A disk that is full must not keep the paper from the holder."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            kept.write(self._path(name))
        except OSError:
            log.exception("receipt.not_kept", receipt=name)

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)

    def _forget(self) -> None:
        done = [path for path in self._files() if Kept.read(path).copies]
        for path in done[:-KEPT]:
            path.unlink()
