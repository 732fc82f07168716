"""A kiosk as its own program before a real card service: pcscd, its virtual reader, cards pulled at will."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from backend.kiosks.enrolment import hand_over
from cardio import sandbox
from cardio.sim import Fault, Faults, Kind, SimCard
from cardio.vpcd import InReader
from tests.kiosk.people import PIN, persona
from tests.kiosk.reference_backend import ReferenceBackend, dispenser_key
from tests.kiosk.served import KEY, Wire, served, until

pytestmark = [
    pytest.mark.pcsc,
    pytest.mark.skipif(sandbox.missing() is not None, reason=sandbox.missing() or ""),
]


@dataclass
class Running:
    """The program, seen from its screen."""

    screen: httpx.Client
    service: sandbox.Sandbox
    books: ReferenceBackend

    def state(self) -> str:
        try:
            return str(self.screen.get("/health").json()["state"])
        except httpx.HTTPError:
            return "not there yet"

    def at(self, state: str) -> str:
        until(lambda: self.state() == state, 15)
        return self.screen.get("/").text

    def shows(self, text: str) -> str:
        """The page, as soon as this stands on it."""
        until(lambda: text in self.screen.get("/").text, 15)
        return self.screen.get("/").text

    def post(self, path: str, **form: str) -> None:
        assert self.screen.post(path, data=form, follow_redirects=True).status_code == 200

    def sign_in(self) -> None:
        self.at("PIN")
        for digit in (*PIN, "confirm"):
            self.post("/pin", digit=digit)
        self.at("MENU")


@pytest.fixture
def kiosk(tmp_path: Path, books: ReferenceBackend) -> Iterator[Running]:
    with running(tmp_path, books) as found:
        yield found


@contextmanager
def running(
    home: Path,
    books: ReferenceBackend,
    readers: Mapping[int, str] | None = None,
    ready: Callable[[sandbox.Sandbox], AbstractContextManager[object]] = nullcontext,
    **settings: str,
) -> Iterator[Running]:
    """A kiosk with these readers, with what was made ready in them, and whatever its settings say of them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (
        sandbox.pcsc_sandbox(readers) as service,
        served(Wire(books).app()) as url,
        ready(service),
    ):
        enrolment = {
            "id": "00000001",
            "key": KEY,
            "dispenser": "D-1",
            "dispenser_key": dispenser_key("D-1").hex(),
            "backend": url,
            "mode": "both",
        } | settings
        hand_over(home, home / "chip", enrolment)
        env = {name: value for name, value in os.environ.items() if not name.startswith("RENSHE_KIOSK_")}
        with (home / "log").open("wb") as log:
            program = subprocess.Popen(
                [sys.executable, "-c", "from kiosk.cli import main; main()", "serve", "--port", str(port)],
                env=env
                | service.env
                | {"RENSHE_KIOSK_HOME": str(home), "RENSHE_KIOSK_CREDENTIALS": str(home / "chip")},
                stdout=log,
                stderr=log,
            )
        origin = f"http://127.0.0.1:{port}"
        with httpx.Client(base_url=origin, headers={"origin": origin}) as screen:
            found = Running(screen, service, books)
            try:
                found.at("WELCOME")
                yield found
            finally:
                program.terminate()
                program.wait(60)


def test_a_pension_is_collected_through_the_real_card_stack(kiosk: Running) -> None:
    who = persona(5, "欧阳䶮小妹", version="3.00")
    kiosk.books.owe(who, 458037)
    with InReader(SimCard(who), kiosk.service.dial()):
        kiosk.sign_in()
        kiosk.post("/press", event="COLLECT", at="MENU")
        assert "4,580.37" in kiosk.at("METHOD")
        kiosk.post("/press", event="CASH", at="METHOD")
        kiosk.at("STACKED")
    kiosk.at("PRESENTING")
    kiosk.post("/tray/cash", take="1")
    assert "领好了" in kiosk.at("RESULT")
    assert kiosk.books.paid_in_cash_fen() == 458037
    kiosk.post("/press", event="LEAVE", at="RESULT")
    kiosk.at("WELCOME")


def test_a_card_pulled_or_not_ours_does_no_harm_and_the_next_one_is_served(kiosk: Running) -> None:
    who = persona(6)
    kiosk.books.owe(who, 458037)
    card = SimCard(who)
    with InReader(card, kiosk.service.dial()):
        kiosk.sign_in()
    page = kiosk.at("WELCOME")
    assert "张*丰" not in page
    with InReader(SimCard(persona(7)), kiosk.service.dial()):  # nobody the office knows
        assert "这张卡不是本市" in kiosk.at("TAKE_CARD")
    kiosk.at("WELCOME")
    kiosk.service.stop_service()
    kiosk.service.start_service()
    with InReader(SimCard(who, nv=card.nv), kiosk.service.dial()):
        kiosk.sign_in()


@pytest.mark.parametrize(
    ("luck", "sentence"),
    [
        (Faults((Fault(Kind.WRONG_SW, 1, 0x6A82),)), "这不是社会保障卡"),  # a bank card
        (Faults((Fault(Kind.WRONG_SW, 1, 0x6283),)), "已被锁定或停用"),
        (Faults((Fault(Kind.GARBAGE, 3),)), "请"),
    ],
)
def test_a_card_we_reject_frees_the_reader_for_the_next_one(
    kiosk: Running, luck: Faults, sentence: str
) -> None:
    who = persona(8)
    kiosk.books.owe(who, 458037)
    with InReader(SimCard(who, luck), kiosk.service.dial()):
        assert sentence in kiosk.at("TAKE_CARD")
    kiosk.at("WELCOME")
    with InReader(SimCard(who), kiosk.service.dial()):
        kiosk.sign_in()
