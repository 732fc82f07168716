"""Deeds: what the office was asked to book about this machine's cash and has not answered. Asked again it is the same deed,
also after a restart, and is booked once. Of the last ones that were done here it knows how they ended."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final, Literal

from kiosk.operator.told import DeedsDamaged

Name = Literal["place", "count", "take"]
Ended = Literal["done", "refused"]  # the dispenser has followed the books, or has not
ENDED: Final = "ended"
REMEMBERED: Final = 200  # sheets


class Deeds:
    def __init__(self, path: Path) -> None:
        self._path = path

    def pending(self, name: Name) -> dict[str, Any] | None:
        """What was asked and is unanswered."""
        found: dict[str, Any] | None = self._read().get(name)
        return found

    def begin(self, name: Name, facts: dict[str, Any]) -> None:
        """Before it is asked."""
        self._write(self._read() | {name: facts})

    def end(self, name: Name, ended: Ended | None = None) -> None:
        """It was answered, and how it ended here; nothing came of what was refused."""
        kept = self._read()
        known = kept.pop(name, None)
        if known is not None and ended is not None:
            sheets = {**kept.get(ENDED, {}), known["sheet"]: ended}
            kept[ENDED] = dict(list(sheets.items())[-REMEMBERED:])
        if known is not None:
            self._write(kept)

    def ended(self, sheet: str) -> Ended | None:
        """How the deed of this sheet ended here, if it did."""
        found: Ended | None = self._read().get(ENDED, {}).get(sheet)
        return found

    def _read(self) -> dict[str, Any]:
        if not self._path.exists():
            return {}
        try:
            told = json.loads(self._path.read_text("utf-8"))
        except ValueError:
            told = None
        if not isinstance(told, dict):
            raise DeedsDamaged(file=self._path)
        return told

    def _write(self, told: dict[str, Any]) -> None:
        fresh = self._path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(told, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
