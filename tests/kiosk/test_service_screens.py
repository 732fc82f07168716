"""Every service as people meet it: a real browser walks each to its end, in both languages; sizes, contrast, places."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from backend.kernel.language import EN, ZH
from kiosk.app import create
from kiosk.case import Kiosk
from kiosk.client import Caller
from kiosk.desk import Desk
from kiosk.devices.camera import SimCamera
from kiosk.devices.dispenser import SimDispenser
from kiosk.devices.printer import FilePrinter
from kiosk.journal import Journal
from kiosk.slot import DemoCard, TraySlot
from kiosk.visit import Teller
from tests.kiosk.people import PIN, persona
from tests.kiosk.reference_backend import ReferenceBackend, dispenser_key
from tests.kiosk.served import served
from tests.kiosk.test_screen import LAPTOP, LOOK, UPRIGHT, at, opened, sign_in
from tests.kiosk.test_screen import pytestmark as needs_a_browser

pytestmark = needs_a_browser
NEW_PIN = "135790"
LETTERS = "cangku"


@pytest.fixture
def url(tmp_path: Path, books: ReferenceBackend) -> Iterator[str]:
    card = DemoCard(persona(3, "欧阳䶮小妹"))
    books.owe(card.persona, 1_458_037)
    tray = TraySlot([card])
    kiosk = Kiosk(
        id="00000001",
        slot=tray,
        caller=Caller(books.at("00000001")),
        dispenser=SimDispenser(tmp_path / "dispenser.json", "D-1", dispenser_key("D-1")),
        printer=FilePrinter(tmp_path / "receipts"),
        journal=Journal(tmp_path / "journal.log"),
        camera=SimCamera(invents=True),
    )
    with served(create(Desk(Teller(kiosk)), tray)) as url:
        yield url


def turn(page: Page) -> None:
    """The next page of a list, when it stands there."""
    number = page.locator(".more span")
    before = number.inner_text()
    page.click(".more")
    expect(number).not_to_have_text(before)


def found(page: Page, choice: str) -> Locator:
    """A choice of a list, looked for page after page."""
    expect(page.locator("#question .choices button").first).to_be_visible()
    for _ in range(5):
        if page.locator(choice).count():
            break
        turn(page)
    return page.locator(choice)


def press(page: Page, event: str) -> None:
    """A button, looked for page after page of the menu."""
    found(page, f"#question [value={event}]").click()


def type_in(page: Page, pin: str, state: str) -> None:
    at(page, state)
    for digit in pin:
        page.click(f'.keypad [value="{digit}"]')
    page.click(".keypad .confirm")


def choose(page: Page, number: int = 0) -> None:
    page.click(f'#question [name=choice][value="{number}"]')


def services(page: Page) -> Iterator[str]:
    """Each service to its end; stops at every screen, named by its state."""
    yield "WELCOME"
    yield from without_card(page)
    sign_in(page)
    yield "MENU"
    for sheet, end in (("0", "PAPER"), ("1", "PAPER"), ("2", "PAPER")):
        press(page, "SHOW_PAPERS")
        at(page, "PAPERS")
        yield "PAPERS"
        choose(page, int(sheet))
        at(page, end)
        yield end
        page.click("[value=PRINT]")
        yield from done(page)
    yield from life(page)
    yield from pin(page)
    yield from work(page)
    yield from news(page)
    yield from loss(page)


def done(page: Page) -> Iterator[str]:
    at(page, "DONE")
    yield "DONE"
    page.click("#question [value=BACK]")
    at(page, "MENU")


def without_card(page: Page) -> Iterator[str]:
    page.click("#question [value=SHOW_GUIDE]")
    at(page, "GUIDE")
    yield "GUIDE"
    choose(page)
    at(page, "ERRANDS")
    yield "ERRANDS"
    choose(page)
    at(page, "ERRAND")
    yield "ERRAND"
    page.click("[value=PRINT]")
    at(page, "DONE")
    yield "DONE"
    page.click("#question [value=BACK]")
    at(page, "WELCOME")


def life(page: Page) -> Iterator[str]:
    press(page, "PROVE_LIFE")
    at(page, "LIFE")
    yield "LIFE"
    page.click("#question [value=YES]")
    yield from done(page)


def pin(page: Page) -> Iterator[str]:
    press(page, "CHANGE_PIN")
    at(page, "PIN_OLD")
    yield "PIN_OLD"
    type_in(page, PIN, "PIN_OLD")
    type_in(page, "123456", "PIN_NEW")
    expect(page.locator(".said")).to_be_visible()
    yield "PIN_NEW"
    type_in(page, NEW_PIN, "PIN_NEW")
    at(page, "PIN_AGAIN")
    yield "PIN_AGAIN"
    type_in(page, NEW_PIN, "PIN_AGAIN")
    yield from done(page)


def work(page: Page) -> Iterator[str]:
    press(page, "FIND_WORK")
    at(page, "WORK")
    yield "WORK"
    page.click("[value=TYPE]")
    at(page, "WORDS")
    yield "WORDS"
    for letter in LETTERS:
        page.click(f'.letters [value="{letter}"]')
    expect(page.locator(".written")).to_have_text(LETTERS)
    page.click("[value=SEARCH]")
    at(page, "JOBS")
    yield "JOBS"
    page.click(".more")
    expect(page.locator('[name=choice][value="3"]')).to_be_visible()
    choose(page, 3)
    at(page, "JOB")
    yield "JOB"
    page.click("#question [value=YES]")
    at(page, "APPLYING")
    yield "APPLYING"
    page.click("#question [value=YES]")
    yield from done(page)


def news(page: Page) -> Iterator[str]:
    press(page, "SHOW_NEWS")
    for number in (0, 2, 4):
        at(page, "NEWS")
        yield "NEWS"
        found(page, f'#question [name=choice][value="{number}"]').click()
        at(page, "MESSAGE")
        yield "MESSAGE"
        page.click("#question [value=BACK]")
    at(page, "NEWS")
    page.click(".back")
    at(page, "MENU")


def loss(page: Page) -> Iterator[str]:
    press(page, "REPORT_LOSS")
    at(page, "CARDS")
    yield "CARDS"
    choose(page)
    at(page, "LOSING")
    yield "LOSING"
    page.click("#question [value=YES]")
    at(page, "TAKE_CARD")
    yield "TAKE_CARD"
    page.click(".cards .inside button")
    at(page, "WELCOME")


@pytest.mark.slow
@pytest.mark.parametrize("language", [ZH, EN])
def test_every_service_is_large_clear_and_in_its_place(browser: Browser, url: str, language: str) -> None:
    page, said = opened(browser, url, UPRIGHT)
    places, more = set(), set()
    for state in services(page):
        if page.locator("#kiosk").get_attribute("data-lang") != language:
            page.click(f"[name=language][value={language}]")
            expect(page.locator(f'#kiosk[data-lang="{language}"]')).to_be_visible()
        seen = page.evaluate(LOOK)
        assert seen["low"] == [], state
        assert seen["small"] == [], state
        assert seen["fine"] == [], state
        assert all(size >= 72 for size in seen["amounts"]), state
        assert seen["wide"] == 0, state
        if page.locator("main.reading").count() == 0:
            assert seen["over"] == 0, state
        assert page.locator(".choices.listed button").count() <= 4, state
        places.add((*seen["back"], *seen["staff"]))
        if state == "MENU":
            for _ in range(4):
                more.add(tuple(page.evaluate(LOOK)["more"]))
                turn(page)
    assert len(places) == 1, "back and staff never move"
    assert len(more) == 1, "nor does more"
    assert said == []
    page.close()


@pytest.mark.slow
@pytest.mark.parametrize("language", [ZH, EN])
def test_who_sits_reaches_every_service(browser: Browser, url: str, language: str) -> None:
    """Everything in the lower half and large; what is longer than that half has pages to turn."""
    page, said = opened(browser, url, UPRIGHT)
    for state in services(page):
        if page.locator("body.low").count() == 0:
            page.keyboard.press("7")
            expect(page.locator("body.low")).to_be_visible()
        if page.locator("#kiosk").get_attribute("data-lang") != language:
            page.click(f"[name=language][value={language}]")
            expect(page.locator(f'#kiosk[data-lang="{language}"]')).to_be_visible()
        seen = page.evaluate(LOOK)
        wrong = {fault: seen[fault] for fault in ("low", "small", "fine", "cut", "wide")}
        assert not any(wrong.values()), (state, wrong)
        if seen["over"]:
            expect(page.locator("#pager")).to_be_visible()
        else:
            assert not seen["near"], (state, seen["near"])
    assert said == []
    page.close()


@pytest.mark.slow
def test_on_a_laptop_no_service_is_cut_off(browser: Browser, url: str) -> None:
    page, said = opened(browser, url, LAPTOP)
    for state in services(page):
        assert page.evaluate(LOOK)["wide"] == 0, state
    assert said == []
    page.close()
