"""How a chip answers over T=0: data for a command that brought data waits until it is fetched."""

from __future__ import annotations

from typing import Final

from cardio.link import Answer

OK: Final = 0x9000
GET_RESPONSE: Final = 0xC0


class Says(Exception):
    """A status word instead of data."""

    def __init__(self, sw: int) -> None:
        self.sw = sw


class Speaks:
    """A chip's mouth."""

    def __init__(self) -> None:
        self._waiting = b""  # for GET RESPONSE

    def _later(self, data: bytes) -> Answer:
        """Data for a command that brought data: to be fetched."""
        self._waiting = data
        return Answer(b"", 0x6100 | len(data) & 0xFF)

    def _take(self, waiting: bytes, le: int) -> Answer:
        if not waiting:
            raise Says(0x6985)
        wanted = le or 256
        if wanted > len(waiting):
            self._waiting = waiting
            raise Says(0x6C00 | len(waiting) & 0xFF)
        self._waiting = waiting[wanted:]
        left = min(len(self._waiting), 255)
        return Answer(waiting[:wanted], 0x6100 | left if left else OK)

    @staticmethod
    def _exactly(data: bytes, le: int) -> Answer:
        if le != len(data) & 0xFF or (le == 0 and len(data) != 256):
            raise Says(0x6C00 | len(data) & 0xFF)
        return Answer(data, OK)
