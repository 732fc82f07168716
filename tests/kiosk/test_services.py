"""The other services: data the flow agrees with, no way from them to money, and each done to its end by somebody with a card."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from backend.hall.schema import AskJob, ReadNews
from backend.kernel.language import EN, ZH
from kiosk import pages, services
from kiosk.client import NoAnswer
from kiosk.drill.scene import Machine
from kiosk.flow import Event, State
from kiosk.matter import Matter
from kiosk.services import SERVICES, offered
from kiosk.vacancies import FindJobs
from tests.kiosk.conftest import Office
from tests.kiosk.people import PIN
from tests.kiosk.visitors import AMOUNT, card_in, card_out, code, in_menu, type_pin

NEW = "135790"


@pytest.fixture
def machine(office: Office) -> Machine:
    office.books.owe(office.card.persona, AMOUNT)
    return in_menu(office)


def press(machine: Machine, *events: Event | int) -> State:
    """Buttons one after the other; a number is a choice."""
    for event in events:
        if isinstance(event, Event):
            machine.teller.press(event)
        else:
            machine.teller.press(Event.CHOSEN, event)
    return machine.teller.state


def facts(machine: Machine) -> str:
    said = machine.teller.screen.said
    return str(dict(said.facts)) if said else ""


def test_what_a_kiosk_does_not_offer_cannot_be_pressed(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = in_menu(office)
    machine.teller.kiosk.services = offered(["collect"])
    for service in SERVICES:
        if service.code != "collect":
            assert press(machine, service.event) is State.MENU, service.code
    assert press(machine, Event.COLLECT) is State.METHOD


def test_every_service_stands_on_the_menu_by_its_name_in_both_languages(machine: Machine) -> None:
    for language in (ZH, EN):
        machine.teller.speak(language)
        html = ""
        for _ in range(4):
            html += pages.render(machine.teller.screen, None, "1")
            press(machine, Event.MORE)
        for service in services.SERVICES:
            assert f'value="{service.event.name}"' in html
            assert (service.name in html) == (language == ZH), service.code


# ---- each to its end ----


@pytest.mark.parametrize(("sheet", "print_of"), [(0, "ABCD-2345-EFGH-6789"), (1, "已缴清"), (2, "4,580.37")])
def test_a_paper_is_shown_then_printed_and_names_nobody(
    machine: Machine, office: Office, sheet: int, print_of: str
) -> None:
    assert press(machine, Event.SHOW_PAPERS, sheet) is State.PAPER
    assert press(machine, Event.PRINT) is State.DONE
    (paper,) = [one.read_text("utf-8") for one in (office.place.home / "receipts").iterdir()]
    persona = office.card.persona
    assert print_of in paper
    for private in (persona.name, persona.ident, persona.card_no):
        assert private not in paper
    assert press(machine, Event.BACK) is State.MENU


def test_a_paper_asked_for_twice_is_made_out_once(machine: Machine, office: Office) -> None:
    press(machine, Event.SHOW_PAPERS, 0, Event.BACK, 0)
    assert machine.teller.state is State.PAPER
    assert office.books.hall.made == ["career"]


def test_without_paper_it_is_said_and_nothing_is_lost(machine: Machine, office: Office) -> None:
    press(machine, Event.SHOW_PAPERS, 0)
    (office.place.home / "receipts").write_text("no folder")
    assert press(machine, Event.PRINT) is State.NOT_DONE
    assert code(machine) == "NoPaper"
    assert press(machine, Event.BACK) is State.MENU


def test_who_draws_no_pension_is_told_so(machine: Machine, office: Office) -> None:
    office.books.hall.retired = False
    assert press(machine, Event.PROVE_LIFE) is State.NOT_DONE
    assert code(machine) == "NothingReceived"


def test_the_pin_is_changed_by_the_card(machine: Machine, office: Office) -> None:
    assert press(machine, Event.CHANGE_PIN) is State.PIN_OLD
    for pin in (PIN, NEW, NEW):
        type_pin(machine, pin)
    assert (machine.teller.state, code(machine)) == (State.DONE, "PinChanged")
    card_out(machine)
    card_in(machine)
    type_pin(machine)
    assert (machine.teller.state, code(machine)) == (State.PIN, "PinWrong")
    type_pin(machine, NEW)
    assert machine.teller.state is State.MENU


@pytest.mark.parametrize(
    ("typed", "state", "told"),
    [
        ((PIN, PIN), State.PIN_NEW, "PinTooSimple"),
        ((PIN, "123456"), State.PIN_NEW, "PinTooSimple"),
        ((PIN, NEW, "097531"), State.PIN_NEW, "PinsDiffer"),
        (("111112", NEW, NEW), State.PIN_OLD, "OldPinWrong"),
    ],
)
def test_a_pin_that_is_not_fit_changes_nothing(
    machine: Machine, typed: tuple[str, ...], state: State, told: str
) -> None:
    press(machine, Event.CHANGE_PIN)
    for pin in typed:
        type_pin(machine, pin)
    assert (machine.teller.state, code(machine)) == (state, told)
    card_out(machine)
    card_in(machine)
    type_pin(machine)
    assert machine.teller.state is State.MENU


@pytest.mark.parametrize(
    ("typed", "left_at"), [((), State.PIN_OLD), ((PIN,), State.PIN_NEW), ((PIN, NEW), State.PIN_AGAIN)]
)
def test_after_a_wrong_old_pin_the_card_knows_nobody_and_is_given_back(
    machine: Machine, typed: tuple[str, ...], left_at: State
) -> None:
    press(machine, Event.CHANGE_PIN)
    for pin in ("111112", NEW, NEW, *typed):
        type_pin(machine, pin)
    assert machine.teller.state is left_at
    assert press(machine, Event.BACK) is State.TAKE_CARD
    assert code(machine) == "SignInAgain"


def test_a_pin_changed_at_the_second_try_leaves_the_card_as_it_was(machine: Machine) -> None:
    press(machine, Event.CHANGE_PIN)
    for pin in ("111112", NEW, NEW, PIN, NEW, NEW):
        type_pin(machine, pin)
    assert (machine.teller.state, code(machine)) == (State.DONE, "PinChanged")
    assert press(machine, Event.BACK, Event.COLLECT, Event.CASH) is State.STACKED


def test_the_old_pin_three_times_wrong_blocks_the_card(machine: Machine) -> None:
    press(machine, Event.CHANGE_PIN)
    for _ in range(3):
        for pin in ("111112", NEW, NEW):
            type_pin(machine, pin)
    assert (machine.teller.state, code(machine)) == (State.TAKE_CARD, "PinBlocked")


def test_no_pin_stays_in_memory_when_its_screen_is_left(machine: Machine) -> None:
    press(machine, Event.CHANGE_PIN)
    type_pin(machine)
    type_pin(machine, NEW)
    machine.teller.type_digit("1")
    assert press(machine, Event.BACK) is State.MENU
    case = machine.teller.kiosk.person
    assert (case.typed, case.old, case.new) == ("", "", "")
    assert NEW not in repr(machine.teller.screen)


def test_the_card_that_is_in_is_reported_lost_and_given_back(machine: Machine, office: Office) -> None:
    assert press(machine, Event.REPORT_LOSS, 0) is State.LOSING
    assert press(machine, Event.BACK, 0, Event.YES) is State.TAKE_CARD
    assert code(machine) == "ThisCardReported"
    card_out(machine)
    card_in(machine)
    assert code(machine) == "CardStopped"


def test_another_card_is_reported_lost_and_this_one_goes_on(machine: Machine, office: Office) -> None:
    assert press(machine, Event.REPORT_LOSS, 2) is State.CARDS, "replaced long ago"
    assert press(machine, 1, Event.YES) is State.DONE
    assert "0042" in facts(machine)
    assert press(machine, Event.BACK) is State.MENU
    assert not office.books.lost_cards


def test_work_is_found_by_touching_and_applied_for(machine: Machine, office: Office) -> None:
    assert press(machine, Event.FIND_WORK, 3) is State.JOBS
    assert isinstance(office.books.hall.heard[-1], FindJobs)
    assert office.books.hall.heard[-1].q == services.TRADES[3].words
    assert press(machine, Event.MORE, 4, Event.YES) is State.APPLYING
    assert press(machine, Event.YES) is State.DONE
    assert office.books.hall.applied == {"V0000000004"}
    press(machine, Event.BACK, Event.FIND_WORK, 3, Event.MORE, 4)
    assert press(machine, Event.YES) is State.JOB, "applied for already"


def test_words_are_typed_letter_by_letter(machine: Machine, office: Office) -> None:
    press(machine, Event.FIND_WORK, Event.TYPE)
    assert press(machine, Event.SEARCH) is State.WORDS, "nothing typed yet"
    for key in ("x", "erase", "x", "y", "<", "z", "十"):
        machine.teller.type_key(key)
    assert press(machine, Event.SEARCH) is State.NOT_DONE
    assert (code(machine), "xyz" in facts(machine)) == ("NothingFound", True)


def test_messages_are_read_only_as_far_as_nothing_older_waits(machine: Machine, office: Office) -> None:
    def until() -> list[int]:
        return [one.until for one in office.books.hall.heard if isinstance(one, ReadNews)]

    press(machine, Event.SHOW_NEWS, 0, Event.BACK)  # the newest
    assert until() == []
    press(machine, 2, Event.BACK)  # money needs no reading
    press(machine, 3, Event.BACK)  # the oldest
    assert until() == [5]
    press(machine, 1)
    assert (machine.teller.state, until()) == (State.MESSAGE, [5, 7])


def test_who_has_no_messages_is_told_so(machine: Machine, office: Office) -> None:
    office.books.hall.news = []
    assert press(machine, Event.SHOW_NEWS) is State.NOT_DONE
    assert code(machine) == "NoNews"


# ---- without a card ----


def test_the_guide_is_read_without_a_card_and_ends_at_the_beginning(office: Office) -> None:
    machine = office.on()
    assert press(machine, Event.SHOW_GUIDE, 0, 0) is State.ERRAND
    assert press(machine, Event.PRINT) is State.DONE
    assert press(machine, Event.BACK) is State.WELCOME
    assert machine.teller.kiosk.matter == Matter()
    assert press(machine, Event.SHOW_GUIDE, Event.BACK) is State.WELCOME


def test_without_a_card_nothing_of_a_person_can_be_pressed(office: Office) -> None:
    machine = office.on()
    for service in SERVICES:
        if service.card:
            assert press(machine, service.event) is State.WELCOME
    press(machine, Event.FIND_WORK, 0, 0)
    assert press(machine, Event.YES) is State.JOB
    job = office.books.hall.heard[-1]
    assert isinstance(job, AskJob)
    assert job.visit is None


def test_the_card_put_in_before_a_vacancy_goes_on_there(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = office.on()
    press(machine, Event.FIND_WORK, 0, 1)
    card_in(machine)
    assert machine.teller.state is State.PIN
    type_pin(machine)
    assert (machine.teller.state, machine.teller.kiosk.matter.vacancy) == (State.JOB, "V0000000001")
    assert press(machine, Event.YES, Event.YES) is State.DONE


def test_a_vacancy_that_somebody_else_looked_at_is_not_opened_for_the_next(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = office.on()
    press(machine, Event.FIND_WORK, 0, 1)
    card_in(machine)
    card_out(machine)  # thought better of it
    card_in(machine)
    type_pin(machine)
    assert machine.teller.state is State.MENU


def test_back_from_a_vacancy_without_the_list_it_was_in_leads_to_the_kinds_of_work(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = office.on()
    press(machine, Event.FIND_WORK, 0, 1)
    card_in(machine)
    type_pin(machine)
    assert press(machine, Event.BACK) is State.WORK
    assert press(machine, 0, 1, Event.BACK) is State.JOBS
    assert press(machine, Event.BACK, Event.BACK) is State.MENU


def test_who_looks_around_and_goes_away_leaves_nothing(office: Office) -> None:
    machine = office.on()
    press(machine, Event.FIND_WORK, Event.TYPE)
    machine.teller.type_key("a")
    for _ in range(2):
        office.place.clock.forward(61)
        machine.teller.tick()
    assert (machine.teller.state, machine.teller.screen.matter.typed) == (State.WELCOME, "")


# ---- pulled, swapped, cut off ----

DEEP: list[tuple[Event | int, ...]] = [
    (Event.SHOW_PAPERS, 0),
    (Event.PROVE_LIFE,),
    (Event.CHANGE_PIN,),
    (Event.REPORT_LOSS, 0),
    (Event.FIND_WORK, 0, 0, Event.YES),
    (Event.SHOW_NEWS, 0),
    (Event.SHOW_GUIDE, 0, 0),
]


@pytest.mark.parametrize("deep", DEEP, ids=lambda deep: deep[0].name)
def test_a_pulled_card_wipes_every_services_screen(machine: Machine, deep: tuple[Event | int, ...]) -> None:
    press(machine, *deep)
    card_out(machine)
    screen = machine.teller.screen
    assert (screen.state, screen.matter, screen.private) == (State.WELCOME, Matter(), False)


@pytest.mark.parametrize("deep", [one for one in DEEP if one[0] not in (Event.CHANGE_PIN, Event.SHOW_GUIDE)])
def test_a_card_stopped_meanwhile_is_told_so_and_shown_nothing_more(
    machine: Machine, office: Office, deep: tuple[Event | int, ...]
) -> None:
    office.books.lost_cards.add(office.card.persona.card_no)
    press(machine, *deep[:1], 0, 0)
    assert code(machine) == "CardStopped"
    assert machine.teller.screen.matter.paper is None


def test_an_answer_that_is_lost_is_not_called_undone(machine: Machine, office: Office) -> None:
    def cut(asked: BaseModel) -> BaseModel:
        raise NoAnswer("cut")

    press(machine, Event.REPORT_LOSS, 0)
    office.books.hall.hear = cut  # type: ignore[method-assign]
    assert press(machine, Event.YES) is State.NOT_DONE
    assert code(machine) == "MaybeDone"
    assert press(machine, Event.BACK, Event.SHOW_NEWS) is State.NOT_DONE
    assert code(machine) == "NoAnswer"
