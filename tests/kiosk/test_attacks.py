"""Attacks before the kiosk: a cloned card, a replayed tape, a stolen disk, a forged backend. What each gets is nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from backend.kiosks.schema import Beat
from backend.payout.schema import (
    Confirmed,
    ConfirmOrder,
    Opened,
    OpenOrder,
    Reported,
    ReportOrder,
)
from cardio import tape
from cardio.keys import order_challenge, response
from cardio.link import Answer, CardPulled, Link
from cardio.sim import SimCard
from kiosk.client import Refused
from kiosk.drill.faults import Fate
from kiosk.drill.scene import Machine
from kiosk.flow import Event, State
from kiosk.journal import Stage
from kiosk.officeline import HttpOffice
from kiosk.operator.local import LocalCode
from kiosk.operator.told import NoLocalCode
from kiosk.slot import DemoCard
from tests.conftest import Fresh
from tests.kiosk.conftest import KIOSK, Office
from tests.kiosk.manned import office as real_office
from tests.kiosk.people import PIN, persona
from tests.kiosk.process import collect, handed_over, serving
from tests.kiosk.reference_backend import Counter, dispenser_key
from tests.kiosk.served import until
from tests.kiosk.visitors import AMOUNT, at_cash, card_in, card_out, code, in_menu, type_pin


def nothing_was_had(office: Office) -> None:
    """No order in the books, no note outside, nothing of the person on the screen."""
    assert office.machine is not None
    assert office.books.paid_fen() == 0
    assert office.books.in_suspense() == []
    assert office.place.handed_fen() == 0
    screen = office.machine.teller.screen
    assert screen.account is None
    assert screen.due == ()


# ---- a cloned card ----


@pytest.mark.parametrize("pin", [PIN, "000000"], ids=["with the holder's PIN", "with a PIN of its own"])
def test_a_clone_of_all_that_can_be_read_shows_no_account_and_gets_no_order(office: Office, pin: str) -> None:
    real = persona()
    office.books.owe(real, AMOUNT)
    clone = DemoCard(replace(real, key=bytes(16), pin=pin))  # every file copied; the key cannot be
    machine = office.on(card=clone)
    card_in(machine)
    type_pin(machine, pin)
    assert machine.teller.state is State.TAKE_CARD
    assert code(machine) == "ProofWrong"
    assert office.books.orders == {}
    nothing_was_had(office)
    card_out(machine)
    machine = office.on()  # and the holder has lost nothing by it
    card_in(machine)
    type_pin(machine)
    assert [due.amount_fen for due in machine.teller.screen.due] == [AMOUNT]


# ---- a replayed session ----


class Parrot:
    """A forger's chip: asked anything, it answers what a recorded card answered to that kind of command then."""

    def __init__(self, entries: Iterable[tape.Entry]) -> None:
        self._said: dict[str, list[tape.Entry]] = {}
        for entry in entries:
            self._said.setdefault(entry.apdu[:8], []).append(entry)

    def atr(self) -> bytes:
        return self._said[""][0].answer().data

    def send(self, apdu: bytes) -> Answer:
        kept = self._said.get(apdu[:4].hex(), [])
        if not kept:
            raise CardPulled("never recorded")
        return (kept.pop(0) if len(kept) > 1 else kept[0]).answer()

    def close(self) -> None:
        """A forger's chip needs no power."""


def a_recorded_collection(office: Office, folder: Path) -> list[tape.Entry]:
    """Somebody sat between slot and card while the holder really collected."""
    path = folder / "stolen.tape"
    machine = office.on()
    real = machine.slot.link

    def tapped() -> Link:
        return tape.Recorder(real(), path)

    machine.slot.link = tapped  # type: ignore[method-assign]
    card_in(machine)
    type_pin(machine)
    machine.teller.press(Event.COLLECT)
    machine.teller.press(Event.CASH)
    card_out(machine)
    machine.dispenser.hand()
    machine.teller.tick()
    assert office.books.paid_fen() == AMOUNT
    return tape.read(path)


@pytest.mark.parametrize("forger", [tape.Replay, Parrot])
def test_a_session_played_again_answers_no_new_question(office: Office, tmp_path: Path, forger: Any) -> None:
    office.books.owe(persona(), AMOUNT)
    entries = a_recorded_collection(office, tmp_path)
    office.books.owe(persona(), AMOUNT, "2026-12")  # the next month falls due
    before = office.place.handed_fen()
    machine = office.on()
    machine.slot.link = lambda: forger(entries)  # type: ignore[method-assign]
    card_in(machine)
    type_pin(machine)
    assert machine.teller.state is State.TAKE_CARD
    assert code(machine) in ("TapeDiffers", "ProofWrong")
    assert machine.teller.screen.account is None
    assert len(office.books.orders) == 1, "only the one that its holder made"
    assert office.place.handed_fen() == before


# ---- a stolen disk ----


def test_what_lies_on_a_stolen_disk_names_nobody_and_opens_nothing(office: Office, tmp_path: Path) -> None:
    holder = persona()
    office.books.owe(holder, AMOUNT)
    with capture_logs() as logged:
        machine = at_cash(office)
        card_out(machine)
        machine.dispenser.hand()
        machine.teller.tick()
    assert office.books.paid_fen() == AMOUNT
    office.off()
    kept = [path.read_bytes() for path in office.place.home.rglob("*") if path.is_file()]
    disk = b"\n".join([*kept, json.dumps(logged, ensure_ascii=False, default=str).encode()])
    for secret in (holder.ident, holder.name, holder.card_no, holder.card_code, holder.pin, holder.key.hex()):
        assert secret.encode() not in disk
        assert secret.lower().encode() not in disk.lower()
    assert dispenser_key("D-1").hex().encode() not in disk, "the dispenser's key never leaves the dispenser"
    (token,) = (
        course.entries[Stage.DISPENSING].facts["token"]
        for course in office.on().journal.courses.values()
        if Stage.DISPENSING in course.entries
    )
    (order,) = office.books.orders
    machine = office.on()
    with pytest.raises(Exception, match="token refused"):  # it was good for one nonce, and that one is dead
        machine.dispenser.dispense(order, AMOUNT, token)
    assert office.place.handed_fen() == AMOUNT


@pytest.mark.slow
def test_a_stolen_disk_of_a_real_kiosk_poses_as_nobody_and_opens_no_page(
    fresh: Fresh, tmp_path: Path
) -> None:
    """Papers, journal, cassettes' memory, slips, duty, the operators' code, the program's own log: all of it is read."""
    home, chip = tmp_path / "kiosk", tmp_path / "chip"
    with real_office(fresh) as there:
        there.hall.loaded()
        handed_over(there, home, chip, there.url)
        LocalCode(home / "operator.json", (chip / "key").read_text()).set("246813")
        with serving(home, chip) as screen:
            collect(screen, before_report=lambda: None)
            until(lambda: screen.get("/health").json()["unreported"] == 0)
        (home / "cards.json").unlink()  # the tray stands for the cards in people's hands
        disk = b"\n".join(
            path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and chip not in path.parents
        )
        assert b"DISPENSING" in disk
        holder = [there.persona[name] for name in ("ident", "name", "card_no", "card_code", "pin", "key")]
        kept = {file.name: file.read_text("utf-8") for file in chip.iterdir()}
        assert set(kept) == {"key", "dispenser_key"}
        for secret in (*holder, *kept.values()):
            assert secret.encode().lower() not in disk.lower()
        papers = json.loads((home / "kiosk.json").read_text("utf-8"))
        beat = Beat(clock=there.hall.run.clock.now(), state="serving")
        for guess in ("", papers["id"], papers["dispenser"], "00" * 32):
            thief = HttpOffice(papers["backend"], papers["id"], guess)
            with pytest.raises(Refused) as refused:
                thief.beat(beat)
            assert refused.value.code == "DeviceUnknown"
            thief.close()
        thieves = LocalCode(home / "operator.json", papers["id"])
        with pytest.raises(NoLocalCode):  # even the right code is nothing without the machine
            thieves.check("246813", 0.0)
        assert there.hall.differences() == []


# ---- a forged backend ----


@dataclass
class Forged:
    """An attacker's server in front of the real one: it changes what it likes."""

    real: Counter
    token: str | None = None
    lies: str | None = None  # about how an order ended
    asked: list[ConfirmOrder] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def open(self, cmd: OpenOrder, key: str) -> Opened:
        return Opened(order=cmd.order, state="opened", nonce="00" * 16)

    def confirm(self, cmd: ConfirmOrder, key: str) -> Confirmed:
        self.asked.append(cmd)
        return Confirmed(order=cmd.order, state="authorised", token=self.token)

    def report(self, cmd: ReportOrder, key: str) -> Reported:
        if self.lies is None:
            return self.real.report(cmd, key)
        return Reported(order=cmd.order, state=self.lies)


def before_a_forged_backend(office: Office, **forged: Any) -> tuple[Machine, Forged]:
    office.books.owe(office.card.persona, AMOUNT)
    server = Forged(office.books.at(KIOSK), **forged)
    machine = Machine(office.place, server, [office.card], Fate())  # type: ignore[arg-type]
    office.machine = machine
    machine.teller.start()
    card_in(machine)
    type_pin(machine)
    machine.teller.press(Event.COLLECT)
    machine.teller.press(Event.CASH)
    return machine, server


@pytest.mark.parametrize("lies", [None, "paid"])
@pytest.mark.parametrize("token", ["00" * 32, "ff" * 32, ""])
def test_a_token_of_a_forged_backend_moves_no_note(office: Office, token: str, lies: str | None) -> None:
    """Whatever it says of the order afterwards, the machine's own journal says that nothing was handed out."""
    machine, _ = before_a_forged_backend(office, token=token, lies=lies)
    assert machine.dispenser.memory.stacker == {}
    assert office.place.handed_fen() == 0
    (course,) = machine.journal.courses.values()
    assert course.out is not None
    assert course.out.facts["outcome"] == "not"
    assert machine.teller.screen.errand is not None
    assert machine.teller.screen.errand.ending == "not_paid"
    assert office.books.paid_fen() == 0


def test_what_a_forged_backend_makes_the_card_sign_is_good_for_nothing_else(office: Office) -> None:
    """It chooses the number only; order, amount and kiosk in the signature are those on the screen."""
    _, server = before_a_forged_backend(office, token="")
    (asked,) = server.asked
    key = office.card.persona.key
    shown = order_challenge(asked.order, AMOUNT, "1", KIOSK, "00" * 16)
    assert response(key, shown).hex() == asked.proof
    for other in (
        order_challenge(asked.order, AMOUNT + 1, "1", KIOSK, "00" * 16),
        order_challenge("0000000200010001", AMOUNT, "1", KIOSK, "00" * 16),
        order_challenge(asked.order, AMOUNT, "1", "00000002", "00" * 16),
        order_challenge(asked.order, AMOUNT, "2", KIOSK, "00" * 16),
    ):
        assert response(key, other).hex() != asked.proof
    assert asked.order not in office.books.orders


def test_a_signature_relayed_to_another_kiosk_authorises_nothing_there(office: Office) -> None:
    """The attacker's own kiosk opens an order under the holder's visit and lends its number to the forged backend."""
    due = office.books.owe(office.card.persona, AMOUNT)
    theirs = office.books.at("00000002")
    machine = in_menu(office)
    visit = machine.teller.kiosk.person.visit
    card_no, challenge, _ = office.books.visits[visit]
    office.books.visits["ee" * 16] = (card_no, challenge, True)  # the visit was relayed, too
    opened = theirs.open(
        OpenOrder(
            order="0000000200010001",
            visit="ee" * 16,
            entitlement=due.entitlement,
            amount_fen=AMOUNT,
            method="cash",
            journal_seq=1,
            journal_head="00" * 32,
        ),
        "k1",
    )
    order, kiosk = "0000000100010001", machine.teller.kiosk.id  # of the machine at which the holder stands
    proof = machine.teller.kiosk.person.session.prove(
        order_challenge(order, AMOUNT, due.entitlement, kiosk, opened.nonce)
    )
    asked = ConfirmOrder(order=opened.order, proof=proof.hex(), dispenser="D-2", dispenser_nonce="01" * 16)
    with pytest.raises(Exception, match="卡"):
        theirs.confirm(asked, "k2")
    assert office.books.in_suspense() == []


def test_a_card_keeps_its_answer_until_the_pin_was_right() -> None:
    """Who only has the card, and a reader of their own, can make it sign nothing."""
    card = SimCard(persona())
    card.atr()
    card.send(bytes.fromhex("00a404000f7378312e73682ec9e7bbe1b1a3d5cf"))
    asked = bytes.fromhex("0088000110") + order_challenge("0" * 16, AMOUNT, "1", KIOSK, "00" * 16)
    assert card.send(asked).sw == 0x6982
