"""Agreements 约定: what a collect card, its holder and the office agree on in one collection, and the MACs over it.

The card's side computes the same (`tests/cardio/vectors.json` holds both to OpenSSL). MAC1: the card was asked
just this. MAC2: the office reserved just this. TAC: the holder agreed, as number so and so of this card. MAC3: how
it ended, for the card's own log.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.cmac import CMAC

from backend.kernel.clock import CHINA
from backend.kernel.period import Month

MOST_FEN = 2**32 - 1  # four bytes of fen
LAST_COUNT = 2**32 - 2
KeyIndex = Literal[1, 2]  # which of a card's own load keys; of which version its keys are is another matter
Ended = Literal[1, 2]  # paid, cancelled: as the card keeps it
PAID: Ended = 1
NOT_PAID: Ended = 2


def _cmac(key: bytes, data: bytes) -> bytes:
    """SM4-CMAC, cut to eight bytes as cards do."""
    made = CMAC(algorithms.SM4(key))
    made.update(data)
    return made.finalize()[:8]


@dataclass(frozen=True)
class Agreement:
    """One collection, as it is agreed on. `count` is the card's before it, `rnd` the card's for this once."""

    order: str
    amount_fen: int
    kiosk: str
    month: Month
    at: datetime
    count: int
    rnd: str
    key_index: KeyIndex

    @property
    def moment(self) -> str:
        """Fourteen digits: date and time of day at the office."""
        return f"{self.at.astimezone(CHINA):%Y%m%d%H%M%S}"

    @property
    def _count(self) -> bytes:
        return self.count.to_bytes(4, "big")

    @property
    def _next(self) -> bytes:
        return (self.count + 1).to_bytes(4, "big")

    @property
    def _order(self) -> bytes:
        return bytes.fromhex(self.order)

    @property
    def _amount(self) -> bytes:
        return self.amount_fen.to_bytes(4, "big")

    @property
    def _kiosk(self) -> bytes:
        return bytes.fromhex(f"{self.kiosk:0>12}")

    @property
    def _period(self) -> bytes:
        return bytes.fromhex(str(self.month).replace("-", ""))

    @property
    def fresh(self) -> bytes:
        """What a session key is made from."""
        return bytes.fromhex(self.rnd) + self._count + b"COLL"

    def mac1(self, session: bytes) -> bytes:
        asked = bytes([self.key_index]) + self._amount + self._kiosk + self._order
        return _cmac(session, self._count + bytes.fromhex(self.rnd) + asked)

    def mac2(self, session: bytes) -> bytes:
        terms = self._order + self._amount + self._kiosk + bytes.fromhex(self.moment) + self._period
        return _cmac(session, b"2" + self._count + bytes.fromhex(self.rnd) + terms)

    def tac(self, tac_key: bytes) -> bytes:
        terms = self._order + self._amount + self._period + self._kiosk + bytes.fromhex(self.moment)
        return _cmac(tac_key, self._next + terms)

    @property
    def ending(self) -> bytes:
        """What the key is made from under which the card is told how it ended."""
        return self._order + self._next + b"CLOS"

    def mac3(self, closing: bytes, ended: Ended) -> bytes:
        return _cmac(closing, b"3" + self._next + self._order + bytes([ended]))


def same(ours: bytes, theirs: str) -> bool:
    return hmac.compare_digest(ours.hex(), theirs)
