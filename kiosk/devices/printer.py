"""A simulated receipt printer: paper is a text file, 40 columns wide, Chinese counted double."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Final

from kiosk.devices.port import Receipt

WIDTH: Final = 40


def columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def layout(receipt: Receipt) -> str:
    """
    >>> layout(Receipt("回单", (("金额", "¥1.00"),), "完")).splitlines()[2]
    '金额                               ¥1.00'
    """
    rule = "-" * WIDTH
    lines = [" " * ((WIDTH - columns(receipt.title)) // 2) + receipt.title, rule]
    for label, value in receipt.lines:
        gap = WIDTH - columns(label) - columns(value)
        lines += (
            [label + " " * gap + value] if gap > 0 else [label, " " * max(0, WIDTH - columns(value)) + value]
        )
    return "\n".join([*lines, rule, receipt.foot, ""])


class FilePrinter:
    """Each receipt is a file under `folder`; the last one can be looked at."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.last = ""

    def print(self, name: str, receipt: Receipt) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self.last = layout(receipt)
        (self._folder / f"{name}.txt").write_text(self.last, "utf-8")
