"""Collecting with a card that keeps count: proofs on card, disk and at the office; copies; commands counted."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from cardio.card import CardSession
from cardio.collect import CollectCard, Done
from cardio.keys import SoftwareTerminalKey, card_key
from cardio.link import Answer, CardPulled
from cardio.pcsc import ReaderBusy
from cardio.sim import Persona, SimCard
from cardio.tac import Result
from kiosk import words
from kiosk.drill.faults import Fate
from kiosk.drill.run import MEMORY
from kiosk.flow import Event, State
from kiosk.journal import Stage
from kiosk.slot import DemoCard
from tests.kiosk.conftest import Office
from tests.kiosk.people import PIN, persona
from tests.kiosk.test_collecting import _Always
from tests.kiosk.visitors import AMOUNT, at_cash, card_in, card_out, code, in_menu, type_pin

READ_MASTER = bytes(range(16, 32))


@pytest.fixture
def office(office: Office) -> Office:
    """The same office, its visitor with a collect card."""
    office.card = DemoCard(persona(profile="collect"))
    return office


@pytest.fixture
def in_memory() -> Iterator[Path]:
    """Power losses are played here, not suffered; no disk needs to wait."""
    with TemporaryDirectory(dir=MEMORY) as home:
        yield Path(home)


def takes(office: Office) -> None:
    """Card out, notes out, taken."""
    machine = office.machine
    assert machine is not None
    card_out(machine)
    assert machine.dispenser.hand()
    machine.teller.tick()


def inside(office: Office) -> CollectCard:
    """The card by itself, in somebody's reader."""
    card = SimCard(office.card.persona, nv=office.card.card.nv)
    session = CardSession(card)
    assert session.verify(PIN).ok
    return CollectCard(session)


def signed(office: Office) -> list[Any]:
    machine = office.machine
    assert machine is not None
    return [
        course.entries[Stage.SIGNED].facts
        for course in machine.journal.courses.values()
        if Stage.SIGNED in course.entries
    ]


def test_card_disk_and_office_hold_the_same_proof_of_what_was_paid(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = at_cash(office)
    assert machine.teller.state is State.STACKED
    takes(office)
    (kept,) = office.books.orders.values()
    (facts,) = signed(office)
    assert (kept.state, facts["tac"], facts["count"]) == ("paid", kept.tac, 1)
    match inside(office).proof(1):
        case Done(proof):
            assert (proof.tac.hex(), proof.order, proof.amount_fen) == (kept.tac, kept.order, AMOUNT)
        case found:
            raise AssertionError(found)
    stages = [entry.stage for entry in machine.journal.courses[kept.order].entries.values()]
    assert stages[:4] == [Stage.ORDERED, Stage.SIGNING, Stage.SIGNED, Stage.DISPENSING]


def test_the_slip_shows_the_last_half_of_the_proof_as_the_cards_own_log_does(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = at_cash(office)
    takes(office)
    errand = machine.teller.screen.errand
    assert errand is not None
    lines = dict(words.receipt(errand, "zh").lines)
    (row,) = inside(office).log()
    assert lines["校验码"] == row.check == errand.tac[8:].upper()
    assert dict(words.receipt(errand, "en").lines)["Check code"] == row.check


def test_the_next_time_the_card_learns_how_it_ended(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = at_cash(office)
    takes(office)
    assert [row.result for row in inside(office).log()] == [Result.OPEN]
    card_in(machine)
    type_pin(machine)
    assert machine.teller.state is State.MENU
    assert [row.result for row in inside(office).log()] == [Result.PAID]


def test_what_was_not_handed_out_the_card_says_was_not_paid(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = at_cash(office, mishap="jam")
    card_out(machine)
    card_in(machine)
    type_pin(machine)
    assert [row.result for row in inside(office).log()] == [Result.CANCELLED]


class Bounces:
    """A card whose contacts bounce: after this command its answer is lost, and it lies where it lay."""

    def __init__(self, link: Any, ins: int, before: bool) -> None:
        self._link, self._ins, self._before = link, ins, before

    def atr(self) -> bytes:
        return bytes(self._link.atr())

    def send(self, apdu: bytes) -> Answer:
        if apdu[1] == self._ins and self._before:
            raise CardPulled("bounced")
        answer: Answer = self._link.send(apdu)
        if apdu[1] == self._ins:
            raise CardPulled("bounced")
        return answer

    def close(self) -> None:
        self._link.close()


def bouncing(office: Office, before: bool) -> Any:
    machine = in_menu(office)
    teller = machine.teller
    case = teller.kiosk.case
    assert case is not None
    latch = case.session._link
    latch._link = Bounces(latch._link, 0x52, before)
    teller.press(Event.COLLECT)
    teller.press(Event.CASH)
    return machine


def test_an_answer_lost_while_the_card_lies_there_is_asked_for_again_and_nobody_notices(
    office: Office,
) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = bouncing(office, before=False)
    assert machine.teller.state is State.STACKED
    takes(office)
    (kept,) = office.books.orders.values()
    assert (kept.state, signed(office)[0]["tac"]) == ("paid", kept.tac)
    assert inside(office).ctc() == 1


class Held:
    """A reader as a real one is: whoever has a link keeps everybody else out until it is closed."""

    def __init__(self, link: Any, readers: list[Held], garbles: tuple[int, ...] = ()) -> None:
        if readers:
            raise ReaderBusy
        self._link, self._readers, self._garbles = link, readers, garbles
        readers.append(self)

    def atr(self) -> bytes:
        return bytes(self._link.atr())

    def send(self, apdu: bytes) -> Answer:
        answer: Answer = self._link.send(apdu)
        return Answer(b"", 0x6F00) if apdu[1] in self._garbles else answer

    def close(self) -> None:
        if self in self._readers:
            self._readers.remove(self)
            self._link.close()


def garbling(office: Office, *later: tuple[int, ...]) -> tuple[Any, list[Held]]:
    """The first link spoils what COLLECT and GET PROOF answer, the next ones what they are told to."""
    office.books.owe(office.card.persona, AMOUNT)
    machine = office.on()
    link, readers, spoilt = machine.slot.link, list[Held](), iter([(0x52, 0x5A), *later])
    machine.slot.link = lambda: Held(link(), readers, next(spoilt))  # type: ignore[method-assign]
    card_in(machine)
    type_pin(machine)
    machine.teller.press(Event.COLLECT)
    machine.teller.press(Event.CASH)
    return machine, readers


def test_a_card_that_answers_nonsense_is_let_go_before_it_is_powered_up_again(office: Office) -> None:
    machine, _ = garbling(office, ())
    assert machine.teller.state is State.STACKED
    takes(office)
    assert office.books.paid_in_cash_fen() == AMOUNT


def test_a_card_that_is_not_known_again_does_not_keep_the_reader(office: Office) -> None:
    machine, readers = garbling(office, (0xA4,))
    assert machine.teller.state is State.RESULT
    assert readers == []
    assert office.books.paid_in_cash_fen() == 0


def test_a_card_that_was_powered_up_again_is_not_offered_another_month(office: Office) -> None:
    """It knows no PIN any more: whoever wants more puts it in again."""
    office.books.owe(office.card.persona, AMOUNT)
    office.books.cash_fen = 0
    machine = bouncing(office, before=False)
    assert (machine.teller.state, code(machine)) == (State.RESULT, "CashShort")
    assert machine.teller.screen.due == ()
    machine.teller.press(Event.COLLECT)
    assert machine.teller.state is State.RESULT


def test_a_card_that_had_not_agreed_yet_is_not_taken_to_have(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = bouncing(office, before=True)
    assert (machine.teller.state, code(machine)) == (State.RESULT, "CardPulled")
    assert signed(office)[0]["tac"] is None
    assert inside(office).ctc() == 0
    assert [order.state for order in office.books.orders.values()] == ["cancelled"]


@pytest.mark.parametrize("way", ["pulled before the command", "pulled after the command"])
def test_pulled_at_any_command_the_same_card_comes_back_and_is_paid_once(way: str, in_memory: Path) -> None:
    for at in count(1):
        fresh = Office(in_memory / str(at))
        fresh.place.home.mkdir()
        fresh.card = DemoCard(persona(profile="collect"))
        fresh.books.owe(fresh.card.persona, AMOUNT)
        fate = Fate("card", at, _Always(way))
        machine = fresh.on(fate)
        for event in (None, Event.PIN_TYPED, Event.COLLECT, Event.CASH):
            if event is None:
                card_in(machine)
            elif event is Event.PIN_TYPED:
                type_pin(machine)
            else:
                machine.teller.press(event)
        if fate.hit is None:
            assert at > 20
            fresh.off()
            break
        had_agreed = inside(fresh).ctc()
        for _ in range(3):  # back to the welcome, from wherever it stands
            machine.teller.press(Event.LEAVE)
            machine.teller.tick()
        card_in(machine)
        type_pin(machine)
        assert not machine.journal.unheard() or not had_agreed
        if machine.teller.state is State.MENU:
            machine.teller.press(Event.COLLECT)
        machine.teller.press(Event.CASH)
        takes(fresh)
        assert fresh.books.paid_in_cash_fen() == AMOUNT == fresh.place.handed_fen(), fate.hit
        proofs = [facts["tac"] for facts in signed(fresh) if facts["tac"]]
        assert len(proofs) == inside(fresh).ctc() == had_agreed + 1, fate.hit
        paid = next(order for order in fresh.books.orders.values() if order.state == "paid")
        assert proofs[-1] == paid.tac
        fresh.off()


def test_a_kiosk_that_died_before_it_heard_the_proof_gets_it_when_the_card_is_back(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    fate = Fate("card", times_at(office, "同意领取"), _Always("pulled after the command"))
    machine = at_cash(office, fate=fate)
    (order,) = machine.journal.unheard()
    office.on()  # started again
    machine = office.machine
    assert machine is not None
    assert order in machine.journal.unheard()
    card_in(machine)
    type_pin(machine)
    assert not machine.journal.unheard()
    kept = machine.journal.courses[order].entries[Stage.SIGNED].facts
    assert kept["tac"] == office.books.orders[order].agreed.tac()
    assert office.books.orders[order].state == "cancelled"


def times_at(office: Office, command: str) -> int:
    """The how-manieth command of a first collection is this one, by the name a tape gives it."""
    other = DemoCard(persona(2, profile="collect"))
    office.books.owe(other.persona, AMOUNT)
    fate = Fate()
    at_cash(office, fate=fate, card=other)
    takes(office)
    heard = [point for kind, point in fate.points if kind == "card"]
    return next(n for n, point in enumerate(heard, 1) if point.endswith(command))


def test_a_copy_of_a_card_is_refused_with_a_kind_sentence_and_so_is_the_card(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT, "2026-10")
    copy = DemoCard(office.card.persona)
    at_cash(office)
    takes(office)
    office.books.owe(office.card.persona, AMOUNT, "2026-11")
    machine = at_cash(office, card=copy)
    assert (machine.teller.state, code(machine)) == (State.RESULT, "CardFrozen")
    assert machine.teller.screen.said is not None
    assert "钱没有动" in machine.teller.screen.said.template
    machine = office.on()
    card_in(machine)
    assert (machine.teller.state, code(machine)) == (State.TAKE_CARD, "CardStopped")
    assert office.books.paid_in_cash_fen() == AMOUNT


def commands_of(office: Office, card: Persona, terminal: bool) -> int:
    """How many commands a card hears in a whole collection, an earlier one to be closed included."""
    demo = DemoCard(card)
    office.books.owe(card, AMOUNT, "2026-10")
    office.books.owe(card, AMOUNT, "2026-11")
    for _ in range(2):
        machine = office.switch_on(card=demo)
        if terminal:
            machine.teller.kiosk.terminal = SoftwareTerminalKey(READ_MASTER)
        machine.teller.start()
        demo.card.commands = 0
        card_in(machine)
        type_pin(machine)
        machine.teller.press(Event.COLLECT)
        if machine.teller.state is State.CHOOSING:
            machine.teller.press(Event.CHOSEN, 0)
        machine.teller.press(Event.CASH)
        assert machine.teller.state is State.STACKED
        takes(office)
    return demo.card.commands


@pytest.mark.parametrize(
    ("version", "profile", "most"),
    [("2.00", "field", 18), ("3.00", "field", 21), ("2.00", "collect", 22), ("3.00", "collect", 25)],
)
def test_a_whole_collection_takes_at_most_twenty_five_commands(
    office: Office, version: str, profile: str, most: int
) -> None:
    card = persona(3, version=version, profile=profile)
    if version == "3.00":  # asks who reads it
        read_key = card_key(READ_MASTER, card.area, card.card_code)
        card = Persona.from_json(
            card.to_json().replace('"read_key": null', f'"read_key": "{read_key.hex()}"')
        )
    assert commands_of(office, card, terminal=version == "3.00") == most <= 25


def test_a_card_that_is_said_to_keep_count_and_does_not_is_named(office: Office) -> None:
    """The office's record and the card disagree: nothing is drawn."""
    office.card = DemoCard(persona())
    office.books.owe(persona(profile="collect"), AMOUNT)
    machine = at_cash(office)
    assert (machine.teller.state, code(machine)) == (State.RESULT, "CardGarbled")
    assert office.books.owed_fen() == AMOUNT
