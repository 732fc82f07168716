"""What the reference backend keeps of payments due and orders, and its own reckoning with a collect card."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from backend.payout.schema import CardBegun, CardTerms, Closing
from cardio import tac
from cardio.sim import Persona

MOMENT = "20261124100000"


@dataclass(frozen=True)
class Agreed:
    order: str
    kiosk: str
    card: Persona
    amount_fen: int
    month: str
    begun: CardBegun | None

    @property
    def _fixed(self) -> tuple[bytes, bytes, bytes, bytes]:
        """Order, amount, kiosk; the month."""
        asked = tac.Asked(self.order, self.amount_fen, self.kiosk).encoded
        return asked[11:], asked[1:5], asked[5:11], bytes.fromhex(self.month.replace("-", ""))

    @property
    def _keys(self) -> tuple[bytes, bytes]:
        assert self.card.load_key is not None
        assert self.card.tac_key is not None
        return self.card.load_key, self.card.tac_key

    @property
    def _session(self) -> tuple[bytes, bytes, bytes]:
        """Session key, count, random number."""
        assert self.begun is not None
        count, rnd = self.begun.count.to_bytes(4), bytes.fromhex(self.begun.rnd)
        return tac.session_key(self._keys[0], rnd, count), count, rnd

    @property
    def _next(self) -> bytes:
        assert self.begun is not None
        return (self.begun.count + 1).to_bytes(4)

    def asked_right(self) -> bool:
        assert self.begun is not None
        asked = tac.Asked(self.order, self.amount_fen, self.kiosk).encoded
        return tac.mac1(*self._session, asked).hex() == self.begun.mac1 and self.begun.key_version == 1

    def terms(self) -> CardTerms:
        order, amount, kiosk, period = self._fixed
        mac2 = tac.mac2(*self._session, order + amount + kiosk + bytes.fromhex(MOMENT) + period)
        return CardTerms(moment=MOMENT, month=self.month, mac2=mac2.hex())

    def tac(self) -> str:
        order, amount, kiosk, period = self._fixed
        terms = order + amount + period + kiosk + bytes.fromhex(MOMENT)
        return tac.tac(self._keys[1], self._next, terms).hex()

    def closing(self, *, paid: bool) -> Closing:
        ended = tac.Result.PAID if paid else tac.Result.CANCELLED
        mac3 = tac.mac3(self._keys[0], self._next, bytes.fromhex(self.order), ended)
        return Closing(order=self.order, ended=1 if paid else 2, mac3=mac3.hex())


@dataclass(eq=False)
class Due:
    entitlement: str
    card_no: str
    amount_fen: int
    month: str = "2026-11"
    collected_on: date | None = None
    orders: list[Kept] = field(default_factory=list)


@dataclass(eq=False)
class Kept:
    """An order as the backend keeps it."""

    order: str
    kiosk: str
    card: Persona
    due: Due
    method: str
    nonce: str
    state: str = "opened"
    dispenser: str = ""
    dispenser_nonce: str = ""
    receipt_no: str | None = None
    begun: CardBegun | None = None  # what a collect card answered
    tac: str = ""

    @property
    def agreed(self) -> Agreed:
        return Agreed(self.order, self.kiosk, self.card, self.due.amount_fen, self.due.month, self.begun)

    @property
    def terms(self) -> CardTerms | None:
        return self.agreed.terms() if self.begun else None
