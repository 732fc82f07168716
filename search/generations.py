"""The folders of the embedded engine, one a generation, and the file that names the current one."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

FORMAT = "v1"
"""Changes with the fields: a generation of another format counts as missing, so it is rebuilt."""
POINTER = "current"
NUMBER_DIGITS = 9
KEPT_BEFORE = 1
"""Of the generations before, those kept: a reader may be opening the last one at this moment."""

Stamp = tuple[int, int, int]


def _stamp(path: Path) -> Stamp | None:
    """Changes whenever the file is replaced."""
    try:
        seen = path.stat()
    except FileNotFoundError:
        return None
    return seen.st_ino, seen.st_mtime_ns, seen.st_size


@dataclass(frozen=True)
class Generations:
    home: Path

    def current(self) -> str | None:
        try:
            name = (self.home / POINTER).read_text("utf-8").strip()
        except FileNotFoundError:
            return None
        return name if name.startswith(FORMAT + "-") and (self.home / name).is_dir() else None

    def path(self, generation: str) -> Path:
        return self.home / generation

    def stamp(self, generation: str) -> tuple[Stamp | None, Stamp | None]:
        """Differs from before when another generation was made current or this one has a new commit."""
        return _stamp(self.home / POINTER), _stamp(self.home / generation / "meta.json")

    def first(self) -> str:
        """The folder to begin with where none is current: the same for all who would write to it."""
        name = f"{FORMAT}-{1:0{NUMBER_DIGITS}}"
        self.path(name).mkdir(parents=True, exist_ok=True)
        return name

    def create(self) -> str:
        """A new empty folder, after all that are there."""
        taken = [int(path.name.rsplit("-")[-1]) for path in self._all()]
        name = f"{FORMAT}-{max(taken, default=0) + 1:0{NUMBER_DIGITS}}"
        self.path(name).mkdir(parents=True)
        return name

    def switch(self, generation: str) -> None:
        """Make it current in one step that survives a power cut, and clear away those long past."""
        fresh = self.home / f"{POINTER}.new"
        with fresh.open("w", encoding="utf-8") as file:
            file.write(generation)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.home / POINTER)
        folder = os.open(self.home, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
        others = sorted((path.name for path in self._all() if path.name != generation), reverse=True)
        for name in others[KEPT_BEFORE:]:
            self.remove(name)

    def remove(self, generation: str) -> None:
        shutil.rmtree(self.path(generation), ignore_errors=True)

    def _all(self) -> list[Path]:
        return [path for path in self.home.glob("v*-*") if path.name.rsplit("-")[-1].isdecimal()]
