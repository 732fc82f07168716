"""A simulated SAM card: what stands in a terminal's second reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from cardio.environment import PSAM, READ
from cardio.faults import CardOfOtherArea, PinTooSimple
from cardio.keys import BLOCK, sm4
from cardio.link import Answer, CardPulled
from cardio.sam import orders
from cardio.sam.port import PinBlockUsed, SamFault
from cardio.sam.ring import KeyNotHeld, KeyRing, Purpose
from cardio.sam.soft import SoftMeeting, SoftSam
from cardio.secure import RANDOM
from cardio.sim.t0 import GET_RESPONSE, OK, Says, Speaks
from cardio.tlv import Malformed

ATR: Final = bytes.fromhex("3B6D0000 0081 545041 8660 000000000590")
SAYS: Final[dict[type[Exception], int]] = {
    KeyNotHeld: 0x6A88,
    CardOfOtherArea: 0x6A82,
    PinBlockUsed: 0x6985,
    SamFault: 0x6F00,
    PinTooSimple: orders.TOO_SIMPLE,
    Malformed: 0x6A80,
    ValueError: 0x6A80,
    IndexError: 0x6700,
}


class SimSam:
    """In a reader from the start; pulled, it forgets the meeting it was in."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring
        self._chip: SamChip | None = None
        self.inside = True
        self.commands = 0

    def insert(self) -> None:
        self.inside = True

    def pull(self) -> None:
        self.inside, self._chip = False, None

    def atr(self) -> bytes:
        if not self.inside:
            raise CardPulled("no SAM in the simulated reader")
        self._chip = self._chip or SamChip(self._ring)
        return ATR

    def send(self, apdu: bytes) -> Answer:
        if self._chip is None:
            raise CardPulled("the simulated SAM has no power")
        self.commands += 1
        return self._chip.process(apdu)

    def close(self) -> None:
        self._chip = None


class SamChip(Speaks):
    """From power-up to power-off."""

    def __init__(self, ring: KeyRing) -> None:
        super().__init__()
        self._ring, self._sam = ring, SoftSam(ring)
        self._selected = False
        self._working = b""  # a derived key, good for one block
        self._meeting: SoftMeeting | None = None

    def process(self, command: bytes) -> Answer:
        if len(command) < 5 or len(command) > 5 + 255:
            return Answer(b"", 0x6700)
        cla, ins, p1, p2, p3 = command[:5]
        data = command[5:]
        waiting, self._waiting = self._waiting, b""
        try:
            if ins == GET_RESPONSE:
                return self._take(waiting, p3)
            if len(data) != p3:
                raise Says(0x6700)
            return self._done(cla, ins, p1, p2, data)
        except Says as said:
            return Answer(b"", said.sw)
        except tuple(SAYS) as why:
            return Answer(b"", next(sw for kind, sw in SAYS.items() if isinstance(why, kind)))

    def _done(self, cla: int, ins: int, p1: int, p2: int, data: bytes) -> Answer:
        if (cla, ins, p1) == (0, 0xA4, 0x04):
            if data != PSAM:
                raise Says(0x6A82)
            self._selected = True
            return self._later(b"\x6f\x00")
        if not self._selected:
            raise Says(0x6985)
        if (cla, ins) == (orders.DELIVER_CLASS, orders.DELIVER):
            return self._deliver(p1, p2, data)
        if cla != orders.OURS or ins not in HANDLERS:
            raise Says(0x6D00)
        return HANDLERS[ins](self, p1, data)

    def _deliver(self, usage: int, key_id: int, data: bytes) -> Answer:
        if (usage, key_id) != (orders.TWO_LEVELS_ENCIPHER, READ):
            raise Says(0x6A88)
        if len(data) not in (orders.FACTORS, orders.FACTORS + 1):
            raise Says(0x6700)
        version = data[-1] if len(data) > orders.FACTORS else None
        self._working = self._ring.card(Purpose.RK, *orders.told_factors(data), version)
        return Answer(b"", OK)

    def _cipher(self, p1: int, data: bytes) -> Answer:
        working, self._working = self._working, b""
        if not working or len(data) != BLOCK:
            raise Says(0x6985)
        return self._later(sm4(working, data))

    def _tell(self, p1: int, data: bytes) -> Answer:
        held = [
            bytes([orders.PURPOSES.index(purpose), version])
            for purpose in orders.PURPOSES
            for version in self._sam.versions(purpose)
        ]
        return self._later(self._sam.area.encode().ljust(6, b"\0") + b"".join(held))

    def _meet(self, p1: int, data: bytes) -> Answer:
        if len(data) != orders.CARD + RANDOM:
            raise Says(0x6700)
        self._meeting = self._sam.meet(*orders.told_card(data), data[orders.CARD :], p1)
        return self._later(self._meeting.hello)

    def _confirm(self, p1: int, data: bytes) -> Answer:
        return self._later(bytes([self._met().confirm(data)]))

    def _pin(self, p1: int, data: bytes) -> Answer:
        pins = orders.pins_in(data)
        if p1:
            old, new = pins
            return self._later(self._met().change_command(old, new).encoded)
        (pin,) = pins
        return self._later(self._met().verify_command(pin).encoded)

    def _met(self) -> SoftMeeting:
        if self._meeting is None:
            raise Says(0x6F00)
        return self._meeting

    def _unblock(self, p1: int, data: bytes) -> Answer:
        (new,) = orders.pins_in(data[orders.CARD + RANDOM :])
        random = data[orders.CARD : orders.CARD + RANDOM]
        command = self._sam.unblock_command(*orders.told_card(data), random, new, p1 or None)
        return self._later(command.encoded)

    def _mac(self, p1: int, data: bytes) -> Answer:
        version, signed = data[orders.CARD] or None, data[orders.CARD + 1 :]
        return self._later(self._sam.mac(orders.PURPOSES[p1], *orders.told_card(data), signed, version))

    def _genuine(self, p1: int, data: bytes) -> Answer:
        challenge, answer = data[orders.CARD : orders.CARD + BLOCK], data[orders.CARD + BLOCK :]
        genuine = self._sam.genuine(*orders.told_card(data), challenge, answer, p1 or None)
        return Answer(b"", OK if genuine else 0x6988)

    def _number(self, p1: int, data: bytes) -> Answer:
        return self._later(self._sam.number())


HANDLERS: Final[Mapping[int, Callable[[SamChip, int, bytes], Answer]]] = {
    orders.CIPHER: SamChip._cipher,
    orders.TELL: SamChip._tell,
    orders.MEET: SamChip._meet,
    orders.CONFIRM: SamChip._confirm,
    orders.PIN: SamChip._pin,
    orders.UNBLOCK: SamChip._unblock,
    orders.MAC: SamChip._mac,
    orders.GENUINE: SamChip._genuine,
    orders.NUMBER: SamChip._number,
}
