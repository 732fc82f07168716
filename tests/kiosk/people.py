"""People with cards for the kiosk's tests: made up, with valid numbers."""

from __future__ import annotations

from datetime import date

from cardio.codecs import card_check
from cardio.sim import Persona
from tests.kiosk.reference_backend import MASTER

AREA = "310000"
PIN = "246810"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def citizen_number(body: str) -> str:
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True)) % 11]


def persona(n: int = 1, name: str = "张永丰", version: str = "2.00", profile: str = "field") -> Persona:
    """The n-th person, born in 1950."""
    return Persona.issue(
        MASTER,
        area=AREA,
        card_code=Persona.code(AREA, n + 1),
        card_no=f"{n:08d}" + card_check(f"{n:08d}"),
        ident=citizen_number(f"31010119500101{n % 1000:03d}"),
        name=name,
        sex="1",
        nation="01",
        birth=date(1950, 1, 1),
        issued=date(2020, 1, 1),
        expires=date(2040, 1, 1),
        pin=PIN,
        version=version,
        profile=profile,
    )
