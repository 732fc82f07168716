"""A store that keeps files in memory, for tests."""

from __future__ import annotations

import io
from typing import BinaryIO


class Memory:
    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}

    def create(self, name: str) -> BinaryIO:
        return io.BytesIO()

    def close(self, name: str, file: BinaryIO) -> str:
        assert isinstance(file, io.BytesIO)
        assert name not in self.contents
        self.contents[name] = file.getvalue()
        return f"kept/{name}"

    @property
    def texts(self) -> dict[str, str]:
        return {name: content.decode("gb18030") for name, content in self.contents.items()}
