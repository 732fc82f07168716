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

from backend.cards.listed import mark, signed_text
from backend.cards.schema import AskStopped, StoppedCards, StoppedEntry
from backend.kernel import signing
from backend.kiosks.schema import Beat, Heard
from kiosk import stopped
from kiosk.client import NoAnswer, Refused
from kiosk.stopped import StopList
from tests.kiosk.people import persona

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
