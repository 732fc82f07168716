"""Mutation: real bytes spoilt as wires, disks and strangers spoil them; all of it from a seed."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, Final

ODD_BYTES: Final = (b"\x00", b"\xff", b"\x7f", b"\x80", b"\x81\xff", b"\x82\xff\xff", b"\x9f", b"\x1f")
ODD_VALUES: Final[tuple[Any, ...]] = (
    None,
    True,
    -1,
    0,
    2**63,
    10**400,
    1e308,
    float("nan"),
    "",
    "\0",
    "\ud800",
    "９" * 6,
    "a" * 5000,
    [],
    {},
    [[[[]]]],
    {"": None},
)
MOST: Final = 6  # changes of one input
LONGEST: Final = 70_000
DEEP: Final = 3000  # brackets inside each other


def spoilt(rng: Random, real: Sequence[bytes]) -> bytes:
    """One of these, changed in some places; now and then nothing real at all."""
    if not rng.randrange(20):
        return rng.randbytes(rng.randrange(64))
    data = bytearray(rng.choice(real))
    for _ in range(rng.randrange(MOST) + 1):
        rng.choice(CHANGES)(rng, data, real)
    return bytes(data[:LONGEST])


def _flip(rng: Random, data: bytearray, real: Sequence[bytes]) -> None:
    if data:
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def _set(rng: Random, data: bytearray, real: Sequence[bytes]) -> None:
    if data:
        at = rng.randrange(len(data))
        odd = rng.choice(ODD_BYTES)
        data[at : at + len(odd)] = odd


def _insert(rng: Random, data: bytearray, real: Sequence[bytes]) -> None:
    at = rng.randrange(len(data) + 1)
    data[at:at] = rng.randbytes(rng.randrange(1, 9))


def _cut(rng: Random, data: bytearray, real: Sequence[bytes]) -> None:
    at = rng.randrange(len(data) + 1)
    del data[at : at + rng.randrange(1, 40)]


def _end(rng: Random, data: bytearray, real: Sequence[bytes]) -> None:
    del data[rng.randrange(len(data) + 1) :]


def _again(rng: Random, data: bytearray, real: Sequence[bytes]) -> None:
    at = rng.randrange(len(data) + 1)
    piece = data[at : at + rng.randrange(1, 60)]
    data[at:at] = piece * rng.randrange(1, 4)


def _other(rng: Random, data: bytearray, real: Sequence[bytes]) -> None:
    other = rng.choice(real)
    at, start = rng.randrange(len(data) + 1), rng.randrange(len(other) + 1)
    data[at:] = other[start:]


Change = Callable[[Random, bytearray, Sequence[bytes]], None]
CHANGES: Final[tuple[Change, ...]] = (_flip, _flip, _set, _insert, _cut, _end, _again, _other)


def spoilt_json(rng: Random, real: Sequence[bytes]) -> bytes:
    """A real document with one value in it odd, gone or of another name; or its bytes spoilt."""
    if not rng.randrange(3):
        return spoilt(rng, real)
    if not rng.randrange(200):
        return b"[" * DEEP + b"]" * DEEP
    found = json.loads(rng.choice(real))
    for _ in range(rng.randrange(2) + 1):
        found = _elsewhere(rng, found)
    return json.dumps(found).encode()


def _elsewhere(rng: Random, found: Any) -> Any:
    """The same with one place in it changed."""
    if isinstance(found, dict) and found and rng.randrange(6):
        name = rng.choice(sorted(found))
        changed = dict(found)
        match rng.randrange(8):
            case 0:
                del changed[name]
            case 1:
                changed[rng.choice(("x", "", "note", name.upper()))] = changed.pop(name)
            case _:
                changed[name] = _elsewhere(rng, found[name])
        return changed
    if isinstance(found, list) and found and rng.randrange(6):
        at = rng.randrange(len(found))
        return [_elsewhere(rng, one) if n == at else one for n, one in enumerate(found)]
    if isinstance(found, str) and rng.randrange(2):
        return spoilt(rng, [found.encode("utf-8", "replace")]).decode("utf-8", "replace")
    return rng.choice(ODD_VALUES)
