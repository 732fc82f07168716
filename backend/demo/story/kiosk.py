"""A kiosk of the story: a card is put in, its holder takes the money; card and dispenser do their own mathematics."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from backend.demo.story.office import Office
from backend.kernel import auth
from backend.kernel.actor import Actor
from backend.kernel.settings import settings
from backend.kernel.vault import order_challenge
from backend.kiosks import enrolment

Ending = Literal["paid", "not", "silent"]


@dataclass(frozen=True)
class Card:
    ident: str
    card_no: str
    card_code: str
    area: str


@dataclass
class Kiosk:
    """The kiosk that the loading enrolled."""

    office: Office
    actor: Actor
    dispenser: str
    key: bytes
    orders: count[int] = field(default_factory=lambda: count(1))
    entries: count[int] = field(default_factory=lambda: count(1))
    cleared: count[int] = field(default_factory=lambda: count(1))

    @classmethod
    def of(cls, office: Office) -> Kiosk:
        known = enrolment.handed(settings().root / "kiosk", settings().root / enrolment.CREDENTIALS)
        actor = office.run.system(auth.device, known["id"], known["key"])
        return cls(office, actor, known["dispenser"], bytes.fromhex(known["dispenser_key"]))

    def collect(self, card: Card, ending: Ending = "paid") -> str | None:
        """One visit: the oldest payment that is free; its order comes back, none where nothing is free.

        `not`: nothing is handed out; `silent`: the kiosk dies and never says what became of it.
        """
        begun = self._ask(
            "CRD-11", card_no=card.card_no, card_code=card.card_code, area=card.area, ident=card.ident
        )
        visit = self._ask("CRD-12", visit=begun.visit, response=self._answer(card, begun.challenge))
        free = [one for one in visit.payables if one.state == "payable"]
        if not free:
            return None
        due = free[-1]
        order = f"{self.actor.id}0001{next(self.orders):04x}"
        facts = {"entitlement": due.entitlement, "amount_fen": due.amount_fen, "method": "cash"}
        opened = self._ask("PAY-11", order=order, visit=visit.visit, **facts, **self._journal())
        challenge = order_challenge(order, due.amount_fen, due.entitlement, self.actor.id, opened.nonce).hex()
        before, after = self._nonce(), self._nonce()
        proof = self._answer(card, challenge)
        self._ask("PAY-12", order=order, proof=proof, dispenser=self.dispenser, dispenser_nonce=before)
        if ending != "silent":
            status = self._signed(order, after, "yes" if ending == "paid" else "no", due.amount_fen)
            self._ask("PAY-13", order=order, outcome=ending, status=status, **self._journal())
        return order

    def _ask(self, code: str, **body: Any) -> Any:
        return self.office.do(code, by=self.actor, **body)

    def _journal(self) -> dict[str, Any]:
        seq = next(self.entries)
        head = hashlib.sha256(f"{self.actor.id}/{seq}".encode()).hexdigest()
        return {"journal_seq": seq, "journal_head": head}

    def _nonce(self) -> str:
        """The dispenser's own number, which grows every time that it is cleared."""
        return f"{next(self.cleared):08x}{secrets.token_hex(12)}"

    def _answer(self, card: Card, challenge: str) -> str:
        """INTERNAL AUTHENTICATE, as the card in the slot does it."""
        key = self.office.run.vault.card_key(card.area, card.card_code)
        chip = Cipher(algorithms.SM4(key), modes.ECB()).encryptor()  # noqa: S305 - one block is what a card does
        return (chip.update(bytes.fromhex(challenge)) + chip.finalize()).hex()

    def _signed(self, order: str, nonce: str, presented: str, fen: int) -> dict[str, Any]:
        said = {
            "dispenser": self.dispenser,
            "order": order,
            "nonce": nonce,
            "presented": presented,
            "amount_fen": fen if presented == "yes" else 0,
        }
        text = "|".join(str(part) for part in said.values())
        return said | {"signature": hmac.digest(self.key, text.encode(), hashlib.sha256).hex()}
