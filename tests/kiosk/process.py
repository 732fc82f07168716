"""Process: `renshe-kiosk serve` as a machine of its own, before the real office; a person at its screen."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from backend.kiosks.enrolment import hand_over
from kiosk.devices.dispenser import Memory
from tests.backend.kiosks.hall import BAG
from tests.kiosk.manned import PIN, Office
from tests.kiosk.served import until


def handed_over(there: Office, home: Path, chip: Path, backend: str) -> None:
    """What the office hands over: papers to its disk, secrets to its chip, a full cassette, a card in the tray."""
    kiosk = there.hall.kiosk
    told = {
        "id": kiosk.id,
        "key": kiosk.key,
        "dispenser": kiosk.dispenser.id,
        "dispenser_key": there.hall.run.vault.dispenser_key(kiosk.dispenser.id).hex(),
        "backend": backend,
    }
    hand_over(home, chip, told)
    Memory(cassettes=dict(BAG), initial=dict(BAG)).write(home / "dispenser.json")
    (home / "cards.json").write_text(json.dumps([there.persona]), "utf-8")


@contextmanager
def serving(home: Path, chip: Path) -> Iterator[httpx.Client]:
    """`renshe-kiosk serve` on a machine of its own."""
    port = free_port()
    env = {name: told for name, told in os.environ.items() if not name.startswith("RENSHE_KIOSK_")} | {
        "RENSHE_KIOSK_HOME": str(home),
        "RENSHE_KIOSK_CREDENTIALS": str(chip),
        "RENSHE_KIOSK_PATIENCE_S": "5",
    }
    command = [sys.executable, "-c", "from kiosk.cli import main; main()", "serve", "--port", str(port)]
    with (home.parent / "kiosk.log").open("wb") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=log)
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", follow_redirects=True, trust_env=False)
    try:
        until(lambda: _up(client))
        yield client
    finally:
        client.close()
        process.terminate()
        process.wait(60)


def _up(client: httpx.Client) -> bool:
    try:
        return client.get("/health").status_code == 200
    except httpx.HTTPError:
        return False


def collect(screen: httpx.Client, before_report: Callable[[], None]) -> None:
    """A pension in cash; what happens just before the notes are taken."""

    def press(event: str) -> None:
        screen.post(
            "/press", data={"event": event, "at": screen.get("/").text.split('data-state="')[1].split('"')[0]}
        )

    def shows(text: str) -> None:
        until(lambda: text in screen.get("/").text)

    shows("请插入社会保障卡")
    screen.post("/tray/insert", data={"card": 0})
    shows("密码")
    until(lambda: 'data-state="PIN"' in screen.get("/").text)
    for digit in PIN:
        screen.post("/pin", data={"digit": digit})
    screen.post("/pin", data={"digit": "confirm"})
    for state, event in (("MENU", "COLLECT"), ("METHOD", "CASH")):
        until(lambda state=state: f'data-state="{state}"' in screen.get("/").text)
        press(event)
    until(lambda: 'data-state="STACKED"' in screen.get("/").text)
    screen.post("/tray/pull")
    until(lambda: 'data-state="PRESENTING"' in screen.get("/").text)
    before_report()
    screen.post("/tray/cash", data={"take": 1})
    until(lambda: 'data-state="RESULT"' in screen.get("/").text)
    press("LEAVE")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
