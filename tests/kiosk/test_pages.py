"""Pages: every state in both languages, by plain forms, clean of private data when the card is gone."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from backend.kernel.language import EN, ZH
from backend.payout.refusals import CardStopped
from kiosk import flow, pages
from kiosk.app import create
from kiosk.case import Comfort, Errand, Kiosk, Said, Screen
from kiosk.client import Caller, Patience
from kiosk.desk import Desk
from kiosk.devices.dispenser import SimDispenser
from kiosk.devices.printer import FilePrinter
from kiosk.flow import Event, State
from kiosk.journal import Journal
from kiosk.recordings import RECORDINGS
from kiosk.services import SERVICES
from kiosk.slot import DemoCard, TraySlot
from kiosk.visit import Teller
from tests.kiosk.matters import full
from tests.kiosk.people import PIN, persona
from tests.kiosk.reference_backend import ReferenceBackend, dispenser_key

NAMES = [path.stem for path in (Path(pages.__file__).parent / "templates" / "screens").glob("*.html")]


class Screenside:
    """Somebody in front of the screen, and the machine behind it."""

    def __init__(self, client: TestClient, desk: Desk) -> None:
        self.client, self.desk = client, desk

    def post(self, path: str, **form: str | int) -> str:
        return self.client.post(path, data={name: str(value) for name, value in form.items()}).text

    def press(self, event: str) -> str:
        """A button of the screen that is shown."""
        return self.post("/press", event=event, at=self.desk.screen.state.name)

    def at(self, state: State) -> str:
        deadline = time.monotonic() + 60
        while self.desk.screen.state is not state:
            assert time.monotonic() < deadline, self.desk.screen.state
            time.sleep(0.01)
        return self.client.get("/").text

    def sign_in(self) -> str:
        self.post("/tray/insert", card=0)
        self.at(State.PIN)
        for digit in PIN:
            self.post("/pin", digit=digit)
        self.post("/pin", digit="confirm")
        return self.at(State.MENU)


@pytest.fixture
def side(tmp_path: Path, books: ReferenceBackend) -> Iterator[Screenside]:
    cards = [DemoCard(persona(), "退休人员"), DemoCard(persona(2, "李𬭎"))]
    books.owe(cards[0].persona, 458037)
    tray = TraySlot(cards)
    kiosk = Kiosk(
        id="00000001",
        slot=tray,
        caller=Caller(books.at("00000001"), Patience(0.1, (0.05,))),
        dispenser=SimDispenser(tmp_path / "dispenser.json", "D-1", dispenser_key("D-1")),
        printer=FilePrinter(tmp_path / "receipts"),
        journal=Journal(tmp_path / "journal.log"),
    )
    desk = Desk(Teller(kiosk))
    with TestClient(create(desk, tray), base_url="http://127.0.0.1:8100") as client:
        side = Screenside(client, desk)
        side.at(State.WELCOME)
        yield side


def test_a_pension_is_collected_by_forms_alone(side: Screenside) -> None:
    assert "张*丰" in side.sign_in()
    side.press("COLLECT")
    assert "4,580.37" in side.at(State.METHOD)
    side.press("CASH")
    page = side.at(State.STACKED)
    assert "请取卡" in page
    side.post("/tray/pull")
    page = side.at(State.PRESENTING)
    assert "取走出钞口的现金" in page
    side.post("/tray/cash", take=1)
    page = side.at(State.RESULT)
    assert "领好了" in page
    assert "待遇领取回单" in page
    side.press("LEAVE")
    assert "请插入社会保障卡" in side.at(State.WELCOME)


def test_the_whole_story_in_english(side: Screenside) -> None:
    side.post("/language", language=EN)
    page = side.client.get("/").text
    assert 'lang="en"' in page
    assert "Please insert your social security card" in page
    side.post("/tray/insert", card=0)
    assert "enter your PIN" in side.at(State.PIN)


def test_a_refusal_is_said_in_the_language_the_screen_is_switched_to(
    side: Screenside, books: ReferenceBackend
) -> None:
    books.lost_cards.add(persona().card_no)
    side.post("/tray/insert", card=0)
    assert "这张社会保障卡已经登记挂失" in side.at(State.TAKE_CARD)
    assert "This card has been reported lost" in side.post("/language", language=EN)
    assert "这张社会保障卡已经登记挂失" in side.post("/language", language=ZH)


@pytest.mark.parametrize("path", ["ACCOUNT", "PAYMENTS"])
def test_account_and_payments_are_shown_and_left_by_back(side: Screenside, path: str) -> None:
    side.sign_in()
    side.press(f"SHOW_{path}")
    page = side.at(State[path])
    assert "310***********" in page
    assert ("28 年 4 个月" in page) == (path == "ACCOUNT")
    assert persona().ident not in page
    assert persona().name not in re.sub(r"<aside.*", "", page, flags=re.S)
    side.press("BACK")
    side.at(State.MENU)


def test_the_pin_is_never_in_a_page_nor_in_an_address(side: Screenside) -> None:
    side.post("/tray/insert", card=0)
    side.at(State.PIN)
    for digit in PIN[:5]:
        page = side.post("/pin", digit=digit)
    shown = re.sub(r"<aside.*", "", page, flags=re.S)
    assert shown.count('class="full"') == 5
    assert PIN[:5] not in shown
    assert "已输入 5 位" in shown


def test_a_pulled_card_leaves_nothing_on_the_screen_even_while_the_machine_is_busy(side: Screenside) -> None:
    side.sign_in()
    private = side.desk.screen
    assert private.private
    assert pages.shown(private, private.insertion) is private
    for other in (None, 99):
        wiped = pages.shown(private, other)
        assert not wiped.private
        assert wiped.payable is None
        assert wiped.due == ()
        assert "张*丰" not in pages.render(wiped, None, "x")


@pytest.mark.parametrize("name", NAMES)
def test_every_screen_has_one_question_four_choices_and_both_buttons_in_place(
    side: Screenside, name: str
) -> None:
    side.sign_in()
    side.press("COLLECT")
    side.at(State.METHOD)
    account, payable = side.desk.screen.account, side.desk.screen.payable
    side.press("CASH")
    side.at(State.STACKED)
    errand = side.desk.screen.errand
    assert payable is not None
    shared = {
        "asking": State.PIN,
        "busy": State.BOOTING,
        "closed": State.WELCOME,
        "comfort": State.MENU,
        "offline": State.WELCOME,
        "pin_change": State.PIN_OLD,
    }
    state = shared[name] if name in shared else State[name.upper()]
    for language in (ZH, EN):
        screen = Screen(
            1,
            state,
            language,
            account=account,
            payable=payable,
            due=(payable,) * 4,
            errand=errand,
            services=SERVICES,
            matter=full(),
            asking=name == "asking",
            closed="" if name == "closed" else None,
            offline=name == "offline",
            comfort=Comfort(open=name == "comfort"),
            staff_called=True,
        )
        html = pages.render(screen, None, "1")
        question = html.partition("<main")[2].partition("</main>")[0]
        assert question.count("<h1") == 1
        buttons = question.count("<button")
        assert buttons <= {"pin": 12, "pin_change": 12, "words": 39, "menu": 5, "work": 5}.get(name, 4)
        assert html.index('class="back"') < html.index('class="staff"')
        assert "style=" not in html
        assert "<script>" not in html
        assert ("演示数据" if language == ZH else "Demo data") in html
        assert 'id="voice"' in html
        if language == EN:
            own = re.sub(r'<(\w+)[^>]* lang="zh">.*?</\1>', "", html)  # names stay as they are
            text = re.sub(r"<[^>]*>|示例银行|基本养老金|张\*丰", "", own)
            assert set(re.findall(r"[\u4e00-\u9fff]+", text)) <= {"中文"}


def test_back_is_alive_exactly_where_the_flow_knows_a_way_back() -> None:
    for state in State:
        known = (state, Event.BACK) in flow.TABLE
        assert (pages.back(Screen(1, state)) is not None) == known


def test_only_its_own_pages_may_press(side: Screenside) -> None:
    press = {"event": "COLLECT", "at": "MENU"}
    for headers in (
        {"origin": "http://evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"host": "kiosk.evil.example:8100"},
    ):
        assert side.client.post("/press", data=press, headers=headers).status_code == 403
    assert side.client.get("/", headers={"host": "evil.example"}).status_code == 403
    own = {"origin": "http://127.0.0.1:8100", "sec-fetch-site": "same-origin"}
    assert side.client.post("/press", data=press, headers=own).status_code == 200


def test_every_answer_is_locked_down(side: Screenside) -> None:
    for path in ("/", "/state", "/static/kiosk.js"):
        headers = side.client.get(path).headers
        assert "unsafe" not in headers["content-security-policy"]
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


def test_the_mark_changes_when_the_page_would(side: Screenside) -> None:
    before = side.client.get("/state").json()
    assert side.client.get("/state").json() == before
    side.post("/tray/insert", card=0)
    side.at(State.PIN)
    assert side.client.get("/state").json() != before


def test_a_button_pressed_twice_counts_once(side: Screenside) -> None:
    side.sign_in()
    side.press("SHOW_ACCOUNT")
    side.at(State.ACCOUNT)
    side.post("/press", event="BACK", at="ACCOUNT")
    side.post("/press", event="BACK", at="ACCOUNT")
    assert side.desk.screen.state is State.MENU


def test_nonsense_from_a_form_does_nothing(side: Screenside) -> None:
    side.press("DROP")
    side.press("AUTHORISED")
    side.post("/pin", digit="十")
    side.post("/language", language="xx")
    side.post("/tray/insert", card=77)
    side.post("/tray/pull")
    assert side.desk.screen.state is State.WELCOME
    for path, form in (
        ("/press", {}),
        ("/press", {"event": "COLLECT", "at": "MENU", "choice": "x"}),
        ("/pin", {}),
    ):
        answer = side.client.post(path, data=form, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_who_asks_for_no_page_of_ours_gets_a_sentence_and_is_taken_back(side: Screenside) -> None:
    for method, path, status in (("GET", "/admin", 404), ("GET", "/press", 405), ("GET", "/static/x", 404)):
        answer = side.client.request(method, path)
        assert answer.status_code == status
        assert "没有这个页面" in answer.text
        assert answer.headers["refresh"] == "2; url=/"


@pytest.mark.parametrize("state", [State.REFUSED, State.TAKE_CARD, State.RESULT])
def test_the_loudspeaker_says_nothing_that_only_the_holder_should_know(state: State) -> None:
    errand = Errand("0000000100010001", 458037, "2026-11", "基本养老金", "1", "cash", "张*丰", None)
    errand.outcome = "not"
    html = pages.render(
        Screen(1, state, said=Said.of(CardStopped(status="登记挂失")), errand=errand), None, "1"
    )
    voice = html.partition('id="voice" hidden>')[2].partition("</div>")[0]
    assert "请看屏幕上的说明" in voice
    assert "挂失" not in voice
    assert "挂失" in html


def test_health_says_what_is_open(side: Screenside) -> None:
    assert side.client.get("/health").json() == {
        "state": "WELCOME",
        "unreported": 0,
        "in_doubt": 0,
        "recordings": len(RECORDINGS),
    }


def test_without_a_tray_there_is_none(tmp_path: Path, books: ReferenceBackend) -> None:
    kiosk = Kiosk(
        id="00000001",
        slot=TraySlot([]),
        caller=Caller(books.at("00000001"), Patience(0.1, (0.05,))),
        dispenser=SimDispenser(tmp_path / "dispenser.json", "D-1", dispenser_key("D-1")),
        printer=FilePrinter(tmp_path / "receipts"),
        journal=Journal(tmp_path / "journal.log"),
    )
    with TestClient(create(Desk(Teller(kiosk))), base_url="http://127.0.0.1") as client:
        assert 'id="tray"' not in client.get("/").text
        assert client.post("/tray/insert", data={"card": "0"}).status_code == 404
