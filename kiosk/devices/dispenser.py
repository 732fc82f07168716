"""A simulated cash dispenser that behaves like a good real one, and fails like one.

It keeps its own memory (a state file, apart from the kiosk's journal): nonce, what became of each order, and
where every piece of money physically is. It takes a token once and only for its present nonce, presents only
the exact amount, writes "unknown" before the shutter moves, and signs what it knows.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from backend.payout.schema import PresentStatus
from kiosk.devices.cassettes import FULL, move, pick, total_fen
from kiosk.devices.port import DeviceDead, DeviceFailed

Told = Literal["yes", "no", "unknown"]
REMEMBERED: Final = 200  # orders; of older ones it says "unknown", never "no"


@dataclass
class Plan:
    """What goes wrong at the next collection. `cut(point)` may end the power there."""

    jam: bool = False  # while counting into the stacker
    short_pieces: int = 0  # this many pieces too few reach the stacker
    shutter: Literal["works", "closed", "unsure"] = "works"
    retract_short: bool = False  # one piece gets stuck on the way back in
    dead: bool = False  # its cable has come off
    sees: bool = True  # after a power loss its sensors can tell where the notes are
    cut: Callable[[str], None] = lambda point: None


@dataclass
class Memory:
    """What survives in the device, and where the money is."""

    boots: int = 0
    counter: int = 0  # first half of the nonce: it only grows, so that "before" and "after" can be told apart
    nonce: str = ""
    used: bool = False
    in_hand: str = ""  # the order whose notes are in the stacker or at the shutter
    opening: bool = False  # the shutter was moving to let notes out
    told: dict[str, tuple[Told, int]] = field(default_factory=dict)  # order → (handed out?, fen)
    forgotten: str = ""  # every order up to this one is forgotten
    cassettes: dict[int, int] = field(default_factory=lambda: dict(FULL))
    stacker: dict[int, int] = field(default_factory=dict)
    shutter: dict[int, int] = field(default_factory=dict)
    rejected: dict[int, int] = field(default_factory=dict)
    retracted: dict[int, int] = field(default_factory=dict)
    caught: dict[int, int] = field(default_factory=dict)  # stuck in the mechanics, found only by opening it
    customers: dict[int, int] = field(default_factory=dict)
    handed: dict[str, int] = field(default_factory=dict)  # order → fen that people really took: for counting

    @classmethod
    def read(cls, path: Path) -> Memory:
        if not path.exists():
            return cls()
        kept: dict[str, Any] = json.loads(path.read_text("utf-8"))
        for place in ("cassettes", "stacker", "shutter", "rejected", "retracted", "caught", "customers"):
            kept[place] = {int(fen): n for fen, n in kept[place].items()}
        kept["told"] = {order: (told, fen) for order, (told, fen) in kept["told"].items()}
        return cls(**kept)

    def write(self, path: Path) -> None:
        fresh = path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            file.write(json.dumps(vars(self)))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)


class SimDispenser:
    """The device; constructing it is switching it on."""

    def __init__(self, path: Path, id: str, key: bytes, plan: Plan | None = None) -> None:
        self._path, self._id, self._key = path, id, key
        self.plan = plan or Plan()
        self._broken = (
            False  # its memory could not be written: from here on it says nothing until it is restarted
        )
        self._m = Memory.read(path)
        with suppress(DeviceDead):  # whoever asks it for anything will hear
            self._power_up()

    @property
    def id(self) -> str:
        return self._id

    @property
    def boots(self) -> int:
        return self._m.boots

    @property
    def memory(self) -> Memory:
        """For counting by hand."""
        return self._m

    def _power_up(self) -> None:
        self._m.boots += 1
        order = self._m.in_hand
        told, amount_fen = self._m.told.get(order, ("no", 0))
        if self._m.shutter:  # left in reach when the power went: taken back in and counted
            back_fen = total_fen(self._m.shutter)
            move(self._m.shutter, self._m.retracted, dict(self._m.shutter))
            whole = self.plan.sees and back_fen == amount_fen
            self._tell(order, *(("no", 0) if whole else ("unknown", amount_fen)))
        elif told == "unknown" and self._m.opening and self.plan.sees:
            inside = total_fen(self._m.stacker) == amount_fen
            self._tell(order, *(("no", 0) if inside else ("yes", amount_fen)))
        self._m.opening = False
        self._renew()

    def _renew(self) -> None:
        self._m.counter += 1
        self._m.nonce, self._m.used = f"{self._m.counter:016x}{secrets.token_hex(8)}", False
        self._save()

    def _save(self) -> None:
        """What cannot be noted counts as never done: nothing more is written after it."""
        try:
            if self._broken:
                raise DeviceDead
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._m.write(self._path)
        except OSError as error:
            self._broken = True
            raise DeviceDead(str(error)) from error

    def _tell(self, order: str, told: Told, amount_fen: int) -> None:
        self._m.told[order] = (told, amount_fen)
        if len(self._m.told) > REMEMBERED:
            oldest = min(self._m.told)
            del self._m.told[oldest]
            self._m.handed.pop(oldest, None)
            self._m.forgotten = max(self._m.forgotten, oldest)

    def _answers(self) -> None:
        if self.plan.dead or self._broken:
            raise DeviceDead

    def nonce(self) -> str:
        self._answers()
        return self._m.nonce

    def clear_nonce(self) -> str:
        self._answers()
        self._renew()
        self.plan.cut("nonce cleared")
        return self._m.nonce

    def dispense(self, order: str, amount_fen: int, token: str) -> Mapping[str, int]:
        self._answers()
        good = self._sign(f"{order}|{self._m.nonce}|{amount_fen}")
        if self._m.used or not hmac.compare_digest(good, token):
            raise DeviceFailed("token refused")
        if self._m.stacker or self._m.shutter:
            raise DeviceFailed("notes of another order are still inside")
        pieces = pick(amount_fen, self._m.cassettes)
        if pieces is None:
            raise DeviceFailed("the cassettes cannot make this amount")
        self._m.used, self._m.in_hand = True, order
        self._tell(order, "no", 0)
        self._save()
        self.plan.cut("token used, no note moved")
        if self.plan.jam or self.plan.short_pieces:
            pieces = _without_last(pieces, self.plan.short_pieces or 1)
        move(self._m.cassettes, self._m.stacker, pieces)
        self._save()
        if self.plan.jam:
            raise DeviceFailed("jam while stacking")
        self.plan.cut("notes in the stacker")
        return {str(fen): n for fen, n in self._m.stacker.items()}

    def present(self, order: str) -> None:
        self._answers()
        if self._m.in_hand != order or not self._m.stacker:
            raise DeviceFailed("nothing of this order in the stacker")
        amount_fen = total_fen(self._m.stacker)
        self._tell(order, "unknown", amount_fen)
        self._m.opening = True
        self._save()
        self.plan.cut("shutter about to open")
        if self.plan.shutter != "works":
            self._m.opening = False
            if self.plan.shutter == "closed":
                self._tell(order, "no", 0)
            self._save()
            raise DeviceFailed("the shutter is stuck")
        move(self._m.stacker, self._m.shutter, dict(self._m.stacker))
        self._save()
        self.plan.cut("notes in reach, not yet noted")
        self._tell(order, "yes", amount_fen)
        self._m.opening = False
        self._save()
        self.plan.cut("notes in reach, noted")

    def taken(self) -> bool:
        return not self._m.shutter

    def hand(self) -> int:
        """The person at the shutter takes everything; how much it was."""
        amount_fen = 0 if self._broken else total_fen(self._m.shutter)
        if amount_fen:
            move(self._m.shutter, self._m.customers, dict(self._m.shutter))
            self._m.handed[self._m.in_hand] = self._m.handed.get(self._m.in_hand, 0) + amount_fen
            try:
                self._save()
            except DeviceDead:
                return 0
        return amount_fen

    def retract(self) -> None:
        self._answers()
        order, pieces = self._m.in_hand, dict(self._m.shutter)
        if not pieces:
            return
        self._tell(order, "unknown", total_fen(pieces))
        self._save()
        self.plan.cut("about to retract")
        if self.plan.retract_short:
            move(self._m.shutter, self._m.retracted, _without_last(pieces, 1))
            move(self._m.shutter, self._m.caught, dict(self._m.shutter))
            self._save()
            raise DeviceFailed("fewer pieces came back than went out")
        move(self._m.shutter, self._m.retracted, pieces)
        self._tell(order, "no", 0)
        self._save()
        self.plan.cut("retracted")

    def reject(self) -> None:
        self._answers()
        if self._m.stacker:
            move(self._m.stacker, self._m.rejected, dict(self._m.stacker))
            self._save()

    def load(self, pieces: Mapping[int, int]) -> None:
        """Staff fill the cassettes up to this and empty the bins."""
        for place in (self._m.rejected, self._m.retracted, self._m.caught):
            place.clear()
        self._m.cassettes = {fen: max(n, self._m.cassettes.get(fen, 0)) for fen, n in pieces.items()}
        self._save()

    def status(self, order: str) -> PresentStatus:
        self._answers()
        unsure: tuple[Told, int] = ("unknown" if order <= self._m.forgotten else "no", 0)
        told, amount_fen = self._m.told.get(order, unsure)
        text = f"{self._id}|{order}|{self._m.nonce}|{told}|{amount_fen}"
        return PresentStatus(
            dispenser=self._id,
            order=order,
            nonce=self._m.nonce,
            presented=told,
            amount_fen=amount_fen,
            signature=self._sign(text),
        )

    def _sign(self, text: str) -> str:
        return hmac.digest(self._key, text.encode(), hashlib.sha256).hex()


def _without_last(pieces: Mapping[int, int], n: int) -> dict[int, int]:
    """The same pieces less the last `n`."""
    kept = dict(pieces)
    for _ in range(min(n, sum(kept.values()))):
        smallest = min(fen for fen, count in kept.items() if count)
        kept[smallest] -= 1
    return {fen: count for fen, count in kept.items() if count}
