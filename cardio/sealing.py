"""Sealing: a secret kept in a file, under a passphrase (scrypt) or a key in another file; SM4-GCM.

Whoever has the file alone has nothing. Whoever changed a bit of it is seen before anything is used.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from cardio.link import CardFault

KEY: Final = 16
SALT: Final = 16
NONCE: Final = 12
TAG: Final = 16
# RFC 7914: 128 · n · r bytes of memory for each guess; here 32 MB and a tenth of a second
COST: Final = {"n": 2**15, "r": 8, "p": 1}
MOST_COST: Final = {"n": 2**20, "r": 32, "p": 16}  # a file must not make us work for ever


class SealWrong(CardFault):
    """这个密钥文件打不开：口令不对，或者文件被改动过。请核对口令；还是不行，请向密钥中心重新领取。"""


class SealedFileMissing(CardFault):
    """找不到密钥文件“{file}”，或者没有权限读它。请核对文件名和权限。"""


class SealKeyMissing(CardFault):
    """找不到打开密钥文件的钥匙“{file}”，或者它不是 32 位十六进制。请把存放钥匙的介质接好再试。"""


class Opener(Protocol):
    """What opens a sealed file; each kind tells how, so that the file can say which it needs."""

    @property
    def kind(self) -> str: ...
    def key(self, told: dict[str, Any]) -> bytes: ...
    def fresh(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Passphrase:
    """Words that somebody types when the machine starts."""

    words: str = field(repr=False)
    kind: str = "scrypt"

    def fresh(self) -> dict[str, Any]:
        return {"salt": secrets.token_hex(SALT), **COST}

    def key(self, told: dict[str, Any]) -> bytes:
        cost = {name: int(told[name]) for name in COST}
        if any(not 0 < cost[name] <= MOST_COST[name] for name in COST):
            raise ValueError("a cost nobody would choose")
        derive = Scrypt(salt=bytes.fromhex(told["salt"]), length=KEY, **cost)
        return derive.derive(self.words.encode())


@dataclass(frozen=True)
class KeyFile:
    """A key kept apart from what it opens: on a medium that is put in, or let out by the machine's own chip."""

    path: Path
    kind: str = "file"

    def fresh(self) -> dict[str, Any]:
        return {}

    def key(self, told: dict[str, Any]) -> bytes:
        try:
            kept = self.path.read_text("ascii")
        except (OSError, ValueError) as why:
            raise SealKeyMissing(file=self.path) from why
        return _key_of(kept, self.path)

    def make(self) -> KeyFile:
        """A new key in a new file that its owner alone can read."""
        _write(self.path, secrets.token_hex(KEY) + "\n")
        return self


@dataclass(frozen=True)
class GivenKey:
    """The same key, told by whoever holds it: hexadecimal."""

    told: str = field(repr=False)
    name: str
    kind: str = KeyFile.kind

    def fresh(self) -> dict[str, Any]:
        return {}

    def key(self, told: dict[str, Any]) -> bytes:
        return _key_of(self.told, self.name)


def _key_of(kept: str, where: Path | str) -> bytes:
    try:
        found = bytes.fromhex(kept.strip())
    except ValueError as why:
        raise SealKeyMissing(file=where) from why
    if len(found) != KEY:
        raise SealKeyMissing(file=where)
    return found


def seal(secret: bytes, opener: Opener, path: Path) -> None:
    """Write a new file. It says in plain how it is opened, and that is sealed with the rest."""
    told = {"sealed": "SM4-GCM", "opener": opener.kind, **opener.fresh()}
    nonce = secrets.token_bytes(NONCE)
    encryptor = Cipher(algorithms.SM4(opener.key(told)), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(_plain(told))
    body = encryptor.update(secret) + encryptor.finalize()
    whole = base64.b64encode(nonce + body + encryptor.tag).decode()
    _write(path, json.dumps({**told, "data": whole}, indent=2) + "\n")


def unseal(path: Path, opener: Opener) -> bytes:
    """What is in it; a wrong opener and a changed file are the same to us."""
    try:
        text = path.read_text("utf-8")
    except OSError as why:
        raise SealedFileMissing(file=path) from why
    try:
        told = dict(json.loads(text))
        whole = base64.b64decode(told.pop("data"), validate=True)
        if told["opener"] != opener.kind or len(whole) < NONCE + TAG:
            raise SealWrong("another opener")
        nonce, body, tag = whole[:NONCE], whole[NONCE:-TAG], whole[-TAG:]
        decryptor = Cipher(algorithms.SM4(opener.key(told)), modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(_plain(told))
        return decryptor.update(body) + decryptor.finalize()
    except (KeyError, TypeError, ValueError, AttributeError, InvalidTag) as why:
        raise SealWrong(type(why).__name__) from why


def _plain(told: dict[str, Any]) -> bytes:
    return json.dumps(told, sort_keys=True).encode()


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
