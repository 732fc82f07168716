"""Terminal: a kiosk, a card and a dispenser as the backend sees them, with the true mathematics and no network.

`Terminal.collect` is one collection as a conversation: it yields what to ask (item, body) and is sent what was
answered; whoever carries it over HTTP decides how. What the dispenser holds against a token or the kiosk
against an answer ends the conversation with `Wrong`: a server that says such a thing has failed.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import secrets
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple, Protocol

from cardio.card import CardSession
from cardio.keys import order_challenge, response
from cardio.sim import Persona, SimCard

EPOCH = 1  # the kiosk was switched on once, for this run
OWED = "payable"
PERSONA = frozenset(one.name for one in fields(Persona))
Asked = tuple[str, dict[str, Any]]
Answer = Mapping[str, Any]


class Wrong(Exception):
    """The server answered what a kiosk must not believe."""


class Collected(NamedTuple):
    """One payment in somebody's hand."""

    order: str
    amount_fen: int
    receipt_no: str
    left: int  # of the holder's payments, how many are still to collect


class Card(Protocol):
    """Whose card it is, and what it answers to a challenge."""

    @property
    def known(self) -> Mapping[str, str]: ...

    def answer(self, challenge: bytes) -> str: ...


@dataclass(frozen=True)
class BareCard:
    """The card's key and nothing around it: for measuring a server, not a card."""

    known: Mapping[str, str]

    def answer(self, challenge: bytes) -> str:
        return response(bytes.fromhex(self.known["key"]), challenge).hex()


@dataclass
class ChipCard:
    """A simulated card in a slot: identified, its PIN given, each proof asked from the chip."""

    known: Mapping[str, str]
    _session: CardSession | None = None

    def answer(self, challenge: bytes) -> str:
        if self._session is None:
            persona = {name: value for name, value in self.known.items() if name in PERSONA}
            session = CardSession(SimCard(Persona.from_json(persona)))
            if session.holder().ident != self.known["ident"] or not session.verify(self.known["pin"]).ok:
                raise Wrong("the simulated card is not the one that was asked for")
            self._session = session
        return self._session.prove(challenge).hex()


@dataclass
class Dispenser:
    """Takes a token once and for its present nonce only; signs what it last did."""

    id: str
    key: bytes
    count: int = 0
    nonce: str = ""
    last: tuple[str, int] = ("", 0)

    def __post_init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """A new nonce; its first half only grows."""
        self.count += 1
        self.nonce = f"{self.count:016x}{secrets.token_hex(8)}"

    def hand_out(self, order: str, amount_fen: int, token: str | None) -> None:
        if not hmac.compare_digest(self._sign(f"{order}|{self.nonce}|{amount_fen}"), token or ""):
            raise Wrong(f"order {order}: the token is not for this dispenser, order and amount")
        self.last = (order, amount_fen)
        self.clear()

    def status(self, order: str) -> dict[str, Any]:
        """Its signed word on an order."""
        mine = order == self.last[0]
        said = {
            "dispenser": self.id,
            "order": order,
            "nonce": self.nonce,
            "presented": "yes" if mine else "no",
            "amount_fen": self.last[1] if mine else 0,
        }
        return said | {"signature": self._sign("|".join(str(part) for part in said.values()))}

    def _sign(self, text: str) -> str:
        return hmac.digest(self.key, text.encode(), hashlib.sha256).hex()


@dataclass
class Terminal:
    """One kiosk: its key, its dispenser, its journal's chain, the numbers it has given."""

    id: str
    key: str
    dispenser: Dispenser
    head: str = "0" * 64
    _entries: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _orders: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    @classmethod
    def of(cls, enrolled: Mapping[str, str]) -> Terminal:
        """From what its enrolment says."""
        dispenser = Dispenser(enrolled["dispenser"], bytes.fromhex(enrolled["dispenser_key"]))
        return cls(enrolled["id"], enrolled["key"], dispenser)

    @property
    def authorization(self) -> str:
        return f"Device {self.id}:{self.key}"

    def collect(self, card: Card) -> Generator[Asked, Answer, Collected | None]:
        """BEGIN, PROVE, OPEN, CONFIRM, notes out, REPORT: the oldest payment, in cash; None where nothing is due."""
        asked = {name: card.known[name] for name in ("card_no", "card_code", "area", "ident")}
        begun = yield "CRD-11", asked
        proof = card.answer(bytes.fromhex(begun["challenge"]))
        visit = yield "CRD-12", {"visit": begun["visit"], "response": proof}
        owed = [one for one in visit["payables"] if one["state"] == OWED]
        if not owed:
            return None
        due = owed[-1]
        order = f"{self.id}{EPOCH:04x}{next(self._orders):04x}"
        entitlement, amount_fen = due["entitlement"], due["amount_fen"]
        opened = yield (
            "PAY-11",
            {"order": order, "visit": visit["visit"], "entitlement": entitlement, "amount_fen": amount_fen}
            | {"method": "cash"}
            | self._journal(f"ORDERED {order}"),
        )
        self._must(opened, order, "opened")
        challenge = order_challenge(order, amount_fen, entitlement, self.id, opened["nonce"])
        confirmed = yield (
            "PAY-12",
            {"order": order, "proof": card.answer(challenge), "dispenser": self.dispenser.id}
            | {"dispenser_nonce": self.dispenser.nonce},
        )
        self._must(confirmed, order, "authorised")
        self.dispenser.hand_out(order, amount_fen, confirmed["token"])
        reported = yield (
            "PAY-13",
            {"order": order, "outcome": "paid", "status": self.dispenser.status(order)}
            | self._journal(f"OUT {order}"),
        )
        self._must(reported, order, "paid")
        return Collected(order, amount_fen, reported["receipt_no"], len(owed) - 1)

    def _journal(self, entry: str) -> dict[str, Any]:
        self.head = hashlib.sha256(f"{self.head}|{entry}".encode()).hexdigest()
        return {"journal_seq": next(self._entries), "journal_head": self.head}

    @staticmethod
    def _must(answer: Answer, order: str, state: str) -> None:
        if answer["order"] != order or answer["state"] != state:
            raise Wrong(f"order {order} is {answer['state']}, not {state}")
