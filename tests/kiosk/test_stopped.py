"""The list of stopped cards: only the office's word is taken, whole and in order; a card on it is refused by the machine
alone, whoever can be reached, and let in again as soon as the office says so."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from backend.cards.listed import mark, signed_text
from backend.cards.schema import AskStopped, StoppedCards, StoppedEntry
from backend.kernel import items, signing
from backend.kernel.errors import sentence_of
from backend.kernel.sentences import read
from backend.kiosks.schema import Beat, Heard
from backend.payout.refusals import CardStopped
from backend.registry import service as registry
from backend.systems import CATALOGUE
from kiosk import cli, stopped
from kiosk.client import NoAnswer, Refused
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
from tests.kiosk.visitors import card_in, card_out, code, type_pin

__all__ = ["home"]
SIGNER = signing.signer(b"the office", "stopped-cards")
STRANGER = signing.signer(b"somebody else", "stopped-cards")
NOTICE_KEY, KEY = SIGNER.public.hex(), "ab" * 32
AT = datetime(2026, 11, 24, 2, tzinfo=UTC)
CARDS = [persona(n).card_code for n in range(1, 8)]


def signed(answer: StoppedCards, by: signing.Signer = SIGNER) -> StoppedCards:
    text = signed_text(answer.since, answer.serial, answer.at, answer.entries)
    return answer.model_copy(update={"signature": by.sign(text)})


@dataclass
class Bureau:
    """The office's half in memory."""

    entries: list[StoppedEntry] = field(default_factory=list)
    most: int = 2000
    at: datetime = AT
    asked: list[int] = field(default_factory=list)
    trouble: Exception | None = None
    lies: Callable[[StoppedCards], StoppedCards] = lambda told: told

    def list(self, card_code: str, *, stopped: bool = True) -> None:
        self.entries.append(StoppedEntry(serial=len(self.entries) + 1, mark=mark(card_code), stopped=stopped))

    def stopped(self, question: AskStopped) -> StoppedCards:
        self.asked.append(question.since)
        if self.trouble is not None:
            raise self.trouble
        self.at += timedelta(seconds=1)
        found = tuple(self.entries[question.since : question.since + self.most])
        told = StoppedCards(
            since=question.since,
            serial=question.since + len(found),
            entries=found,
            more=question.since + len(found) < len(self.entries),
            at=self.at,
            signature="",
        )
        return self.lies(signed(told))

    def beat(self, cmd: Beat) -> Heard:
        if self.trouble is not None:
            raise self.trouble
        return Heard(now=cmd.clock, serve=True, reason="")


@pytest.fixture
def bureau() -> Bureau:
    return Bureau()


@pytest.fixture
def stops(bureau: Bureau, tmp_path: Path) -> StopList:
    return StopList(tmp_path / "stopped.list", bureau, NOTICE_KEY, KEY)


def again(of: StopList, tmp_path: Path, **changed: str) -> StopList:
    """The machine has been switched off and on."""
    keys = {"notice_key": NOTICE_KEY, "machine_key": KEY} | changed
    return StopList(tmp_path / "stopped.list", of._office, **keys)


def held(by: StopList) -> list[str]:
    return [code for code in CARDS if by.holds(code)]


# ---- what is taken ----


def test_it_goes_on_where_it_ended_and_survives_a_restart(
    bureau: Bureau, stops: StopList, tmp_path: Path
) -> None:
    bureau.most = 2
    for card in CARDS[:5]:
        bureau.list(card)
    stops.catch_up()
    assert (bureau.asked, stops.serial, held(stops)) == ([0, 2, 4], 5, CARDS[:5])
    bureau.list(CARDS[1], stopped=False)
    bureau.list(CARDS[6], stopped=False)  # of a card that it never heard of
    stops = again(stops, tmp_path)
    assert held(stops) == CARDS[:5], "before anybody was asked"
    stops.catch_up()
    assert (bureau.asked[3:], held(stops)) == ([5], [CARDS[0], *CARDS[2:5]])
    assert held(again(stops, tmp_path)) == held(stops)
    assert stops.holds(CARDS[0].lower())


def other_card(told: StoppedCards) -> StoppedCards:
    mine = told.entries[0].model_copy(update={"mark": mark(CARDS[6])})
    return told.model_copy(update={"entries": (mine, *told.entries[1:])})


def freed(told: StoppedCards) -> StoppedCards:
    return told.model_copy(
        update={"entries": tuple(one.model_copy(update={"stopped": False}) for one in told.entries)}
    )


def shortened(told: StoppedCards) -> StoppedCards:
    return told.model_copy(update={"entries": told.entries[:-1], "serial": told.serial - 1})


def with_a_gap(told: StoppedCards) -> StoppedCards:
    return signed(told.model_copy(update={"entries": told.entries[1:]}))


def moved_up(told: StoppedCards) -> StoppedCards:
    """As many as there should be, and one number left out."""
    later = told.entries[-1].model_copy(update={"serial": told.serial + 1})
    return signed(told.model_copy(update={"entries": (*told.entries[:-1], later)}))


FORGED: dict[str, Callable[[StoppedCards], StoppedCards]] = {
    "signed by somebody else": lambda told: signed(told, STRANGER),
    "not signed": lambda told: told.model_copy(update={"signature": ""}),
    "no signature at all": lambda told: told.model_copy(update={"signature": "zz"}),
    "signed to the last bit but one": lambda told: told.model_copy(
        update={"signature": told.signature[:-1] + "01"[told.signature[-1] == "0"]}
    ),
    "another card": other_card,
    "said to serve": freed,
    "the end torn off": shortened,
    "of another moment": lambda told: told.model_copy(update={"at": told.at + timedelta(days=1)}),
    "with a gap": with_a_gap,
    "with a number left out": moved_up,
    "no mark": lambda told: signed(
        told.model_copy(
            update={"entries": tuple(one.model_copy(update={"mark": "no mark"}) for one in told.entries)}
        )
    ),
    "half a mark": lambda told: signed(
        told.model_copy(
            update={"entries": tuple(one.model_copy(update={"mark": "ab" * 8}) for one in told.entries)}
        )
    ),
    "the answer to another question": lambda told: signed(told.model_copy(update={"since": 1, "serial": 4})),
    "of an office whose clock went back": lambda told: signed(told.model_copy(update={"at": AT})),
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_what_the_office_has_not_said_changes_nothing_and_is_told(
    bureau: Bureau, stops: StopList, tmp_path: Path, forged: Callable[[StoppedCards], StoppedCards]
) -> None:
    bureau.list(CARDS[0])
    bureau.list(CARDS[1])
    stops.catch_up()
    for card in CARDS[2:5]:
        bureau.list(card)
    bureau.list(CARDS[0], stopped=False)
    bureau.lies = forged
    with capture_logs() as logged:
        stops.catch_up()
    assert [one["event"] for one in logged] == ["stopped.not_taken"]
    assert (stops.serial, held(stops)) == (2, CARDS[:2])
    assert held(again(stops, tmp_path)) == CARDS[:2]
    bureau.lies = lambda told: told
    stops.catch_up()
    assert held(stops) == CARDS[1:5]


def test_an_answer_of_yesterday_frees_nobody(bureau: Bureau, stops: StopList) -> None:
    """Whoever kept what was true then plays it again: of another question, or older than what is known."""
    bureau.list(CARDS[0])
    bureau.list(CARDS[0], stopped=False)
    kept = [bureau.stopped(AskStopped(since=since)) for since in (0, 1, 2)]
    bureau.list(CARDS[0])
    stops.catch_up()
    assert (stops.serial, held(stops)) == (3, [CARDS[0]])
    idle = bureau.stopped(AskStopped(since=3))
    stops.catch_up()
    for replayed in (*kept, idle):
        bureau.lies = lambda told, replayed=replayed: replayed
        with capture_logs() as logged:
            stops.catch_up()
        assert [one["event"] for one in logged] == ["stopped.not_taken"]
        assert held(stops) == [CARDS[0]]


def test_whoever_says_that_there_is_always_more_is_not_asked_for_ever(
    bureau: Bureau, stops: StopList
) -> None:
    bureau.lies = lambda told: told.model_copy(update={"more": True})  # that is not signed
    bureau.list(CARDS[0])
    stops.catch_up()
    assert (bureau.asked, stops.serial) == ([0, 1], 1)


@pytest.mark.parametrize("trouble", [NoAnswer("cut"), Refused("Forbidden", "no")], ids=["cut", "refused"])
def test_an_office_that_says_nothing_leaves_the_list_as_it_is(
    bureau: Bureau, stops: StopList, trouble: Exception
) -> None:
    bureau.list(CARDS[0])
    stops.catch_up()
    bureau.list(CARDS[1])
    bureau.trouble = trouble
    stops.catch_up()
    assert held(stops) == [CARDS[0]]


# ---- on the disk ----


def spoilt(data: bytes, how: str) -> bytes:
    return {
        "empty": b"",
        "torn": data[: len(data) // 2],
        "the last byte gone": data[:-1],
        "one bit": data[:-40] + bytes([data[-40] ^ 1]) + data[-39:],
        "a card cut out": data[: stopped.HEAD.size] + data[stopped.HEAD.size + 16 :],
        "something else": b'{"office": null}' * 20,
    }[how]


@pytest.mark.parametrize(
    "how", ["empty", "torn", "the last byte gone", "one bit", "a card cut out", "something else"]
)
def test_a_list_that_this_machine_has_not_written_whole_is_asked_for_again(
    bureau: Bureau, stops: StopList, tmp_path: Path, how: str
) -> None:
    for card in CARDS[:4]:
        bureau.list(card)
    stops.catch_up()
    path = tmp_path / "stopped.list"
    path.write_bytes(spoilt(path.read_bytes(), how))
    with capture_logs() as logged:
        stops = again(stops, tmp_path)
    assert [one["event"] for one in logged] == ["stopped.unreadable"]
    assert (stops.serial, held(stops)) == (0, [])
    stops.catch_up()
    assert held(stops) == held(again(stops, tmp_path)) == CARDS[:4]


def test_a_list_of_another_machine_or_another_office_counts_for_nothing(
    bureau: Bureau, stops: StopList, tmp_path: Path
) -> None:
    bureau.list(CARDS[0])
    stops.catch_up()
    assert again(stops, tmp_path, machine_key="cd" * 32).serial == 0
    assert again(stops, tmp_path, notice_key=STRANGER.public.hex()).serial == 0


def test_what_the_disk_does_not_take_counts_until_the_machine_is_switched_off(
    bureau: Bureau, tmp_path: Path
) -> None:
    stops = StopList(tmp_path / "gone" / "stopped.list", bureau, NOTICE_KEY, KEY)
    bureau.list(CARDS[0])
    with capture_logs() as logged:
        stops.catch_up()
    assert [one["event"] for one in logged] == ["stopped.not_kept"]
    assert held(stops) == [CARDS[0]]


def test_the_list_of_a_city_is_small_and_read_at_once(stops: StopList, tmp_path: Path) -> None:
    n = 200_000
    stops._marks = {i.to_bytes(16) for i in range(n)}
    stops.serial = n
    stops._keep()
    assert (tmp_path / "stopped.list").stat().st_size == stopped.HEAD.size + 16 * n + stopped.SEAL
    began = time.process_time()
    read = again(stops, tmp_path)
    assert time.process_time() - began < 2.0, "of work, however busy the machine is"
    assert read._marks == stops._marks
    del read
    tracemalloc.start()
    read = again(stops, tmp_path)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(read) == n
    assert kept < 32 * 2**20


# ---- a card in the slot ----


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
