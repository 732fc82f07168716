"""What the simulated printer has on its roll and what goes wrong in it; states after CEN/XFS for printers (PTR).

The names are those of the interface's public C header (WFS_PTR_PAPER…, WFS_ERR_PTR_…, WFS_STAT_DEV…), as
manufacturers' programs quote it; the text of the standard was not read. The cover is ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

ROLL: Final = 400  # slips; ours
LOW: Final = 40  # slips left when somebody should come; ours


class Paper(StrEnum):
    """WFSPTRSTATUS.fwPaper"""

    FULL = "PAPERFULL"
    LOW = "PAPERLOW"
    OUT = "PAPEROUT"
    UNKNOWN = "PAPERUNKNOWN"
    JAMMED = "PAPERJAMMED"


class Trouble(StrEnum):
    """Why nothing was printed."""

    PAPER_OUT = "PAPEROUT"
    MEDIA_JAMMED = "MEDIAJAMMED"
    COVER_OPEN = "COVEROPEN"
    OFFLINE = "OFFLINE"


@dataclass
class PrinterPlan:
    """What is wrong from here on."""

    slips: int = ROLL  # left on the roll
    jam: bool = False
    cover_open: bool = False
    offline: bool = False
    blind: bool = False  # its paper sensor says nothing

    @property
    def paper(self) -> Paper:
        if self.jam:
            return Paper.JAMMED
        if self.blind:
            return Paper.UNKNOWN
        if not self.slips:
            return Paper.OUT
        return Paper.LOW if self.slips <= LOW else Paper.FULL

    @property
    def trouble(self) -> Trouble | None:
        if self.offline:
            return Trouble.OFFLINE
        if self.cover_open:
            return Trouble.COVER_OPEN
        if self.jam:
            return Trouble.MEDIA_JAMMED
        return None if self.slips else Trouble.PAPER_OUT
