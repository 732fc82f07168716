"""A hall with one kiosk and the officers who keep it, asking and deciding as the faces do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from backend import wiring
from backend.kernel import auth, items
from backend.kernel.actor import Actor, Kind
from backend.kernel.db import Runner
from backend.kernel.sentences import read
from backend.systems import CATALOGUE
from tests.backend.payout.books import agree
from tests.backend.payout.city import AMOUNT
from tests.backend.payout.terminal import Card, Terminal

CODES = {"1001": "246813", "1002": "975312"}
BAG = {10000: 100, 5000: 20, 100: 50, 10: 60, 1: 200}
BAG_FEN = sum(fen * n for fen, n in BAG.items())


class Hall:
    """Officer 1001 does, 1002 approves; both are operators of the kiosk."""

    def __init__(self, run: Runner) -> None:
        self.run, self.kiosk, self.loads, self.seq = run, Terminal(run), 0, 0
        self.staff: dict[str, Actor] = {}
        for work, roles in (("1001", ("经办",)), ("1002", ("复核",))):
            login = run.system(
                lambda uow, work=work, roles=roles: (
                    auth.enrol(
                        uow,
                        name=work,
                        kind=Kind.OFFICER,
                        shown={"1001": "李明", "1002": "王芳"}[work],
                        password="Shili-2026",
                        area="310000",
                        roles=roles,
                    ).id
                )
            )
            actor = run.system(auth.of, f"officer:{login}")
            assert actor is not None
            self.staff[work] = actor
            self.ask("KSK-44", work, code=CODES[work])

    def ask(self, code: str, work: str = "1001", /, **body: Any) -> Any:
        known = CATALOGUE[code]
        return items.perform(self.run.by(self.staff[work]), known, read(known.asks, body))

    def decide(self, code: str, /, **body: Any) -> Any:
        """Filed by 1001, approved by 1002; what came of it."""
        filed = self.ask(code, **body)
        return self.ask("CAS-01", "1002", no=filed.case_no, decision="approved", note="")

    def says(self, **changed: Any) -> Any:
        """A heartbeat of the kiosk; its journal has grown by one entry."""
        self.seq += 1
        body = {
            "state": "serving",
            "clock": self.run.clock.now(),
            "journal_seq": 1000 + self.seq,
            "journal_head": f"{self.seq:064x}",
            "notes": self.lying(BAG),
        }
        return self.kiosk.ask("KSK-31", **(body | changed))

    @staticmethod
    def lying(cassettes: Mapping[int, int], **places: Mapping[int, int]) -> list[dict[str, Any]]:
        there = {"cassette": cassettes, **places}
        return [
            {"place": place, "fen": fen, "n": n} for place, found in there.items() for fen, n in found.items()
        ]

    def bag(self, pieces: Mapping[int, int] = BAG) -> str:
        """A bag booked out of the vault by two persons; the number of its sheet."""
        self.loads += 1
        sheet = f"S-{self.loads:04d}"
        self.decide(
            "PAY-22",
            kiosk=self.kiosk.id,
            amount_fen=sum(fen * n for fen, n in pieces.items()),
            sheet=sheet,
            bag=f"F-{self.loads:06d}",
            **{f"n{fen}": n for fen, n in pieces.items()},
        )
        return sheet

    def ticket(self, work: str, code: str | None = None) -> str:
        keeper = {"work": work, "code": code or CODES[work]}
        return self.kiosk.ask("KSK-33", keeper=keeper).ticket

    def tickets(self) -> dict[str, str]:
        return {"first": self.ticket("1001"), "second": self.ticket("1002")}

    def loaded(self) -> str:
        """A bag, put in by both."""
        sheet = self.bag()
        self.kiosk.ask("KSK-32", sheet=sheet, **self.tickets())
        return sheet

    def pay(self, card: Card) -> int:
        """A pension handed out; how much."""
        visit = self.kiosk.visit(card)
        opened = self.kiosk.open(visit)
        token = self.kiosk.confirm(visit, opened, card).token
        assert token
        self.kiosk.dispenser.hand_out(opened.order, token, AMOUNT)
        done = self.kiosk.report(opened.order, "paid", self.kiosk.dispenser.status(opened.order))
        assert done.state == "paid"
        return AMOUNT

    def differences(self) -> list[str]:
        return [str(one) for check in wiring.CHECKS for one in self.run.system(check)]


def other(actor: Actor, **changed: Any) -> Actor:
    return replace(actor, **changed)


__all__ = ["AMOUNT", "BAG", "BAG_FEN", "CODES", "Hall", "agree", "other"]
