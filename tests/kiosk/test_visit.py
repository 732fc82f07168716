"""Visits: real simulated cards, a real journal and dispenser, a reference of the backend; told from outside."""

from __future__ import annotations

import pytest

from backend.payout.schema import OpenOrder
from kiosk.case import Said
from kiosk.drill.faults import Fate
from kiosk.drill.scene import Machine
from kiosk.flow import Event, State
from kiosk.journal import Stage
from kiosk.slot import DemoCard
from kiosk.visit import ANSWER_S, ASK_S, LIMITS_S, OUTBOX_S
from tests.kiosk.conftest import Office
from tests.kiosk.people import PIN, persona

AMOUNT = 458037


def card_in(machine: Machine) -> None:
    machine.slot.insert(0)
    machine.teller.tick()


def card_out(machine: Machine) -> None:
    machine.slot.pull()
    machine.teller.tick()


def type_pin(machine: Machine, pin: str = PIN) -> None:
    for digit in pin:
        machine.teller.type_digit(digit)
    machine.teller.press(Event.PIN_TYPED)


def in_menu(office: Office, **more: object) -> Machine:
    machine = office.on(**more)  # type: ignore[arg-type]
    card_in(machine)
    type_pin(machine)
    assert machine.teller.state is State.MENU
    return machine


def at_cash(office: Office, **more: object) -> Machine:
    machine = in_menu(office, **more)
    machine.teller.press(Event.COLLECT)
    machine.teller.press(Event.CASH)
    return machine


def code(machine: Machine) -> str:
    said = machine.teller.screen.said
    return said.code if isinstance(said, Said) else ""


def test_a_pension_is_collected_in_cash_once(office: Office) -> None:
    due = office.books.owe(office.card.persona, AMOUNT)
    machine = at_cash(office)
    assert machine.teller.state is State.STACKED
    assert not machine.dispenser.memory.shutter, "no notes while the card is in"
    card_out(machine)
    assert machine.teller.state is State.PRESENTING
    assert not machine.teller.screen.private
    assert machine.dispenser.hand() == AMOUNT
    machine.teller.tick()
    screen = machine.teller.screen
    assert (screen.state, screen.errand and screen.errand.ending) == (State.RESULT, "paid")
    assert screen.errand is not None
    assert screen.errand.receipt_no == "R20261124" + screen.errand.order[:15]
    assert due.collected_on is not None
    assert office.books.paid_in_cash_fen() == AMOUNT
    stages = list(machine.journal.courses[screen.errand.order].entries)
    assert stages == [Stage.ORDERED, Stage.DISPENSING, Stage.STACKED, Stage.PRESENTING, Stage.OUT, Stage.ACKED]
    machine.teller.press(Event.LEAVE)
    assert machine.teller.state is State.WELCOME


def test_the_second_time_in_the_same_month_gets_a_kind_sentence_with_the_day(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = at_cash(office)
    card_out(machine)
    machine.dispenser.hand()
    machine.teller.tick()
    card_in(machine)  # the next insertion ends the result of the last
    type_pin(machine)
    machine.teller.press(Event.COLLECT)
    assert machine.teller.state is State.REFUSED
    said = machine.teller.screen.said
    assert said is not None
    assert (said.code, said.facts["day"]) == ("AlreadyCollected", "2026-11-24")
    machine.teller.press(Event.BACK)
    assert machine.teller.state is State.MENU


def test_to_the_bank_nothing_is_dispensed_and_the_card_may_stay(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = in_menu(office)
    machine.teller.press(Event.COLLECT)
    machine.teller.press(Event.BANK)
    errand = machine.teller.screen.errand
    assert errand is not None
    assert (machine.teller.state, errand.ending, errand.state) == (State.RESULT, "to_bank", "authorised")
    assert not machine.dispenser.memory.handed
    assert not machine.journal.outbox()
    machine.teller.press(Event.LEAVE)
    assert machine.teller.state is State.TAKE_CARD
    card_out(machine)
    assert machine.teller.state is State.WELCOME


def test_how_it_ended_can_still_be_read_when_the_card_is_out(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = in_menu(office)
    machine.teller.press(Event.COLLECT)
    machine.teller.press(Event.BANK)
    card_out(machine)
    assert machine.teller.state is State.RESULT
    assert not machine.teller.screen.private
    office.place.clock.forward(ASK_S + ANSWER_S + 1)
    machine.teller.tick()
    assert machine.teller.state is State.WELCOME


def test_whether_the_bank_was_told_the_backend_says_when_the_answer_is_lost(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    fate = Fate("backend", 4, _Always("dies after the commit"))  # begin, prove, open, confirm
    machine = in_menu(office, fate=fate)
    machine.teller.press(Event.COLLECT)
    machine.teller.press(Event.BANK)
    errand = machine.teller.screen.errand
    assert errand is not None
    assert errand.ending == "to_bank"
    assert len(office.books.orders) == 1


class _Always:
    """A die that always falls this way."""

    def __init__(self, way: str) -> None:
        self.way = way

    def choice(self, ways: tuple[str, ...]) -> str:
        assert self.way in ways
        return self.way


def test_without_a_bank_account_there_is_only_cash(office: Office) -> None:
    office.books.bank = None
    office.books.owe(office.card.persona, AMOUNT)
    machine = in_menu(office)
    machine.teller.press(Event.COLLECT)
    machine.teller.press(Event.BANK)
    assert machine.teller.state is State.METHOD
    assert not machine.journal.courses


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


def test_notes_nobody_takes_come_back_and_can_be_collected_again(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = at_cash(office)
    card_out(machine)
    office.place.clock.forward(LIMITS_S[State.PRESENTING] + 1)
    machine.teller.tick()
    errand = machine.teller.screen.errand
    assert errand is not None
    assert (errand.ending, errand.state, code(machine)) == ("not_paid", "released", "NotTaken")
    card_in(machine)
    type_pin(machine)
    machine.teller.press(Event.COLLECT)
    assert machine.teller.state is State.METHOD


def test_a_card_nobody_takes_never_leaves_notes_behind_it(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = at_cash(office)
    office.place.clock.forward(LIMITS_S[State.STACKED] + 1)
    machine.teller.tick()
    assert machine.teller.state is State.RESULT
    assert not machine.dispenser.memory.handed
    assert [order.state for order in office.books.orders.values()] == ["released"]


@pytest.mark.parametrize("mishap", ["jam", "short count", "shutter closed"])
def test_a_mishap_of_the_dispenser_gives_all_back_and_says_so(office: Office, mishap: str) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = at_cash(office, mishap=mishap)
    card_out(machine)
    errand = machine.teller.screen.errand
    assert errand is not None
    assert (errand.ending, code(machine)) == ("not_paid", "CashBroken")
    assert not machine.dispenser.memory.stacker
    assert office.books.owed_fen() == AMOUNT
    assert not office.books.in_suspense()


def test_what_nobody_can_tell_stays_in_doubt_stops_cash_and_is_settled_by_counting(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT, "2026-10")
    office.books.owe(office.card.persona, AMOUNT + 1, "2026-11")
    machine = in_menu(office, mishap="shutter stuck")
    machine.teller.press(Event.COLLECT)
    machine.teller.press(Event.CHOSEN, 0)
    machine.teller.press(Event.CASH)
    card_out(machine)
    errand = machine.teller.screen.errand
    assert errand is not None
    assert (errand.ending, errand.state) == ("in_doubt", "in_doubt")
    assert not machine.teller.screen.gives_cash
    office.books.time_passes()
    assert office.books.in_suspense() == [errand.order], "time settles nothing"
    card_in(machine)
    type_pin(machine)
    machine.teller.press(Event.COLLECT)
    machine.teller.press(Event.CASH)
    assert machine.teller.state is State.METHOD, "no cash while in doubt"
    machine.idle()
    office.books.count_cash(errand.order, handed_out=False)
    machine.idle()
    assert machine.teller.screen.gives_cash
    assert machine.journal.courses[errand.order].acked == "released"


def test_held_at_another_kiosk_is_told_so(office: Office) -> None:
    due = office.books.owe(office.card.persona, AMOUNT)
    machine = in_menu(office)
    machine.teller.press(Event.COLLECT)
    held = office.books.at("00000002")
    visit = next(iter(office.books.visits))
    held.open(
        OpenOrder(
            order="0000000200010001",
            visit=visit,
            entitlement=due.entitlement,
            amount_fen=AMOUNT,
            method="cash",
            journal_seq=1,
            journal_head="0" * 64,
        ),
        "k",
    )
    machine.teller.press(Event.CASH)
    assert (machine.teller.state, code(machine)) == (State.RESULT, "HeldElsewhere")
    assert not machine.dispenser.memory.handed
    assert not machine.journal.outbox()


def test_without_a_network_nothing_is_ordered_and_the_outbox_goes_later(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = in_menu(office)
    machine.teller.press(Event.COLLECT)
    machine.network._down = True
    machine.teller.press(Event.CASH)
    errand = machine.teller.screen.errand
    assert errand is not None
    assert (errand.ending, code(machine)) == ("not_paid", "NoAnswer")
    assert len(machine.journal.outbox()) == 1
    machine.network.arrive()
    machine.idle()
    assert not machine.journal.outbox()
    assert office.books.owed_fen() == AMOUNT


def test_cash_already_out_is_reported_when_the_network_is_back(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = at_cash(office)
    machine.network._down = True
    card_out(machine)
    machine.dispenser.hand()
    machine.teller.tick()
    errand = machine.teller.screen.errand
    assert errand is not None
    assert (errand.ending, errand.state) == ("paid", None)
    assert office.books.in_suspense() == [errand.order]
    card_in(machine)
    assert machine.teller.state is State.TAKE_CARD, "without a network nobody is served"
    machine.network.arrive()
    machine.slot.pull()
    office.place.clock.forward(OUTBOX_S + 1)
    machine.teller.tick()
    machine.teller.tick()
    assert office.books.paid_in_cash_fen() == AMOUNT


def test_late_and_made_up_presses_do_nothing(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = at_cash(office)
    for event in Event:
        if event in (Event.CARD_OUT, Event.WAITED):
            continue
        machine.teller.press(event)
        assert machine.teller.state is State.STACKED, event
    assert len(office.books.orders) == 1


def test_a_journal_that_cannot_be_written_stops_the_kiosk_before_any_money_moves(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = in_menu(office)
    machine.teller.press(Event.COLLECT)
    machine.journal._failed = True
    machine.teller.press(Event.CASH)
    assert machine.teller.state is State.STOPPED
    assert not office.books.orders
    card_out(machine)
    assert machine.teller.state is State.STOPPED


@pytest.mark.parametrize("when", ["before the notes are counted", "while the notes are in reach"])
def test_a_dispenser_that_falls_silent_stops_the_kiosk_and_a_restart_settles_it(office: Office, when: str) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = in_menu(office)
    machine.teller.press(Event.COLLECT)
    machine.dispenser.plan.dead = when.startswith("before")
    machine.teller.press(Event.CASH)
    card_out(machine)
    machine.dispenser.plan.dead = True
    machine.dispenser.hand()
    machine.teller.tick()
    assert machine.teller.state is State.STOPPED
    order = machine.teller.screen.errand
    assert order is not None
    assert office.books.in_suspense() == [order.order]
    machine = office.on()
    assert machine.teller.state is State.WELCOME
    assert not office.books.in_suspense()
    assert office.books.paid_in_cash_fen() == office.place.handed_fen() == (0 if when.startswith("before") else AMOUNT)


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
    assert machine.teller.screen.language == "en"
    card_out(machine)
    assert machine.teller.screen.language == "zh"


def in_menu_english(office: Office) -> Machine:
    office.books.owe(office.card.persona, AMOUNT)
    machine = in_menu(office)
    machine.teller.speak("en")
    return machine


def test_the_receipt_is_masked(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = at_cash(office)
    card_out(machine)
    machine.dispenser.hand()
    machine.teller.tick()
    slip = next((office.place.home / "receipts").iterdir()).read_text("utf-8")
    assert "4,580.37" in slip
    assert "张*丰" in slip
    assert "演示数据" in slip
    for private in (office.card.persona.name, office.card.persona.ident, office.card.persona.card_no):
        assert private not in slip


def test_the_journal_tells_nothing_about_the_person(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = at_cash(office)
    card_out(machine)
    machine.dispenser.hand()
    machine.teller.tick()
    data = machine.journal.path.read_bytes().decode("utf-8", "replace")
    who = office.card.persona
    for private in (who.name, who.ident, who.card_no, who.card_code, who.card_code.lower(), PIN):
        assert private not in data
