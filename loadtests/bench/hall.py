"""Hall: sixteen kiosks, each with a card service and a virtual reader of its own, before one portal for ten minutes.

Each kiosk is a program with journal, dispenser and flow as in a real hall; its people put cards in by turns, give the
PIN, collect in cash, take card and notes. None may starve: what the slowest kiosk has done is held against what the
quickest has. Afterwards the books are checked, and what is paid must be what the dispensers handed out.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from cardio import pcsc
from cardio.sandbox import Sandbox, missing, pcsc_sandbox
from cardio.sim import Persona, SimCard
from cardio.vpcd import InReader
from kiosk.case import Kiosk
from kiosk.client import Caller, HttpBackend, Patience
from kiosk.devices.cassettes import FULL as CASSETTES
from kiosk.devices.dispenser import Memory, SimDispenser
from kiosk.devices.printer import FilePrinter
from kiosk.flow import Event, State
from kiosk.journal import Journal
from kiosk.slot import ReaderSlot
from kiosk.visit import Teller
from loadtests.bench import frame
from loadtests.bench.clients import together
from loadtests.bench.collecting import orders_paid
from loadtests.bench.crowd import FILE
from loadtests.bench.frame import Bar, Figure, Sizes, console
from loadtests.figures import percentile
from loadtests.house import ROOT, House
from loadtests.terminal import PERSONA

FULL = {"kiosks": 16, "seconds": 600, "months": 24}
QUICK = {"kiosks": 2, "seconds": 8, "months": 3}
VISIT_S = 60.0
LOOK_S = 0.01
PIECES = 100_000  # of every kind: nobody fills the cassettes while it lasts
REST_S = 0.5  # the service needs this long to see that a card is gone


class Starved(RuntimeError):
    """A visit did not come to its end."""


@dataclass
class Done:
    """What one kiosk did."""

    ms: list[float] = field(default_factory=list)  # from a card put in to the notes
    named_ms: list[float] = field(default_factory=list)  # to the first screen with a name
    orders: list[str] = field(default_factory=list)
    handed_fen: int = 0
    wrong: list[str] = field(default_factory=list)


def measure(asked: Sizes) -> list[Figure]:
    if why := missing():
        console.print(f"[yellow]大厅没有量：{why}[/]")
        return []
    with frame.city(quick=asked.quick) as house:
        crowd = [f"--kiosks={asked.kiosks}", f"--months={asked.months}"]
        subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "loadtests.bench.crowd", *crowd], cwd=ROOT, env=house.env, check=True
        )
        url = frame.address(house)
        with frame.everything(house, url, quick=asked.quick):
            done = hall(house, asked)
            paid = orders_paid(url)
        checked = house.renshe("ledger", "check")
    judge(done, paid, checked.stdout + checked.stderr, checked.returncode)
    return figures(asked, done)


def hall(house: House, asked: Sizes) -> list[Done]:
    told: dict[str, Any] = json.loads((house.home / FILE).read_text("utf-8"))
    each = [
        (house.url, told["kiosks"][at], told["cards"][at :: asked.kiosks], asked.seconds)
        for at in range(asked.kiosks)
    ]
    return together(kiosk, each, 0, asked.seconds).found


def figures(asked: Sizes, done: Sequence[Done]) -> list[Figure]:
    visits = [len(one.ms) for one in done]
    ms, named = ([at for one in done for at in getattr(one, name)] for name in ("ms", "named_ms"))
    return [
        Figure(
            f"{asked.kiosks} 台自助机各一个虚拟读卡器，{asked.seconds} 秒，最少的一台办成",
            min(visits),
            "笔",
            "最多的一台",
            max(visits),
            Bar("ratio", "≥", 0.5),
            f"一共 {sum(visits)} 笔；从插卡到拿到钱 p50 {percentile(ms, 50):.0f}、p99 {percentile(ms, 99):.0f} 毫秒，"
            f"到看见姓名 p50 {percentile(named, 50):.0f}、p99 {percentile(named, 99):.0f} 毫秒；"
            f"交出 {sum(one.handed_fen for one in done)} 分，没有一笔出错，总账相符",
        )
    ]


def judge(done: Sequence[Done], paid: set[str], said: str, code: int) -> None:
    """A figure counts only where nothing went wrong, what is paid is what was handed out, and the books are right."""
    wrong = [one for kiosk in done for one in kiosk.wrong]
    ours = {order for kiosk in done for order in kiosk.orders}
    if wrong or ours != paid or code:
        raise SystemExit(f"这次不算：{wrong[:3]}；不一致 {sorted(ours ^ paid)[:5]}；{said.strip()[-300:]}")


def kiosk(
    begin: float, url: str, enrolled: dict[str, str], cards: list[dict[str, Any]], seconds: int
) -> Done:
    """One kiosk and its people, in a process of their own."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    done, left = Done(), list(cards)
    with pcsc_sandbox() as service, machine(url, enrolled, service) as teller:
        end = time.monotonic() + seconds
        while time.monotonic() < end or not done.ms:
            if not left:
                done.wrong.append("没有人还可以领取，用 --months 或 BENCH_MONTHS 加大")
                break
            card = left.pop(0)
            try:
                served = visit(teller, service, card, done)
            except (Starved, OSError) as error:
                done.wrong.append(f"{enrolled['id']}: {error}")
                break
            if served:
                left.append(card)
    return done


@contextmanager
def machine(url: str, enrolled: dict[str, str], service: Sandbox) -> Iterator[Teller]:
    """The kiosk's program without its screen: nobody has to look at it here."""
    os.environ |= service.env
    slot = ReaderSlot()
    slot.start()
    backend = HttpBackend(url, enrolled["id"], enrolled["key"])
    with tempfile.TemporaryDirectory(prefix="renshe-hall-") as home:
        place = Path(home)
        plenty = dict.fromkeys(CASSETTES, PIECES)
        Memory(cassettes=dict(plenty), initial=dict(plenty)).write(place / "dispenser.json")
        teller = Teller(
            Kiosk(
                id=enrolled["id"],
                slot=slot,
                caller=Caller(backend, Patience()),
                dispenser=SimDispenser(
                    place / "dispenser.json", enrolled["dispenser"], bytes.fromhex(enrolled["dispenser_key"])
                ),
                printer=FilePrinter(place / "receipts"),
                journal=Journal(place / "journal.log"),
            )
        )
        teller.start()
        try:
            yield teller
        finally:
            teller.kiosk.journal.close()
            backend.close()
            slot.stop()


def visit(teller: Teller, service: Sandbox, card: dict[str, Any], done: Done) -> bool:
    """One person: card in, PIN, collect, card out, notes. Whether they have something left to come back for."""
    persona = Persona.from_json({name: value for name, value in card.items() if name in PERSONA})
    dispenser = teller.kiosk.dispenser
    assert isinstance(dispenser, SimDispenser)  # noqa: S101 - as made above
    began = time.monotonic()
    with InReader(SimCard(persona), service.dial()):
        until(teller, State.PIN)
        done.named_ms.append((time.monotonic() - began) * 1000)
        for digit in persona.pin:
            teller.type_digit(digit)
        for event in (Event.PIN_TYPED, Event.COLLECT):
            teller.press(event)
        left = len(teller.screen.due) > 1  # told while the card is in: without it nothing is known of anybody
        for event in (Event.CHOSEN, Event.CASH):
            teller.press(event)
        if teller.state is not State.STACKED:
            if teller.state is State.REFUSED:  # all was collected before
                return False
            raise Starved(f"{teller.state.name}, {teller.screen.said}")
    until(teller, State.PRESENTING)
    errand = teller.kiosk.order
    done.handed_fen += dispenser.hand()
    teller.tick()
    if errand.outcome != "paid" or errand.state != "paid":
        raise Starved(f"order {errand.order}: {errand.outcome}, {errand.state}")
    done.ms.append((time.monotonic() - began) * 1000)
    done.orders.append(errand.order)
    teller.press(Event.LEAVE)
    until(teller, State.WELCOME)
    time.sleep(REST_S)
    return left


def until(teller: Teller, state: State) -> None:
    """The machine turns as its desk lets it, until it is there."""
    deadline = time.monotonic() + VISIT_S
    while teller.state is not state:
        if time.monotonic() > deadline:
            raise Starved(f"waits in {teller.state.name} for {state.name}: {teller.screen.said}")
        if teller.state is State.TAKE_CARD and teller.screen.said is not None:
            raise Starved(f"{teller.screen.said.code}")
        teller.tick()
        time.sleep(LOOK_S)


if __name__ == "__main__":
    pcsc.api()
    frame.main(measure, __doc__, FULL, QUICK)
