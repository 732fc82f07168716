"""A card's lasting memory: pages that may tear; the try counter and the PIN survive it, never mixed."""

from __future__ import annotations

import struct
from operator import itemgetter
from random import Random
from typing import Final, NamedTuple
from zlib import crc32

from cardio.environment import PIN_TRIES
from cardio.sim.luck import Faults, Tear

PAGE: Final = 8
SLOT: Final = struct.Struct(
    ">IB?3sB2x"
)  # sequence, tries, PIN changed, PIN, wrong unblocks; then the checksum
SLOT_SIZE: Final = 16
CHECK: Final = struct.Struct(">I")
MORE: Final = 2 * SLOT_SIZE  # where the tries end
TRIES: Final = PIN_TRIES


class PowerLost(Exception):
    """The card lost its power while it wrote a page."""


class WornOut(Exception):
    """Neither slot of the memory is valid: this chip is broken."""


class Kept(NamedTuple):
    """What a slot holds. Without a `pin` it is still the one the card was made with."""

    tries: int = TRIES
    pin: bytes | None = None
    wrong_unblocks: int = 0


def _slot(sequence: int, kept: Kept) -> bytes:
    body = SLOT.pack(sequence, kept.tries, kept.pin is not None, kept.pin or b"", kept.wrong_unblocks)
    return body + CHECK.pack(crc32(body))


class Memory:
    """Two slots of two pages. Writing the other slot commits; power-up takes the newest valid one.


    `more` is what a new card holds behind them, for an application of its own (collected.py).
    """

    def __init__(self, image: bytes | None = None, faults: Faults | None = None, more: bytes = b"") -> None:
        blank = _slot(1, Kept()) + bytes(SLOT_SIZE) + more
        self._pages = bytearray(image if image is not None else blank)
        if len(self._pages) != len(blank):
            raise ValueError(f"a memory image has {len(blank)} bytes, not {len(self._pages)}")
        self._faults = faults or Faults()
        self.writes = 0

    @property
    def image(self) -> bytes:
        return bytes(self._pages)

    @property
    def tries(self) -> int:
        return self._newest()[2].tries

    @property
    def kept(self) -> Kept:
        return self._newest()[2]

    def _newest(self) -> tuple[int, int, Kept]:
        """Sequence, slot and contents of the newest valid slot."""
        valid = []
        for at in (0, 1):
            raw = self._pages[at * SLOT_SIZE : (at + 1) * SLOT_SIZE]
            sequence, tries, changed, pin, wrong = SLOT.unpack_from(raw)
            if CHECK.unpack_from(raw, SLOT.size)[0] == crc32(raw[: SLOT.size]):
                valid.append((sequence, at, Kept(tries, pin if changed else None, wrong)))
        if not valid:
            raise WornOut
        return max(valid, key=itemgetter(0))

    def write_tries(self, tries: int) -> None:
        self._keep(self.kept._replace(tries=tries))

    def write_pin(self, pin: bytes) -> None:
        """The new PIN and all its tries."""
        self._keep(self.kept._replace(tries=TRIES, pin=pin))

    def write_unblocking(self) -> None:
        """Before the unblocking is looked at, as with the PIN: one of its tries is gone."""
        self._keep(self.kept._replace(wrong_unblocks=self.kept.wrong_unblocks + 1))

    def write_unblocked(self, pin: bytes) -> None:
        self._keep(Kept(pin=pin))

    def _keep(self, kept: Kept) -> None:
        """All or nothing, whatever happens to the power."""
        sequence, at, _ = self._newest()
        self._write((1 - at) * SLOT_SIZE, _slot(sequence + 1, kept))

    def read(self, at: int, size: int) -> bytes:
        """Of what lies behind the tries."""
        return bytes(self._pages[MORE + at : MORE + at + size])

    def write(self, at: int, data: bytes) -> None:
        """There too; page by page, each of which may be torn."""
        self._write(MORE + at, data)

    def _write(self, at: int, data: bytes) -> None:
        for offset in range(0, len(data), PAGE):
            self._write_page(at + offset, data[offset : offset + PAGE])

    def _write_page(self, at: int, data: bytes) -> None:
        self.writes += 1
        torn = self.writes == self._faults.tear_at
        if torn:
            data = self._torn(bytes(self._pages[at : at + PAGE]), data)
        self._pages[at : at + PAGE] = data
        if torn:
            raise PowerLost

    def _torn(self, old: bytes, new: bytes) -> bytes:
        match self._faults.tear:
            case Tear.OLD:
                return old
            case Tear.NEW:
                return new
            case Tear.HALF:
                return new[: PAGE // 2] + old[PAGE // 2 :]
            case Tear.GARBAGE:
                return Random(self._faults.seed).randbytes(PAGE)  # noqa: S311 - noise, not a secret
