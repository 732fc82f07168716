"""Security modules: the port, one in memory, one on a card in a second reader; and the hierarchy of keys."""

from cardio.sam.card import PcscSam
from cardio.sam.port import Meeting, Pin, PinBlock, PinBlockUsed, Sam, SamFault
from cardio.sam.ring import COUNTER, TERMINAL, KeyNotHeld, KeyRing, Purpose
from cardio.sam.soft import SoftSam, create

__all__ = [
    "COUNTER",
    "TERMINAL",
    "KeyNotHeld",
    "KeyRing",
    "Meeting",
    "PcscSam",
    "Pin",
    "PinBlock",
    "PinBlockUsed",
    "Purpose",
    "Sam",
    "SamFault",
    "SoftSam",
    "create",
]
