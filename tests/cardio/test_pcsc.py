"""The real stack: pyscard, pcscd and its virtual reader, with everything that goes wrong there.

After a card was pulled in the middle of a command, the virtual reader needs half a second to see it: it says "no card"
before it is ready for the next one, so there is nothing else to wait for than time.
"""

from __future__ import annotations

import itertools
import os
import queue
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest

from cardio import pcsc, vpcd
from cardio.card import CardSession
from cardio.keys import response
from cardio.link import CardFault, CardMute, CardPulled, CardStuck, NotSocialSecurityCard, SessionOver
from cardio.pcsc import PcscLink
from cardio.sandbox import READERS, Sandbox
from cardio.sim import Fault, Faults, Kind, SimCard
from cardio.watch import CardEvent, Watcher
from tests.cardio.people import CHALLENGE, LI, ZHOU

pytestmark = pytest.mark.pcsc
SETTLE_S = 2.0
PATIENCE_S = 60.0
VERIFY = 18  # the command of a visit that carries the PIN
ROOT = Path(__file__).parents[2]


class Slot:
    """One virtual reader."""

    def __init__(self, service: Sandbox, number: int) -> None:
        self.service, self.number, self.name = service, number, READERS[number]

    def insert(self, card: SimCard) -> vpcd.InReader:
        """A card, until the block ends."""
        return vpcd.InReader(card, self.service.dial(self.number))

    def link(self, deadline_s: float = pcsc.DEADLINE_S) -> PcscLink:
        """To the card in it, as soon as the service has seen it."""
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                return PcscLink(self.name, deadline_s)
            except (pcsc.NoCard, pcsc.NoReader, CardMute):
                if time.monotonic() > until:
                    raise
                time.sleep(0.02)

    @contextmanager
    def session(self, deadline_s: float = pcsc.DEADLINE_S) -> Iterator[CardSession]:
        link = self.link(deadline_s)
        try:
            yield CardSession(link)
        finally:
            link.close()

    def is_empty(self) -> bool:
        try:
            PcscLink(self.name, 1.0).close()
        except (pcsc.NoCard, pcsc.NoReader):
            return True
        except CardFault:
            return False
        return False


TURNS = itertools.cycle([0, 1])


@pytest.fixture
def slot(service: Sandbox) -> Slot:
    """The readers by turns: the one last used has time to notice that it is empty."""
    found = Slot(service, next(TURNS))
    until(found.is_empty)
    return found


@pytest.fixture
def slots(service: Sandbox) -> tuple[Slot, Slot]:
    found = Slot(service, 0), Slot(service, 1)
    until(lambda: all(one.is_empty() for one in found))
    return found


def until(true: Callable[[], bool]) -> None:
    limit = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < limit
        time.sleep(0.02)


def visit(session: CardSession, pin: str = LI.pin) -> bytes:
    session.identify()
    session.holder()
    session.tries()
    session.verify(pin)
    return session.prove(CHALLENGE)


def test_a_visit_through_the_whole_stack(slot: Slot) -> None:
    card = SimCard(LI)
    with slot.insert(card), slot.session() as session:
        assert session.atr.hex().upper() == LI.atr
        assert session.identify().card_no == LI.card_no
        assert session.holder().name == LI.name
        assert session.verify("999999").tries_left == 2
        assert session.verify(LI.pin).ok
        assert session.prove(CHALLENGE) == response(LI.key, CHALLENGE)
    assert card.tries == 3


def test_the_virtual_reader_is_not_slowed_by_delayed_acknowledgements(slot: Slot) -> None:
    with slot.insert(SimCard(LI)), slot.session() as session:
        session.identify()
        took = []
        for _ in range(200):
            began = time.monotonic()
            session.tries()
            took.append(time.monotonic() - began)
    assert min(took) < 0.03  # else each of them 40 ms, whatever the machine does beside


def test_the_next_session_finds_no_pin_left_by_the_last(slot: Slot) -> None:
    with slot.insert(SimCard(LI)):
        with slot.session() as session:
            session.verify(LI.pin)
            assert session.tries() is None
        with slot.session() as session:
            assert session.tries() == 3


@pytest.mark.parametrize(
    ("kind", "pin", "left"),
    [
        (Kind.PULL_BEFORE, "999999", 3),
        (Kind.PULL_AFTER, "999999", 2),
        (Kind.PULL_AFTER, LI.pin, 3),
    ],
)
def test_a_card_pulled_at_the_pin_tells_later_whether_it_cost_a_try(
    slot: Slot, kind: Kind, pin: str, left: int
) -> None:
    card = SimCard(LI, Faults((Fault(kind, VERIFY),)))
    with slot.insert(card), slot.session() as session:
        with pytest.raises(CardPulled):
            visit(session, pin)
        with pytest.raises(SessionOver):
            session.tries()
    time.sleep(SETTLE_S)
    with slot.insert(card), slot.session() as session:
        assert session.tries() == left
        assert visit(session) == response(LI.key, CHALLENGE)


def test_an_old_session_never_speaks_to_the_next_card(slot: Slot) -> None:
    """Another card, put in before the service looks, would answer on the old handle: nothing is sent."""
    first, second = SimCard(LI, Faults((Fault(Kind.PULL_BEFORE, VERIFY),))), SimCard(ZHOU)
    with slot.insert(first), slot.session() as session:
        with pytest.raises(CardPulled):
            visit(session, "999999")
        with slot.insert(second):
            for _ in range(5):
                with pytest.raises(SessionOver):
                    session.verify("999999")
            assert second.tries == 3
    assert (second.commands, first.tries) == (0, 3)


def test_a_card_that_hangs_does_not_hang_us(slots: tuple[Slot, Slot]) -> None:
    slot, other_slot = slots
    card, other = SimCard(LI, Faults((Fault(Kind.HANG, 5),))), SimCard(ZHOU)
    with slot.insert(card) as inside, other_slot.insert(other):
        with slot.session(deadline_s=0.3) as session:
            began = time.monotonic()
            with pytest.raises(CardStuck):
                session.identify()
            assert time.monotonic() - began < 20
        with other_slot.session() as beside:
            assert beside.holder().name == ZHOU.name
        with pytest.raises(CardFault):
            PcscLink(slot.name, 0.3)
        inside.pull()
        time.sleep(SETTLE_S)
        with slot.insert(card), slot.session() as session:
            assert visit(session) == response(LI.key, CHALLENGE)


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        (0x80100066, CardMute),
        (-0x7FEFFF9A, CardMute),
        (0x8010000F, NotSocialSecurityCard),
        (0x8010002E, pcsc.NoReader),
        (0x80100001, pcsc.ReaderFault),
    ],
)
def test_a_code_of_the_card_service_is_a_sentence(code: int, fault: type[CardFault]) -> None:
    with pytest.raises(fault, match="。") as raised:
        pcsc.checked("SCardConnect", code)
    assert "SCardConnect: 80100" in raised.value.detail


def test_a_card_in_use_is_busy_for_everybody_else(slot: Slot) -> None:
    with slot.insert(SimCard(LI)), slot.session(), pytest.raises(pcsc.ReaderBusy, match="正在被"):
        PcscLink(slot.name)


def test_an_empty_reader_and_a_reader_that_is_not_there(slots: tuple[Slot, Slot]) -> None:
    assert pcsc.readers() == READERS
    with pytest.raises(pcsc.NoCard):
        pcsc.connect()
    with pytest.raises(pcsc.NoReader):
        pcsc.connect("另一台")


class Ears:
    """Hears a watcher; waits for what it should say."""

    def __init__(self) -> None:
        self.heard: queue.SimpleQueue[CardEvent] = queue.SimpleQueue()
        self.watcher = Watcher(self.heard.put)

    def hear(self, kind: Literal["inserted", "removed"], reader: str = READERS[0]) -> CardEvent:
        event = self.heard.get(timeout=60)
        assert (event.kind, event.reader) == (kind, reader)
        return event


@pytest.fixture
def ears(slots: tuple[Slot, Slot]) -> Iterator[Ears]:
    found = Ears()
    found.watcher.start()
    yield found
    found.watcher.stop()
    assert found.watcher.inside() is None


def test_every_card_in_and_out_is_told(slots: tuple[Slot, Slot], ears: Ears) -> None:
    slot, other = slots
    with slot.insert(SimCard(LI)):
        first = ears.hear("inserted")
        assert ears.watcher.inside() == first
        with other.insert(SimCard(ZHOU)):
            second = ears.hear("inserted", other.name)
            assert ears.watcher.inside() == first
        assert ears.hear("removed", other.name).insertion == second.insertion
    assert ears.hear("removed").insertion == first.insertion
    with slot.insert(SimCard(LI)):
        assert ears.hear("inserted").insertion > second.insertion
    ears.hear("removed")


def test_using_a_card_is_no_event(slots: tuple[Slot, Slot], ears: Ears) -> None:
    slot = slots[0]
    with slot.insert(SimCard(LI)):
        ears.hear("inserted")
        for _ in range(3):
            with slot.session() as session:
                visit(session)
        time.sleep(0.3)
        assert ears.heard.empty()
    ears.hear("removed")


def test_the_watcher_and_new_sessions_outlive_the_card_service(slots: tuple[Slot, Slot], ears: Ears) -> None:
    slot, service = slots[0], slots[0].service
    with slot.insert(SimCard(LI)):
        before = ears.hear("inserted")
        with slot.session() as session:
            session.identify()
            service.stop_service()
            with pytest.raises(CardPulled):
                session.holder()
            with pytest.raises(SessionOver):
                session.holder()
        assert ears.hear("removed").insertion == before.insertion
        with pytest.raises(pcsc.ServiceAway, match="pcscd"):
            pcsc.readers()
    service.start_service()
    with slot.insert(SimCard(ZHOU)):
        assert ears.hear("inserted").insertion > before.insertion
        with slot.session() as session:
            assert session.holder().name == ZHOU.name
    ears.hear("removed")


def test_the_watcher_outlives_whatever_else_the_binding_throws(
    slots: tuple[Slot, Slot], ears: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, thrown = pcsc.api().SCardGetStatusChange, iter([SystemError("from the binding"), TypeError()])

    def throws(*asked: object) -> object:
        if (error := next(thrown, None)) is not None:
            raise error
        return look(*asked)

    with slots[0].insert(SimCard(LI)):
        before = ears.hear("inserted")
        monkeypatch.setattr(pcsc.api(), "SCardGetStatusChange", throws)
        assert ears.hear("removed").insertion == before.insertion, "nobody can say it was not"
        assert ears.hear("inserted").insertion > before.insertion
    ears.hear("removed")


def test_the_command_serves_a_card_that_the_command_reads(slots: tuple[Slot, Slot], tmp_path: Path) -> None:
    """Two programs and the real stack between them; the card's memory outlives its process."""
    persona, memory, taped = tmp_path / "card.json", tmp_path / "memory", tmp_path / "tape"
    persona.write_text(LI.to_json(), "utf-8")
    command = [sys.executable, "-c", "from kiosk.cards import main; main()"]
    env = {**os.environ, **slots[0].service.env, "PYTHONPATH": str(ROOT), "COLUMNS": "120"}

    def tell(*argv: str, typed: str = "") -> str:
        done = subprocess.run(
            [*command, *argv], env=env, input=typed, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    with subprocess.Popen(
        slots[0].service.inside([*command, "serve", str(persona), "--memory", str(memory)]),
        env=env,
        stdout=subprocess.PIPE,
        text=True,
    ) as serving:
        assert serving.stdout
        assert LI.card_no in serving.stdout.readline()
        slots[0].link().close()
        assert "110*************2X" in tell("read")
        assert LI.name in tell("record", str(taped), "--plain", "--pin", typed="999999\n")
        assert tell("tries").strip() == "密码还能试 2 次。"
        serving.send_signal(signal.SIGTERM)
        assert serving.stdout.readline().strip() == "已拔出。"
    assert serving.returncode == 0
    assert SimCard(LI, nv=memory.read_bytes()).tries == 2
    assert "核对密码 ****** → 63C2 密码不对" in tell("show", str(taped))
