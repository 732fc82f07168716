"""Case: what the kiosk holds about the person, about the order in hand, and what the screen may show."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Literal, Protocol

from backend.kernel.errors import Sentence
from backend.kernel.language import ZH
from backend.payout.schema import CardTerms, Method, OrderState, Outcome, Payable, Visit
from cardio.card import ANY_CARD, Accepted, CardIdentity, CardSession, Named
from cardio.collect import Begun
from cardio.keys import TerminalKey
from cardio.link import Link
from cardio.sam import Sam
from cardio.tac import Asked
from kiosk import told
from kiosk.client import Caller
from kiosk.devices.port import Camera, DeviceHealth, Dispenser, PinPad, Printer
from kiosk.duty import Duty
from kiosk.flow import State
from kiosk.journal import Journal
from kiosk.matter import Matter
from kiosk.services import SERVICES, Service
from kiosk.stopped import StopList

PIN_DIGITS: Final = 6
MOST_SLIPS: Final = 3  # of one order; more are staff's to give
LOUDEST: Final = 3
STEPS: Final[Mapping[str, int]] = {"louder": 1, "softer": -1}
Ending = Literal["paid", "to_bank", "not_paid", "in_doubt"]


@dataclass(frozen=True)
class Said:
    """One sentence for the person, without the error it came from: that holds what was read from the card."""

    code: str
    template: str
    facts: Mapping[str, Any]

    @classmethod
    def of(cls, happened: Sentence) -> Said:
        return cls(happened.code, happened.template, happened.facts)


@dataclass(frozen=True)
class Comfort:
    """How this visitor wants voice and screen; forgotten with the visit."""

    volume: int = 2  # 0 is off
    slow: bool = False
    headset: bool = False  # said to be plugged in: only then is anything private spoken
    low: bool = False  # everything in the lower half, for who sits
    open: bool = False  # the page where voice is chosen

    def wish(self, wish: str) -> Comfort:
        """As the visitor wants it now; what is no wish of ours changes nothing."""
        return replace(
            self,
            volume=min(LOUDEST, max(0, self.volume + STEPS.get(wish, 0))),
            slow=self.slow ^ (wish == "pace"),
            headset=self.headset ^ (wish == "headset"),
            low=self.low ^ (wish == "low"),
            open=self.open ^ (wish == "voice"),
        )


class Slot(Protocol):
    """Where a card is put in."""

    def insertion(self) -> int | None:
        """A number for the card that is in now; another for the next, and for the same put in again."""
        ...

    def link(self) -> Link: ...
    def health(self) -> DeviceHealth: ...


@dataclass
class Case:
    """The person and their card; forgotten as a whole."""

    session: CardSession
    identity: CardIdentity
    holder: Named
    tries: int | None
    masked_name: str = ""
    visit: str = ""
    challenge: str = ""
    typed: str = ""  # the PIN so far, where it is typed on the screen
    hidden: int = 0  # digits that a pin pad has taken; which, it alone knows
    old: str = ""  # the PIN that is to be changed, and the one it is to become
    new: str = ""
    account: Visit | None = None
    payable: Payable | None = None
    method: Method = "cash"
    resumed: bool = False
    signed_in: bool = True  # the card still knows that its holder gave the PIN: it proves nothing without

    @property
    def card(self) -> str:
        """Tells one card from another and says nothing else about it."""
        return hashlib.sha256(self.identity.card_code.encode()).hexdigest()


@dataclass
class Errand:
    """The order in hand; holds nothing that tells who the person is but the masked name for the receipt."""

    order: str
    amount_fen: int
    month: str
    item: str
    entitlement: str
    method: Method
    masked_name: str
    bank: str | None
    nonce: str = ""
    asked: Asked | None = (
        None  # of a collect card: what it was asked, what it answered, what the office signed
    )
    begun: Begun | None = None
    terms: CardTerms | None = None
    tac: str = ""
    proof: str = ""
    token: str = ""
    status: Any = None  # PresentStatus once the dispenser was asked
    outcome: Outcome | None = None
    state: OrderState | None = None  # the backend's word
    receipt_no: str | None = None
    at: datetime | None = None
    printed: bool = False  # the last slip that was asked for came out
    slips: int = 0  # so many came out
    unprinted: Said | None = None  # why it did not

    @property
    def prints(self) -> bool:
        """Whether the holder may have a slip now: there is something to tell, and paper is not for play."""
        return self.ending != "not_paid" and self.slips < MOST_SLIPS

    @property
    def check(self) -> str:
        """The last half of the card's TAC, as on the slip and in the card's own log."""
        return self.tac[8:].upper()

    @property
    def ending(self) -> Ending:
        """How it ended, as far as this kiosk can say."""
        if self.method == "cash":
            told: dict[Outcome, Ending] = {"paid": "paid", "not": "not_paid", "unknown": "in_doubt"}
            return told[self.outcome or "unknown"]
        if self.state in ("authorised", "paid"):
            return "to_bank"
        return "not_paid" if self.state in ("cancelled", "released", "refused") else "in_doubt"


@dataclass
class Kiosk:
    """The machine: its ports, its journal and what it has in hand."""

    id: str  # four bytes in hex
    slot: Slot
    caller: Caller
    dispenser: Dispenser
    printer: Printer
    journal: Journal
    terminal: TerminalKey | None = None  # lets it read third-generation cards that ask who reads
    sam: Sam | None = None  # does that and more: secure messaging, and copies seen before the PIN
    accepted: Accepted = ANY_CARD
    pad: PinPad | None = None  # without one the PIN is typed on the screen
    camera: Camera | None = None
    language: str = ZH
    services: tuple[Service, ...] = SERVICES  # what it offers, in the order of the menu
    comfort: Comfort = Comfort()
    case: Case | None = None
    matter: Matter = field(default_factory=Matter)  # what a service has in hand
    errand: Errand | None = None
    said: Said | None = None
    fault: Said | None = None  # the last that went wrong with a card, for staff
    duty: Duty = field(default_factory=Duty)  # whether it may begin with another person
    stops: StopList | None = None  # which cards it refuses by itself
    short_fen: int | None = (
        None  # the smallest amount for which the office's books knew too little cash in here
    )

    def say(self, happened: Sentence) -> None:
        self.said = Said.of(happened)

    @property
    def person(self) -> Case:
        if self.case is None:
            raise RuntimeError("no card has been read")
        return self.case

    def refuses(self, card: CardIdentity) -> bool:
        """Whether the card is on the list of stopped ones; the office is not asked about it."""
        return self.stops is not None and self.stops.refuses(card.card_code, offline=self.duty.offline)

    @property
    def order(self) -> Errand:
        if self.errand is None:
            raise RuntimeError("no order in hand")
        return self.errand

    @property
    def offers(self) -> tuple[Service, ...]:
        """What of its services the office wants it to offer now; all where the office has named none."""
        wanted = self.duty.heard.services if self.duty.heard else None
        return tuple(one for one in self.services if wanted is None or one.code in wanted)

    @property
    def gives_cash(self) -> bool:
        """No cash where the dispenser says that it cannot, nor while an order of this kiosk waits to be counted,
        nor an amount that it was too short for."""
        asked = self.case.payable if self.case else None
        short = asked is not None and self.short_fen is not None and asked.amount_fen >= self.short_fen
        works = self.dispenser.health().state not in ("failed", "away")
        return works and not short and not self.journal.doubts()

    @property
    def hindered(self) -> Said | None:
        """Why nobody can be served here now, said before a card is put in."""
        pad = self.pad.health() if self.pad else None
        found = told.hindrance(self.slot.health(), pad)
        return Said.of(found) if found else None


@dataclass(frozen=True)
class Screen:
    """Everything a page may show, fixed at one moment."""

    version: int
    state: State
    language: str = ZH
    comfort: Comfort = Comfort()
    insertion: int | None = None
    said: Said | None = None
    masked_name: str = ""
    typed: int = 0
    pad: bool = False  # the PIN is typed on a pin pad
    camera: bool = False  # who proves that they live is photographed
    hindered: Said | None = None
    tries: int | None = None
    account: Visit | None = None
    due: tuple[Payable, ...] = ()
    payable: Payable | None = None
    errand: Errand | None = None
    gives_cash: bool = True
    resumed: bool = False
    services: tuple[Service, ...] = ()
    matter: Matter = field(default_factory=Matter)
    asking: bool = False  # "do you need more time?"
    staff_called: bool = False
    closed: str | None = None  # why nobody new is served now
    offline: bool = False
    card_in: bool = False

    @property
    def private(self) -> bool:
        return bool(self.masked_name or self.account)

    @property
    def part_taken(self) -> bool:
        """Some of the notes were taken and the rest is back inside."""
        return self.said is not None and self.said.code == told.PartTaken.__name__
