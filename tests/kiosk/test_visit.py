"""Visits: somebody puts a real simulated card in, signs in, looks around, goes away."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from backend.kernel.language import EN, ZH
from kiosk.case import Comfort
from kiosk.drill.scene import Machine
from kiosk.flow import Event, State
from kiosk.middle import RESUMES_S
from kiosk.slot import DemoCard
from kiosk.visit import ANSWER_S, ASK_S, WISHES_S
from tests.kiosk.conftest import Office
from tests.kiosk.people import persona
from tests.kiosk.visitors import AMOUNT, card_in, card_out, code, in_menu, type_pin


def test_a_wrong_pin_costs_a_try_and_the_last_one_blocks(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = office.on()
    card_in(machine)
    assert machine.teller.screen.tries == 3
    for left in (2, 1):
        type_pin(machine, "111111")
        assert (machine.teller.state, code(machine)) == (State.PIN, "PinWrong")
        assert machine.teller.screen.tries == left
        assert machine.teller.screen.typed == 0
    type_pin(machine, "111111")
    assert (machine.teller.state, code(machine)) == (State.TAKE_CARD, "PinBlocked")
    card_out(machine)
    card_in(machine)
    assert (machine.teller.state, code(machine)) == (State.TAKE_CARD, "PinBlocked")


def test_the_tries_are_the_cards_not_the_machines(office: Office) -> None:
    machine = office.on()
    office.books.owe(office.card.persona, AMOUNT)
    card_in(machine)
    type_pin(machine, "111111")
    office.off()
    machine = office.on()
    card_in(machine)
    assert machine.teller.screen.tries == 2


def test_confirm_needs_six_digits_and_clear_starts_again(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = office.on()
    card_in(machine)
    for digit in "24681x0":
        machine.teller.type_digit(digit)
    assert machine.teller.screen.typed == 6
    machine.teller.erase()
    machine.teller.type_digit("1")
    machine.teller.press(Event.PIN_TYPED)
    assert (machine.teller.state, machine.teller.screen.typed) == (State.PIN, 1)


def test_with_several_due_the_oldest_is_offered_first_and_one_is_chosen(office: Office) -> None:
    for month in ("2026-11", "2026-09", "2026-10"):
        office.books.owe(office.card.persona, AMOUNT, month)
    machine = in_menu(office)
    machine.teller.press(Event.COLLECT)
    assert [payable.month for payable in machine.teller.screen.due] == ["2026-09", "2026-10", "2026-11"]
    machine.teller.press(Event.CHOSEN, 7)
    assert machine.teller.state is State.CHOOSING
    machine.teller.press(Event.CHOSEN, 1)
    assert machine.teller.screen.payable is not None
    assert machine.teller.screen.payable.month == "2026-10"


@pytest.mark.parametrize("stop", ["PIN", "MENU", "METHOD"])
def test_a_pulled_card_wipes_the_screen_wherever_it_was(office: Office, stop: str) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = office.on()
    card_in(machine)
    if stop != "PIN":
        type_pin(machine)
    if stop == "METHOD":
        machine.teller.press(Event.COLLECT)
    assert machine.teller.state.name == stop
    card_out(machine)
    screen = machine.teller.screen
    assert screen.state is State.WELCOME
    assert not screen.private
    assert screen.payable is None
    assert machine.teller.kiosk.case is None


def test_a_swapped_card_is_another_person(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = in_menu(office)
    machine.slot.pull()
    machine.slot.insert(0)  # so quickly that nobody looked in between
    machine.teller.tick()
    assert machine.teller.state is State.PIN
    assert machine.teller.screen.account is None


def test_a_lost_card_is_told_so_and_given_back(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    office.books.lost_cards.add(office.card.persona.card_no)
    machine = office.on()
    card_in(machine)
    assert (machine.teller.state, code(machine)) == (State.TAKE_CARD, "CardStopped")


def test_a_card_of_another_city_is_told_so(office: Office) -> None:
    machine = office.on()
    card_in(machine)
    assert (machine.teller.state, code(machine)) == (State.TAKE_CARD, "CardUnknown")


def test_a_rare_name_is_read_from_the_card_and_greeted(office: Office) -> None:
    card = DemoCard(persona(7, "李𬭎"))
    office.books.owe(card.persona, AMOUNT)
    machine = in_menu(office, card=card)
    assert machine.teller.screen.masked_name == "李*𬭎"


def test_nobody_there_is_asked_and_then_shown_out(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = in_menu(office)
    clock = office.place.clock
    for _ in range(12):  # as often as it takes
        clock.forward(ASK_S + 1)
        machine.teller.tick()
        assert machine.teller.screen.asking
        assert machine.teller.state is State.MENU
        machine.teller.touch()
        assert not machine.teller.screen.asking
    clock.forward(ASK_S + 1)
    machine.teller.tick()
    clock.forward(ANSWER_S)
    machine.teller.tick()
    assert machine.teller.state is State.TAKE_CARD
    assert not machine.teller.screen.private


def test_calling_staff_lasts_a_minute_and_ends_with_the_visit(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = in_menu(office)
    machine.teller.call_staff()
    assert machine.teller.screen.staff_called
    office.place.clock.forward(30)
    machine.teller.tick()
    assert machine.teller.screen.staff_called
    office.place.clock.forward(31)
    machine.teller.tick()
    assert not machine.teller.screen.staff_called


def test_the_language_is_the_persons_and_ends_with_them(office: Office) -> None:
    machine = in_menu_english(office)
    assert machine.teller.screen.language == EN
    card_out(machine)
    assert machine.teller.screen.language == ZH


def in_menu_english(office: Office) -> Machine:
    office.books.owe(office.card.persona, AMOUNT)
    machine = in_menu(office)
    machine.teller.speak(EN)
    return machine


def test_a_card_pulled_in_the_middle_goes_on_where_it_was(office: Office) -> None:
    for month in ("2026-10", "2026-11"):
        office.books.owe(office.card.persona, AMOUNT, month)
    machine = in_menu(office)
    machine.teller.press(Event.COLLECT)
    machine.teller.press(Event.CHOSEN, 1)
    card_out(machine)
    assert machine.teller.state is State.WELCOME
    card_in(machine)
    type_pin(machine)
    screen = machine.teller.screen
    assert (screen.state, screen.resumed) == (State.METHOD, True)
    assert screen.payable is not None
    assert screen.payable.month == "2026-11"
    machine.teller.press(Event.BACK)
    assert not machine.teller.screen.resumed


def test_another_card_or_a_late_one_starts_at_the_menu(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = in_menu(office)
    machine.teller.press(Event.COLLECT)
    card_out(machine)
    office.place.clock.forward(RESUMES_S + 1)
    card_in(machine)
    type_pin(machine)
    assert machine.teller.state is State.MENU


def test_who_leaves_by_the_button_starts_at_the_menu(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = in_menu(office)
    machine.teller.press(Event.COLLECT)
    machine.teller.press(Event.BACK)
    card_out(machine)
    card_in(machine)
    type_pin(machine)
    assert machine.teller.state is State.MENU


def test_voice_and_height_are_the_persons_and_end_with_them(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = office.on()
    machine.teller.arrange("low")
    card_in(machine)
    type_pin(machine)
    for wish in ("headset", "softer", "pace", "voice"):
        machine.teller.arrange(wish)
    comfort = machine.teller.screen.comfort
    assert comfort == Comfort(volume=1, slow=True, headset=True, low=True, open=True)
    machine.teller.press(Event.SHOW_ACCOUNT)
    assert not machine.teller.screen.comfort.open, "another screen is there, not the page of the voice"
    assert machine.teller.screen.comfort.low
    card_out(machine)
    assert machine.teller.screen.comfort == Comfort(), "the next person hears nothing private"


def test_who_looked_around_keeps_the_language_and_whoever_comes_after_a_card_does_not(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = office.on()
    machine.teller.speak(EN)
    machine.teller.press(Event.SHOW_GUIDE)
    assert machine.teller.state is State.GUIDE
    machine.teller.press(Event.BACK)
    assert (machine.teller.state, machine.teller.screen.language) == (State.WELCOME, EN)
    machine.teller.press(Event.FIND_WORK)
    card_in(machine)  # in the middle of it
    assert (machine.teller.state, machine.teller.screen.language) == (State.PIN, EN)
    type_pin(machine)
    machine.teller.press(Event.FIND_WORK)
    card_out(machine)
    assert (machine.teller.state, machine.teller.screen.language) == (State.WELCOME, ZH)
    machine.teller.speak(EN)
    machine.teller.press(Event.SHOW_GUIDE)
    machine.place.clock.forward(200)
    machine.teller.tick()
    machine.teller.tick()
    assert (machine.teller.state, machine.teller.screen.language) == (State.WELCOME, ZH)


@pytest.mark.parametrize("with_card", [True, False])
def test_a_headset_is_his_who_puts_a_card_in_and_of_nobody_who_comes_after(
    office: Office, with_card: bool
) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = office.on()
    for wish in ("headset", "low"):
        machine.teller.arrange(wish)
    machine.teller.press(Event.SHOW_GUIDE)
    if not with_card:
        machine.teller.press(Event.BACK)
        assert machine.teller.state is State.WELCOME
    card_in(machine)
    assert machine.teller.state is State.PIN
    assert machine.teller.screen.comfort == Comfort(headset=with_card, low=True)


def test_who_chose_a_language_and_went_leaves_the_machine_as_it_was(office: Office) -> None:
    machine = office.on()
    machine.teller.speak(EN)
    machine.teller.arrange("headset")
    office.place.clock.forward(WISHES_S - 1)
    machine.teller.tick()
    assert machine.teller.screen.language == EN
    office.place.clock.forward(2)
    machine.teller.tick()
    assert (machine.teller.screen.language, machine.teller.screen.comfort) == (ZH, Comfort())


def test_nothing_of_a_person_is_in_the_log(office: Office) -> None:
    who = office.card.persona
    office.books.owe(who, AMOUNT)
    with capture_logs() as said:
        machine = in_menu(office)
        machine.teller.press(Event.SHOW_ACCOUNT)
        machine.teller.call_staff()
        machine.teller.press(Event.BACK)
        machine.teller.press(Event.COLLECT)
        machine.teller.press(Event.CASH)
        card_out(machine)
    assert any(line["event"] == "staff.called" for line in said)
    for private in (who.name, who.ident, who.card_no, who.pin, "张*丰", str(AMOUNT), "4,580.37"):
        assert private not in str(said)
