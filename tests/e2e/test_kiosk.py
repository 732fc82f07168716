"""The whole story at a kiosk by somebody who has nothing but its pad of digits, in either language, before a real house.

Only the card and the notes are touched. Every screen that stands there is photographed, and axe looks at each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from backend.demo.cast import CAST
from backend.kernel.language import EN, ZH
from backend.kernel.money import Money
from kiosk.devices.dispenser import Memory
from tests.e2e.conftest import KIOSK, House, axe, start, stop
from tests.e2e.test_story import renshe, state

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
RETIREE = next(member for member in CAST if member.key == "retiree_cash")
WRONG, NEW_PIN = "999999", "135792"
CHOICE = "(value) => [...document.querySelectorAll('#question .choices button')].findIndex((one) => one.value === value) + 1"


@pytest.fixture
def own_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house of its own: a pension is collected once, a lost card stays lost."""
    running = start(tmp_path_factory.mktemp("hall") / "city")
    yield running
    stop(running)


@dataclass
class Pad:
    """Digits, Enter, Escape, * and #; what is seen on the way is kept."""

    page: Page
    photographs: Path
    language: str
    seen: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def keys(self, *names: str) -> None:
        for name in names:
            self.page.keyboard.press(name)

    def at(self, name: str) -> None:
        state(self.page, name)
        self.look(name)

    def look(self, name: str) -> None:
        self.seen.append(name)
        expect(self.page.locator("#kiosk")).to_have_attribute("data-lang", self.language)
        self.page.screenshot(path=self.photographs / f"{len(self.seen):02d}-{name}.png")
        self.wrong += [f"{name}: {found}" for found in axe(self.page)]

    def choose(self, value: str) -> None:
        """By its digit and Enter, page after page of a long list."""
        choices = self.page.locator("#question .choices button")
        for _ in range(6):
            offered = choices.and_(self.page.locator(f"[value='{value}'], [value='MORE']"))
            expect(offered.first).to_be_visible()
            if number := int(self.page.evaluate(CHOICE, value)):
                self.keys(str(number))
                expect(self.page.locator(f"#question [value='{value}']")).to_be_focused()
                return self.keys("Enter")
            more = self.page.locator("#question .more span")
            shown = more.text_content() or ""
            self.keys(str(self.page.evaluate(CHOICE, "MORE")), "Enter")
            expect(more).not_to_have_text(shown)
        raise AssertionError(f"{value} is nowhere")

    def pin(self, name: str, digits: str) -> None:
        self.at(name)
        self.keys(*digits)
        expect(self.page.locator(".typed .full")).to_have_count(6)
        self.keys("Enter")

    def back(self, *states: str) -> None:
        for name in states:
            self.keys("Escape")
            state(self.page, name)


def enter(pad: Pad) -> None:
    state(pad.page, "WELCOME")
    if pad.language == EN:
        pad.keys("*")
    pad.look("WELCOME")
    pad.keys("#")
    expect(pad.page.locator(".called")).to_be_visible()
    pad.choose("SHOW_GUIDE")
    pad.at("GUIDE")
    pad.choose("0")
    pad.at("ERRANDS")
    pad.choose("0")
    pad.at("ERRAND")
    pad.back("ERRANDS", "GUIDE", "WELCOME")
    pad.page.locator(".cards button").first.click()
    pad.pin("PIN", WRONG)
    expect(pad.page.locator("#question")).to_contain_text(re.compile("还可以试 2 次|2 tries left"))
    pad.pin("PIN", RETIREE.pin)
    pad.at("MENU")


def money(pad: Pad) -> int:
    """What is theirs; the fen that were collected, as the screen says."""
    for service, name in (("SHOW_ACCOUNT", "ACCOUNT"), ("SHOW_PAYMENTS", "PAYMENTS")):
        pad.choose(service)
        pad.at(name)
        pad.back("MENU")
    pad.choose("SHOW_PAPERS")
    pad.at("PAPERS")
    pad.choose("0")
    pad.at("PAPER")
    pad.choose("PRINT")
    pad.at("DONE")
    pad.choose("BACK")
    state(pad.page, "MENU")
    pad.choose("PROVE_LIFE")
    pad.at("LIFE")
    pad.choose("YES")
    pad.at("DONE")
    pad.choose("BACK")
    state(pad.page, "MENU")
    pad.choose("COLLECT")
    pad.at("METHOD")
    pad.choose("CASH")
    pad.at("STACKED")
    take_card(pad)
    pad.at("PRESENTING")
    pad.page.click(".notes")
    pad.at("RESULT")
    pad.page.keyboard.down("9")  # the card is out: covered until it is looked at
    told = pad.page.locator(".amount .bare").first.inner_text()
    pad.page.keyboard.up("9")
    return Money.yuan(re.sub(r"[^0-9.]", "", told)).fen


def take_card(pad: Pad) -> None:
    pad.page.locator(".cards .inside button").click()


def work_and_card(pad: Pad) -> None:
    if pad.language == EN:
        pad.keys("*")
    pad.page.locator(".cards button").first.click()
    pad.pin("PIN", RETIREE.pin)
    state(pad.page, "MENU")
    pad.choose("COLLECT")
    pad.at("REFUSED")
    pad.back("MENU")
    pad.choose("SHOW_NEWS")
    pad.at("NEWS")
    pad.choose("0")
    pad.at("MESSAGE")
    pad.back("NEWS", "MENU")
    pad.choose("FIND_WORK")
    pad.at("WORK")
    pad.choose("0")
    pad.at("JOBS")
    pad.choose("0")
    pad.at("JOB")
    pad.choose("YES")
    pad.at("APPLYING")
    pad.choose("YES")
    pad.at("DONE")
    pad.choose("BACK")
    state(pad.page, "MENU")
    pad.choose("CHANGE_PIN")
    pad.pin("PIN_OLD", RETIREE.pin)
    pad.pin("PIN_NEW", NEW_PIN)
    pad.pin("PIN_AGAIN", NEW_PIN)
    pad.at("DONE")
    pad.choose("BACK")
    state(pad.page, "MENU")
    pad.choose("REPORT_LOSS")
    pad.at("CARDS")
    pad.choose("0")
    pad.at("LOSING")
    pad.choose("YES")
    pad.at("TAKE_CARD")
    take_card(pad)
    state(pad.page, "WELCOME")
    if pad.language == EN:
        pad.keys("*")
    pad.page.locator(".cards button").first.click()  # it is dead here too
    pad.at("TAKE_CARD")


@pytest.mark.parametrize("language", [ZH, EN])
def test_with_a_pad_of_digits_alone_everything_is_done(
    own_house: House, visitor: Callable[..., Page], tmp_path: Path, language: str
) -> None:
    page = visitor(KIOSK)
    page.goto(own_house.kiosk)
    pad = Pad(page, tmp_path, language)
    enter(pad)
    told_fen = money(pad)
    pad.choose("LEAVE")
    state(page, "WELCOME")
    work_and_card(pad)
    assert pad.wrong == []
    handed = Memory.read(own_house.home / "kiosk" / "dispenser.json").handed
    assert sum(handed.values()) == told_fen > 0
    assert "总账相符" in renshe(own_house, "ledger", "check")
    assert "全部相符" in renshe(own_house, "audit", "verify")
