"""Collecting: real simulated cards, a real journal and dispenser, a reference of the backend; from outside."""

from __future__ import annotations

import pytest

from backend.payout.schema import Opened, OpenOrder
from kiosk import pages
from kiosk.drill.faults import Fate
from kiosk.drill.scene import Machine
from kiosk.flow import Event, State
from kiosk.journal import Stage
from kiosk.visit import ANSWER_S, ASK_S, LIMITS_S, OUTBOX_S
from tests.kiosk.conftest import KIOSK, Office
from tests.kiosk.people import PIN
from tests.kiosk.reference_backend import Counter
from tests.kiosk.visitors import AMOUNT, at_cash, card_in, card_out, code, in_menu, type_pin


def shown(machine: Machine) -> str:
    return pages.render(machine.teller.screen, None, "1")


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
    assert screen.errand.receipt_no == "R20261124" + screen.errand.order
    assert '<span class="bare">4,580.37</span>' in shown(machine), "covered: the card is out"
    assert due.collected_on is not None
    assert office.books.paid_in_cash_fen() == AMOUNT
    stages = list(machine.journal.courses[screen.errand.order].entries)
    assert stages == [
        Stage.ORDERED,
        Stage.DISPENSING,
        Stage.STACKED,
        Stage.PRESENTING,
        Stage.OUT,
        Stage.ACKED,
    ]
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
    assert (said.code, said.facts["day"]) == ("AlreadyCollected", "2026年11月24日")
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


def test_who_has_read_that_the_bank_was_told_takes_the_card_and_leaves_nothing_on_the_screen(
    office: Office,
) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = in_menu(office)
    machine.teller.press(Event.COLLECT)
    machine.teller.press(Event.BANK)
    assert "</small>4,580.37</p>" in shown(machine), "the card is in"
    card_out(machine)
    assert machine.teller.state is State.WELCOME
    assert "4,580.37" not in shown(machine)


class _Hasty(Fate):
    """Somebody takes the card while the outcome is still on its way to the office."""

    machine: Machine | None = None

    def meet(self, kind: str, point: str) -> str:
        if self.machine is not None and (kind, point) == ("backend", "report"):
            self.machine.slot.pull()
        return super().meet(kind, point)


def test_how_it_ended_can_still_be_read_when_the_card_is_out_and_the_amount_is_covered(
    office: Office,
) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = in_menu(office, fate=(fate := _Hasty()))
    fate.machine = machine
    machine.teller.press(Event.COLLECT)
    machine.teller.press(Event.BANK)
    errand = machine.teller.screen.errand
    assert (machine.teller.state, errand and errand.ending) == (State.RESULT, "to_bank")
    assert not machine.teller.screen.private
    assert '<span class="bare">4,580.37</span>' in shown(machine)
    machine.teller.tick()
    assert machine.teller.state is State.RESULT
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
    assert machine.teller.screen.due == (), "the session with it is over"
    assert not machine.dispenser.memory.handed
    assert [order.state for order in office.books.orders.values()] == ["released"]


@pytest.mark.parametrize(
    ("mishap", "said"),
    [("jam", "CashBroken"), ("short count", "CashBroken"), ("shutter closed", "ShutterShut")],
)
def test_a_mishap_of_the_dispenser_gives_all_back_and_says_so(office: Office, mishap: str, said: str) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = at_cash(office, mishap=mishap)
    card_out(machine)
    errand = machine.teller.screen.errand
    assert errand is not None
    assert (errand.ending, code(machine)) == ("not_paid", said)
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


@pytest.mark.parametrize("when", ["before it is authorised", "while the notes are in reach"])
def test_a_dispenser_that_falls_silent_stops_the_kiosk_and_a_restart_settles_it(
    office: Office, when: str
) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = in_menu(office)
    machine.teller.press(Event.COLLECT)

    class CableOff(Counter):
        """While the order is opened, the dispenser's cable comes off."""

        def open(self, cmd: OpenOrder, key: str) -> Opened:
            machine.dispenser.plan.dead = when.startswith("before")
            return super().open(cmd, key)

    machine.network._backend = CableOff(office.books, KIOSK)
    machine.teller.press(Event.CASH)
    card_out(machine)
    machine.dispenser.plan.dead = True
    machine.dispenser.hand()
    machine.teller.tick()
    assert machine.teller.state is State.STOPPED
    order = machine.teller.screen.errand
    assert order is not None
    assert office.books.in_suspense() == ([] if when.startswith("before") else [order.order])
    machine = office.on()
    assert machine.teller.state is State.WELCOME
    assert not office.books.in_suspense()
    assert (
        office.books.paid_in_cash_fen()
        == office.place.handed_fen()
        == (0 if when.startswith("before") else AMOUNT)
    )


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
