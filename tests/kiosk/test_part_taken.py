"""Some notes are taken and the rest left: nobody is told that none was handed out, and nothing is paid twice."""

from __future__ import annotations

from functools import partial
from itertools import count
from pathlib import Path

import pytest

from backend.kernel.language import EN, ZH
from kiosk import pages, words
from kiosk.case import Errand, Said, Screen
from kiosk.devices.cassettes import FULL, total_fen
from kiosk.devices.dispenser import Plan, SimDispenser
from kiosk.devices.port import DeviceFailed
from kiosk.drill.faults import Fate
from kiosk.drill.scene import LEFT_LYING, TAKES_SOME, act, survives
from kiosk.flow import State
from kiosk.recover import outcome_of
from kiosk.spoken import spoken
from kiosk.told import PartTaken
from kiosk.visit import LIMITS_S
from tests.kiosk.conftest import Office
from tests.kiosk.test_dispenser import KEY, ORDER, Dark, token, whole_fen
from tests.kiosk.test_recover import Loaded
from tests.kiosk.visitors import AMOUNT, at_cash, card_out, code

DUE, PART = 30_000, {10_000: 2}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "dispenser.json"


def presented(path: Path, plan: Plan | None = None) -> SimDispenser:
    """Three notes lie within reach."""
    device = SimDispenser(path, "D-1", KEY, plan)
    device.dispense(ORDER, DUE, token(device, amount_fen=DUE))
    device.present(ORDER)
    return device


def restarted(path: Path, *, sees: bool = True) -> SimDispenser:
    return SimDispenser(path, "D-1", KEY, Plan(sees=sees))


def in_doubt(device: SimDispenser) -> bool:
    """Nothing is released, nothing is booked, and what was within reach is known."""
    device.clear_nonce()
    status = device.status(ORDER)
    told = (status.presented, status.amount_fen, outcome_of(status, DUE))
    return told == ("unknown", DUE, "unknown")


# ---- the dispenser ----


def test_notes_taken_in_part_are_never_said_to_be_all_back(path: Path) -> None:
    device = presented(path)
    assert device.hand(PART) == 20_000
    assert not device.taken()
    assert device.retract() == 10_000
    assert in_doubt(device)
    assert in_doubt(restarted(path)), "a restart does not make it wiser"
    assert device.memory.retracted == {10_000: 1}
    assert device.memory.handed == {ORDER: 20_000}
    assert whole_fen(device) == total_fen(FULL)


def test_who_takes_the_rest_too_has_all_of_it(path: Path) -> None:
    device = presented(path)
    assert device.hand(PART) + device.hand() == DUE
    assert device.retract() == 0
    assert (device.status(ORDER).presented, device.status(ORDER).amount_fen) == ("yes", DUE)


@pytest.mark.parametrize("sees", [True, False])
@pytest.mark.parametrize("where", ["about to retract", "retracted"])
def test_power_lost_while_the_rest_is_drawn_in_makes_no_whole_of_it(
    path: Path, where: str, sees: bool
) -> None:
    def cut(point: str) -> None:
        if point == where:
            raise Dark

    device = presented(path, Plan(cut=cut))
    device.hand(PART)
    with pytest.raises(Dark):
        device.retract()
    assert in_doubt(restarted(path, sees=sees))
    assert whole_fen(restarted(path)) == total_fen(FULL)


@pytest.mark.parametrize("sees", [True, False])
@pytest.mark.parametrize("where", ["notes in reach, not yet noted", "notes in reach, noted"])
def test_power_lost_before_some_are_taken_makes_no_whole_of_the_rest(
    path: Path, where: str, sees: bool
) -> None:
    def cut(point: str) -> None:
        if point == where:
            raise Dark

    device = SimDispenser(path, "D-1", KEY, Plan(cut=cut))
    device.dispense(ORDER, DUE, token(device, amount_fen=DUE))
    with pytest.raises(Dark):
        device.present(ORDER)
    device.hand(PART)
    assert in_doubt(restarted(path, sees=sees))


@pytest.mark.parametrize("plan", [Plan(taken_back=1), Plan(retract_short=True)], ids=["snatched", "stuck"])
def test_what_goes_wrong_with_the_rest_leaves_the_same_doubt(path: Path, plan: Plan) -> None:
    device = presented(path, plan)
    device.hand({10_000: 1})
    with pytest.raises(DeviceFailed):
        device.retract()
    assert in_doubt(device)
    assert in_doubt(restarted(path))
    assert whole_fen(device) == total_fen(FULL)


def test_a_reset_draws_in_the_rest_and_knows_that_it_is_not_all(path: Path) -> None:
    device = presented(path)
    device.hand(PART)
    device.reset()
    assert device.taken()
    assert in_doubt(device)


# ---- the machine, the office, the person ----


def counted(office: Office) -> None:
    """Two persons count: what is missing was handed out, and whoever took a part is given the rest."""
    office.books.time_passes()
    orders = office.books.in_suspense()
    for order in orders:
        office.books.count_cash(order, handed_out=order in office.place.handed())
    office.off()
    office.place.give_rest(orders)


def paid_once(office: Office) -> None:
    for _ in range(2):
        machine = office.on()
        act(machine)
        machine.idle()
        office.off()
        assert office.books.paid_in_cash_fen() == office.place.handed_fen() == AMOUNT
        assert office.books.owed_fen() == 0
        assert office.place.notes().add_up


def test_whoever_takes_some_has_a_case_for_staff_and_is_paid_once(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = at_cash(office, mishap=TAKES_SOME)
    card_out(machine)
    taken_fen = machine.dispenser.hand()
    assert 0 < taken_fen < AMOUNT
    machine.teller.tick()
    assert machine.teller.state is State.PRESENTING, "there is time to take the rest"
    office.place.clock.forward(LIMITS_S[State.PRESENTING] + 1)
    machine.teller.tick()
    errand = machine.teller.screen.errand
    assert errand is not None
    assert (errand.ending, errand.state, code(machine)) == ("in_doubt", "in_doubt", "PartTaken")
    assert errand.printed
    assert not machine.teller.screen.gives_cash
    notes = office.place.notes()
    assert notes.add_up
    assert (notes.taken_fen, notes.bins_fen["retracted"]) == (taken_fen, AMOUNT - taken_fen)
    machine.idle()
    act(machine)
    assert office.place.handed_fen() == taken_fen, "held until it is counted"
    counted(office)
    paid_once(office)


@pytest.mark.parametrize(
    ("kind", "way"),
    [
        ("dispenser", "power loss"),
        ("dispenser", "power loss, sensors blind"),
        ("kiosk", "kiosk dies"),
        ("journal", "kiosk dies before the record"),
        ("journal", "kiosk dies after the record"),
    ],
)
def test_cut_at_every_point_whoever_took_some_is_paid_once(tmp_path: Path, kind: str, way: str) -> None:
    for in_the_dark in (None, 0, LEFT_LYING):
        for at in count(1):
            home = tmp_path / f"{in_the_dark}{at}"
            home.mkdir()
            office = Office(home)
            office.books.owe(office.card.persona, AMOUNT)
            fate = Fate(kind, at, Loaded(way))
            machine = office.switch_on(fate, TAKES_SOME)
            on = survives(machine, machine.teller.start)
            on = on and survives(machine, partial(act, machine, TAKES_SOME))
            assert on == (fate.hit is None)
            if not on and in_the_dark is not None:
                office.place.somebody_takes(in_the_dark)
            office.place.blind = fate.blinds
            office.off()
            office.on().idle()
            counted(office)
            paid_once(office)
            if on:
                break
        assert at > 4


def on_screen(language: str) -> Screen:
    errand = Errand("0000000100010001", AMOUNT, "2026-11", "基本养老金", "1", "cash", "张*丰", None)
    errand.outcome = "unknown"
    return Screen(1, State.RESULT, language, errand=errand, said=Said.of(PartTaken()))


@pytest.mark.parametrize(("language", "kept"), [(ZH, "给您留着"), (EN, "is kept for you")])
def test_the_person_reads_and_hears_that_the_rest_is_kept(language: str, kept: str) -> None:
    screen = on_screen(language)
    page = pages.render(screen, None, "1").partition("<main")[2].partition("</main>")[0]
    assert kept in words.said(PartTaken(), language)
    assert words.said(PartTaken(), language) in page
    assert words.said(PartTaken(), language) in [one.text for one in spoken(screen)]
