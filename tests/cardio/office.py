"""The office beside a collect card, in tests: what it does with its own copy of the card's keys."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from cardio import tac
from cardio.collect import Begun, Terms
from cardio.sim import Persona
from cardio.tac import Asked, Result
from tests.cardio.people import LI, MASTER

WANG = Persona.issue(
    MASTER,
    area="310000",
    card_code=Persona.code("310000", 3),
    card_no="D0000003X",
    ident=LI.ident,
    name="王五",
    sex="1",
    nation="01",
    birth=LI.birth,
    issued=LI.issued,
    expires=LI.expires,
    pin="246810",
    version="2.00",
    profile="collect",
)
AT = datetime(2026, 11, 24, 9, 5, 7)  # noqa: DTZ001 - the time of day at the office
AMOUNT = 458037


def asked(n: int = 1, **changed: Any) -> Asked:
    return replace(Asked(f"00000001000a{n:04x}", AMOUNT, "00000001"), **changed)


@dataclass
class Office:
    """What the office does with its own copy of the card's keys."""

    persona: Persona = WANG

    def _session(self, begun: Begun) -> bytes:
        key = self.persona.load_key if begun.key_version == 1 else self.persona.next_load_key
        assert key is not None
        return tac.session_key(key, begun.rnd, begun.ctc.to_bytes(4))

    def believes(self, wanted: Asked, begun: Begun) -> bool:
        ctc = begun.ctc.to_bytes(4)
        return tac.mac1(self._session(begun), ctc, begun.rnd, wanted.encoded) == begun.mac1

    def terms(self, wanted: Asked, begun: Begun, at: datetime = AT, month: str = "2026-11") -> Terms:
        when = tac.moment(at) + bytes.fromhex(month.replace("-", ""))
        order, amount, kiosk = wanted.encoded[11:], wanted.encoded[1:5], wanted.encoded[5:11]
        mac2 = tac.mac2(self._session(begun), begun.ctc.to_bytes(4), begun.rnd, order + amount + kiosk + when)
        return Terms(at, month, mac2)

    def tac(self, wanted: Asked, ctc: int, at: datetime = AT, month: str = "2026-11") -> bytes:
        assert self.persona.tac_key is not None
        order, amount, kiosk = wanted.encoded[11:], wanted.encoded[1:5], wanted.encoded[5:11]
        period = bytes.fromhex(month.replace("-", ""))
        return tac.tac(
            self.persona.tac_key, ctc.to_bytes(4), order + amount + period + kiosk + tac.moment(at)
        )

    def closing(self, order: str, ctc: int, result: Result) -> bytes:
        assert self.persona.load_key is not None
        return tac.mac3(self.persona.load_key, ctc.to_bytes(4), bytes.fromhex(order), result)
