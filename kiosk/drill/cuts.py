"""Cuts: what the drill with real processes declares — every step of a collection by every fault that meets it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kiosk.drill import creep, hand
from kiosk.drill.scene import TAKES_SOME

CODES: Final = ("CRD-11", "CRD-12", "PAY-11", "PAY-12", "PAY-13")
SIDES: Final = ("before", "after")


@dataclass(frozen=True)
class Cut:
    """`kind`: card, wire, disk or rest. `step`: what is held there, or the point, or the state."""

    kind: str
    step: str
    side: str
    how: str

    @property
    def told(self) -> tuple[str, str]:
        return " ".join(filter(None, (self.kind, self.step, self.side))), self.how


def cuts() -> list[Cut]:
    """Every declared cut: the steps of a collection, before and after, by every fault that can meet them."""
    card = ("card pulled", "kiosk dies", "pcscd dies")
    wire = ("kiosk dies", "portal dies", "postgres dies", "network cut")
    waits = ("portal dies", "postgres dies", "network cut", "pcscd dies", "journal lost", "disk full")
    return [
        *(Cut("card", step, side, how) for step in hand.STEPS for side in SIDES for how in card),
        *(Cut("wire", code, side, how) for code in CODES for side in SIDES for how in wire),
        *(Cut("wire", code, "after", "network gone for long") for code in CODES[2:]),
        *(Cut("wire", code, "after", "disk full") for code in CODES[3:]),
        *(Cut("disk", point, "", "kiosk dies") for point in creep.POINTS),
        *(Cut("rest", state, "", "card pulled") for state in ("PIN", "MENU", "METHOD")),
        *(Cut("rest", state, "", "disk full") for state in ("WELCOME", "METHOD")),
        *(Cut("rest", state, "", how) for state in ("STACKED", "PRESENTING") for how in waits),
        Cut("rest", "PRESENTING", "", TAKES_SOME),
    ]
