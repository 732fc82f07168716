"""A real browser before a real house: `renshe up` as its own process, the demo city small."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import fasteners
import pytest
from playwright.sync_api import Browser, Page

from backend.demo.cast import Member
from cardio.sandbox import Sandbox, missing, pcsc_sandbox
from loadtests.bench.frame import copy
from loadtests.house import answers, end, free_port
from tests.conftest import HOME

ROOT = Path(__file__).parent.parent.parent
AXE = ROOT / "portal/static/vendor/axe.min.js"
POLICY = "Content Security Policy"
SIZE = ("--persons=400", "--vacancies=400")
PATIENCE_S = 900.0  # to load a city beside everything else that a busy machine does
PHONE, DESKTOP, KIOSK = (390, 844), (1280, 900), (1080, 1920)


@dataclass(frozen=True)
class House:
    """Everything running, and where."""

    portal: str
    kiosk: str
    home: Path
    process: subprocess.Popen[bytes]


def start(home: Path, **more: str) -> House:
    """A copy of the demo city on its own home and ports, ready to be asked."""
    copy(founded(), home)
    return up(home, **more)


def founded() -> Path:
    """The home of a demo city that stands still: loaded once in a whole run, by whoever needs it first."""
    shared = Path(os.environ[HOME])
    city, done = shared / "city", shared / "city-founded"
    with fasteners.InterProcessLock(shared / "city-lock"):
        if not done.exists():
            city.mkdir()
            stop(up(city))
            done.touch()
    return city


def up(home: Path, **more: str) -> House:
    """`renshe up`, from when all of it answers."""
    portal, kiosk = free_port(), free_port()
    env = (
        os.environ
        | more
        | {"RENSHE_HOME": str(home), "RENSHE_PORT": str(portal), "RENSHE_KIOSK_PORT": str(kiosk)}
    )
    command = [str(Path(sys.executable).parent / "renshe"), "up", *SIZE]
    with (home / "up.log").open("ab") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=out, start_new_session=True)
    house = House(f"http://127.0.0.1:{portal}", f"http://127.0.0.1:{kiosk}", home, process)
    deadline = time.monotonic() + PATIENCE_S
    for url in (f"{house.portal}/health", f"{house.kiosk}/health", f"{house.portal}/api/v1/vacancies"):
        while not answers(url):
            if process.poll() is not None or time.monotonic() > deadline:
                stop(house)
                raise AssertionError((home / "up.log").read_text("utf-8")[-4000:])
            time.sleep(0.1)
    return house


def stop(house: House) -> None:
    end(house.process)


@pytest.fixture(scope="session")
def reader() -> Iterator[Sandbox | None]:
    """A running pcscd with the virtual reader, where this machine has them."""
    if missing():
        yield None
        return
    with pcsc_sandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory, reader: Sandbox | None) -> Iterator[House]:
    home = tmp_path_factory.mktemp("house") / "city"
    more = reader.env | {"RENSHE_KIOSK_MODE": "both"} if reader else {}
    running = start(home, **more)
    yield running
    stop(running)


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a page for a new person: `visitor(PHONE, lang="en")`. A script error or broken policy fails it."""
    contexts = []
    complaints: list[str] = []

    def come(size: tuple[int, int] = DESKTOP, lang: str = "zh-CN", script: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale=lang, java_script_enabled=script
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None,
        )
        return page

    yield come
    for context in contexts:
        context.close()
    assert complaints == []


def axe(page: Page) -> list[str]:
    """What axe-core finds wrong on the page (WCAG 2.2 AA), one line each."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate(
        "axe.run(document, {preload: false, resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a',"
        " 'wcag21aa', 'wcag22aa', 'best-practice']}).then((found) => found.violations)"
    )
    return [f"{one['id']}: {one['help']} — {node['html'][:160]}" for one in found for node in one["nodes"]]


def sign_in(page: Page, house: House, member: Member) -> None:
    page.goto(f"{house.portal}/sign-in")
    page.fill("#name", member.login)
    page.fill("#password", member.password)
    page.click("main form button")
    page.wait_for_url(lambda url: "/sign-in" not in url)
