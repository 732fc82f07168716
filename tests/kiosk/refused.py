"""Every refusal of the backend that can reach a kiosk, with its facts."""

from __future__ import annotations

from datetime import date

from backend.employment.applying import AlreadyApplied
from backend.hall import refusals as hall
from backend.kernel.db import Clash
from backend.kernel.errors import DeviceUnknown, KioskStopped, NotFound, Refusal
from backend.kernel.language import ZH, day_in, month_in
from backend.kernel.period import Month
from backend.levy.certifying import NothingPaid
from backend.payout import refusals
from backend.payout.visiting import STOPPED

FACTS = {  # what the backend has to say about each
    "CardStopped": [{"status": status} for status in STOPPED.values()],
    "CardExpired": [{"expires": day_in(date(2026, 6, 1), ZH)}],
    "OtherDispenser": [{"dispenser": "D-0001"}],
    "NothingLevied": [{"year": "2026"}],
    "CannotBeLost": [{"tail": "0042", "status": "已换卡"}],
    "AlreadyApplied": [{"state": "已投递"}],
    "NotFound": [{"what": "这笔待遇"}, {"what": "领取单 0000000100010001"}],
} | {
    name: [
        {"month": month_in(Month(2026, 11), ZH), "item": "基本养老金", "day": day_in(date(2026, 11, 9), ZH)}
    ]
    for name in ("AlreadyCollected", "Cancelled", "HeldElsewhere", "SentToBank")
}


def refused_here() -> list[Refusal]:
    shapes = [
        one
        for one in vars(refusals).values()
        if isinstance(one, type) and one.__module__ == refusals.__name__
    ]
    shapes += [
        one for one in vars(hall).values() if isinstance(one, type) and one.__module__ == hall.__name__
    ]
    shapes += [AlreadyApplied, NothingPaid]
    shapes += [DeviceUnknown, KioskStopped, NotFound, Clash]
    return [shape(**facts) for shape in shapes for facts in FACTS.get(shape.__name__, [{}])]
