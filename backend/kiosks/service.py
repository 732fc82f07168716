"""Kiosks 自助机: what other systems may call."""

from backend.kiosks.beating import beat
from backend.kiosks.cash import count_at_desk, count_here, on_cash_loaded, place, place_opening, take_out
from backend.kiosks.checking import check
from backend.kiosks.days import day_sheet
from backend.kiosks.deciding import offer, start, stop
from backend.kiosks.differences import decide
from backend.kiosks.fleet import differences, fleet, one
from backend.kiosks.operators import enter, forget, set_code
from backend.kiosks.schema import SetCode

__all__ = [
    "SetCode",
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
    "place_opening",
    "set_code",
    "start",
    "stop",
    "take_out",
]
