"""Card keys 卡片密钥: by purpose and version, from the nation's master to a card; and how they leave for the factory.

The purposes are those of the social-security card (domain: IRK, RK, PUK, STK; LK and TK are our own application's).
Which factor stands at which level is each key centre's to say and was not read in print: ours is one for all.
What leaves is enciphered under a transport key of one production; no key is ever written in plain.
"""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

BLOCK: Final = 16
FACTOR: Final = 8
PURPOSES: Final = ("IRK", "RK", "PUK", "STK", "LK", "TK")  # in the order in which a production file has them
FIRST: Final = 1  # the version whose masters the oldest cards hold
CHECK: Final = 3  # bytes of a key check value: what the key makes of a block of zeros
MAC: Final = 8


def enciphers(key: bytes) -> CipherContext:
    """A key made ready: it enciphers block after block, each for itself."""
    return Cipher(algorithms.SM4(key), modes.ECB()).encryptor()  # noqa: S305 - single blocks are what a card does


def factored(factor: bytes) -> bytes:
    """What one level of diversification enciphers: the factor and its complement."""
    return factor + bytes(byte ^ 0xFF for byte in factor)


def level(key: bytes, factor: bytes) -> bytes:
    return enciphers(key).update(factored(factor))


def master(cards: bytes, purpose: str, version: int) -> bytes:
    """The nation's key for a purpose: of the first IRK the house's own, every other one made of it by one more level.

    >>> master(bytes(16), "IRK", 1) == bytes(16), master(bytes(16), "PUK", 1) == master(bytes(16), "PUK", 2)
    (True, False)
    """
    if purpose == "IRK" and version == FIRST:
        return cards
    return level(cards, f"{purpose}{version:0{FACTOR - len(purpose)}d}".encode())


def issuer(cards: bytes, purpose: str, version: int, area: str) -> bytes:
    """The issuing area's key: one level down."""
    return level(master(cards, purpose, version), f"{area}sx".encode())


def card_key(cards: bytes, purpose: str, version: int, area: str, card_code: str) -> bytes:
    return level(issuer(cards, purpose, version, area), bytes.fromhex(card_code)[-FACTOR:])


def check_value(key: bytes) -> str:
    """By which two holders of a key see that it is the same."""
    return enciphers(key).update(bytes(BLOCK))[:CHECK].hex()


def cmac(key: bytes, data: bytes) -> bytes:
    """SM4-CMAC."""
    made = CMAC(algorithms.SM4(key))
    made.update(data)
    return made.finalize()


class Personaliser:
    """Makes the keys of one production's cards, each enciphered for the factory: issuers' keys are made ready once."""

    def __init__(self, cards: bytes, transport: bytes, version: int, area: str) -> None:
        self._issuers = [enciphers(issuer(cards, purpose, version, area)) for purpose in PURPOSES]
        self._transport = enciphers(transport)
        self._mac_key = level(transport, b"LINE-MAC")

    def keys(self, card_code: str) -> tuple[str, str]:
        """A card's keys under the transport key, and their check values; both in hexadecimal, in one order.

        A card's keys are told apart by purpose and never repeat, so block by block says nothing of them.
        """
        factor = factored(bytes.fromhex(card_code)[-FACTOR:])
        plain = [ready.update(factor) for ready in self._issuers]
        checks = [check_value(key) for key in plain]
        return self._transport.update(b"".join(plain)).hex(), "".join(checks)

    def sealed(self, line: str) -> str:
        """The line's own MAC: the factory takes no line that was altered, left out and numbered anew or exchanged."""
        return cmac(self._mac_key, line.encode())[:MAC].hex()
