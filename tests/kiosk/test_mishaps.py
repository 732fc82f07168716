"""Mishaps: what the person reads in both languages, what the log says, and what the machine says of itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from backend.kernel.language import EN, ZH
from kiosk import mishaps, words
from kiosk.app import create
from kiosk.case import Kiosk
from kiosk.client import Caller
from kiosk.desk import Desk
from kiosk.devices.camera import SimCamera
from kiosk.devices.dispenser import SimDispenser
from kiosk.devices.pinpad import SimPinPad
from kiosk.devices.port import DeviceHealth
from kiosk.devices.printer import FilePrinter, ReceiptQueue
from kiosk.flow import State
from kiosk.journal import Journal
from kiosk.mishaps import Stand
from kiosk.slot import DemoCard, TraySlot
from kiosk.visit import LIMITS_S, Teller
from tests.kiosk.people import PIN, persona
from tests.kiosk.reference_backend import ReferenceBackend, dispenser_key

AMOUNT = 458037
HOME = "http://127.0.0.1"


@dataclass
class Hall:
    """A demonstration: a kiosk with every device, its screen, and a hand at its switches."""

    client: TestClient
    desk: Desk
    stand: Stand
    books: ReferenceBackend
    clock: list[float]

    def post(self, path: str, **form: str) -> str:
        return unescape(self.client.post(path, data=form).text)

    def turn(self, name: str, *, on: bool = True) -> str:
        return self.post("/tray/mishap", name=name, on=str(on).lower())

    def press(self, event: str) -> str:
        return self.post("/press", event=event, at=self.desk.screen.state.name)

    def at(self, state: State) -> str:
        deadline = time.monotonic() + 60
        while self.desk.screen.state is not state:
            assert time.monotonic() < deadline, self.desk.screen.state
            time.sleep(0.01)
        return self.page()

    def page(self) -> str:
        return unescape(self.client.get("/").text)

    def shows(self, text: str) -> str:
        """The page, as soon as this stands on it: a press does not wait for a busy machine."""
        deadline = time.monotonic() + 60
        while text not in (page := self.page()):
            assert time.monotonic() < deadline, text
            time.sleep(0.01)
        return page

    def sign_in(self) -> None:
        self.post("/tray/insert", card="0")
        self.at(State.PIN)
        for digit in (*PIN, "confirm"):
            if self.desk.screen.pad:
                self.post("/tray/pad", key=digit)
            else:
                self.post("/pin", digit=digit)
        self.at(State.MENU)

    def to_cash(self) -> None:
        self.sign_in()
        self.press("COLLECT")
        self.at(State.METHOD)
        self.press("CASH")

    def in_both(self, sentence: str) -> None:
        """It stands on the screen, whichever language it is in."""
        for language in (EN, ZH):
            self.post("/language", language=language)
            self.shows(words.translate(sentence, language))

    def health(self, device: str) -> DeviceHealth:
        kiosk = self.desk.teller.kiosk
        found: DeviceHealth = getattr(kiosk, device).health()
        return found


@pytest.fixture
def hall(tmp_path: Path, books: ReferenceBackend, request: pytest.FixtureRequest) -> Iterator[Hall]:
    clock = [1000.0]
    card = DemoCard(persona(3, "欧阳䶮小妹"))
    books.owe(card.persona, AMOUNT)
    stand = Stand(
        tray := TraySlot([card]),
        dispenser := SimDispenser(tmp_path / "dispenser.json", "D-1", dispenser_key("D-1")),
        printer := FilePrinter(tmp_path / "receipts"),
        SimPinPad() if "pad" in getattr(request, "param", "") else None,
        SimCamera(),
    )
    kiosk = Kiosk(
        id="00000001",
        slot=tray,
        caller=Caller(books.at("00000001")),
        dispenser=dispenser,
        printer=ReceiptQueue(printer, tmp_path / "kept"),
        journal=Journal(tmp_path / "journal.log"),
        pad=stand.pad,
        camera=stand.camera,
    )
    desk = Desk(Teller(kiosk, lambda: clock[0]))
    with capture_logs() as logs, TestClient(create(desk, tray, stand), HOME) as client:
        found = Hall(client, desk, stand, books, clock)
        found.at(State.WELCOME)
        request.node.logs = logs
        yield found


def logged(request: pytest.FixtureRequest) -> set[str]:
    return {entry["event"] for entry in request.node.logs}


def test_every_switch_breaks_something_and_mends_it_again(hall: Hall) -> None:
    for name in hall.stand.switches:
        page = hall.turn(name)
        assert hall.stand.switches[name].on
        assert words.translate(mishaps.LABELS[name], ZH) in page
        hall.turn(name, on=False)
        assert not hall.stand.switches[name].on


def test_a_switch_that_is_not_there_changes_nothing(hall: Hall) -> None:
    before = hall.stand.version
    hall.turn("pad")
    hall.turn("nothing")
    hall.post("/tray/mishap", name="paper", on="perhaps")
    hall.post("/tray/pad", key="1")
    assert hall.stand.version == before


def test_a_reader_without_its_cable_is_told_before_a_card_is_put_in(hall: Hall) -> None:
    hall.turn("reader")
    hall.in_both(
        "读卡器没有连上，这台机器现在不能办理。您的钱不受影响。卡还在卡口里的，请取出来，到另一台自助机或柜台办理。"
    )
    assert (hall.health("slot").state, hall.health("slot").code) == ("away", "NoReader")
    hall.turn("reader", on=False)
    hall.shows("请插入社会保障卡")


def test_a_reader_that_goes_in_the_middle_wipes_the_screen_and_says_where_the_card_is(hall: Hall) -> None:
    hall.sign_in()
    hall.turn("reader")
    hall.at(State.WELCOME)
    page = hall.shows("卡还在卡口里的，请取出来")
    assert "欧*" not in page.partition('id="tray"')[0]
    hall.turn("reader", on=False)
    hall.at(State.PIN)  # the card is still in: it is read anew, and the PIN asked for again


PAPER = {
    "paper": (
        "PAPEROUT",
        "打印机没有纸了。您的钱已经记好账，请记下领取单号；想要回单，请叫工作人员。",
    ),
    "paper-jam": (
        "MEDIAJAMMED",
        "打印机卡纸了，请不要拉。您的钱已经记好账，请记下领取单号；想要回单，请叫工作人员。",
    ),
    "paper-cover": (
        "COVEROPEN",
        "打印机的盖子没有合上。您的钱已经记好账，请记下领取单号；想要回单，请叫工作人员。",
    ),
    "printer": (
        "OFFLINE",
        "打印机没有反应。您的钱已经记好账，请记下领取单号；想要回单，请叫工作人员。",
    ),
}


@pytest.mark.parametrize("mishap", PAPER)
def test_without_a_slip_the_person_reads_why_and_can_have_it_while_the_visit_lasts(
    hall: Hall, request: pytest.FixtureRequest, mishap: str
) -> None:
    code, sentence = PAPER[mishap]
    hall.turn(mishap)
    hall.to_cash()
    hall.at(State.STACKED)
    hall.post("/tray/pull")
    hall.at(State.PRESENTING)
    hall.post("/tray/cash", take="1")
    assert "领好了" in hall.at(State.RESULT)
    hall.in_both(sentence)
    assert {"printer.failed", "receipt.waits"} <= logged(request)
    assert (hall.health("printer").code, hall.health("printer").facts["waiting"]) == (code, 1)
    errand = hall.desk.screen.errand
    assert errand is not None
    assert errand.order in hall.page(), "the number to note"
    hall.turn(mishap, on=False)
    hall.press("PRINT_AGAIN")
    page = hall.shows("请取回单")
    assert errand.order in page.partition('class="paper"')[2]
    assert hall.health("printer").facts["waiting"] == 0


def test_a_holder_prints_three_slips_at_most_and_each_further_one_is_marked(hall: Hall) -> None:
    hall.to_cash()
    hall.at(State.STACKED)
    hall.post("/tray/pull")
    hall.at(State.PRESENTING)
    hall.post("/tray/cash", take="1")
    hall.at(State.RESULT)
    assert "（补打）" not in hall.page()
    for _ in range(4):
        hall.press("PRINT_AGAIN")
    page = hall.shows("（补打）")
    assert "再打一张回单" not in page
    assert hall.stand.printer is not None
    assert hall.stand.printer.plan.slips == 397


@pytest.mark.parametrize(
    ("mishap", "sentence"),
    [
        (
            "cash-jam",
            "出钞没有成功，钱已经退回您的待领账上，没有少。请选择转到银行卡，或者到另一台自助机办理。",
        ),
        (
            "cash-short",
            "出钞没有成功，钱已经退回您的待领账上，没有少。请选择转到银行卡，或者到另一台自助机办理。",
        ),
    ],
)
def test_cash_that_cannot_be_counted_is_back_on_the_account(
    hall: Hall, request: pytest.FixtureRequest, mishap: str, sentence: str
) -> None:
    hall.turn(mishap)
    hall.to_cash()
    hall.at(State.RESULT)
    hall.in_both(sentence)
    assert logged(request) & {"dispenser.failed", "dispenser.count"}
    assert (hall.books.owed_fen(), hall.books.paid_in_cash_fen()) == (AMOUNT, 0)
    hall.turn(mishap, on=False)
    hall.press("COLLECT")
    hall.at(State.METHOD)
    hall.press("CASH")
    hall.at(State.STACKED)


@pytest.mark.parametrize("mishap", ["dispenser", "shutter"])
def test_a_dispenser_known_to_be_out_of_order_is_not_offered_and_the_bank_is(hall: Hall, mishap: str) -> None:
    hall.sign_in()
    hall.turn(mishap)
    hall.press("COLLECT")
    hall.at(State.METHOD)
    hall.in_both("这台机器暂时不能出现金")
    hall.press("CASH")
    assert hall.desk.screen.state is State.METHOD
    hall.press("BANK")
    assert "已交银行办理" in hall.at(State.RESULT)


def test_a_shutter_that_is_blocked_when_the_notes_should_come(
    hall: Hall, request: pytest.FixtureRequest
) -> None:
    hall.to_cash()
    hall.at(State.STACKED)
    hall.turn("shutter")
    hall.post("/tray/pull")
    hall.at(State.RESULT)
    hall.in_both(
        "出钞口打不开，现金没有出来。钱已经退回您的待领账上，没有少。请选择转到银行卡，或者到另一台自助机办理。"
    )
    assert "dispenser.failed" in logged(request)
    assert hall.health("dispenser").code == "USERERROR"


def test_a_cassette_that_gives_nothing_is_told_and_the_next_try_goes_without_it(hall: Hall) -> None:
    assert hall.stand.dispenser is not None
    hall.stand.dispenser.plan.picks_nothing_at = 1
    hall.to_cash()
    hall.at(State.RESULT)
    hall.in_both(
        "这台机器里的现金凑不出这笔钱，没有出钞。钱已经退回您的待领账上，没有少。请选择转到银行卡，或者到另一台自助机办理。"
    )
    assert hall.health("dispenser").code == "INOP"
    hall.stand.dispenser.plan.picks_nothing_at = 0
    hall.press("COLLECT")
    hall.at(State.METHOD)
    hall.press("CASH")
    hall.at(State.STACKED)


@pytest.mark.parametrize("mishap", ["doubt", "snatch"])
def test_what_the_dispenser_cannot_tell_stays_in_doubt_and_no_more_cash_is_given(
    hall: Hall, request: pytest.FixtureRequest, mishap: str
) -> None:
    hall.to_cash()
    hall.at(State.STACKED)
    hall.turn(mishap)
    hall.post("/tray/pull")
    hall.at(State.PRESENTING)
    hall.clock[0] += LIMITS_S[State.PRESENTING] + 1
    hall.at(State.RESULT)
    hall.in_both("您的钱有记录，不会少，也不会重复发。三个工作日内工作人员会联系您。")
    assert "staff.needed" in logged(request)
    assert len(hall.books.in_suspense()) == 1
    assert not hall.desk.teller.kiosk.gives_cash


def test_who_takes_only_some_of_the_notes_reads_that_the_rest_is_kept(
    hall: Hall, request: pytest.FixtureRequest
) -> None:
    hall.to_cash()
    hall.at(State.STACKED)
    hall.turn("part")
    hall.post("/tray/pull")
    hall.at(State.PRESENTING)
    hall.post("/tray/cash", take="1")
    assert "取走出钞口的现金" in hall.at(State.PRESENTING), "two notes still lie there"
    hall.clock[0] += LIMITS_S[State.PRESENTING] + 1
    assert "待核实" in hall.at(State.RESULT)
    hall.in_both(
        "现金取走了一部分，剩下的已经收进机器，给您留着。三个工作日内工作人员会联系您，把剩下的补给您。"
    )
    assert {"dispenser.part", "staff.needed"} <= logged(request)
    assert len(hall.books.in_suspense()) == 1
    assert (hall.books.owed_fen(), hall.books.paid_in_cash_fen()) == (AMOUNT, 0)
    assert not hall.desk.teller.kiosk.gives_cash


@pytest.mark.parametrize("hall", ["pad"], indirect=True)
@pytest.mark.parametrize(
    ("mishap", "sentence"),
    [
        ("pad", "密码键盘没有反应，这台机器现在不能办理。您的钱不受影响。请到另一台自助机或柜台办理。"),
        (
            "pad-key",
            "密码键盘上有一个键按下去没有弹起来，这台机器现在不能办理。您的钱不受影响。请到另一台自助机或柜台办理。",
        ),
    ],
)
def test_a_pin_pad_out_of_order_gives_the_card_back_and_says_so_to_the_next(
    hall: Hall, request: pytest.FixtureRequest, mishap: str, sentence: str
) -> None:
    hall.post("/tray/insert", card="0")
    assert "请在屏幕下面的密码键盘上输入" in hall.at(State.PIN)
    hall.turn(mishap)
    hall.at(State.TAKE_CARD)
    hall.in_both(sentence)
    assert "pinpad.failed" in logged(request)
    hall.post("/tray/pull")
    hall.at(State.WELCOME)
    hall.in_both(sentence)
    hall.turn(mishap, on=False)
    hall.sign_in()


@pytest.mark.parametrize("hall", ["pad"], indirect=True)
def test_a_pension_collected_with_the_pin_on_the_pad(hall: Hall) -> None:
    hall.to_cash()
    hall.at(State.STACKED)
    hall.post("/tray/pull")
    hall.at(State.PRESENTING)
    hall.post("/tray/cash", take="1")
    assert "领好了" in hall.at(State.RESULT)
    assert hall.books.paid_in_cash_fen() == AMOUNT
