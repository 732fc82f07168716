"""The look: every component on a phone, a desk and in large print, both languages, seen and listened to.

Leaves a picture of each in shots/ for people to look at.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Page, expect

from loadtests.house import free_port
from portal.language import LANGUAGE_COOKIE, SIZE_COOKIE
from tests.e2e.conftest import DESKTOP, PHONE, axe
from tests.portal import gallery

pytestmark = pytest.mark.e2e
SHOTS = Path(__file__).parent.parent.parent / "shots"
NARROWEST = (320, 640)
Visitor = Callable[..., Page]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    port = free_port()
    config = uvicorn.Config(gallery.create(), host="127.0.0.1", port=port, log_level="critical", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


def open_page(page: Page, address: str, lang: str, *, large: bool = False, path: str = "/") -> None:
    cookies = {LANGUAGE_COOKIE: lang} | ({SIZE_COOKIE: "large"} if large else {})
    page.context.add_cookies(
        [{"name": name, "value": value, "url": address} for name, value in cookies.items()]
    )
    page.goto(address + path)


def wider_than_the_screen(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize("large", [False, True], ids=["normal", "large"])
@pytest.mark.parametrize("lang", ["zh-CN", "en"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_everything_is_seen_and_heard(
    visitor: Visitor, address: str, size: tuple[int, int], lang: str, large: bool
) -> None:
    page = visitor(size)
    open_page(page, address, lang, large=large)
    assert wider_than_the_screen(page) <= 0
    assert axe(page) == []
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(
        path=SHOTS / f"gallery-{size[0]}-{lang}-{'large' if large else 'normal'}.png", full_page=True
    )


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
@pytest.mark.parametrize("status", gallery.ERRORS)
def test_errors_are_seen_and_heard(visitor: Visitor, address: str, lang: str, status: int) -> None:
    page = visitor(PHONE)
    open_page(page, address, lang, path=f"/errors/{status}")
    assert axe(page) == []


def test_nothing_is_cut_off_on_the_narrowest_screen(visitor: Visitor, address: str) -> None:
    page = visitor(NARROWEST)
    for lang in ("zh-CN", "en"):
        open_page(page, address, lang)
        assert wider_than_the_screen(page) <= 0


@pytest.mark.parametrize("script", [True, False], ids=["htmx", "without-script"])
def test_a_wrong_form_comes_back_with_what_was_typed(visitor: Visitor, address: str, script: bool) -> None:
    page = visitor(PHONE, script=script)
    page.goto(address)
    page.fill("#ident", "123")
    page.fill("#work", "收货、点数、上架")
    page.get_by_label("女", exact=True).check()
    page.get_by_role("button", name="计算").click()
    expect(page.locator("#ident-wrong")).to_be_visible()
    expect(page.locator("#work")).to_have_value("收货、点数、上架")
    expect(page.get_by_label("女", exact=True)).to_be_checked()
    if script:
        expect(page.locator(".summary")).to_be_focused()
        assert axe(page) == []
        page.screenshot(path=SHOTS / "gallery-errors.png", full_page=True)
    page.locator(".summary a").first.click()
    assert page.url.endswith("#ident")


def test_the_keyboard_reaches_the_text_first(visitor: Visitor, address: str) -> None:
    page = visitor()
    page.goto(address)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_places_are_offered_while_typing(visitor: Visitor, address: str) -> None:
    page = visitor()
    page.goto(address)
    page.locator("#area").press_sequentially("浦东")
    expect(page.locator("#area-list option").first).to_have_attribute("value", "上海市浦东新区 310115")


def test_a_refusal_in_place_of_results_fills_the_window_with_one_page(visitor: Visitor, address: str) -> None:
    page = visitor()
    page.goto(address)
    page.get_by_role("button", name="存成草稿").click()
    expect(page.locator("main h1")).to_have_text(["没有办成"])
    expect(page).to_have_title(re.compile("没有办成"))
    assert page.locator("header.site").count() == 1
    assert page.locator("main").count() == 1


def test_print_is_a_notice_without_anything_to_press(visitor: Visitor, address: str) -> None:
    page = visitor()
    page.goto(address)
    page.emulate_media(media="print")
    expect(page.locator(".masthead")).to_be_visible()
    for hidden in (".site .bar", ".foot", ".actions"):
        expect(page.locator(hidden).first).to_be_hidden()
    page.pdf(path=SHOTS / "gallery.pdf", format="A4")
