"""Several readers at one kiosk: which is the customer's, what is renumbered, what is unplugged; the real stack."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from cardio import sandbox
from cardio.sam import KeyRing
from cardio.sim import SimCard
from cardio.sim.psam import SimSam
from cardio.vpcd import InReader
from tests.kiosk.people import AREA, persona
from tests.kiosk.reference_backend import ReferenceBackend
from tests.kiosk.test_reader import Running, running

pytestmark = [
    pytest.mark.pcsc,
    pytest.mark.skipif(sandbox.missing() is not None, reason=sandbox.missing() or ""),
]
MODULE: Final = {1: "SAM Reader"}
BOTH: Final = {0: "Kiosk Reader", **MODULE}
FRONT, BESIDE, INSIDE = 0, 1, 2  # the customer's two slots; the security module's
AWAY = "读卡器没有连上"


def module(service: sandbox.Sandbox) -> InReader:
    """The machine's own card, in its reader before the program starts."""
    return InReader(SimSam(KeyRing.new().for_area(AREA)), service.dial(INSIDE))


@pytest.fixture
def kiosk(tmp_path: Path, books: ReferenceBackend) -> Iterator[Running]:
    with running(
        tmp_path, books, BOTH, module, mode="pcsc", reader="Kiosk Reader *", module_reader="SAM Reader"
    ) as found:
        yield found


def test_a_card_in_the_modules_reader_is_nobodys_and_the_customers_is_served(kiosk: Running) -> None:
    who = persona(5)
    kiosk.books.owe(who, 458037)
    with InReader(SimCard(who), kiosk.service.dial(FRONT)):
        kiosk.sign_in()
    assert "请插入社会保障卡" in kiosk.at("WELCOME"), "the module's card is still in"


def test_two_cards_in_the_customers_slots_are_asked_out(kiosk: Running) -> None:
    who = persona(5)
    kiosk.books.owe(who, 458037)
    card = SimCard(who)
    kiosk.service.stop_service()
    kiosk.service.start_service()  # so that the kiosk finds both at once
    with (
        InReader(card, kiosk.service.dial(FRONT)),
        InReader(SimCard(persona(6)), kiosk.service.dial(BESIDE)),
    ):
        page = kiosk.at("TAKE_CARD")
        assert "同时有两张卡" in page
    kiosk.at("WELCOME")
    with InReader(SimCard(who, nv=card.nv), kiosk.service.dial(FRONT)):
        kiosk.sign_in()


def test_a_reader_unplugged_in_a_visit_wipes_the_screen_and_serves_again_when_it_is_back(
    kiosk: Running,
) -> None:
    who = persona(5)
    kiosk.books.owe(who, 458037)
    card = SimCard(who)
    with InReader(card, kiosk.service.dial(FRONT)):
        kiosk.sign_in()
        kiosk.service.plug(MODULE)
        kiosk.at("WELCOME")
    page = kiosk.shows(AWAY)
    assert "张*丰" not in page
    kiosk.service.plug({1: "SAM Reader", 2: "Kiosk Reader", 0: "Kiosk Reader"})  # with another number now
    kiosk.shows("请插入社会保障卡")
    with InReader(SimCard(who, nv=card.nv), kiosk.service.dial(FRONT)):
        kiosk.sign_in()


def test_without_the_card_service_the_kiosk_says_so_and_comes_back_by_itself(kiosk: Running) -> None:
    kiosk.service.stop_service()
    assert "到另一台自助机或柜台办理" in kiosk.shows(AWAY)
    kiosk.service.start_service()
    kiosk.shows("请插入社会保障卡")
