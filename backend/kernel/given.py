"""Given: what somebody hands in at a terminal, read or refused with a sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from backend.kernel.errors import Refusal
from backend.kernel.text import text_of


class NoFile(Refusal):
    """读不到文件“{name}”。请核对文件名，以及是不是有权读它。"""

    status = 404


class NotJson(Refusal):
    """内容读不懂，应该是一条完整的 JSON。请核对以后重新提交。"""

    status = 422


def content_of(path: Path) -> bytes:
    """A file that somebody names at a terminal."""
    try:
        return path.read_bytes()
    except (OSError, ValueError):
        raise NoFile(name=path.name) from None


def json_of(content: bytes) -> Any:
    """One JSON value as handed in; not a tower of brackets or a number without end either.

    >>> json_of(b"[1, 2]"), json_of('{"name": "张"}'.encode("gb18030"))
    ([1, 2], {'name': '张'})
    """
    try:
        return json.loads(text_of(content))
    except (ValueError, RecursionError):
        raise NotJson from None
