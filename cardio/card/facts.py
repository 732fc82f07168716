"""What a card says of itself and of its holder, and how it took a PIN."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from cardio.faults import CardExpired, CardOfOtherArea


@dataclass(frozen=True)
class CardIdentity:
    """What the card says of itself. `card_code` and `card_no` in capital letters, as printed."""

    card_no: str
    card_code: str
    area: str
    version: str
    issued: date
    expires: date
    algorithm: str


@dataclass(frozen=True)
class Accepted:
    """Which cards a machine serves. `areas` are beginnings of area codes; what is left out is not looked at."""

    areas: tuple[str, ...] = ()
    on: date | None = None

    def check(self, card: CardIdentity) -> None:
        if self.areas and not card.area.startswith(self.areas):
            raise CardOfOtherArea(card.area)
        if self.on and card.expires < self.on:
            raise CardExpired(card.expires.isoformat())


ANY_CARD: Final = Accepted()


@dataclass(frozen=True)
class Named:
    """Whose card it is, and no more than a kiosk needs to know."""

    ident: str
    name: str


@dataclass(frozen=True)
class Holder(Named):
    """All that a card says of its holder. Sex and nation are codes (GB/T 2261.1, GB/T 3304)."""

    sex: str
    nation: str
    birth: date


@dataclass(frozen=True)
class PinResult:
    """How the PIN was taken. `tries_left` is unknown after the right one, since the card no longer tells."""

    ok: bool
    tries_left: int | None
    blocked: bool
