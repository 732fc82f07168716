"""Every screen at rest, every refusal on it: sizes, contrast, reach, what is covered, and what axe finds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from playwright.sync_api import Browser, Page, expect

import portal
from backend.kernel.language import EN, ZH
from kiosk import pages
from kiosk.case import Screen
from kiosk.services import SERVICES
from tests.kiosk.reference_backend import ReferenceBackend
from tests.kiosk.served import served
from tests.kiosk.stills import of_services, stills
from tests.kiosk.test_screen import LOOK, UPRIGHT
from tests.kiosk.test_screen import pytestmark as needs_a_browser

pytestmark = needs_a_browser
AXE = Path(portal.__file__).parent / "static/vendor/axe.min.js"
READ = ("account", "payments", "staff", "paper, benefit", "paper, year")  # may be longer than half a screen
COVERED = (
    *("account", "payments", "choosing", "paid", "to bank", "doubt"),
    *("message, paid", "message, notice", "paper, benefit", "paper, year"),
)
RULES = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'wcag2aaa', 'best-practice']"


@pytest.fixture
def gallery(books: ReferenceBackend) -> Iterator[tuple[str, dict[str, Screen]]]:
    """Every screen at rest, each at an address of its own: language, how high, name."""
    at_rest = stills(books) | of_services(books)
    screens = {name: replace(one, services=SERVICES) for name, one in at_rest.items()}
    app = FastAPI()
    app.mount("/static", StaticFiles(directory=Path(pages.__file__).parent / "static"))

    inside = [""]  # the card of who stands before the screen

    @app.get("/state")
    def state() -> dict[str, object]:
        return {"mark": "1", "card": inside[0]}

    @app.get("/{language}/{height}/{name}")
    def still(language: str, height: str, name: str) -> HTMLResponse:
        screen = screens[name]
        inside[0] = str(screen.insertion) if screen.private else ""
        comfort = replace(screen.comfort, low=height == "low")
        return HTMLResponse(pages.render(replace(screen, language=language, comfort=comfort), None, "1"))

    with served(app) as url:
        yield url, screens


def swap(page: Page, address: str) -> None:
    """The next screen comes as at the kiosk: its own script exchanges what is shown, in its turn."""
    page.evaluate(
        "async address => { const html = await (await fetch(address)).text(); await inLine(() => show(html)) }",
        address,
    )


@pytest.mark.slow
@pytest.mark.parametrize("language", [ZH, EN])
def test_every_screen_and_every_refusal_is_large_clear_and_whole(
    browser: Browser, gallery: tuple[str, dict[str, Screen]], language: str
) -> None:
    """Upright, and with everything in the lower half; only what is read may be longer, and then has pages."""
    url, screens = gallery
    page = browser.new_page(viewport=UPRIGHT)  # type: ignore[arg-type]
    page.goto(f"{url}/{language}/high/{next(iter(screens))}")
    for name in screens:
        for height in ("high", "low"):
            swap(page, f"{url}/{language}/{height}/{name}")
            seen = page.evaluate(LOOK)
            wrong = {fault: seen[fault] for fault in ("low", "small", "fine", "cut", "near", "wide")}
            assert not any(wrong.values()), (name, height, wrong)
            if seen["over"]:
                assert (height, name) in [("low", read) for read in READ]
                expect(page.locator("#pager")).to_be_visible()
            if height == "low":
                assert seen["highest"] >= UPRIGHT["height"] / 2, (name, "in reach of who sits")
    page.close()


@pytest.mark.slow
@pytest.mark.parametrize("language", [ZH, EN])
def test_axe_finds_nothing_on_any_screen(
    browser: Browser, gallery: tuple[str, dict[str, Screen]], language: str
) -> None:
    url, screens = gallery
    once = {name for name in screens if ":" not in name} | {"card out: CardMute", "not paid: CashBroken"}
    page = browser.new_page(viewport=UPRIGHT)  # type: ignore[arg-type]
    page.goto(f"{url}/{language}/high/{min(once)}")
    page.evaluate(AXE.read_text("utf-8"))
    for name in sorted(once):
        swap(page, f"{url}/{language}/high/{name}")
        found = page.evaluate(
            f"axe.run(document, {{preload: false, resultTypes: ['violations'], runOnly: {RULES}}})"
        )
        assert [(one["id"], one["nodes"][0]["html"][:160]) for one in found["violations"]] == [], name
    page.close()


def test_who_sits_reaches_everything_and_turns_long_pages(
    browser: Browser, gallery: tuple[str, dict[str, Screen]]
) -> None:
    url, _ = gallery
    page = browser.new_page(viewport=UPRIGHT)  # type: ignore[arg-type]
    page.goto(f"{url}/{ZH}/low/account")
    assert page.evaluate(LOOK)["highest"] >= UPRIGHT["height"] / 2
    last = page.locator("tbody tr").last
    expect(last).not_to_be_in_viewport()
    page.keyboard.press("6")
    expect(last).to_be_in_viewport()
    page.click("[data-page='-1']")
    expect(last).not_to_be_in_viewport()
    page.close()


def test_an_amount_is_covered_until_it_is_looked_at(
    browser: Browser, gallery: tuple[str, dict[str, Screen]]
) -> None:
    """Held by a finger or by a key, and covered again when it is let go; what is to be confirmed is shown."""
    url, _ = gallery
    page = browser.new_page(viewport=UPRIGHT)  # type: ignore[arg-type]
    for name in COVERED:
        page.goto(f"{url}/{ZH}/high/{name}")
        bare = page.locator(".secret .bare").first
        expect(bare).to_be_hidden()
        page.locator("#peek").hover()
        page.mouse.down()
        expect(bare).to_be_visible()
        page.mouse.up()
        expect(bare).to_be_hidden()
        page.keyboard.down("9")
        expect(bare).to_be_visible()
        page.keyboard.up("9")
        expect(bare).to_be_hidden()
    page.goto(f"{url}/{ZH}/high/method")
    expect(page.locator(".amount")).to_be_visible()
    expect(page.locator("#peek")).to_be_hidden()
    page.close()
