"""The heartbeat: said every minute and at once on a change; a stop is heeded after the order under way; a line that is
down is said on the screen, and pays nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.kiosks.schema import Beat, Heard
from kiosk.client import NoAnswer, Refused
from kiosk.devices.dispenser import Memory
from kiosk.drill.scene import Machine
from kiosk.duty import UNREADABLE, Duty
from kiosk.flow import Event, State
from kiosk.heartbeat import EVERY_S, Heart
from kiosk.operator.local import LocalCode
from kiosk.operator.told import CodeLocked, CodeUnfit, LocalCodeWrong, NoLocalCode
from tests.backend.kiosks.hall import AMOUNT, BAG_FEN
from tests.conftest import Fresh
from tests.kiosk.conftest import Office
from tests.kiosk.manned import Relay
from tests.kiosk.manned import office as real_office
from tests.kiosk.process import collect, handed_over, serving
from tests.kiosk.served import until
from tests.kiosk.visitors import at_cash, card_in, card_out


class Bureau:
    """The office's half in memory: it keeps what it hears and answers what it wants."""

    def __init__(self) -> None:
        self.heard: list[Beat] = []
        self.serve, self.reason, self.down, self.sealed = True, "", False, False
        self.services: tuple[str, ...] | None = None

    def beat(self, cmd: Beat) -> Heard:
        if self.down:
            raise NoAnswer("cut")
        if self.sealed:
            raise Refused("KioskStopped", "stopped")
        self.heard.append(cmd)
        return Heard(now=cmd.clock, serve=self.serve, reason=self.reason, services=self.services)


def heart_of(machine: Machine, bureau: Bureau) -> Heart:
    teller = machine.teller
    heart = Heart(teller.kiosk, lambda: teller.state, bureau, machine.place.clock)  # type: ignore[arg-type]
    teller.start()
    return heart


def minute(machine: Machine, heart: Heart) -> None:
    machine.place.clock.forward(EVERY_S)
    heart.tick()
    machine.teller.tick()


def test_it_is_said_once_a_minute_and_at_once_when_something_breaks(office: Office) -> None:
    bureau, machine = Bureau(), office.switch_on()
    heart = heart_of(machine, bureau)
    heart.tick()
    heart.tick()
    assert len(bureau.heard) == 1
    machine.dispenser.plan.dead = True
    heart.tick()
    assert [one.devices[2].state for one in bureau.heard] == ["ok", "away"]
    assert bureau.heard[-1].notes is None
    minute(machine, heart)
    assert len(bureau.heard) == 3


def test_what_lies_inside_is_told_note_by_note(office: Office) -> None:
    bureau, machine = Bureau(), office.switch_on()
    heart_of(machine, bureau).tick()
    told = bureau.heard[-1]
    there = sum(one.fen * one.n for one in told.notes or ())
    assert there == sum(fen * n for fen, n in machine.dispenser.memory.cassettes.items())
    assert (told.journal_seq, told.journal_head) == (machine.journal.seq, machine.journal.head)


def test_a_journal_that_this_run_has_not_begun_is_not_told(office: Office) -> None:
    """One that was put aside goes on under the same number with another head: that is no fork."""
    bureau, machine = Bureau(), office.switch_on()
    heart = Heart(machine.teller.kiosk, lambda: State.STOPPED, bureau, machine.place.clock)  # type: ignore[arg-type]
    heart.tick()
    assert bureau.heard[-1].journal_seq is None


def test_a_stop_waits_for_the_order_under_way_and_then_nobody_new_is_served(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    bureau, machine = Bureau(), at_cash(office)
    teller = machine.teller
    heart = Heart(teller.kiosk, lambda: teller.state, bureau, machine.place.clock)  # type: ignore[arg-type]
    bureau.serve, bureau.reason = False, "正在检修"
    minute(machine, heart)
    assert teller.state is State.STACKED
    card_out(machine)
    machine.dispenser.hand()
    teller.tick()
    assert teller.screen.errand is not None
    assert teller.screen.errand.ending == "paid"
    teller.press(Event.LEAVE)
    teller.tick()
    assert teller.screen.closed == "正在检修"
    card_in(machine)
    assert (teller.state, teller.screen.card_in) == (State.WELCOME, True)
    bureau.serve = True
    minute(machine, heart)
    assert teller.state is State.PIN


def test_the_menu_offers_what_the_office_wants_offered(office: Office) -> None:
    bureau, machine = Bureau(), office.switch_on()
    heart = heart_of(machine, bureau)
    minute(machine, heart)
    assert len(machine.teller.screen.services) > 5
    bureau.services = ("guide", "collect", "of a later version")
    minute(machine, heart)
    assert [one.code for one in machine.teller.screen.services] == ["collect", "guide"]
    machine.teller.press(Event.FIND_WORK)
    assert machine.teller.state is State.WELCOME, "what is not offered is not there"


def test_a_stop_survives_a_restart(tmp_path: Path) -> None:
    duty = Duty(tmp_path / "duty.json")
    duty.close("换纸")
    assert Duty(tmp_path / "duty.json").closed(0.0) == "换纸"
    duty.reopen()
    assert Duty(tmp_path / "duty.json").closed(0.0) is None


@pytest.mark.parametrize("torn", [b"", b'{"office": "\xe6', b"[]", b"null", b'{"staff": 1}'], ids=str)
def test_a_stop_that_cannot_be_read_any_more_keeps_it_closed_until_staff_open_it(
    tmp_path: Path, torn: bytes
) -> None:
    path = tmp_path / "duty.json"
    path.write_bytes(torn)
    duty = Duty(path)
    assert duty.closed(0.0) == UNREADABLE
    assert Duty(path).closed(0.0) == UNREADABLE, "after another start, too"
    duty.reopen()
    assert Duty(path).closed(0.0) is None


def test_a_machine_that_is_not_trusted_serves_nobody(office: Office) -> None:
    bureau, machine = Bureau(), office.switch_on()
    heart = heart_of(machine, bureau)
    bureau.sealed = True
    minute(machine, heart)
    assert machine.teller.screen.closed == ""


def test_a_line_that_is_down_is_said_and_looked_after_more_often(office: Office) -> None:
    bureau, machine = Bureau(), office.switch_on()
    heart = heart_of(machine, bureau)
    bureau.down = True
    minute(machine, heart)
    assert machine.teller.screen.offline
    bureau.down = False
    machine.place.clock.forward(5)
    heart.tick()
    machine.teller.tick()
    assert not machine.teller.screen.offline


def test_the_machines_own_code_locks_after_five_wrong_ones_also_over_a_restart(tmp_path: Path) -> None:
    local = LocalCode(tmp_path / "operator.json", "ab" * 32)
    with pytest.raises(NoLocalCode):
        local.check("246813", 0.0)
    with pytest.raises(CodeUnfit):
        local.set("111111")
    local.set("246813")
    assert "246813" not in (tmp_path / "operator.json").read_text("utf-8")
    local.check("246813", 0.0)
    for _ in range(4):
        with pytest.raises(LocalCodeWrong):
            local.check("000000", 0.0)
    with pytest.raises(CodeLocked):
        local.check("000000", 0.0)
    with pytest.raises(CodeLocked):
        local.check("246813", 899.0)
    again = LocalCode(tmp_path / "operator.json", "ab" * 32)
    with pytest.raises(CodeLocked):
        again.check("246813", 0.0)
    again.check("246813", 901.0)


# ---- a real process, its network cut ----


@pytest.mark.slow
def test_a_real_kiosk_whose_network_is_cut_pays_nothing_new_and_settles_when_it_is_back(
    fresh: Fresh, tmp_path: Path
) -> None:
    home, chip = tmp_path / "kiosk", tmp_path / "chip"
    with real_office(fresh) as there:
        hall = there.hall
        hall.loaded()
        relay = Relay(int(there.url.rpartition(":")[2]))
        handed_over(there, home, chip, f"http://127.0.0.1:{relay.port}")
        with serving(home, chip) as screen:
            collect(screen, before_report=relay.cut)
            assert screen.get("/health").json()["unreported"] == 1
            until(lambda: "网络不通" in screen.get("/").text)
            screen.post("/tray/insert", data={"card": 0})
            until(lambda: "请取卡" in screen.get("/").text)
            screen.post("/tray/pull")
            memory = Memory.read(home / "dispenser.json")
            assert sum(memory.handed.values()) == AMOUNT
            relay.mend()
            until(lambda: screen.get("/health").json()["unreported"] == 0, 40)
            until(lambda: "请插入社会保障卡" in screen.get("/").text)
            until(lambda: hall.ask("KSK-Q31").kiosks[0].inside_fen == BAG_FEN - AMOUNT, 20)
        relay.close()
        assert hall.differences() == []
