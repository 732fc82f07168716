"""Told: what a load may know besides HTTP — the kiosks' keys, the demo cards, who can sign in."""

from __future__ import annotations

import json
import os
import random
import re
from collections import deque
from datetime import date, timedelta
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Any

WORDS = ("服务员", "会计", "保安", "司机", "电工", "fuwuyuan", "软件", "护士", "厨师", "仓库", "销售", "保洁")
VACANCY = re.compile(r'href="/jobs/(V[0-9A-Za-z-]+)')


class Told:
    """The file that was left for the load in the city's home."""

    def __init__(self, path: Path) -> None:
        known: dict[str, Any] = json.loads(path.read_text("utf-8"))
        self.kiosks = deque(known["kiosks"])
        self.cards = deque(known["cards"])
        self.payments = sum(card["payables"] for card in self.cards)
        self.citizens = cycle(known["citizens"])
        self.employers = cycle(known["employers"])
        self.today = date.fromisoformat(known["today"])
        self.password = str(known["password"])
        self.clerk = str(known["clerk"])
        self.idents = [card["ident"] for card in self.cards]

    def kiosk(self) -> dict[str, str] | None:
        """One that nobody stands at."""
        return self.kiosks.popleft() if self.kiosks else None

    def card(self) -> dict[str, Any] | None:
        """Of somebody with a payment to collect, who is at no kiosk now."""
        return self.cards.popleft() if self.cards else None


@cache
def told() -> Told:
    return Told(Path(os.environ["LOAD_TOLD"]))


def word() -> str:
    return random.choice(WORDS)


def in_a_month() -> str:
    """A day for an advert to end on."""
    return (told().today + timedelta(days=30)).isoformat()
