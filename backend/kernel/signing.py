"""Signing 签名: SM2 (GB/T 32918) over what leaves the house and is believed without asking: stopped cards, production files.

A signature is r and s, 64 bytes in hexadecimal, over SM3 with the standard's default signer id. The private key is derived
from the vault's own secret, so there is no second secret to keep; the public one is given to whoever must believe us.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from functools import lru_cache

import gmssl_pyx
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

# the curve of GB/T 32918.5—2017
P = int("FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF", 16)
N = int("FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123", 16)
G = (
    int("32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7", 16),
    int("BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0", 16),
)
HALF = 32
Point = tuple[int, int]


def _sum(a: Point | None, b: Point | None) -> Point | None:
    if a is None or b is None:
        return a or b
    if a[0] == b[0]:
        if (a[1] + b[1]) % P == 0:
            return None
        slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def public_of(private: int) -> bytes:
    """The point of a private key: x and y, 64 bytes.

    >>> public_of(1).hex()[:16]
    '32c4ae2c1f198119'
    """
    found: Point | None = None
    doubled: Point | None = G
    while private:
        if private & 1:
            found = _sum(found, doubled)
        doubled, private = _sum(doubled, doubled), private >> 1
    if found is None:
        raise ValueError("no private key")
    return found[0].to_bytes(HALF, "big") + found[1].to_bytes(HALF, "big")


@dataclass(frozen=True)
class Signer:
    """One key of the house, by what it is for."""

    public: bytes
    private: bytes = field(repr=False)

    def sign(self, message: str) -> str:
        r, s = decode_dss_signature(gmssl_pyx.sm2_sign(self.private, self.public, message.encode()))
        return (r.to_bytes(HALF, "big") + s.to_bytes(HALF, "big")).hex()


@lru_cache(maxsize=16)
def signer(secret: bytes, what: str) -> Signer:
    """The signer derived from a secret for one purpose; the point is worked out once."""
    private = int.from_bytes(hmac.digest(secret, f"sm2/{what}".encode(), hashlib.sha512), "big") % (N - 2) + 1
    return Signer(public_of(private), private.to_bytes(HALF, "big"))


def signed(public: bytes, message: str, signature: str) -> bool:
    """Whether whoever has that public key signed this."""
    try:
        given = bytes.fromhex(signature)
    except ValueError:
        return False
    r, s = int.from_bytes(given[:HALF], "big"), int.from_bytes(given[HALF:], "big")
    if len(given) != 2 * HALF or not (0 < r < N and 0 < s < N):
        return False
    return bool(gmssl_pyx.sm2_verify(public, message.encode(), encode_dss_signature(r, s)))
