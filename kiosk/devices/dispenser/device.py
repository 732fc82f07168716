"""A simulated cash dispenser that behaves like a good real one, and fails like one.

It keeps its own memory (a state file, apart from the kiosk's journal): nonce, what became of each order, and
where every piece of money physically is. It takes a token once and only for its present nonce, presents only
the exact amount, writes "unknown" before the shutter moves, and signs what it knows.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import wraps
from pathlib import Path
from threading import RLock
from typing import Concatenate, ParamSpec, TypeVar

from backend.payout.schema import PresentStatus
from kiosk.devices.cassettes import move, pick, total_fen
from kiosk.devices.dispenser import keeping, mechanics, units
from kiosk.devices.dispenser.memory import REMEMBERED, Memory, Told
from kiosk.devices.dispenser.plan import Plan
from kiosk.devices.dispenser.states import Device, Fault, Unit
from kiosk.devices.port import CashUnit, DeviceDead, DeviceFailed, DeviceHealth

P = ParamSpec("P")
T = TypeVar("T")


def works(
    command: Callable[Concatenate[SimDispenser, P], T],
) -> Callable[Concatenate[SimDispenser, P], T]:
    """One command at a time, and only where it answers at all; meanwhile it is busy."""

    @wraps(command)
    def alone(device: SimDispenser, /, *args: P.args, **kwargs: P.kwargs) -> T:
        with device.lock:
            device.answers()
            return command(device, *args, **kwargs)

    return alone


class SimDispenser:
    """The device; constructing it is switching it on."""

    def __init__(self, path: Path, id: str, key: bytes, plan: Plan | None = None) -> None:
        self._path, self._id, self._key = path, id, key
        self.plan = plan or Plan()
        self.lock = RLock()
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

    def answers(self) -> None:
        """It hears and speaks."""
        if self.plan.dead or self.plan.powerless or self._broken:
            raise DeviceDead

    @works
    def nonce(self) -> str:
        return self._m.nonce

    @works
    def clear_nonce(self) -> str:
        self._renew()
        self.plan.cut("nonce cleared")
        return self._m.nonce

    @works
    def dispense(self, order: str, amount_fen: int, token: str) -> Mapping[str, int]:
        good = self._sign(f"{order}|{self._m.nonce}|{amount_fen}")
        if self._m.used or not hmac.compare_digest(good, token):
            raise DeviceFailed("token refused", Fault.TOKEN)
        self._ready()
        pieces = pick(amount_fen, units.usable(self._m, self.plan))
        if pieces is None:
            raise DeviceFailed("the cassettes cannot make this amount", Fault.NOT_DISPENSABLE)
        self._m.used, self._m.in_hand = True, order
        self._tell(order, "no", 0)
        self._save()
        self.plan.cut("token used, no note moved")
        if self.plan.jam or self.plan.short_pieces:
            pieces = mechanics.without_last(pieces, self.plan.short_pieces or 1)
        try:
            mechanics.count_out(self._m, self.plan, pieces)
        finally:  # where they are is known whatever happened
            self._save()
        if self.plan.jam:
            raise DeviceFailed("jam while stacking", Fault.HARDWARE_ERROR)
        self.plan.cut("notes in the stacker")
        return {str(fen): n for fen, n in self._m.stacker.items()}

    def _ready(self) -> None:
        """Nothing is counted out where something lies in the way."""
        if self._m.stacker or self._m.shutter:
            raise DeviceFailed("notes of another order are still inside", Fault.NOT_EMPTY)
        if self._m.jammed:
            raise DeviceFailed("a piece is stuck", Fault.HARDWARE_ERROR)
        if units.in_bins(self._m) >= self.plan.bin_holds:
            raise DeviceFailed("the bins are full", Fault.CASH_UNIT)

    @works
    def present(self, order: str) -> None:
        if self._m.in_hand != order or not self._m.stacker:
            raise DeviceFailed("nothing of this order in the stacker", Fault.NO_ITEMS)
        amount_fen = total_fen(self._m.stacker)
        self._tell(order, "unknown", amount_fen)
        self._m.opening = True
        self._save()
        self.plan.cut("shutter about to open")
        if self.plan.shutter != "works":
            self._shut(order)
        for fen, n in self._m.stacker.items():
            self._m.presented[fen] = self._m.presented.get(fen, 0) + n
        move(self._m.stacker, self._m.shutter, dict(self._m.stacker))
        self._save()
        self.plan.cut("notes in reach, not yet noted")
        self._tell(order, "yes", amount_fen)
        self._m.opening = False
        self._save()
        self.plan.cut("notes in reach, noted")

    def _shut(self, order: str) -> None:
        """It did not open, or nobody can say how far."""
        self._m.opening = False
        if self.plan.shutter != "unsure":
            self._tell(order, "no", 0)
        self._save()
        told = {"unsure": Fault.PRESENT_UNKNOWN, "blocked": Fault.USER_ERROR}
        raise DeviceFailed("the shutter is stuck", told.get(self.plan.shutter, Fault.SHUTTER_NOT_OPEN))

    def taken(self) -> bool:
        return not self._m.shutter

    def hand(self, pieces: Mapping[int, int] | None = None) -> int:
        """The person at the shutter takes these, or all but what they leave lying; how much it was."""
        if pieces is None:
            pieces = mechanics.without_last(self._m.shutter, self.plan.left_lying)
        return 0 if self._broken else self._snatch(pieces)

    def _snatch(self, pieces: Mapping[int, int]) -> int:
        amount_fen = total_fen(pieces)
        if amount_fen:
            move(self._m.shutter, self._m.customers, pieces)
            self._m.handed[self._m.in_hand] = self._m.handed.get(self._m.in_hand, 0) + amount_fen
            try:
                self._save()
            except DeviceDead:
                return 0
        return amount_fen

    @works
    def retract(self) -> int:
        order, pieces = self._m.in_hand, dict(self._m.shutter)
        if not pieces:
            return 0
        back_fen = total_fen(pieces)
        _, presented_fen = self._m.told.get(order, ("unknown", 0))
        self._tell(order, "unknown", presented_fen)
        self._save()
        self.plan.cut("about to retract")
        if self.plan.taken_back:
            self._snatch(mechanics.last(pieces, self.plan.taken_back))
            move(self._m.shutter, self._m.retracted, dict(self._m.shutter))
            self._save()
            raise DeviceFailed("notes were taken while they were drawn in", Fault.ITEMS_TAKEN)
        if self.plan.retract_short:
            move(self._m.shutter, self._m.retracted, mechanics.without_last(pieces, 1))
            move(self._m.shutter, self._m.caught, dict(self._m.shutter))
            self._save()
            raise DeviceFailed("fewer pieces came back than went out", Fault.ITEMS_LEFT)
        move(self._m.shutter, self._m.retracted, pieces)
        if back_fen == presented_fen:  # else some were taken, and nobody may say that none was
            self._tell(order, "no", 0)
        self._save()
        self.plan.cut("retracted")
        return back_fen

    @works
    def reject(self) -> None:
        if self._m.stacker:
            move(self._m.stacker, self._m.rejected, dict(self._m.stacker))
            self._save()

    @works
    def reset(self) -> None:
        self.retract()
        self.reject()
        if self._m.jammed:
            raise DeviceFailed("a piece is stuck: it must be opened", Fault.HARDWARE_ERROR)
        self._m.inoperative = []
        self._save()

    @works
    def test(self) -> tuple[CashUnit, ...]:
        self._ready()
        for n, unit in enumerate(self.units(), 1):
            if unit.kind == "cassette" and unit.status in (Unit.OK, Unit.LOW, Unit.INOPERATIVE):
                with suppress(DeviceFailed):  # told by its status
                    mechanics.one_piece(self._m, self.plan, self._m.rejected, unit.fen, n)
                    self._m.inoperative = [fen for fen in self._m.inoperative if fen != unit.fen]
        self._save()
        return self.units()

    def load(self, pieces: Mapping[int, int], counted: Mapping[int, int] | None = None) -> None:
        """Staff open it, fill the cassettes up to this and empty the bins; `counted` is what they key in."""
        for place in (self._m.rejected, self._m.retracted, self._m.caught):
            place.clear()
        self._m.cassettes = {fen: max(n, self._m.cassettes.get(fen, 0)) for fen, n in pieces.items()}
        self._m.initial = dict(counted or self._m.cassettes)
        self._m.miscounted = {
            fen: n - self._m.cassettes.get(fen, 0)
            for fen, n in self._m.initial.items()
            if n != self._m.cassettes.get(fen, 0)
        }
        self._m.dispensed, self._m.presented = {}, {}
        self._m.jammed, self._m.inoperative = False, []
        self._save()

    def holds(self) -> Mapping[str, Mapping[int, int]] | None:
        if self._broken or not self.lock.acquire(blocking=False):
            return None
        try:
            return None if self.plan.dead else keeping.holds(self._m)
        finally:
            self.lock.release()

    @works
    def put_in(self, sheet: str, pieces: Mapping[int, int]) -> None:
        self._once(sheet, lambda: keeping.put_in(self._m, pieces))

    @works
    def take_out(self, sheet: str, pieces: Mapping[int, int]) -> None:
        self._once(sheet, lambda: keeping.take_out(self._m, pieces))

    @works
    def recount(self, sheet: str, counted: Mapping[int, int]) -> None:
        self._once(sheet, lambda: keeping.recount(self._m, counted))

    def _once(self, sheet: str, deed: Callable[[], None]) -> None:
        """Also where the program was killed before it knew that it is done."""
        if sheet in self._m.sheets:
            return
        deed()
        self._m.sheets = [*self._m.sheets, sheet][-REMEMBERED:]
        self._save()

    @works
    def status(self, order: str) -> PresentStatus:
        unsure: tuple[Told, int] = ("unknown" if order <= self._m.forgotten else "no", 0)
        told, amount_fen = self._m.told.get(order, unsure)
        if self.plan.forgets:
            told = "unknown"
        text = f"{self._id}|{order}|{self._m.nonce}|{told}|{amount_fen}"
        return PresentStatus(
            dispenser=self._id,
            order=order,
            nonce=self._m.nonce,
            presented=told,
            amount_fen=amount_fen,
            signature=self._sign(text),
        )

    def units(self) -> tuple[CashUnit, ...]:
        return units.units(self._m, self.plan)

    def health(self) -> DeviceHealth:
        if not self.lock.acquire(blocking=False):
            return DeviceHealth("ok", Device.BUSY, {"device": Device.BUSY})
        try:
            return units.health(self._m, self.plan, broken=self._broken)
        finally:
            self.lock.release()

    def _sign(self, text: str) -> str:
        return hmac.digest(self._key, text.encode(), hashlib.sha256).hex()
