"""A card on the list of stopped ones: refused by the machine alone, and let in again as soon as the office says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from backend.kernel import items
from backend.kernel.errors import sentence_of
from backend.kernel.sentences import read
from backend.payout.refusals import CardStopped
from backend.registry import service as registry
from backend.systems import CATALOGUE
from kiosk import cli
from kiosk.client import NoAnswer
from kiosk.drill.faults import Fate
from kiosk.drill.scene import Machine
from kiosk.flow import State
from kiosk.heartbeat import EVERY_S, Heart
from kiosk.officeline import HttpOffice
from kiosk.operator.told import CardNotAdmitted
from kiosk.settings import Settings
from kiosk.stopped import StopList
from kiosk.told import CardListed
from tests.backend.people import citizen
from tests.conftest import Fresh
from tests.kiosk.conftest import Office
from tests.kiosk.manned import PIN
from tests.kiosk.manned import Office as RealOffice
from tests.kiosk.manned import machine as manned_machine
from tests.kiosk.manned import office as real_office
from tests.kiosk.people import persona
from tests.kiosk.served import until
from tests.kiosk.test_cli import enrol, home
from tests.kiosk.test_stopped import (
    CARDS,
    NOTICE_KEY,
    Bureau,
    again,
    bureau,
    stops,
)
from tests.kiosk.visitors import card_in, card_out, code, type_pin

__all__ = ["bureau", "home", "stops"]


def at_kiosk(office: Office, stops: StopList) -> Machine:
    office.books.owe(office.card.persona, 458037)
    machine = office.on()
    machine.teller.kiosk.stops = stops
    return machine


def test_a_stopped_card_is_refused_while_nobody_can_be_asked(
    office: Office, bureau: Bureau, stops: StopList, tmp_path: Path
) -> None:
    bureau.list(office.card.persona.card_code)
    stops.catch_up()
    machine = at_kiosk(office, again(stops, tmp_path))
    machine.teller.kiosk.duty.offline = True
    bureau.trouble = NoAnswer("cut")
    card_in(machine)
    assert (machine.teller.state, code(machine)) == (State.TAKE_CARD, "CardListed")
    assert office.books.visits == {}
    assert bureau.asked == [0], "and the line that is down was not waited for"


def test_it_is_refused_before_the_office_is_asked_about_it_also_where_the_office_would_take_it(
    office: Office, bureau: Bureau, stops: StopList
) -> None:
    bureau.list(office.card.persona.card_code)
    stops.catch_up()
    machine = at_kiosk(office, stops)
    card_in(machine)
    assert (machine.teller.state, code(machine)) == (State.TAKE_CARD, "CardListed")
    assert office.books.visits == {}
    said = sentence_of(CardListed)
    assert said == CardStopped(status="停用").message


def test_who_serves_again_since_the_last_word_is_let_in_at_once(
    office: Office, bureau: Bureau, stops: StopList
) -> None:
    bureau.list(office.card.persona.card_code)
    stops.catch_up()
    bureau.list(office.card.persona.card_code, stopped=False)
    machine = at_kiosk(office, stops)
    card_in(machine)
    assert machine.teller.state is State.PIN
    type_pin(machine)
    assert machine.teller.state is State.MENU


def test_another_card_is_served_and_nothing_is_asked_for_it(
    office: Office, bureau: Bureau, stops: StopList
) -> None:
    bureau.list(persona(2).card_code)
    stops.catch_up()
    machine = at_kiosk(office, stops)
    card_in(machine)
    assert (machine.teller.state, bureau.asked) == (State.PIN, [0])


def test_a_machine_without_a_list_serves_as_before(office: Office) -> None:
    office.books.owe(office.card.persona, 458037)
    machine = office.on()
    card_in(machine)
    assert machine.teller.state is State.PIN


# ---- its next word ----


def test_with_every_word_to_the_office_the_machine_hears_who_was_stopped(
    office: Office, bureau: Bureau, stops: StopList
) -> None:
    machine = office.switch_on(Fate())
    machine.teller.kiosk.stops = stops
    teller, clock = machine.teller, machine.place.clock
    heart = Heart(teller.kiosk, lambda: teller.state, bureau, clock)  # type: ignore[arg-type]
    heart.tick()
    assert bureau.asked == [], "it has not begun"
    teller.start()
    heart.tick()
    heart.tick()
    assert bureau.asked == [0]
    bureau.list(office.card.persona.card_code)
    bureau.trouble = NoAnswer("cut")
    clock.forward(EVERY_S)
    heart.tick()
    assert (bureau.asked, teller.kiosk.duty.offline) == ([0], True)
    bureau.trouble = None
    clock.forward(EVERY_S)
    heart.tick()
    assert (bureau.asked, len(stops)) == ([0, 0], 1)
    card_in(machine)
    assert code(machine) == "CardListed"
    card_out(machine)


def report(there: RealOffice, item: str) -> None:
    """The holder does it from home."""
    run, ident = there.hall.run, there.card.ident
    known = CATALOGUE[item]
    holder = citizen(ident, run.system(lambda uow: registry.person(uow, ident).id))
    items.perform(run.by(holder), known, read(known.asks, {"ident": ident}))


def test_a_real_office_is_believed_and_nobody_else(fresh: Fresh, tmp_path: Path) -> None:
    """Reported lost, neither a visitor nor an operator gets in with it; found again, both do."""
    with real_office(fresh) as there, manned_machine(there, tmp_path / "kiosk") as manned:
        hall, at = there.hall, manned.desk.teller.kiosk
        line = HttpOffice(there.url, hall.kiosk.id, hall.kiosk.key)
        key = hall.run.vault.signer("stopped-cards").public.hex()
        stops = StopList(tmp_path / "stopped.list", line, key, hall.kiosk.key)
        strange = StopList(tmp_path / "strange.list", line, NOTICE_KEY, hall.kiosk.key)
        report(there, "CRD-03")
        for one in (stops, strange):
            one.catch_up()
        assert (len(stops), len(strange), stops.holds(there.card.card_code)) == (1, 0, True)
        at.stops = stops
        until(lambda: manned.desk.screen.state is State.WELCOME)
        manned.panel.gate()
        at.slot.insert(0)  # type: ignore[attr-defined]
        with pytest.raises(CardListed):
            manned.panel.enter_by_card(PIN)
        report(there, "CRD-04")
        with pytest.raises(CardNotAdmitted):
            manned.panel.enter_by_card(PIN)
        assert (stops.serial, len(stops)) == (2, 0)
        line.close()


# ---- its settings ----


def test_the_key_comes_with_the_enrolment_and_a_wrong_one_is_named(
    home: Path, bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrol(home)
    assert cli._stops(Settings(), bureau) is None
    enrol(home, notice_key=NOTICE_KEY)
    stops = cli._stops(Settings(), bureau)
    assert stops is not None
    bureau.list(CARDS[0])
    stops.catch_up()
    assert (home / "stopped.list").stat().st_mode & 0o777 == 0o600
    for wrong in ("no key", "ab" * 64, NOTICE_KEY[:-2]):
        monkeypatch.setenv("RENSHE_KIOSK_NOTICE_KEY", wrong)
        done = CliRunner().invoke(cli.app, ["serve"])
        assert (done.exit_code, "notice_key。" in done.output) == (1, True), done.output
