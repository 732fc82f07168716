"""What a collect card remembers: its newest collection in two slots, the ones before it in a ring.

One collection is one commit: first the ring takes the record that the new one replaces (a place of the ring
that nobody reads), then the other slot is written, its checksum last. Torn anywhere, power-up finds the old
collection or the new one, and every earlier record.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from typing import Final, Self
from zlib import crc32

from cardio.sim.memory import CHECK, Memory, WornOut

STATE: Final = struct.Struct(">II8sI3s6s7s8sBB14x")
SLOT_SIZE: Final = STATE.size + CHECK.size
LOG: Final = struct.Struct(">I8sI3s6s7sB4s3x")
LOGGED: Final = 12  # records a holder can read, the newest in its slot and eleven in the ring
COLLECT_SIZE: Final = 2 * SLOT_SIZE + LOGGED * LOG.size


@dataclass(frozen=True)
class Collected:
    """One collection that the card has agreed to; number 0 stands for none yet."""

    ctc: int = 0
    order: bytes = bytes(8)
    amount: int = 0
    period: bytes = bytes(3)
    kiosk: bytes = bytes(6)
    when: bytes = bytes(7)
    tac: bytes = bytes(8)
    result: int = 0
    key_index: int = 0

    @property
    def terms(self) -> bytes:
        """What the TAC covers beside the count."""
        return self.order + self.amount.to_bytes(4) + self.period + self.kiosk + self.when

    @property
    def logged(self) -> bytes:
        """Its record in the log: the last half of the TAC is enough to find it by."""
        return LOG.pack(
            self.ctc,
            self.order,
            self.amount,
            self.period,
            self.kiosk,
            self.when,
            self.result,
            self.tac[4:],
        )

    def slot(self, sequence: int) -> bytes:
        body = STATE.pack(
            sequence,
            self.ctc,
            self.order,
            self.amount,
            self.period,
            self.kiosk,
            self.when,
            self.tac,
            self.result,
            self.key_index,
        )
        return body + CHECK.pack(crc32(body))

    @classmethod
    def read(cls, slot: bytes) -> tuple[int, Self] | None:
        """Sequence and collection of a valid slot."""
        if CHECK.unpack_from(slot, STATE.size)[0] != crc32(slot[: STATE.size]):
            return None
        sequence, *fields = STATE.unpack_from(slot)
        return sequence, cls(*fields)


BLANK: Final = Collected().slot(1) + bytes(COLLECT_SIZE - SLOT_SIZE)


class CollectMemory:
    """The part of a card's memory behind the tries."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def _newest(self) -> tuple[int, int, Collected]:
        """Sequence, slot and content of the newest valid slot."""
        found = [
            (read[0], at, read[1])
            for at in (0, 1)
            if (read := Collected.read(self._memory.read(at * SLOT_SIZE, SLOT_SIZE)))
        ]
        if not found:
            raise WornOut
        return max(found, key=lambda one: one[0])

    @property
    def last(self) -> Collected:
        return self._newest()[2]

    def log(self) -> list[bytes]:
        """The records, newest first."""
        last = self.last
        oldest = max(last.ctc - LOGGED, 0)
        earlier = [self._memory.read(_place(n), LOG.size) for n in range(last.ctc - 1, oldest, -1)]
        return [last.logged, *earlier] if last.ctc else []

    def commit(self, fresh: Collected) -> None:
        """All or nothing, whatever happens to the power."""
        sequence, at, last = self._newest()
        if fresh.ctc != last.ctc and last.ctc:
            self._memory.write(_place(last.ctc), last.logged)
        self._memory.write((1 - at) * SLOT_SIZE, fresh.slot(sequence + 1))

    def close(self, result: int) -> None:
        """How the newest one ended; told again it writes nothing."""
        last = self.last
        if last.result != result:
            self.commit(replace(last, result=result))


def _place(ctc: int) -> int:
    return 2 * SLOT_SIZE + ctc % LOGGED * LOG.size
