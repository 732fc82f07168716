"""Vault 密钥: the keys that prove a card and bind a dispenser; the software side of a hardware security module.

A card's key is diversified from the master in three levels (nation → issuing area → card); a dispenser's key
from its own master by its number. What cards and dispensers compute is the same mathematics on their side.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from backend.kernel import cardkeys, signing
from backend.kernel.agreements import Agreement, Ended, KeyIndex, same

LOAD_KEY: KeyIndex = 1  # which of a collect card's two load keys is in use
HANDLE = re.compile(r"[A-Za-z0-9_-]{22}")


def _sm4(key: bytes, block: bytes) -> bytes:
    encryptor = Cipher(algorithms.SM4(key), modes.ECB()).encryptor()  # noqa: S305 - one block is what a card does
    return encryptor.update(block) + encryptor.finalize()


def _sm4_back(key: bytes, block: bytes) -> bytes:
    decryptor = Cipher(algorithms.SM4(key), modes.ECB()).decryptor()  # noqa: S305 - the one block of `_sm4`
    return decryptor.update(block) + decryptor.finalize()


def order_challenge(order: str, amount_fen: int, entitlement: str, kiosk: str, nonce: str) -> bytes:
    """What a card must answer to prove its holder agreed to this order: 16 bytes of SM3."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(f"{order}|{amount_fen}|{entitlement}|{kiosk}|{nonce}".encode())
    return digest.finalize()[:16]


@dataclass(frozen=True, repr=False)
class Vault:
    """The two masters; everything else is derived when needed and kept nowhere."""

    cards: bytes
    dispensers: bytes

    @classmethod
    def new(cls) -> Vault:
        return cls(secrets.token_bytes(16), secrets.token_bytes(32))

    @classmethod
    def open(cls, path: Path) -> Vault:
        """The vault kept in `path`; a new one, readable by its owner only, where there is none."""
        if not path.exists():
            fresh = cls.new()
            text = json.dumps({"cards": fresh.cards.hex(), "dispensers": fresh.dispensers.hex()})
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(text)
        kept = json.loads(path.read_text("utf-8"))
        return cls(bytes.fromhex(kept["cards"]), bytes.fromhex(kept["dispensers"]))

    def card_key(self, area: str, card_code: str, version: int = cardkeys.FIRST) -> bytes:
        """A card's internal-authentication key: 16 bytes."""
        return cardkeys.card_key(self.cards, "IRK", version, area, card_code)

    def answers(
        self, area: str, card_code: str, challenge: bytes, response: bytes, version: int = cardkeys.FIRST
    ) -> bool:
        """Whether a card with that identity gave this response."""
        return hmac.compare_digest(_sm4(self.card_key(area, card_code, version), challenge), response)

    def unblocking(self, area: str, card_code: str, version: int, card_random: bytes) -> tuple[bytes, bytes]:
        """The two keys under which a card takes a new PIN, enciphering and signing, good for this one number of it.

        The reader at the counter makes the command of them: the PIN is typed there and goes no further.
        """
        puk = cardkeys.card_key(self.cards, "PUK", version, area, card_code)
        return cardkeys.cmac(puk, b"e" + card_random), cardkeys.cmac(puk, b"m" + card_random)

    def personaliser(self, area: str, version: int, production: int) -> cardkeys.Personaliser:
        """What makes the keys of a production's cards; they leave under the production's own transport key."""
        return cardkeys.Personaliser(self.cards, self.transport_key(production), version, area)

    def area_key(self, purpose: str, version: int, area: str) -> bytes:
        """What a security module of that area may hold: it makes the keys of its cards only, and none goes back up."""
        return cardkeys.issuer(self.cards, purpose, version, area)

    def transport_key(self, production: int) -> bytes:
        """What the factory's own security module is given, by another way than the file."""
        return hmac.digest(self.cards, f"transport/{production}".encode(), hashlib.sha256)[:16]

    def signer(self, what: str) -> signing.Signer:
        return signing.signer(self.dispensers, what)

    def collect_key(self, role: str, version: int, area: str, card_code: str) -> bytes:
        """A collect card's own key of a role: LK guards its sessions, TK makes its proofs."""
        return cardkeys.card_key(self.cards, role, version, area, card_code)

    def of_collect_card(self, area: str, card_code: str, version: int = cardkeys.FIRST) -> dict[str, str]:
        """What a simulated collect card holds beside its own key; a real one would carry it in the chip."""
        made = {
            "load_key": self._load_key(1, area, card_code, version),
            "next_load_key": self._load_key(2, area, card_code, version),
            "tac_key": self.collect_key("TK", version, area, card_code),
        }
        return {name: key.hex() for name, key in made.items()} | {"profile": "collect"}

    def _load_key(self, index: KeyIndex, area: str, card_code: str, version: int) -> bytes:
        """A card's first load key is of the version of all its keys, its second of the next."""
        return self.collect_key("LK", version + index - 1, area, card_code)

    def _session(self, of: Agreement, area: str, card_code: str, version: int) -> bytes:
        return _sm4(self._load_key(of.key_index, area, card_code, version), of.fresh)

    def asked(self, of: Agreement, area: str, card_code: str, version: int, mac1: str) -> bool:
        """Whether a card with that identity, its keys of that version, was asked just this, under the key in use."""
        session = self._session(of, area, card_code, version)
        return of.key_index == LOAD_KEY and same(of.mac1(session), mac1)

    def reserved(self, of: Agreement, area: str, card_code: str, version: int) -> str:
        """MAC2: tells the card that the office has reserved just this."""
        return of.mac2(self._session(of, area, card_code, version)).hex()

    def agreed(self, of: Agreement, area: str, card_code: str, version: int, tac: str) -> bool:
        """Whether a card with that identity gave this TAC."""
        return same(of.tac(self.collect_key("TK", version, area, card_code)), tac)

    def closing(self, of: Agreement, area: str, card_code: str, version: int, ended: Ended) -> str:
        """MAC3: tells the card how it ended."""
        key = self._load_key(of.key_index, area, card_code, version)
        return of.mac3(_sm4(key, of.ending), ended).hex()

    def dispenser_key(self, dispenser: str) -> bytes:
        return hmac.digest(self.dispensers, dispenser.encode(), hashlib.sha256)

    def token(self, dispenser: str, order: str, nonce: str, amount_fen: int) -> str:
        """The authorisation to hand out `amount_fen` once, while the dispenser's nonce is `nonce`."""
        return self._sign(dispenser, f"{order}|{nonce}|{amount_fen}")

    def signed(self, dispenser: str, text: str, signature: str) -> bool:
        """Whether that dispenser signed this text."""
        return hmac.compare_digest(self._sign(dispenser, text), signature)

    def _sign(self, dispenser: str, text: str) -> str:
        return hmac.digest(self.dispenser_key(dispenser), text.encode(), hashlib.sha256).hex()

    def handle(self, what: str, number: int) -> str:
        """A row's number as it may stand in an address: nothing of it can be read or guessed."""
        block = _sm4(self._handle_key(what), number.to_bytes(16, "big"))
        return base64.urlsafe_b64encode(block).decode().rstrip("=")

    def behind(self, what: str, handle: str) -> int | None:
        """The number behind a handle of ours; None for what we never gave out."""
        if not HANDLE.fullmatch(handle):
            return None
        number = int.from_bytes(
            _sm4_back(self._handle_key(what), base64.urlsafe_b64decode(f"{handle}==")), "big"
        )
        return number if number < 2**63 else None

    def _handle_key(self, what: str) -> bytes:
        return hmac.digest(self.dispensers, f"handle/{what}".encode(), hashlib.sha256)[:16]
