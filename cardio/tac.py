"""TAC: what a collect card and the key centre both compute over one collection, so that each holds proof of it.

Ours, after the purse of PBOC (session key, MAC1, MAC2, TAC), with SM4 for DES and eight bytes for four. LK
guards the session, TK makes the proof; both are diversified like every card key. `tests/cardio/vectors.json`
fixes every function here by example, computed with OpenSSL.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Final

from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.cmac import CMAC

from cardio.keys import card_key, diversify, sm4

MAC: Final = 8
CTC: Final = 4
AMOUNT: Final = 4
KIOSK: Final = 6
MOST_FEN: Final = 2 ** (8 * AMOUNT) - 1
LOAD_VERSIONS: Final = (1, 2)  # a card holds two keys of this role, so that the office can change over


class Result(IntEnum):
    """How a collection ended, as the card tells its holder."""

    OPEN = 0
    PAID = 1
    CANCELLED = 2


@dataclass(frozen=True)
class Asked:
    """What INIT COLLECT asks a card to agree to."""

    order: str  # 16 hexadecimal digits
    amount_fen: int
    kiosk: str  # 8 hexadecimal digits
    key_index: int = 1

    @property
    def encoded(self) -> bytes:
        """
        >>> Asked("00000001000a0003", 458037, "00000001").encoded.hex()
        '010006fd3500000000000100000001000a0003'
        """
        amount = self.amount_fen.to_bytes(AMOUNT)
        return bytes([self.key_index]) + amount + bytes.fromhex(f"{self.kiosk:0>12}{self.order}")


def moment(at: datetime) -> bytes:
    """Date and time of day as the card keeps them: fourteen digits.

    >>> moment(datetime(2026, 11, 24, 9, 5, 7)).hex()
    '20261124090507'
    """
    return bytes.fromhex(f"{at:%Y%m%d%H%M%S}")


def role_key(master: bytes, role: str, version: int) -> bytes:
    """The master of one role (LK, TK), from the key centre's own. Which factor separates roles is ours."""
    return diversify(master, f"{role}{version:06d}".encode())


def collect_key(master: bytes, role: str, version: int, area: str, card_code: str) -> bytes:
    """A card's own key of that role."""
    return card_key(role_key(master, role, version), area, card_code)


def cmac(key: bytes, data: bytes) -> bytes:
    """SM4-CMAC (GB/T 15852.1), cut to the length cards use."""
    made = CMAC(algorithms.SM4(key))
    made.update(data)
    return made.finalize()[:MAC]


def session_key(lk: bytes, rnd: bytes, ctc: bytes) -> bytes:
    return sm4(lk, rnd + ctc + b"COLL")


def mac1(session: bytes, ctc: bytes, rnd: bytes, asked: bytes) -> bytes:
    """The card was asked just this, at this count."""
    return cmac(session, ctc + rnd + asked)


def mac2(session: bytes, ctc: bytes, rnd: bytes, terms: bytes) -> bytes:
    """The office reserved just this: order, amount, kiosk, date, time, period."""
    return cmac(session, b"2" + ctc + rnd + terms)


def tac(tk: bytes, ctc: bytes, terms: bytes) -> bytes:
    """The holder agreed: the count it got, order, amount, period, kiosk, date, time."""
    return cmac(tk, ctc + terms)


def mac3(lk: bytes, ctc: bytes, about: bytes, result: int) -> bytes:
    """The office says how an order ended. The protocol leaves its key open: derived like a session's, ours."""
    return cmac(sm4(lk, about + ctc + b"CLOS"), b"3" + ctc + about + bytes([result]))
