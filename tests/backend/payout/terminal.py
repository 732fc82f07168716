"""A kiosk, a card and a dispenser as the backend sees them, with the true mathematics."""

from __future__ import annotations

import hashlib
import itertools
import secrets
from dataclasses import dataclass, field
from typing import Any, Literal

from backend.kernel import auth, items
from backend.kernel.actor import Actor, Kind
from backend.kernel.db import Runner
from backend.kernel.sentences import read
from backend.kernel.vault import Vault, _sm4, order_challenge
from backend.payout import service as payout
from backend.payout.schema import Confirmed, Opened, PresentStatus, Reported, VisitBegun
from backend.payout.schema import Visit as VisitView
from backend.systems import CATALOGUE

CARD_NO = "31A0000019"
CODE = "310000D156000005" + "00112233445566AA"


@dataclass
class Card:
    """What a card can do: answer a challenge under its own key."""

    vault: Vault
    ident: str
    card_no: str
    card_code: str
    area: str = "310000"

    def answer(self, challenge: bytes) -> str:
        return _sm4(self.vault.card_key(self.area, self.card_code), challenge).hex()


@dataclass
class Dispenser:
    """Signs what it last did; its nonce grows when it is cleared."""

    vault: Vault
    id: str = "D-0001"
    count: int = 1
    nonce: str = field(default_factory=lambda: f"{1:08x}{secrets.token_hex(12)}")
    order: str = ""
    presented: Literal["yes", "no", "unknown"] = "no"
    amount_fen: int = 0

    def clear(self) -> None:
        self.count += 1
        self.nonce = f"{self.count:08x}{secrets.token_hex(12)}"

    def hand_out(self, order: str, token: str, amount_fen: int) -> None:
        assert token == self.vault.token(self.id, order, self.nonce, amount_fen)
        self.order, self.presented, self.amount_fen = order, "yes", amount_fen

    def status(self, about: str, **changed: Any) -> PresentStatus:
        """What it says of the order that it is asked about."""
        mine = about == self.order
        said = {
            "dispenser": self.id,
            "order": about,
            "nonce": self.nonce,
            "presented": self.presented if mine else "no",
            "amount_fen": self.amount_fen if mine else 0,
        } | changed
        text = "|".join(str(part) for part in said.values())
        return PresentStatus(**said, signature=self.vault._sign(self.id, text))


class Terminal:
    """One kiosk with a key, calling the items as the HTTP edge does."""

    def __init__(self, run: Runner, id: str = "00000001") -> None:
        key = secrets.token_hex(32)
        run.system(auth.register_device, id=id, name=f"自助机 {id}", area="310101", key=key)
        self.id, self.run, self.key = id, run, key
        self.actor: Actor = run.system(auth.device, id, key)
        assert self.actor.kind is Kind.KIOSK
        self.dispenser = Dispenser(run.vault, id=f"D-{id}")
        run.system(payout.enrol_dispenser, id, self.dispenser.id)
        self.numbers = itertools.count(1)
        self.entries = itertools.count(1)

    def ask(self, code: str, **body: Any) -> Any:
        known = CATALOGUE[code]
        return items.perform(self.run.by(self.actor), known, read(known.asks, body))

    def journal(self) -> dict[str, Any]:
        seq = next(self.entries)
        return {"journal_seq": seq, "journal_head": hashlib.sha256(f"{self.id}/{seq}".encode()).hexdigest()}

    def begin(self, card: Card) -> VisitBegun:
        return self.ask(
            "CRD-11", card_no=card.card_no, card_code=card.card_code, area=card.area, ident=card.ident
        )

    def visit(self, card: Card) -> VisitView:
        begun = self.begin(card)
        return self.ask("CRD-12", visit=begun.visit, response=card.answer(bytes.fromhex(begun.challenge)))

    def open(self, visit: VisitView, method: str = "cash", order: str = "", **changed: Any) -> Opened:
        due = next(one for one in visit.payables)
        body = {
            "order": order or f"{self.id}0001{next(self.numbers):04x}",
            "visit": visit.visit,
            "entitlement": due.entitlement,
            "amount_fen": due.amount_fen,
            "method": method,
        } | self.journal()
        return self.ask("PAY-11", **(body | changed))

    def confirm(self, visit: VisitView, opened: Opened, card: Card, **changed: Any) -> Confirmed:
        due = visit.payables[0]
        challenge = order_challenge(opened.order, due.amount_fen, due.entitlement, self.id, opened.nonce)
        body = {
            "order": opened.order,
            "proof": card.answer(challenge),
            "dispenser": self.dispenser.id,
            "dispenser_nonce": self.dispenser.nonce,
        }
        return self.ask("PAY-12", **(body | changed))

    def report(
        self, order: str, outcome: str, status: PresentStatus | None = None, **changed: Any
    ) -> Reported:
        body = {"order": order, "outcome": outcome, "status": status.model_dump() if status else None}
        return self.ask("PAY-13", **(body | self.journal() | changed))
