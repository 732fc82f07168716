"""The camera for proof of life: a still in place of a person; faces are not compared by anything here."""

from __future__ import annotations

import math
import struct
import zlib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

from kiosk.devices.port import Camera, DeviceDead, DeviceFailed, DeviceHealth, Picture

WIDTH, HEIGHT = 320, 240
DARK: Final = 24  # a mean below is a covered lens or no light; ours
FLAT: Final = 6  # so little between dark and bright is a wall or a covered lens; ours


class CameraTrouble(StrEnum):
    """Why there is no picture; ours."""

    BLACK = "BLACK"
    BLANK = "BLANK"
    OFFLINE = "OFFLINE"


@dataclass
class CameraPlan:
    """What is wrong from here on."""

    away: bool = False
    covered: bool = False  # something is stuck over the lens


def take(camera: Camera) -> Picture:
    """A picture on which something can be seen; a black or blank one is none."""
    picture = camera.picture()
    if sum(picture.grey) < DARK * len(picture.grey):
        raise DeviceFailed("the picture is black", CameraTrouble.BLACK)
    if max(picture.grey) - min(picture.grey) < FLAT:
        raise DeviceFailed("the picture is blank", CameraTrouble.BLANK)
    return picture


def png(picture: Picture) -> bytes:
    """The same points as a PNG file.

    >>> png(Picture(1, 1, b"a"))[:8]
    b'\\x89PNG\\r\\n\\x1a\\n'
    """

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (picture.grey[at : at + picture.width] for at in range(0, len(picture.grey), picture.width))
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", picture.width, picture.height, 8, 0, 0, 0, 0)),
            chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows))),
            chunk(b"IEND", b""),
        )
    )


def pgm(data: bytes) -> Picture:
    """A stored still: PGM, binary, eight bits (`P5 width height 255`), without comments.

    >>> pgm(b"P5\\n2 1\\n255\\nab")
    Picture(width=2, height=1, grey=b'ab')
    """
    head = data.split(maxsplit=3)
    if len(head) != 4 or head[0] != b"P5" or not (head[1].isdigit() and head[2].isdigit()):
        raise ValueError("not a binary PGM picture")
    width, height = int(head[1]), int(head[2])
    top, _, grey = head[3].partition(b"\n")
    if top != b"255":
        raise ValueError("not eight bits a point")
    return Picture(width, height, grey)


@cache
def somebody(width: int = WIDTH, height: int = HEIGHT) -> Picture:
    """A head and shoulders before a wall: nobody's face."""

    def point(x: float, y: float) -> int:
        head = math.hypot(x, (y + 0.15) * 0.8) < 0.28
        body = math.hypot(x * 0.75, y - 0.95) < 0.55
        return 150 if head else 70 if body else 215

    rows = ((2 * row / height - 1 for _ in range(width)) for row in range(height))
    return Picture(
        width,
        height,
        bytes(point((2 * at / width - 1) * width / height, y) for row in rows for at, y in enumerate(row)),
    )


class SimCamera:
    """Gives the still that lies at `path`; without one nothing, or where it `invents`, somebody who is nobody."""

    def __init__(
        self, path: Path | None = None, plan: CameraPlan | None = None, *, invents: bool = False
    ) -> None:
        self.plan = plan or CameraPlan()
        self._path, self._invents = path, invents

    def picture(self) -> Picture:
        if self.plan.away:
            raise DeviceDead
        if self.plan.covered:
            return Picture(WIDTH, HEIGHT, bytes(WIDTH * HEIGHT))
        if self._invents and (self._path is None or not self._path.exists()):
            return somebody()
        if self._path is None:
            raise DeviceFailed("no still", CameraTrouble.BLANK)
        try:
            return pgm(self._path.read_bytes())
        except (OSError, ValueError) as why:
            raise DeviceFailed(str(why), CameraTrouble.BLANK) from why

    def health(self) -> DeviceHealth:
        if self.plan.away:
            return DeviceHealth("away", CameraTrouble.OFFLINE, {})
        try:
            take(self)
        except DeviceFailed as why:
            return DeviceHealth("failed", why.code, {})
        return DeviceHealth("ok", "ONLINE", {})
