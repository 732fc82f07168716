"""Sealing 封存: a secret that leaves the house in a file, under a passphrase (scrypt) or a key kept apart; SM4-GCM.

The form is that of the security modules, which open it (`cardio/sealing.py`); here it is only written.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from backend.kernel.errors import Refusal

KEY: Final = 16
SALT: Final = 16
NONCE: Final = 12
COST: Final = {"n": 2**15, "r": 8, "p": 1}  # RFC 7914: 32 MB and a tenth of a second for each guess


class FileThere(Refusal):
    """文件“{name}”已经有了，没有覆盖。请换一个文件名。"""


class CannotWrite(Refusal):
    """文件“{name}”写不下去。请核对文件夹在不在，以及是不是有权写它。"""

    status = 422


class KeyFileWrong(Refusal):
    """“{name}”里不是钥匙：应该是 32 位十六进制。请换一个文件；写一个还没有的，就做一把新的。"""

    status = 422


@dataclass(frozen=True)
class Opener:
    """What will open the file: told in it, and the key itself, which is not."""

    told: dict[str, Any]
    key: bytes = field(repr=False)


def passphrase(words: str) -> Opener:
    """Words that somebody types where it is opened."""
    salt = secrets.token_bytes(SALT)
    key = Scrypt(salt=salt, length=KEY, **COST).derive(words.encode())
    return Opener({"opener": "scrypt", "salt": salt.hex(), **COST}, key)


def key_file(path: Path) -> Opener:
    """A key in a file of its own, kept apart from what it opens; a new one where there is none."""
    if not path.exists():
        write(path, secrets.token_hex(KEY) + "\n")
    try:
        key = bytes.fromhex(path.read_text("ascii").strip())
    except (OSError, ValueError):
        key = b""
    if len(key) != KEY:
        raise KeyFileWrong(name=path.name)
    return Opener({"opener": "file"}, key)


def seal(secret: bytes, opener: Opener, **beside: str | int) -> str:
    """The text of the file. What stands in it in plain, `beside` too, is sealed with the rest against any change."""
    told = {"sealed": "SM4-GCM", **opener.told, **beside}
    nonce = secrets.token_bytes(NONCE)
    encryptor = Cipher(algorithms.SM4(opener.key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(json.dumps(told, sort_keys=True).encode())
    body = encryptor.update(secret) + encryptor.finalize()
    whole = base64.b64encode(nonce + body + encryptor.tag).decode()
    return json.dumps({**told, "data": whole}, indent=2) + "\n"


def require_new(path: Path) -> None:
    """Asked before a secret is taken out: nothing is written over."""
    if path.exists():
        raise FileThere(name=path.name)


def write(path: Path, text: str) -> None:
    """A new file that its owner alone can read."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
    except FileExistsError:
        raise FileThere(name=path.name) from None
    except OSError:
        raise CannotWrite(name=path.name) from None
