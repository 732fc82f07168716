"""The screen as people meet it: a real browser; sizes, contrast, places, language, and when it is wiped."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from backend.kernel.language import EN, ZH
from kiosk.app import create
from kiosk.case import Kiosk, Screen
from kiosk.client import Caller
from kiosk.desk import Desk
from kiosk.devices.dispenser import SimDispenser
from kiosk.devices.printer import FilePrinter
from kiosk.flow import State
from kiosk.journal import Journal
from kiosk.recordings import RECORDINGS
from kiosk.services import SERVICES
from kiosk.slot import DemoCard, TraySlot
from kiosk.spoken import QUESTIONS, spoken
from kiosk.visit import Teller
from tests.kiosk.people import PIN, persona
from tests.kiosk.reference_backend import ReferenceBackend, dispenser_key
from tests.kiosk.served import served

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(CHROMIUM is None, reason="needs a browser: Debian package chromium"),
]
UPRIGHT, LAPTOP = {"width": 1080, "height": 1920}, {"width": 1280, "height": 800}
LOOK = """() => {
  const lum = c => { const f = v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
    return .2126 * f(c[0]) + .7152 * f(c[1]) + .0722 * f(c[2]) };
  const rgb = s => s.match(/[\\d.]+/g).map(Number);
  const ground = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c } return [255, 255, 255] };
  const shown = e => e.getClientRects().length > 0;
  const all = s => [...document.querySelectorAll('#kiosk ' + s)].filter(shown);
  const texts = all('*').filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()));
  const contrast = e => { const [a, b] = [lum(rgb(getComputedStyle(e).color)), lum(ground(e))].sort((x, y) => y - x);
    return (a + .05) / (b + .05) };
  const box = s => { const r = document.querySelector(s).getBoundingClientRect();
    return [r.x, r.y, r.width, r.height].map(Math.round) };
  return {
    low: texts.filter(e => contrast(e) < 7).map(e => e.textContent.trim() + ' ' + contrast(e).toFixed(2)),
    small: all('button').filter(e => e.getBoundingClientRect().height < 90).map(e => e.textContent.trim()),
    fine: texts.filter(e => parseFloat(getComputedStyle(e).fontSize) < 35.9).map(e => e.textContent.trim()),
    cut: all('button').filter(e => e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1)
      .map(e => e.textContent.trim()),
    amounts: all('.amount').map(e => parseFloat(getComputedStyle(e).fontSize)),
    back: box('.back'), staff: box('.staff'), more: document.querySelector('.more') ? box('.more') : [],
    near: all('button').filter(e => { const a = e.getBoundingClientRect(); return all('button').some(o => {
      if (o === e || e.closest('.languages')) return false; const b = o.getBoundingClientRect();
      return Math.max(b.left - a.right, a.left - b.right, b.top - a.bottom, a.top - b.bottom) < 15.5 }) })
      .map(e => e.textContent.trim()),
    highest: Math.min(...all('button').map(e => e.getBoundingClientRect().top)),
    over: document.querySelector('#question').scrollHeight - document.querySelector('#question').clientHeight,
    wide: document.documentElement.scrollWidth - innerWidth,
  }
}"""


@pytest.fixture
def url(tmp_path: Path, books: ReferenceBackend) -> Iterator[str]:
    card = DemoCard(persona(3, "欧阳䶮小妹"), "退休人员，可以领")
    books.owe(card.persona, 1_458_037)
    tray = TraySlot([card])
    kiosk = Kiosk(
        id="00000001",
        slot=tray,
        caller=Caller(books.at("00000001")),
        dispenser=SimDispenser(tmp_path / "dispenser.json", "D-1", dispenser_key("D-1")),
        printer=FilePrinter(tmp_path / "receipts"),
        journal=Journal(tmp_path / "journal.log"),
    )
    with served(create(Desk(Teller(kiosk)), tray)) as url:
        yield url


def opened(browser: Browser, url: str, size: dict[str, int]) -> tuple[Page, list[str]]:
    page = browser.new_page(viewport=size)  # type: ignore[arg-type]
    said: list[str] = []
    page.on(
        "console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(url)
    at(page, "WELCOME")
    return page, said


def at(page: Page, state: str) -> None:
    expect(page.locator(f"#kiosk[data-state={state}]")).to_be_visible()


def sign_in(page: Page) -> None:
    page.click(".cards button")
    at(page, "PIN")
    for digit in PIN:
        page.click(f'.keypad [value="{digit}"]')
    page.click(".keypad .confirm")
    at(page, "MENU")


def story(page: Page) -> Iterator[str]:
    """From the welcome to the receipt; stops at every screen."""
    yield "WELCOME"
    page.click(".cards button")
    at(page, "PIN")
    yield "PIN"
    for digit in PIN:
        page.click(f'.keypad [value="{digit}"]')
    page.click(".keypad .confirm")
    for state, press in (
        ("MENU", "[value=SHOW_ACCOUNT]"),
        ("ACCOUNT", ".back"),
        ("MENU", "[value=SHOW_PAYMENTS]"),
        ("PAYMENTS", ".back"),
        ("MENU", "[value=COLLECT]"),
        ("METHOD", "[value=CASH]"),
        ("STACKED", ".cards button"),
        ("PRESENTING", ".notes"),
        ("RESULT", "#question [value=LEAVE]"),
    ):
        at(page, state)
        yield state
        page.click(press)
    at(page, "WELCOME")


@pytest.mark.parametrize("language", [ZH, EN])
def test_upright_everything_is_large_clear_and_in_its_place(
    browser: Browser, url: str, language: str
) -> None:
    page, said = opened(browser, url, UPRIGHT)
    places = set()
    for state in story(page):
        if page.locator("#kiosk").get_attribute("data-lang") != language:
            page.click(f"[name=language][value={language}]")
            expect(page.locator(f'#kiosk[data-lang="{language}"]')).to_be_visible()
        seen = page.evaluate(LOOK)
        assert seen["low"] == [], state
        assert seen["small"] == [], state
        assert seen["fine"] == [], state
        assert all(size >= 72 for size in seen["amounts"]), state
        assert (seen["over"], seen["wide"]) == (0, 0), state
        places.add((*seen["back"], *seen["staff"]))
    assert len(places) == 1, "back and staff never move"
    assert said == []
    page.close()


def test_on_a_laptop_nothing_is_cut_off(browser: Browser, url: str) -> None:
    page, said = opened(browser, url, LAPTOP)
    for state in story(page):
        seen = page.evaluate(LOOK)
        assert seen["wide"] == 0, state
        assert seen["over"] == 0, state
    assert said == []
    page.close()


@pytest.mark.parametrize("language", [ZH, EN])
def test_by_keypad_alone_a_pension_is_collected(browser: Browser, url: str, language: str) -> None:
    """Digits, Enter, Backspace, Escape, * and #; the card and the notes are the only things touched."""
    page, said = opened(browser, url, UPRIGHT)

    def keys(*pressed: str) -> None:
        for key in pressed:
            page.keyboard.press(key)

    if language == EN:
        keys("*")
        expect(page.locator(f'#kiosk[data-lang="{EN}"]')).to_be_visible()
    keys("#")
    expect(page.locator(".called")).to_be_visible()
    page.click(".cards button")
    at(page, "PIN")
    keys("1", "2", "Backspace")
    expect(page.locator(".typed .full")).to_have_count(0)
    keys(*PIN)
    expect(page.locator(".typed .full")).to_have_count(6)
    keys("Enter")
    at(page, "MENU")
    keys("2")
    expect(page.locator("[value=SHOW_ACCOUNT]")).to_be_focused()
    ring = page.locator("[value=SHOW_ACCOUNT]").evaluate("e => getComputedStyle(e).outlineWidth")
    assert float(ring.removesuffix("px")) >= 6, "where one is, is seen from afar"
    keys("Enter")
    at(page, "ACCOUNT")
    keys("Escape")
    at(page, "MENU")
    keys("8", "2", "Enter")
    expect(page.locator("#kiosk[data-volume='1']")).to_be_visible()
    keys("+")
    expect(page.locator("#kiosk[data-volume='2']")).to_be_visible()
    keys("Escape")
    expect(page.locator("[value=COLLECT]")).to_be_visible()
    keys("7")
    expect(page.locator("body.low")).to_be_visible()
    keys("1", "Enter")
    at(page, "METHOD")
    keys("Enter")  # nothing was chosen: nothing is done, the first choice is shown
    expect(page.locator("[value=CASH]")).to_be_focused()
    at(page, "METHOD")
    keys("Enter")
    at(page, "STACKED")
    page.click(".cards button")
    at(page, "PRESENTING")
    page.click(".notes")
    at(page, "RESULT")
    keys("2")
    expect(page.locator("#question [value=LEAVE]")).to_be_focused()
    keys("Enter")
    at(page, "WELCOME")
    expect(page.locator("body.low")).to_have_count(0)
    expect(page.locator(f'#kiosk[data-lang="{ZH}"][data-volume="2"]')).to_be_visible()
    assert said == []
    page.close()


HEAR = """() => {
  window.heard = [];
  window.speechSynthesis.getVoices = () => [];
  Audio.prototype.play = HTMLMediaElement.prototype.play = function () {
    window.heard.push([this.src.split('/').pop(), this.volume, this.playbackRate]);
    setTimeout(() => this.dispatchEvent(new Event('ended')));
    return Promise.resolve();
  };
}"""

SILENT = """async () => {
  for (let still = 0, before = 0; still < 30; before = window.heard.length) {
    await new Promise((done) => setTimeout(done, 5));
    still = window.heard.length && window.heard.length === before ? still + 1 : 0;
  }
  return window.heard.splice(0);
}"""  # what has been heard when nothing more comes, by the turns of the page itself


@pytest.mark.skipif(not len(RECORDINGS), reason="needs recordings: python -m kiosk.speech")
def test_a_browser_without_a_voice_plays_the_recordings(browser: Browser, url: str) -> None:
    """Each screen by itself, again when asked, softer, slower, and not at all."""
    page, said = opened(browser, url, UPRIGHT)
    page.evaluate(HEAR)

    def heard() -> list[list[object]]:
        return page.evaluate(SILENT)  # type: ignore[no-any-return]

    def said_by(text: str) -> list[str]:
        return list(RECORDINGS.clips(text, ZH))

    page.keyboard.press("0")
    welcome = spoken(Screen(1, State.WELCOME, services=SERVICES))
    assert [one.text for one in welcome][:2] == [QUESTIONS[State.WELCOME], "按 1，找工作。"]
    assert [clip for clip, _, _ in heard()] == [clip for one in welcome for clip in said_by(one.text)]
    page.click(".cards button")
    at(page, "PIN")
    assert [clip for clip, _, _ in heard()][-4:] == said_by(QUESTIONS[State.PIN])[-4:]
    page.keyboard.press("1")
    assert [clip for clip, _, _ in heard()] == said_by("已输入 1 位")
    page.keyboard.press("Backspace")
    heard()
    page.click(".sound button")
    heard()
    page.click("[value=pace]")
    expect(page.locator("#kiosk[data-pace=slow]")).to_be_visible()
    heard()
    page.keyboard.press("0")
    assert {pace for _, _, pace in heard()} == {0.78}
    for volume in ("1", "0"):
        page.click("[value=softer]")
        expect(page.locator(f"#kiosk[data-volume='{volume}']")).to_be_visible()
    page.evaluate("() => window.heard.splice(0)")
    page.keyboard.press("0")
    page.keyboard.press("7")  # what was pressed before it has been done
    expect(page.locator("body.low")).to_be_visible()
    assert page.evaluate("() => window.heard") == []
    assert said == []
    page.close()


def test_nothing_private_stays_in_title_or_history(browser: Browser, url: str) -> None:
    page, _ = opened(browser, url, UPRIGHT)
    title, before = page.title(), page.evaluate("history.length")
    sign_in(page)
    page.click("[value=SHOW_ACCOUNT]")
    at(page, "ACCOUNT")
    assert (page.title(), page.evaluate("history.length"), page.url) == (title, before, f"{url}/")
    page.close()


def test_the_fastest_fingers_type_the_pin_in_order(browser: Browser, url: str) -> None:
    page, _ = opened(browser, url, UPRIGHT)
    page.click(".cards button")
    at(page, "PIN")
    page.evaluate(
        "digits => { for (const d of digits) document.querySelector(`.keypad [value='${d}']`).click() }", PIN
    )
    expect(page.locator(".typed .full")).to_have_count(6)
    page.click(".keypad .confirm")
    at(page, "MENU")
    page.click(".back")
    page.click(".cards .inside button")
    at(page, "WELCOME")
    page.click(".cards button")
    at(page, "PIN")
    page.keyboard.type(PIN)
    page.click(".keypad .confirm")
    at(page, "MENU")
    page.close()


def test_without_javascript_the_story_is_the_same(browser: Browser, url: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=UPRIGHT)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(url)
    assert list(story(page))[-1] == "RESULT"
    context.close()


def test_a_pulled_card_wipes_the_screen_before_the_next_one_has_come(browser: Browser, url: str) -> None:
    page, _ = opened(browser, url, UPRIGHT)
    sign_in(page)
    page.click("[value=SHOW_ACCOUNT]")
    at(page, "ACCOUNT")
    expect(page.locator(".figures")).to_be_visible()
    page.route(f"{url}/", lambda route: None)  # it never comes
    httpx.post(f"{url}/tray/pull", headers={"origin": url})
    expect(page.locator(".figures")).to_have_count(0)
    expect(page.locator("#question")).to_be_empty()
    expect(page.locator("#voice")).to_be_empty()
    at(page, "ACCOUNT")
    page.close()


def test_a_screen_whose_program_has_died_keeps_nothing_of_anybody(browser: Browser, url: str) -> None:
    """It could not hear any more that the card has been pulled; when the program is back, so is the screen."""
    page, _ = opened(browser, url, UPRIGHT)
    page.route("**/*", lambda route: route.abort())
    page.wait_for_timeout(1500)
    expect(page.locator("#question h1")).to_be_visible()  # nobody's: it stays
    page.unroute("**/*")
    sign_in(page)
    page.click("[value=SHOW_ACCOUNT]")
    at(page, "ACCOUNT")
    page.route("**/*", lambda route: route.abort())
    expect(page.locator("#question")).to_be_empty()
    expect(page.locator("#voice")).to_be_empty()
    page.unroute("**/*")
    expect(page.locator(".figures")).to_be_visible()
    page.close()
