"""Cards of nobody, for the tests; `MASTER` is the key centre's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from cardio.sim import Persona, sample

MASTER = bytes.fromhex("0123456789abcdeffedcba9876543210")
READ_MASTER = bytes.fromhex("00112233445566778899aabbccddeeff")
CHALLENGE = bytes(range(16))

LI = replace(sample(MASTER), pin="135790", version="3.00")
ZHOU = Persona.issue(
    MASTER,
    area="310000",
    card_code=Persona.code("310000", 2),
    card_no="D00000021",
    ident="440524188001010014",
    name="周四",
    sex="1",
    nation="56",
    birth=date(1880, 1, 1),
    issued=date(2020, 1, 31),
    expires=date(2030, 2, 28),
    pin="000000",
    version="2.00",
)


def like(persona: Persona = LI, **changed: Any) -> Persona:
    return replace(persona, **changed)
