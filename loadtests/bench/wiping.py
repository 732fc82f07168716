"""Wiping: a card is pulled while its holder's account stands on the screen; until nothing of it is there any more.

Everything as `make run` starts it, the kiosk's screen in a real Chromium of 1080 × 1920. Yardstick: the same page
comes to the account by a press, which is the same way back.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from playwright.sync_api import Page, sync_playwright

from backend.demo.cast import CAST
from loadtests.bench import frame
from loadtests.bench.frame import Bar, Figure, Sizes, console
from loadtests.figures import percentile

FULL = {"times": 50}
QUICK = {"times": 2}
RETIREE = next(member for member in CAST if member.key == "retiree_cash")
SIZE = ("--window-size=1080,1920", "--no-sandbox", "--disable-gpu")
PATIENCE_MS = 60_000
SEE_OTHER = 303
WATCH = """() => {
  window.at = {};
  new MutationObserver(() => {
    const now = document.querySelector("#question .figures") ? "shown" : "gone";
    window.at[now] ??= Date.now();
  }).observe(document.body, { childList: true, subtree: true });
}"""


def measure(asked: Sizes) -> list[Figure]:
    if (chromium := shutil.which("chromium")) is None:
        console.print("[yellow]擦屏没有量：没有浏览器，请安装 Debian 软件包 chromium[/]")
        return []
    with frame.city(quick=asked.quick) as house:
        url = f"http://127.0.0.1:{house.kiosk}"
        with (
            frame.everything(house, frame.address(house), quick=asked.quick),
            screen(chromium, url) as page,
            httpx.Client(base_url=url, headers={"origin": url}) as hand,
        ):
            turns = [turn(page, hand) for _ in range(asked.times)]
    shown, gone = ([one[at] for one in turns] for at in (0, 1))
    return [
        Figure(
            "拔卡以后，屏幕上不再有本人的任何内容，p99",
            percentile(gone, 99),
            "毫秒",
            "按下“个人账户”到看见账户，p99",
            percentile(shown, 99),
            Bar("value", "≤", 200),
            f"{asked.times} 次，p50 {percentile(gone, 50):.0f}、最慢 {max(gone):.0f} 毫秒",
        )
    ]


@contextmanager
def screen(chromium: str, url: str) -> Iterator[Page]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=list(SIZE))
        page = browser.new_page(viewport={"width": 1080, "height": 1920})
        page.set_default_timeout(PATIENCE_MS)
        page.goto(url)
        page.evaluate(WATCH)
        yield page
        browser.close()


def turn(page: Page, hand: httpx.Client) -> tuple[float, float]:
    """One visit to the account, and the card out: milliseconds until it was there, and until it was gone."""
    page.wait_for_selector("#kiosk[data-state=WELCOME]")
    page.click(f".cards button:has-text('{RETIREE.name}')")
    page.wait_for_selector("#kiosk[data-state=PIN]")
    for digit in RETIREE.pin:
        page.click(f'.keypad [value="{digit}"]')
    page.click(".keypad .confirm")
    page.wait_for_selector("[value=SHOW_ACCOUNT]")
    page.evaluate("() => { window.at = {} }")
    pressed = time.time()
    page.click("[value=SHOW_ACCOUNT]")
    page.wait_for_function("() => window.at.shown")
    page.wait_for_timeout(200)  # the holder reads
    page.evaluate("() => { delete window.at.gone }")
    pulled = time.time()
    if hand.post("/tray/pull").status_code != SEE_OTHER:
        raise SystemExit("卡拔不出来")
    page.wait_for_function("() => window.at.gone")
    at = page.evaluate("() => window.at")
    return at["shown"] - pressed * 1000, at["gone"] - pulled * 1000


if __name__ == "__main__":
    frame.main(measure, __doc__, FULL, QUICK)
