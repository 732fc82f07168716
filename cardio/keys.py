"""Keys of a card and what it answers with them: SM4 diversification, authentication, challenges by SM3.

The key centre keeps one master; a card holds only its own key, derived by levels (nation → area → card).
`tests/cardio/vectors.json` fixes every function here by example, for whoever checks the answers.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Final, Protocol

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

BLOCK: Final = 16
FACTOR: Final = 8


def enciphers(key: bytes) -> CipherContext:
    """A key made ready: it enciphers block after block, each for itself."""
    return Cipher(algorithms.SM4(key), modes.ECB()).encryptor()  # noqa: S305 - single blocks are what a card does


def sm4(key: bytes, block: bytes) -> bytes:
    encryptor = enciphers(key)
    return encryptor.update(block) + encryptor.finalize()


def cmac(key: bytes, data: bytes) -> bytes:
    """SM4-CMAC, the whole block."""
    mac = CMAC(algorithms.SM4(key))
    mac.update(data)
    return mac.finalize()


def sm3(data: bytes) -> bytes:
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


def diversify(key: bytes, factor: bytes) -> bytes:
    """One level down: the factor and its complement, enciphered."""
    return sm4(key, factor + bytes(byte ^ 0xFF for byte in factor))


def card_key(master: bytes, area: str, card_code: str) -> bytes:
    """A card's own key, from the master, its issuing area and its identification code.

    >>> card_key(bytes(16), "310000", "310000D1560000050000000000000001").hex()
    '0dcf694bebf6bb30cdcb11657a52bd8a'
    """
    return own_key(area_key(master, area), card_code)


def area_key(master: bytes, area: str) -> bytes:
    """The second level: what a terminal of one area may hold, good for that area's cards only."""
    return diversify(master, area_factor(area))


def own_key(of_area: bytes, card_code: str) -> bytes:
    """The third level: one card's."""
    return diversify(of_area, card_factor(card_code))


def area_factor(area: str) -> bytes:
    return f"{area}sx".encode()


def card_factor(card_code: str) -> bytes:
    return bytes.fromhex(card_code)[-FACTOR:]


def response(key: bytes, challenge: bytes) -> bytes:
    """What INTERNAL AUTHENTICATE answers to a challenge of one block."""
    if len(challenge) != BLOCK:
        raise ValueError(f"a challenge has {BLOCK} bytes, not {len(challenge)}")
    return sm4(key, challenge)


def order_challenge(order: str, amount_fen: int, entitlement: str, kiosk: str, nonce: str) -> bytes:
    """What a card must answer to prove its holder agreed to this order, at this kiosk, just now."""
    return sm3(f"{order}|{amount_fen}|{entitlement}|{kiosk}|{nonce}".encode())[:BLOCK]


def terminal_cryptogram(key: bytes, challenge: bytes, own: bytes) -> bytes:
    """What EXTERNAL AUTHENTICATE sends: half a block over the card's challenge and ours, then ours."""
    return sm4(key, challenge + own)[:FACTOR] + own


class TerminalKey(Protocol):
    """The security module of a terminal (PSAM): it lets the terminal read third-generation cards."""

    def cryptogram(
        self, area: str, card_code: str, challenge: bytes, version: int | None = None
    ) -> bytes: ...


@dataclass(frozen=True)
class SoftwareTerminalKey:
    """A security module in memory, for demonstrations and tests."""

    master: bytes = field(repr=False)

    def cryptogram(self, area: str, card_code: str, challenge: bytes, version: int | None = None) -> bytes:
        """Of whatever version: it has this one key."""
        return terminal_cryptogram(
            card_key(self.master, area, card_code), challenge, secrets.token_bytes(FACTOR)
        )
