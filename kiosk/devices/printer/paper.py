"""A simulated receipt printer: paper is a text file, 40 columns wide, Chinese counted double."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Final

from kiosk.devices.port import DeviceDead, DeviceFailed, DeviceHealth, Receipt
from kiosk.devices.printer.plan import ROLL, Paper, PrinterPlan, Trouble

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

    def __init__(self, folder: Path, plan: PrinterPlan | None = None) -> None:
        self._folder = folder
        self.plan = plan or PrinterPlan()
        self.last = ""

    def print(self, name: str, receipt: Receipt) -> None:
        trouble = self.plan.trouble
        if trouble is Trouble.OFFLINE:
            raise DeviceDead
        if trouble is not None:
            raise DeviceFailed("nothing was printed", trouble)
        self._folder.mkdir(parents=True, exist_ok=True)
        self.last = layout(receipt)
        (self._folder / f"{name}.txt").write_text(self.last, "utf-8")
        self.plan.slips -= 1

    def new_roll(self, slips: int | None = None) -> None:
        """Somebody puts paper in, or takes it out."""
        self.plan.slips = ROLL if slips is None else slips

    def health(self) -> DeviceHealth:
        trouble, paper = self.plan.trouble, self.plan.paper
        if trouble is Trouble.OFFLINE:
            return DeviceHealth("away", trouble, {})
        facts: dict[str, str | int] = {"paper": paper}
        if paper is not Paper.UNKNOWN:
            facts["slips"] = self.plan.slips
        if trouble is not None:
            return DeviceHealth("failed", trouble, facts)
        return DeviceHealth("ok" if paper is Paper.FULL else "warns", paper, facts)
