"""SM2 signatures (GB/T 32918): who signed a notice or a file, where both ends share no key.

What it is for: the key centre signs what a kiosk must believe while it is offline — the list of stopped cards —
and the files that go to whoever makes cards and come back. Cards themselves answer under SM4 (keys.py).
The mathematics is GmSSL's, never our own: its nonces come from the system's source of randomness.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

import gmssl_pyx
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from cardio.tlv import Malformed

ID: Final = gmssl_pyx.SM2_DEFAULT_SIGNER_ID  # GM/T 0009: who signs, where nobody agreed on another name
MOST_ID: Final = 8191  # its length is told in bits, in two bytes
ORDER: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
HALF: Final = 32
# The parts of X.509 and PKCS#8 that are the same for every key: id-ecPublicKey, the curve 1.2.156.10197.1.301
PUBLIC_DER: Final = bytes.fromhex("3059301306072A8648CE3D020106082A811CCF5501822D03420004")
PRIVATE_DER: Final = bytes.fromhex("308187020100301306072A8648CE3D020106082A811CCF5501822D046D306B0201010420")
PUBLIC_IN_PRIVATE: Final = bytes.fromhex("A14403420004")
PEM: Final = re.compile(r"-----BEGIN (PUBLIC|PRIVATE) KEY-----\s+([A-Za-z0-9+/=\s]+)-----END \1 KEY-----\s*")


@dataclass(frozen=True)
class PublicKey:
    """Whoever holds it can check, and nothing else. The point's two halves."""

    point: bytes

    def __post_init__(self) -> None:
        try:
            gmssl_pyx.normalize_sm2_public_key(self.point)
        except gmssl_pyx.InvalidValueError as why:
            raise Malformed("不是 SM2 公钥") from why
        if len(self.point) != 2 * HALF:
            raise Malformed("不是 SM2 公钥")

    def verify(self, message: bytes, signature: bytes, signer: bytes = ID) -> bool:
        """Whether the holder of the private half signed this, under this name. Any other bytes: no."""
        if len(signature) != 2 * HALF:
            return False
        r, s = int.from_bytes(signature[:HALF]), int.from_bytes(signature[HALF:])
        if not (0 < r < ORDER and 0 < s < ORDER):
            return False
        der = encode_dss_signature(r, s)
        return bool(gmssl_pyx.sm2_verify(self.point, message, der, _name(signer)))

    def pem(self) -> str:
        """As OpenSSL and others read it."""
        return _pem("PUBLIC", PUBLIC_DER + self.point)

    @classmethod
    def of(cls, pem: str) -> Self:
        der = _der("PUBLIC", pem)
        if not der.startswith(PUBLIC_DER):
            raise Malformed("不是 SM2 公钥")
        return cls(der[len(PUBLIC_DER) :])


@dataclass(frozen=True)
class PrivateKey:
    """Whoever holds it signs in this name."""

    public: PublicKey
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not 0 < int.from_bytes(self.secret) < ORDER - 1 or len(self.secret) != HALF:
            raise Malformed("不是 SM2 私钥")
        if not self.public.verify(b"", self.sign(b"")):
            raise Malformed("私钥和公钥不是一对")

    @classmethod
    def new(cls) -> Self:
        point, secret = gmssl_pyx.sm2_key_generate()
        return cls(PublicKey(point), secret)

    def sign(self, message: bytes, signer: bytes = ID) -> bytes:
        """64 bytes, r and s. Another each time, for the same message, too."""
        der = gmssl_pyx.sm2_sign(self.secret, self.public.point, message, _name(signer))
        r, s = decode_dss_signature(der)
        return r.to_bytes(HALF) + s.to_bytes(HALF)

    def pem(self) -> str:
        """The secret in plain: for `save`, or to be sealed (sealing.py)."""
        return _pem("PRIVATE", PRIVATE_DER + self.secret + PUBLIC_IN_PRIVATE + self.public.point)

    def save(self, path: Path) -> None:
        """A new file that its owner alone can read."""
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(self.pem())

    @classmethod
    def of(cls, pem: str) -> Self:
        der = _der("PRIVATE", pem)
        secret, rest = der[len(PRIVATE_DER) : len(PRIVATE_DER) + HALF], der[len(PRIVATE_DER) + HALF :]
        if not der.startswith(PRIVATE_DER) or not rest.startswith(PUBLIC_IN_PRIVATE):
            raise Malformed("不是 SM2 私钥")
        return cls(PublicKey(rest[len(PUBLIC_IN_PRIVATE) :]), secret)


def sign(private: PrivateKey, message: bytes, signer: bytes = ID) -> bytes:
    """Sign a notice or a file in somebody's name.

    >>> key = PrivateKey.new()
    >>> notice = "停用名单 第 7 号".encode()
    >>> verify(key.public, notice, sign(key, notice)), verify(key.public, notice + b"!", sign(key, notice))
    (True, False)
    """
    return private.sign(message, signer)


def verify(public: PublicKey, message: bytes, signature: bytes, signer: bytes = ID) -> bool:
    """Whether it was signed in that name, and nothing in it was changed."""
    return public.verify(message, signature, signer)


def _name(signer: bytes) -> bytes:
    if not 0 < len(signer) <= MOST_ID:
        raise ValueError(f"a signer's name has 1 to {MOST_ID} bytes, not {len(signer)}")
    return signer


def _pem(what: str, der: bytes) -> str:
    text = base64.b64encode(der).decode()
    lines = "\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    return f"-----BEGIN {what} KEY-----\n{lines}\n-----END {what} KEY-----\n"


def _der(what: str, pem: str) -> bytes:
    found = PEM.fullmatch(pem.strip() + "\n")
    if not found or found[1] != what:
        raise Malformed("密钥文件不是 PEM 格式，或者不是要的那一种")
    try:
        return base64.b64decode("".join(found[2].split()), validate=True)
    except binascii.Error as why:
        raise Malformed("密钥文件不是 PEM 格式，或者不是要的那一种") from why
