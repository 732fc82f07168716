"""A person, an officer and a factory: everything that a card goes through, by the real items."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel

from backend.kernel import files, items
from backend.kernel.actor import Actor, Kind, Permission
from backend.kernel.db import Runner
from backend.kernel.sentences import read
from backend.registry import service as registry
from backend.registry.schema import IssueCard
from backend.systems import CATALOGUE
from tests.backend.payout.terminal import CODE
from tests.backend.people import ZHANG, a_person, citizen, officer

AREA = "310000"
CARD_NO = "31A000019"
CLERK = officer("officer:1")
OTHER = officer("officer:2", "复核")


def picture(width: int = 358, height: int = 441, more: int = 100) -> bytes:
    """As much of a JPEG as says how large it is."""
    frame = bytes((0xFF, 0xC0, 0, 17, 8, *height.to_bytes(2, "big"), *width.to_bytes(2, "big")))
    return b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(10) + frame + bytes(more)


class Town:
    """Whoever does something in it says who they are; the holder's number is filled in."""

    def __init__(self, run: Runner, ident: str = ZHANG) -> None:
        self.run, self.ident = run, ident
        self.person_id = a_person(run, ident)
        self.holder = citizen(ident, self.person_id)

    def ask(self, item: str, by: Actor = CLERK, /, **fields: Any) -> Any:
        known = CATALOGUE[item]
        if "ident" in known.asks.model_fields:
            fields = {"ident": self.ident} | fields
        done = items.perform(self.run.by(by), known, read(known.asks, fields))
        if isinstance(done, items.Filed):
            return self.approve(done.case_no)
        assert isinstance(done, BaseModel)
        return done

    def mine(self, item: str, /, **fields: Any) -> Any:
        return self.ask(item, self.holder, **fields)

    def approve(self, no: int) -> Any:
        case, _ = self.run.by(OTHER)(items.decide, no, "approved", "")
        return case.answer

    def keep(self, name: str, content: bytes, by: Actor | None = None) -> str:
        kept = self.run.by(by or self.holder)(
            files.keep, name=name, content=content, may=Permission.CARD_MANAGE
        )
        return kept.file

    def old_card(self, **changed: Any) -> None:
        given = {
            "ident": self.ident,
            "card_no": CARD_NO,
            "card_code": CODE,
            "version": "3.00",
            "issued": date(2024, 1, 2),
            "expires": date(2034, 1, 1),
        }
        self.run.system(registry.issue_card, IssueCard.model_validate(given | changed))

    def apply(self, reason: str = "first") -> str:
        photo = self.keep("照片.jpg", picture())
        return str(self.mine("CRD-21", reason=reason, photo=photo, area="310101").no)

    def blanks(self, n: int = 100) -> None:
        self.ask("CRD-27", place=AREA, n=n, document="送货单-1")

    def status(self, card_no: str = CARD_NO) -> str:
        cards = {one.card_no: one.status for one in self.mine("CRD-Q1").cards}
        return str(cards[card_no])


def kiosk(id: str = "00000009") -> Actor:
    return Actor(Kind.KIOSK, id, name="自助机", area="310101")
