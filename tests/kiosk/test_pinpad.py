"""The pin pad: it takes the PIN for itself; the program sees how many digits there are and nothing else."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from cardio.card import CardSession, PinResult
from cardio.pinblock import session_key, unseal
from cardio.sam import KeyRing, Pin, PinBlock, Purpose, SoftSam
from kiosk.devices.pinpad import PadPlan, SimPinPad
from kiosk.devices.port import DeviceFailed, Entry
from kiosk.drill.scene import Machine
from kiosk.flow import Event, State
from kiosk.slot import DemoCard, TraySlot
from tests.kiosk.conftest import Office
from tests.kiosk.people import PIN, persona
from tests.kiosk.reference_backend import MASTER
from tests.kiosk.visitors import AMOUNT, card_in, card_out, code

SHARED = bytes(range(16))


def typed(pad: SimPinPad, keys: Iterable[str]) -> None:
    for key in keys:
        pad.press(key)


@pytest.fixture
def pad() -> SimPinPad:
    pad = SimPinPad(SHARED)
    pad.ask()
    return pad


def test_the_program_hears_how_many_and_the_last_key(pad: SimPinPad) -> None:
    typed(pad, "123")
    assert pad.heard() == Entry(3)
    typed(pad, ["erase", *"24681"])
    pad.press("confirm")
    assert pad.heard() == Entry(5), "not before there are six"
    typed(pad, ["0", "7", "confirm"])
    assert pad.heard() == Entry(6, "confirm")
    typed(pad, "9")
    assert pad.heard() == Entry(6, "confirm"), "nothing after it"


def test_keys_are_deaf_until_it_is_asked_and_forgotten_after(pad: SimPinPad) -> None:
    pad.drop()
    typed(pad, PIN)
    assert pad.heard() == Entry()
    with pytest.raises(DeviceFailed, match="NOTTYPED"):
        pad.block(bytes(16), bytes(16))


def test_the_module_that_asked_opens_the_block_once(pad: SimPinPad) -> None:
    typed(pad, [*PIN, "confirm"])
    challenge, card = bytes(range(16)), bytes(16)
    block = pad.block(card, challenge)
    assert unseal(session_key(SHARED, challenge), block, card) == PIN
    with pytest.raises(DeviceFailed, match="NOTTYPED"):
        pad.block(card, challenge)


def test_opened_it_erases_its_keys_and_what_was_typed_and_takes_nothing_more(pad: SimPinPad) -> None:
    typed(pad, "123")
    pad.tamper()
    assert (pad.health().state, pad.health().code) == ("failed", "KEYSERASED")
    for ask in (pad.ask, pad.heard, lambda: pad.block(bytes(16), bytes(16))):
        with pytest.raises(DeviceFailed, match="KEYSERASED"):
            ask()
    pad.load_keys(SHARED)
    pad.ask()
    assert pad.heard() == Entry()


@pytest.fixture
def machine(office: Office) -> Machine:
    office.books.owe(office.card.persona, AMOUNT)
    machine = office.on()
    machine.teller.kiosk.pad = SimPinPad(SHARED)
    return machine


def pad_of(machine: Machine) -> SimPinPad:
    pad = machine.teller.kiosk.pad
    assert isinstance(pad, SimPinPad)
    return pad


def enter(machine: Machine, keys: Iterable[str]) -> None:
    for key in keys:
        pad_of(machine).press(key)
        machine.teller.tick()


def test_a_visit_with_the_pin_typed_on_the_pad(machine: Machine) -> None:
    card_in(machine)
    assert machine.teller.screen.pad
    enter(machine, PIN[:4])
    assert machine.teller.screen.typed == 4
    machine.teller.type_digit("9")
    assert machine.teller.screen.typed == 4, "the screen has no keys now"
    enter(machine, [*PIN[4:], "confirm"])
    assert machine.teller.state is State.MENU


def test_a_wrong_pin_is_asked_for_again_and_costs_a_try(machine: Machine) -> None:
    card_in(machine)
    enter(machine, [*"999999", "confirm"])
    assert (machine.teller.state, code(machine)) == (State.PIN, "PinWrong")
    assert (machine.teller.screen.tries, machine.teller.screen.typed) == (2, 0)
    enter(machine, [*PIN, "confirm"])
    assert machine.teller.state is State.MENU


def test_cancel_gives_the_card_back(machine: Machine) -> None:
    card_in(machine)
    enter(machine, ["1", "cancel"])
    assert machine.teller.state is State.TAKE_CARD


NEW = "135790"


def changing(machine: Machine) -> None:
    card_in(machine)
    enter(machine, [*PIN, "confirm"])
    machine.teller.press(Event.CHANGE_PIN)
    assert machine.teller.state is State.PIN_OLD


def test_another_pin_is_typed_on_the_pad_and_nothing_else_knows_it(machine: Machine) -> None:
    changing(machine)
    for state, pin in ((State.PIN_OLD, PIN), (State.PIN_NEW, NEW), (State.PIN_AGAIN, NEW)):
        assert (machine.teller.state, machine.teller.screen.typed) == (state, 0)
        enter(machine, pin)
        assert machine.teller.screen.typed == 6
        kiosk = machine.teller.kiosk
        for held in (kiosk.case, machine.teller.screen, kiosk.said):
            assert pin not in repr(held)
        enter(machine, ["confirm"])
    assert (machine.teller.state, code(machine)) == (State.DONE, "PinChanged")
    card_out(machine)
    card_in(machine)
    enter(machine, [*NEW, "confirm"])
    assert machine.teller.state is State.MENU


@pytest.mark.parametrize(
    ("pins", "state", "said"),
    [
        ((PIN, "123456"), State.PIN_NEW, "PinTooSimple"),
        ((PIN, PIN), State.PIN_NEW, "PinTooSimple"),
        ((PIN, NEW, "097531"), State.PIN_NEW, "PinsDiffer"),
        (("111112", NEW, NEW), State.PIN_OLD, "OldPinWrong"),
    ],
)
def test_a_pin_that_is_not_fit_changes_nothing_and_is_asked_for_again(
    machine: Machine, pins: tuple[str, ...], state: State, said: str
) -> None:
    changing(machine)
    for pin in pins:
        enter(machine, [*pin, "confirm"])
    assert (machine.teller.state, code(machine), machine.teller.screen.typed) == (state, said, 0)
    card_out(machine)
    card_in(machine)
    enter(machine, [*PIN, "confirm"])
    assert machine.teller.state is State.MENU


@pytest.mark.parametrize("typed", [(), (PIN,), (PIN, NEW)])
def test_a_pad_that_is_opened_in_the_middle_changes_no_pin(machine: Machine, typed: tuple[str, ...]) -> None:
    changing(machine)
    for pin in typed:
        enter(machine, [*pin, "confirm"])
    pad_of(machine).tamper()
    machine.teller.tick()
    assert (machine.teller.state, code(machine)) == (State.TAKE_CARD, "PadErased")
    card_out(machine)
    machine.teller.kiosk.pad = SimPinPad(SHARED)
    card_in(machine)
    enter(machine, [*PIN, "confirm"])
    assert machine.teller.state is State.MENU


def test_cancel_in_the_middle_goes_back_to_the_menu_and_the_pad_forgets(machine: Machine) -> None:
    changing(machine)
    enter(machine, [*PIN, "confirm", *"24", "cancel"])
    assert machine.teller.state is State.MENU
    assert not pad_of(machine).fits(), "nothing is kept"
    assert pad_of(machine).heard() == Entry()


def test_cancel_after_a_wrong_old_pin_gives_the_card_back(machine: Machine) -> None:
    changing(machine)
    for pin in ("111112", NEW, NEW):
        enter(machine, [*pin, "confirm"])
    enter(machine, ["cancel"])
    assert (machine.teller.state, code(machine)) == (State.TAKE_CARD, "SignInAgain")


def test_nothing_that_the_program_holds_has_the_digits_in_it(machine: Machine) -> None:
    card_in(machine)
    enter(machine, PIN)
    kiosk = machine.teller.kiosk
    for held in (kiosk.case, machine.teller.screen, kiosk.errand, kiosk.said):
        assert PIN not in repr(held)


@pytest.mark.parametrize(
    ("plan", "said"), [(PadPlan(dead=True), "PadSilent"), (PadPlan(stuck="5"), "PadKeyStuck")]
)
@pytest.mark.parametrize("when", ["before the card", "after two digits"])
def test_a_pad_that_fails_gives_the_card_back_and_costs_no_try(
    machine: Machine, office: Office, plan: PadPlan, said: str, when: str
) -> None:
    pad = pad_of(machine)
    if when == "before the card":
        pad.plan = plan
        machine.teller.tick()
        hindered = machine.teller.screen.hindered
        assert hindered is not None
        assert hindered.code == said, "told before a card is put in"
    card_in(machine)
    enter(machine, "12")
    pad.plan = plan
    machine.teller.tick()
    assert (machine.teller.state, code(machine)) == (State.TAKE_CARD, said)
    card_out(machine)
    assert office.card.card.tries == 3


def test_a_pad_that_is_opened_between_the_last_key_and_the_card_compares_nothing(
    machine: Machine, office: Office
) -> None:
    card_in(machine)
    enter(machine, PIN)
    pad = pad_of(machine)
    pad.press("confirm")
    heard = pad.heard()
    assert heard.key == "confirm"
    pad.tamper()
    machine.teller.tick()
    assert (machine.teller.state, code(machine)) == (State.TAKE_CARD, "PadErased")
    card_out(machine)
    assert office.card.card.tries == 3


@pytest.fixture
def sealing(office: Office) -> Machine:
    """Pad, module and card that can, the card put in."""
    ring = KeyRing({**KeyRing.new().masters, (Purpose.IRK, 1): MASTER})
    card = DemoCard(persona().equipped(ring))
    office.books.owe(card.persona, AMOUNT)
    machine = office.on()
    kiosk = machine.teller.kiosk
    kiosk.slot = slot = TraySlot([card])
    kiosk.pad, kiosk.sam = SimPinPad(ring.master(Purpose.PAD)), SoftSam(ring)
    slot.insert(0)
    machine.teller.tick()
    return machine


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Pin]:
    """Every PIN that the program hands on, as it does."""
    found: list[Pin] = []
    verify, change = CardSession.verify, CardSession.change_pin

    def verified(session: CardSession, pin: Pin) -> PinResult:
        found.append(pin)
        return verify(session, pin)

    def changed(session: CardSession, old: Pin, new: Pin) -> PinResult:
        found.extend([old, new])
        return change(session, old, new)

    monkeypatch.setattr(CardSession, "verify", verified)
    monkeypatch.setattr(CardSession, "change_pin", changed)
    return found


def test_with_a_card_that_knows_secure_messaging_the_pin_goes_sealed_to_the_module(
    sealing: Machine, sent: list[Pin]
) -> None:
    """From the pad to the card nothing that the program handles has the digits in it: not even for a moment."""
    machine = sealing
    enter(machine, [*"999999", "confirm"])
    assert (machine.teller.state, machine.teller.screen.tries) == (State.PIN, 2)
    enter(machine, [*PIN, "confirm"])
    assert machine.teller.state is State.MENU
    assert [type(pin) for pin in sent] == [PinBlock, PinBlock]
    assert PIN not in repr(sent)


def test_with_such_a_card_both_pins_of_a_change_go_sealed_too(sealing: Machine, sent: list[Pin]) -> None:
    machine = sealing
    enter(machine, [*PIN, "confirm"])
    machine.teller.press(Event.CHANGE_PIN)
    for pin in (PIN, NEW, "097531"):
        enter(machine, [*pin, "confirm"])
    assert (machine.teller.state, code(machine)) == (State.PIN_NEW, "PinsDiffer")
    for pin in (NEW, NEW):
        enter(machine, [*pin, "confirm"])
    assert (machine.teller.state, code(machine)) == (State.DONE, "PinChanged")
    machine.teller.press(Event.BACK)
    machine.teller.press(Event.CHANGE_PIN)
    for pin in ("111112", "864209", "864209"):
        enter(machine, [*pin, "confirm"])
    assert (machine.teller.state, code(machine)) == (State.PIN_OLD, "OldPinWrong")
    assert [type(pin) for pin in sent] == [PinBlock] * 5
    for pin in (PIN, NEW, "864209"):
        assert pin not in repr(sent)


def test_the_module_opens_both_blocks_of_a_change_and_the_pad_has_forgotten_them(pad: SimPinPad) -> None:
    for entry, keys in (("old", PIN), ("new", NEW), ("again", NEW)):
        pad.ask(entry)  # type: ignore[arg-type]
        typed(pad, [*keys, "confirm"])
    card, numbers = bytes(16), (bytes(range(16)), bytes(range(16, 32)))
    blocks = pad.change_blocks(card, *numbers)
    assert blocks is not None
    opened = [unseal(session_key(SHARED, n), block, card) for n, block in zip(numbers, blocks, strict=True)]
    assert opened == [PIN, NEW]
    with pytest.raises(DeviceFailed, match="NOTTYPED"):
        pad.change_blocks(card, *numbers)


def test_a_pad_without_a_shared_key_seals_nothing(pad: SimPinPad) -> None:
    pad.load_keys(b"")
    with pytest.raises(DeviceFailed, match="KEYSERASED"):
        pad.change_blocks(bytes(16), bytes(16), bytes(16))
