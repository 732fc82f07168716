"""Local code 本机操作码: opens the operator's page of this machine when the line is down; only its hash is kept here."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
from pathlib import Path
from typing import Any, Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from kiosk.operator.told import CodeLocked, CodeUnfit, LocalCodeWrong, NoLocalCode

HASHER: Final = PasswordHasher(
    time_cost=3, memory_cost=65_536, parallelism=1
)  # for a thief of the disk, slow
FIT: Final = re.compile(r"[0-9]{6,12}")
TRIES: Final = 5  # ours
LOCKED_S: Final = 900.0


class LocalCode:
    """The code of this machine. Wrong tries are kept on the disk: a restart gives none back.

    What is hashed is the code under the machine's own key, which is not on the disk: whoever has the disk alone cannot try codes.
    """

    def __init__(self, path: Path, key: str) -> None:
        self._path, self._key = path, key.encode()
        self._mark = hashlib.sha256(self._key).hexdigest()[:8]
        self._locked_until = 0.0  # by the monotonic clock; a restart waits anew
        self._waits = self._read().get("failed", 0) >= TRIES

    def set(self, code: str) -> None:
        if not FIT.fullmatch(code) or len(set(code)) == 1:
            raise CodeUnfit
        self._write({"hash": HASHER.hash(self._keyed(code)), "failed": 0, "key": self._mark})

    def check(self, code: str, now_s: float) -> None:
        """Returns where it is right; else says why not."""
        kept = self._read()
        if (
            "hash" not in kept or kept.get("key") != self._mark
        ):  # set under another key, which this machine has no more
            raise NoLocalCode
        if self._waits:
            self._waits, self._locked_until = False, now_s + LOCKED_S
        if now_s < self._locked_until:
            raise CodeLocked
        failed = int(kept["failed"]) % TRIES + 1
        self._write(kept | {"failed": failed})  # counted before it is compared
        try:
            HASHER.verify(kept["hash"], self._keyed(code))
        except (VerifyMismatchError, InvalidHashError):
            if failed >= TRIES:
                self._locked_until = now_s + LOCKED_S
                raise CodeLocked from None
            raise LocalCodeWrong(left=TRIES - failed) from None
        self._write(kept | {"failed": 0})

    def _keyed(self, code: str) -> bytes:
        return hmac.digest(self._key, code.encode(), "sha256")

    def _read(self) -> dict[str, Any]:
        if not self._path.exists():
            return {}
        try:
            told: dict[str, Any] = json.loads(self._path.read_text("utf-8"))
        except ValueError:  # torn by a power cut: as if none had been set
            return {}
        return told

    def _write(self, told: dict[str, Any]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        fresh.touch(mode=0o600)
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(told, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
