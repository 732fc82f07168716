"""Cards 社会保障卡: what other systems may call, and hear."""

from backend.cards import ending, keyversions, losing, mine, pins, stocking, stopping
from backend.cards.applying import apply, decide, withdraw
from backend.cards.checking import check
from backend.cards.entrusting import ring, transport
from backend.cards.handing import activate, cancel, hand_out
from backend.cards.losing import (
    find_card,
    lapse,
    register_phone_code,
    report_loss_by_phone,
    report_temporary_loss,
)
from backend.cards.personalising import write, write_waiting
from backend.cards.producing import make_production, read_production

__all__ = [
    "activate",
    "apply",
    "cancel",
    "check",
    "decide",
    "ending",
    "find_card",
    "hand_out",
    "keyversions",
    "lapse",
    "losing",
    "make_production",
    "mine",
    "pins",
    "read_production",
    "register_phone_code",
    "report_loss_by_phone",
    "report_temporary_loss",
    "ring",
    "stocking",
    "stopping",
    "transport",
    "withdraw",
    "write",
    "write_waiting",
]
