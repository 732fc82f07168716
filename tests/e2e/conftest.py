"""A real browser before a real house: `renshe up` as its own process, the demo city small."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from backend.demo.cast import Member
from cardio.sandbox import Sandbox, missing, pcsc_sandbox

ROOT = Path(__file__).parent.parent.parent
AXE = ROOT / "portal/static/vendor/axe.min.js"
POLICY = "Content Security Policy"
PHONE, DESKTOP, KIOSK = (390, 844), (1280, 900), (1080, 1920)


@dataclass(frozen=True)
class House:
    """Everything running, and where."""

    portal: str
    kiosk: str
    home: Path
    process: subprocess.Popen[bytes]


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def start(
    home: Path, portal: int, kiosk: int, persons: int = 400, vacancies: int = 400, **more: str
) -> House:
    """`renshe up` on its own home and ports, ready to be asked."""
    env = (
        os.environ
        | more
        | {"RENSHE_HOME": str(home), "RENSHE_PORT": str(portal), "RENSHE_KIOSK_PORT": str(kiosk)}
    )
    command = [
        str(Path(sys.executable).parent / "renshe"),
        "up",
        f"--persons={persons}",
        f"--vacancies={vacancies}",
    ]
    with (home / "up.log").open("ab") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=out, start_new_session=True)
    house = House(f"http://127.0.0.1:{portal}", f"http://127.0.0.1:{kiosk}", home, process)
    deadline = time.monotonic() + 120
    for url in (f"{house.portal}/health", f"{house.kiosk}/health", f"{house.portal}/api/v1/vacancies"):
        while not answers(url):
            if process.poll() is not None or time.monotonic() > deadline:
                stop(house)
                raise AssertionError((home / "up.log").read_text("utf-8")[-4000:])
            time.sleep(0.1)
    return house


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def stop(house: House) -> None:
    house.process.send_signal(signal.SIGINT)
    try:
        house.process.wait(30)
    except subprocess.TimeoutExpired:
        house.process.kill()
        house.process.wait()


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
    home = tmp_path_factory.mktemp("house")
    more = reader.env | {"RENSHE_KIOSK_MODE": "both"} if reader else {}
    running = start(home, free_port(), free_port(), **more)
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
        "axe.run(document, {preload: false, runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa',"
        " 'best-practice']})"
    )
    return [
        f"{one['id']}: {one['help']} — {node['html'][:160]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


def sign_in(page: Page, house: House, member: Member) -> None:
    page.goto(f"{house.portal}/sign-in")
    page.fill("#name", member.login)
    page.fill("#password", member.password)
    page.click("main form button")
    page.wait_for_url(lambda url: "/sign-in" not in url)
