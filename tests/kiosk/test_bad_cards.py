"""Bad cards at a kiosk: each is refused on the screen in a kind sentence, in both languages, and logged by its kind."""

from __future__ import annotations

from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from backend.kernel.language import EN, ZH
from cardio.card import Accepted
from cardio.sam import KeyRing, Purpose, SoftSam
from cardio.sim import Persona, SimCard, bad
from kiosk import words
from kiosk.drill.scene import Machine
from kiosk.flow import State
from kiosk.slot import DemoCard
from tests.kiosk.conftest import Office
from tests.kiosk.people import persona
from tests.kiosk.reference_backend import MASTER
from tests.kiosk.visitors import AMOUNT, card_in, card_out, code, type_pin

NEW = KeyRing.new()
RING = KeyRing({**NEW.masters, (Purpose.IRK, 1): MASTER})
SAM = SoftSam(RING.for_area("310000"))
GOOD = replace(persona(), version="3.00").equipped(RING)
KINDS = {
    "cloned": "CardCloned",
    "foreign": "CardOfOtherArea",
    "locked": "CardLocked",
    "unfinished": "CardUnfinished",
    "empty": "CardUnfinished",
    "pin-blocked": "PinBlocked",
    "wrong-way": "CardMute",
    "bank-card": "BankCard",
    "door-card": "NotSocialSecurityCard",
    "other-application": "NotSocialSecurityCard",
    "sam-card": "TerminalCard",
}


def machine_with(office: Office, card: object) -> Machine:
    """A machine with a security module, that serves the cards of its city."""
    demo = DemoCard(GOOD)
    demo.card = card  # type: ignore[assignment] - any card can be put in
    machine = office.on(card=demo)
    machine.teller.kiosk.sam, machine.teller.kiosk.accepted = SAM, Accepted(areas=("31",))
    return machine


@pytest.mark.parametrize("kind", KINDS)
def test_a_bad_card_is_refused_kindly_and_comes_back_out(office: Office, kind: str) -> None:
    machine = machine_with(office, bad.CARDS[kind](GOOD))
    with capture_logs() as logs:
        card_in(machine)
    assert (machine.teller.state, code(machine)) == (State.TAKE_CARD, KINDS[kind])
    said = machine.teller.screen.said
    assert said is not None
    assert "请" in words.said(said, ZH)
    assert words.said(said, EN).isascii()
    if kind != "pin-blocked":
        assert [one["kind"] for one in logs if one["event"] == "card.fault"] == [KINDS[kind]]
    assert GOOD.ident not in str(logs)
    card_out(machine)
    assert machine.teller.state is State.WELCOME


def test_a_third_generation_card_collects_nothing_more_than_it_did_but_its_pin_goes_enciphered(
    office: Office,
) -> None:
    class Wire(SimCard):
        asked: list[bytes]

        def send(self, apdu: bytes):  # type: ignore[no-untyped-def]
            self.asked.append(apdu)
            return super().send(apdu)

    card = Wire(GOOD)
    card.asked = []
    office.books.owe(GOOD, AMOUNT)
    machine = machine_with(office, card)
    card_in(machine)
    assert machine.teller.state is State.PIN
    type_pin(machine, GOOD.pin)
    assert machine.teller.state is State.MENU
    assert [apdu[0] for apdu in card.asked if apdu[1] == 0x20 and len(apdu) > 5] == [0x04]
    assert all(bytes.fromhex(GOOD.pin) not in apdu for apdu in card.asked)


def test_an_old_card_can_be_read_but_its_holder_is_sent_to_the_counter(office: Office) -> None:
    office.books.owe(GOOD, AMOUNT)
    machine = machine_with(office, bad.CARDS["old"](GOOD))
    card_in(machine)
    type_pin(machine, GOOD.pin)
    assert (machine.teller.state, code(machine)) == (State.TAKE_CARD, "CardTooOld")


def test_a_dirty_card_is_told_to_be_wiped_and_works_the_next_time(office: Office) -> None:
    office.books.owe(GOOD, AMOUNT)
    card = bad.CARDS["dirty"](GOOD)
    told = set()
    for _ in range(12):
        machine = machine_with(office, card)
        card_in(machine)
        told.add(code(machine))
        card_out(machine)
    assert told == {"CardDirty", ""}


def test_the_persona_of_a_bad_card_can_be_kept_in_a_tray(office: Office) -> None:
    locked = bad.locked(GOOD).persona
    assert Persona.from_json(locked.to_json()) == locked
    unfinished = bad.unfinished(GOOD).persona
    assert Persona.from_json(unfinished.to_json()) == unfinished
