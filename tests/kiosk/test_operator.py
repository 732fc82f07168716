"""The operator's page in a real browser before the real backend: who gets in, what they see, cash by two, self-test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from kiosk.client import NoAnswer
from kiosk.devices.cassettes import total_fen
from kiosk.devices.dispenser import SimDispenser
from kiosk.devices.pinpad import SimPinPad
from kiosk.duty import ATTENDED_S
from kiosk.flow import State
from kiosk.operator import told
from tests.backend.kiosks.hall import BAG, BAG_FEN, CODES
from tests.conftest import Fresh
from tests.kiosk.manned import PIN, Machine, Office, machine, office
from tests.kiosk.served import until

AXE = Path(__file__).parent.parent.parent / "portal/static/vendor/axe.min.js"
SMALLEST = """[...document.querySelectorAll('button, input:not([type=hidden]), nav a')]
  .filter(one => one.checkVisibility())
  .map(one => Math.min(one.getBoundingClientRect().height, one.getBoundingClientRect().width))"""


@pytest.fixture(scope="module")
def there(fresh: Fresh) -> Iterator[Office]:
    with office(fresh) as running:
        yield running


@pytest.fixture
def kiosk(there: Office, tmp_path: Path) -> Iterator[Machine]:
    with machine(there, tmp_path / "kiosk") as running:
        until(lambda: running.desk.screen.state is State.WELCOME)
        yield running


@pytest.fixture
def page(browser: Browser, kiosk: Machine) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1080, "height": 1920}, locale="zh-CN")
    page = context.new_page()
    yield page
    context.close()


def enter(page: Page, kiosk: Machine, work: str = "1001") -> None:
    page.goto(f"{kiosk.url}/operator")
    page.fill("input[name=work]", work)
    page.fill("input[name=code]", CODES[work])
    page.click("form[action='/operator/enter'] button")


def second(page: Page, form: str, taps: int = 1) -> None:
    page.fill(f"{form} input[name=work]", "1002")
    page.fill(f"{form} input[name=code]", CODES["1002"])
    page.click(f"{form} button", click_count=taps)


def notes(page: Page, deed: str, pieces: dict[int, int]) -> None:
    for fen, n in pieces.items():
        page.fill(f"form[action='/operator/{deed}'] input[name=n{fen}]", str(n))


def held(kiosk: Machine) -> int:
    dispenser = kiosk.desk.teller.kiosk.dispenser
    assert isinstance(dispenser, SimDispenser)
    return total_fen(dispenser.memory.cassettes)


def test_from_the_bag_to_the_counted_difference(page: Page, kiosk: Machine, there: Office) -> None:
    hall = there.hall
    sheet = hall.bag()
    enter(page, kiosk)
    expect(page.locator("main")).to_contain_text("李明")
    page.click("form[action='/operator/test'] button")
    expect(page.locator("[role=status]")).to_contain_text("没有点钞")
    assert "自检单" in (kiosk.home / "receipts" / "test.txt").read_text("utf-8")
    page.click("nav a >> nth=1")
    expect(page.locator("form[action='/operator/place'] button")).to_be_disabled()
    page.click("nav a >> nth=0")
    page.click("form[action='/operator/close'] button")
    expect(page.locator("[role=status]")).to_be_visible()
    page.click("nav a >> nth=1")
    expect(page.locator("main")).to_contain_text(sheet)
    second(page, "form[action='/operator/place']")
    expect(page.locator("[role=status]")).to_contain_text("已装入")
    assert held(kiosk) == BAG_FEN
    notes(page, "count", BAG)
    second(page, "form[action='/operator/count']")
    expect(page.locator("[role=status]")).to_contain_text("账实相符")
    notes(page, "count", BAG | {10000: 99})
    second(page, "form[action='/operator/count']")
    expect(page.locator("[role=status]")).to_contain_text("已登记为短款")
    [found] = hall.ask("KSK-Q34").differences
    assert (found.difference_fen, found.first, found.second) == (-10000, "李明", "王芳")
    notes(page, "take", {5000: 20})
    second(page, "form[action='/operator/take']", taps=2)
    expect(page.locator("[role=status]")).to_contain_text("已取出 1,000.00 元")
    assert held(kiosk) == BAG_FEN - 100_000
    assert hall.differences() == []
    page.click("nav a >> nth=0")
    page.click("form[action='/operator/day'] button")
    expect(page.locator("[role=status]")).to_be_visible()
    assert "现金日结单" in (kiosk.home / "receipts" / "day.txt").read_text("utf-8")
    page.goto(kiosk.url)
    expect(page.locator("h1")).to_contain_text("本机暂停服务")
    assert hall.ask("KSK-Q31").kiosks[0].state == "closed"


def test_every_page_in_both_languages_is_for_a_finger_and_axe_finds_nothing(
    page: Page, kiosk: Machine, tmp_path: Path
) -> None:
    enter(page, kiosk)
    for language in ("zh", "en"):
        page.click(f".languages button[lang^={language}]")
        for path in ("/operator", "/operator/cash", "/operator/journal"):
            page.goto(kiosk.url + path)
            page.screenshot(path=tmp_path / f"{path.rpartition('/')[2]}-{language}.png", full_page=True)
            assert min(page.evaluate(SMALLEST)) >= 44
            page.evaluate(AXE.read_text("utf-8"))
            found = page.evaluate("axe.run(document, {preload: false, resultTypes: ['violations']})")[
                "violations"
            ]
            assert [one["id"] for one in found] == []
            if language == "en":
                text = page.inner_text("main")
                assert not any("\u4e00" <= letter <= "\u9fff" for letter in text.replace("李明", ""))


def test_nobody_comes_in_over_a_visit_nor_with_a_wrong_code(page: Page, kiosk: Machine) -> None:
    page.goto(f"{kiosk.url}/operator")
    page.fill("input[name=work]", "1001")
    page.fill("input[name=code]", "000000")
    page.click("form[action='/operator/enter'] button")
    expect(page.locator("[role=alert]")).to_contain_text("还可以试 4 次")
    page.goto(f"{kiosk.url}/operator/cash")
    expect(page.locator("h1")).to_contain_text("操作员进入")
    kiosk.panel.leave()
    page.goto(kiosk.url)
    page.click(".tray button >> nth=0")
    until(lambda: kiosk.desk.screen.state is State.PIN)
    page.goto(f"{kiosk.url}/operator")
    expect(page.locator("[role=alert]")).to_contain_text("操作员页打不开")
    expect(page.locator("input[name=code]")).to_be_hidden()


def test_while_the_page_is_open_no_card_begins_a_visit(page: Page, kiosk: Machine) -> None:
    enter(page, kiosk)
    page.goto(kiosk.url)
    page.click(".tray button >> nth=0")
    until(lambda: kiosk.desk.screen.card_in)
    assert kiosk.desk.screen.state is State.WELCOME
    page.goto(f"{kiosk.url}/operator")
    page.click("header form[action='/operator/leave'] button")
    until(lambda: kiosk.desk.screen.state is State.PIN)


def test_a_page_that_nobody_touches_leaves_by_itself(page: Page, kiosk: Machine) -> None:
    page.clock.install()
    enter(page, kiosk)
    expect(page.locator("main")).to_contain_text("李明")
    for _ in range(3):
        page.keyboard.press("Tab")
        page.clock.run_for(ATTENDED_S * 1000 - 500)
    assert page.url == f"{kiosk.url}/operator"
    page.clock.run_for(1000)
    page.wait_for_url(f"{kiosk.url}/")


def test_an_operators_own_card_and_its_pin_open_the_page(page: Page, kiosk: Machine, there: Office) -> None:
    there.hall.ask("KSK-44", code=CODES["1001"], card_of=there.card.ident)
    page.goto(f"{kiosk.url}/operator")
    tray = kiosk.desk.teller.kiosk.slot
    tray.insert(0)  # type: ignore[attr-defined]
    page.fill("input[name=pin]", "111111")
    page.click("form[action='/operator/card'] button")
    expect(page.locator("[role=alert]")).to_contain_text("密码不对")
    page.fill("input[name=pin]", PIN)
    page.click("form[action='/operator/card'] button")
    expect(page.locator("main")).to_contain_text("李明")


@pytest.mark.parametrize("erased", [False, True])
def test_where_a_pin_pad_is_a_card_s_pin_is_typed_past_it_nowhere(
    page: Page, kiosk: Machine, there: Office, tmp_path: Path, erased: bool
) -> None:
    there.hall.ask("KSK-44", code=CODES["1001"], card_of=there.card.ident)
    kiosk.desk.teller.kiosk.pad = pad = SimPinPad()
    if erased:
        pad.tamper()
    kiosk.desk.teller.kiosk.slot.insert(0)  # type: ignore[attr-defined]
    kiosk.panel.gate()
    page.goto(f"{kiosk.url}/operator")
    expect(page.locator("main")).to_contain_text("这台机器装了密码键盘，卡的密码不能在这里输")
    expect(page.locator("input[name=pin]")).to_have_count(0)
    page.screenshot(path=tmp_path / "gate.png", full_page=True)
    answer = httpx.post(f"{kiosk.url}/operator/card", data={"pin": PIN}, headers={"origin": kiosk.url})
    assert answer.status_code == 422
    assert "请用工号和操作码进入" in answer.text
    page.fill("input[name=work]", "1001")
    page.fill("input[name=code]", CODES["1001"])
    page.click("form[action='/operator/enter'] button")
    expect(page.locator("main")).to_contain_text("李明")


@pytest.mark.parametrize(("why", "status"), [(told.DeskSlow(), 409), (OSError("full"), 422)])
def test_the_way_in_says_what_is_wrong(
    kiosk: Machine, monkeypatch: pytest.MonkeyPatch, why: Exception, status: int
) -> None:
    kiosk.panel.leave()

    def fails(*_: object) -> None:
        raise why

    monkeypatch.setattr(kiosk.panel, "enter", fails)
    if isinstance(why, told.DeskSlow):
        monkeypatch.setattr(kiosk.panel, "gate", fails)
        assert httpx.get(f"{kiosk.url}/operator").status_code == 409
    form = {"work": "1001", "code": CODES["1001"]}
    page = httpx.post(f"{kiosk.url}/operator/enter", data=form, headers={"origin": kiosk.url})
    assert page.status_code == status
    assert "请注意</b>" in page.text


def test_the_machines_own_code_opens_without_a_work_number_while_the_line_is_down(kiosk: Machine) -> None:
    kiosk.panel.local.set("864213")
    with pytest.raises(told.WorkNeeded):
        kiosk.panel.enter("", "864213")
    real = kiosk.heart.office

    class Cut:
        def __getattr__(self, name: str) -> Any:
            raise NoAnswer("cut")

    kiosk.heart.office = Cut()  # type: ignore[assignment]
    with pytest.raises(told.LocalCodeWrong):
        kiosk.panel.enter("", "000001")
    assert kiosk.panel.enter("", "864213").ticket == ""
    kiosk.heart.office = real
