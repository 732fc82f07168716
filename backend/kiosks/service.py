"""Kiosks 自助机: what other systems may call."""

from backend.kiosks.beating import beat
from backend.kiosks.cash import count_at_desk, count_here, on_cash_loaded, place, take_out
from backend.kiosks.checking import check
from backend.kiosks.days import day_sheet
from backend.kiosks.deciding import offer, start, stop
from backend.kiosks.differences import decide
from backend.kiosks.fleet import differences, fleet, one
from backend.kiosks.operators import enter, forget, set_code

__all__ = [
    "beat",
    "check",
    "count_at_desk",
    "count_here",
    "day_sheet",
    "decide",
    "differences",
    "enter",
    "fleet",
    "forget",
    "offer",
    "on_cash_loaded",
    "one",
    "place",
    "set_code",
    "start",
    "stop",
    "take_out",
]
