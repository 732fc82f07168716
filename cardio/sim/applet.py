"""PENSION COLLECT (DF0C, AID D1560000050C, both ours): a counter, a log, and proof of every collection.

The order of commands is PBOC's: INIT COLLECT fixes what is to be agreed to and writes nothing; COLLECT, if the
office's MAC is right for exactly that, is one commit and answers with the TAC; GET PROOF gives that TAC again.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from cardio import tac
from cardio.sim.collected import Collected, CollectMemory
from cardio.sim.memory import Memory
from cardio.sim.persona import Persona

FOLDER: Final = 0xDF0C
AID: Final = bytes.fromhex("D1560000050C")
LOG_FILE: Final = 0xEF02
CLASS: Final = 0x80
SELECTS: Final = ((0x01, FOLDER.to_bytes(2)), (0x04, AID))  # by either, from within SSSE
ALGORITHM: Final = 0x03  # SM4, by the same number as in the application's control information
ASKED: Final = 19  # bytes of INIT's data: key index, amount, kiosk, order


class Denied(Exception):
    """A status word instead of data."""

    def __init__(self, sw: int) -> None:
        self.sw = sw


@dataclass(frozen=True)
class _Begun:
    """What INIT fixed, until COLLECT, another INIT, or the power is gone."""

    asked: bytes
    ctc: bytes
    rnd: bytes

    @property
    def index(self) -> int:
        return self.asked[0]

    @property
    def amount(self) -> bytes:
        return self.asked[1:5]

    @property
    def kiosk(self) -> bytes:
        return self.asked[5:11]

    @property
    def order(self) -> bytes:
        return self.asked[11:]


class Applet:
    """One power-up of it."""

    def __init__(self, persona: Persona, memory: Memory) -> None:
        self._load = dict(zip(tac.LOAD_VERSIONS, (persona.load_key, persona.next_load_key), strict=True))
        self._tac_key = persona.tac_key or b""
        self._memory = CollectMemory(memory)
        self._begun: _Begun | None = None
        self._records: list[bytes] = []

    def log(self) -> list[bytes]:
        """The records, newest first; the same list after the next collection, brought up to date."""
        self._records[:] = self._memory.log()
        return self._records

    def reset(self) -> None:
        """The PIN's application was selected anew: what was begun under the PIN is gone with it."""
        self._begun = None

    def answer(self, ins: int, p1: int, p2: int, data: bytes, pin_given: bool) -> bytes:
        """One command of class 80, in its folder."""
        if ins not in COMMANDS:
            raise Denied(0x6D00)
        of, length, handle = COMMANDS[ins]
        if (p1, p2) != (0, of):
            raise Denied(0x6A86)
        if len(data) != length:
            raise Denied(0x6700)
        if ins == INIT and not pin_given:
            raise Denied(0x6982)
        if ins != COLLECT:
            self._begun = None  # whatever else is said ends what INIT began
        return handle(self, data)

    def _init(self, asked: bytes) -> bytes:
        key = self._load.get(asked[0])
        if key is None:
            raise Denied(0x9403)
        if not any(asked[1:5]):
            raise Denied(0x6A80)
        ctc, rnd = self._memory.last.ctc.to_bytes(tac.CTC), secrets.token_bytes(8)
        self._begun = _Begun(asked, ctc, rnd)
        mac1 = tac.mac1(tac.session_key(key, rnd, ctc), ctc, rnd, asked)
        return ctc + bytes([asked[0], ALGORITHM]) + rnd + mac1

    def _collect(self, data: bytes) -> bytes:
        begun, self._begun = self._begun, None  # one MAC2 a beginning: it cannot be guessed
        if begun is None:
            raise Denied(0x6985)
        when, period, mac2 = data[:7], data[7:10], data[10:]
        key = self._load[begun.index] or b""
        terms = begun.order + begun.amount + begun.kiosk + when + period
        session = tac.session_key(key, begun.rnd, begun.ctc)
        if not hmac.compare_digest(mac2, tac.mac2(session, begun.ctc, begun.rnd, terms)):
            raise Denied(0x9302)
        last = int.from_bytes(begun.ctc)
        if last == 2 ** (8 * tac.CTC) - 1:
            raise Denied(0x6985)
        fresh = Collected(
            ctc=last + 1,
            order=begun.order,
            amount=int.from_bytes(begun.amount),
            period=period,
            kiosk=begun.kiosk,
            when=when,
            key_index=begun.index,
        )
        ctc = fresh.ctc.to_bytes(tac.CTC)
        proof = tac.tac(self._tac_key, ctc, fresh.terms)
        self._memory.commit(replace(fresh, tac=proof))
        self.log()
        return proof + ctc

    def _proof(self, data: bytes) -> bytes:
        last = self._memory.last
        if not last.ctc or data != last.ctc.to_bytes(tac.CTC):
            raise Denied(0x9406)
        return last.order + last.amount.to_bytes(tac.AMOUNT) + last.tac + bytes([last.result])

    def _count(self, data: bytes) -> bytes:
        return self._memory.last.ctc.to_bytes(tac.CTC)

    def _close(self, data: bytes) -> bytes:
        last, order, result = self._memory.last, data[:8], data[8]
        if not last.ctc or order != last.order:
            raise Denied(0x9406)
        key = self._load[last.key_index] or b""
        ctc = last.ctc.to_bytes(tac.CTC)
        if not hmac.compare_digest(data[9:], tac.mac3(key, ctc, order, result)):
            raise Denied(0x9302)
        self._memory.close(result)
        self.log()
        return b""


INIT, COLLECT, CLOSE, PROOF, COUNT = 0x50, 0x52, 0x54, 0x5A, 0x5C
Handler = Callable[[Applet, bytes], bytes]
COMMANDS: Final[Mapping[int, tuple[int, int, Handler]]] = {  # the second parameter, bytes of data
    INIT: (0x0C, ASKED, Applet._init),
    COLLECT: (0, 18, Applet._collect),
    CLOSE: (0, 17, Applet._close),
    PROOF: (0x0C, tac.CTC, Applet._proof),
    COUNT: (0x0C, 0, Applet._count),
}
