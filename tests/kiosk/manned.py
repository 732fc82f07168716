"""A kiosk with staff: the real backend on its own database, the real machine before it, each on a port of its own."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import sessionmaker

from backend import wiring
from backend.app import create as backend_of
from backend.kernel.actor import SYSTEM
from backend.kernel.db import Runner
from backend.kernel.db import engine as connect
from cardio.codecs import card_check
from kiosk.app import create
from kiosk.case import Kiosk
from kiosk.client import Caller, HttpBackend, Patience
from kiosk.desk import Desk
from kiosk.devices.dispenser import Memory, SimDispenser
from kiosk.devices.printer import FilePrinter
from kiosk.duty import Duty
from kiosk.heartbeat import Heart
from kiosk.journal import Journal
from kiosk.officeline import HttpOffice
from kiosk.operator.deeds import Deeds
from kiosk.operator.local import LocalCode
from kiosk.operator.panel import Panel
from kiosk.slot import TraySlot, demo_cards
from kiosk.visit import Teller
from tests.backend.kiosks.hall import Hall
from tests.backend.payout.city import a_retiree, fund
from tests.backend.payout.terminal import Card
from tests.conftest import Fresh
from tests.kiosk.served import served

PIN = "246810"


@dataclass
class Office:
    """The real backend over HTTP, and what tests do there directly."""

    url: str
    hall: Hall
    card: Card

    @property
    def persona(self) -> dict[str, Any]:
        """The retiree's card as the kiosk's tray holds it."""
        card = self.card
        return {
            "card_no": card.card_no,
            "card_code": card.card_code,
            "area": card.area,
            "ident": card.ident,
            "name": "张秀䶮",
            "sex": "2",
            "nation": "01",
            "birth": "1950-03-07",
            "issued": "2024-01-02",
            "expires": "2034-01-01",
            "version": "2.00",
            "key": card.vault.card_key(card.area, card.card_code).hex(),
            "pin": PIN,
            "note": "退休人员",
        }


@contextmanager
def office(fresh: Fresh) -> Iterator[Office]:
    engine = connect(fresh(), size=6)
    run = Runner(sessionmaker(engine, expire_on_commit=False), wiring.HANDLERS, actor=SYSTEM)
    fund(run)
    hall = Hall(run)
    with served(backend_of(run)) as url:
        number = "00000001" + card_check("00000001")
        yield Office(url, hall, a_retiree(run, month=f"{run.clock.today():%Y-%m}", card_no=number))
    engine.dispose()


@dataclass
class Machine:
    url: str
    desk: Desk
    heart: Heart
    panel: Panel
    home: Path


@contextmanager
def machine(there: Office, home: Path, *, empty: bool = True) -> Iterator[Machine]:
    """One kiosk, its cassettes empty until a bag is put in."""
    hall = there.hall
    home.mkdir(exist_ok=True)
    (home / "cards.json").write_text(json.dumps([there.persona], ensure_ascii=False), "utf-8")
    if empty:
        Memory(cassettes={}, initial={}).write(home / "dispenser.json")
    tray = TraySlot(demo_cards(home / "cards.json"))
    key = hall.run.vault.dispenser_key(hall.kiosk.dispenser.id)
    backend = HttpBackend(there.url, hall.kiosk.id, hall.kiosk.key)
    line = HttpOffice(there.url, hall.kiosk.id, hall.kiosk.key)
    kiosk = Kiosk(
        id=hall.kiosk.id,
        slot=tray,
        caller=Caller(backend, Patience(10.0, (0.1,))),
        dispenser=SimDispenser(home / "dispenser.json", hall.kiosk.dispenser.id, key),
        printer=FilePrinter(home / "receipts"),
        journal=Journal(home / "journal.log"),
        duty=Duty(home / "duty.json"),
    )
    teller = Teller(kiosk)
    desk = Desk(teller)
    desk.heart = Heart(kiosk, lambda: teller.state, line)
    panel = Panel(desk, desk.heart, LocalCode(home / "operator.json", "ab" * 32), Deeds(home / "deeds.json"))
    with served(create(desk, tray, panel=panel)) as url:
        yield Machine(url, desk, desk.heart, panel, home)
    backend.close()
    line.close()


class Relay:
    """A cable between the kiosk and the office that can be cut and mended: what is under way is lost."""

    def __init__(self, port: int) -> None:
        self._to, self._open = port, True
        self._pairs: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                if not self._open:
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self._to))
                self._pairs += [near, far]
                for source, target in ((near, far), (far, near)):
                    threading.Thread(target=self._pump, args=(source, target), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while self._open and (data := source.recv(65536)):
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        self._open = False
        for end in self._pairs:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._pairs.clear()

    def mend(self) -> None:
        self._open = True

    def close(self) -> None:
        self.cut()
        self._listening.close()
