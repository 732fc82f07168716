"""What operators do to the cash of a machine whose office does not answer, or that is started again: booked once, done once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from kiosk.client import NoAnswer
from kiosk.devices.dispenser import SimDispenser
from kiosk.flow import State
from kiosk.operator import told
from kiosk.operator.deeds import Deeds
from kiosk.operator.panel import Panel, Pass
from tests.backend.kiosks.hall import BAG, BAG_FEN, CODES
from tests.backend.payout.city import cash
from tests.conftest import Fresh
from tests.kiosk.manned import Machine, Office, machine, office
from tests.kiosk.served import until


@pytest.fixture(scope="module")
def there(fresh: Fresh) -> Iterator[Office]:
    with office(fresh) as running:
        yield running


@pytest.fixture
def kiosk(there: Office, tmp_path: Path) -> Iterator[Machine]:
    with machine(there, tmp_path / "kiosk") as running:
        until(lambda: running.desk.screen.state is State.WELCOME)
        running.panel.close("装钞")
        yield running


class Deaf:
    """The office hears and does everything; its next answers are lost."""

    def __init__(self, real: Any, lost: int = 1) -> None:
        self.real, self.lost = real, lost

    def __getattr__(self, name: str) -> Any:
        def call(cmd: Any) -> Any:
            answer = getattr(self.real, name)(cmd)
            if name in ("place", "count", "take_out") and self.lost:
                self.lost -= 1
                raise NoAnswer("cut")
            return answer

        return call if name in ("place", "count", "take_out", "enter", "beat") else getattr(self.real, name)


def inside(kiosk: Machine) -> int:
    dispenser = kiosk.desk.teller.kiosk.dispenser
    assert isinstance(dispenser, SimDispenser)
    return sum(fen * n for fen, n in dispenser.memory.cassettes.items())


def entered(kiosk: Machine) -> Pass:
    return kiosk.panel.enter("1001", CODES["1001"])


def bag(there: Office, kiosk: Machine) -> str:
    """Booked out of the vault, and the machine has heard of it."""
    sheet = there.hall.bag()
    kiosk.panel._tell()
    return sheet


def again(kiosk: Machine) -> Panel:
    """The program was started anew meanwhile."""
    kiosk.panel = Panel(kiosk.desk, kiosk.heart, kiosk.panel.local, Deeds(kiosk.home / "deeds.json"))
    return kiosk.panel


def test_cash_is_booked_once_though_every_answer_was_lost_once(there: Office, kiosk: Machine) -> None:
    hall, real, second = there.hall, kiosk.heart.office, ("1002", CODES["1002"])
    before = cash(hall.run, hall.kiosk)
    sheet = bag(there, kiosk)
    kiosk.heart.office = Deaf(real)
    who = entered(kiosk)
    with pytest.raises(told.DeedUnanswered):
        kiosk.panel.place(who, sheet, *second)
    assert inside(kiosk) == 0
    other = bag(there, kiosk)
    with pytest.raises(told.BagOpen):
        kiosk.panel.place(who, other, *second)
    panel, who = again(kiosk), entered(kiosk)
    panel._tell()  # the office says that the bag is in
    assert [one.sheet for one in kiosk.desk.teller.kiosk.duty.bags] == [other]
    assert [one.sheet for one in panel.bags] == [other, sheet]
    panel.place(who, sheet, *second)
    assert (inside(kiosk), [one.sheet for one in panel.bags]) == (BAG_FEN, [other])

    kiosk.heart.office, who = Deaf(real), entered(kiosk)
    with pytest.raises(told.DeedUnanswered):
        panel.take_out(who, {"n10000": "3"}, *second)
    panel, who = again(kiosk), entered(kiosk)
    with pytest.raises(told.DeedOpen) as open_:
        panel.take_out(who, {"n10000": "4"}, *second)
    assert "100.00 × 3" in str(open_.value.facts["notes"])
    panel.take_out(who, {"n10000": "3"}, *second)
    assert cash(hall.run, hall.kiosk) == before + 2 * BAG_FEN - 30000  # the other bag still waits
    assert inside(kiosk) == BAG_FEN - 30000
    panel.take_out(who, {"n5000": "1"}, *second)
    assert inside(kiosk) == BAG_FEN - 35000

    left = BAG | {10000: BAG[10000] - 4, 5000: BAG[5000] - 1}  # one note is missing
    kiosk.heart.office, who = Deaf(real), entered(kiosk)
    typed = {f"n{fen}": str(n) for fen, n in left.items()}
    with pytest.raises(told.DeedUnanswered):
        panel.count(who, typed, *second)
    said = again(kiosk).count(entered(kiosk), typed, *second)
    assert isinstance(said, told.CountShort)
    [found] = hall.ask("KSK-Q34").differences
    assert found.difference_fen == -10000
    assert hall.differences() == []


def test_what_the_office_refuses_is_over(there: Office, kiosk: Machine) -> None:
    sheet = bag(there, kiosk)
    who = entered(kiosk)
    with pytest.raises(Exception, match="另一名操作员"):
        kiosk.panel.place(who, sheet, "1001", CODES["1001"])
    assert kiosk.panel.deeds.pending("place") is None
    kiosk.panel.place(who, sheet, "1002", CODES["1002"])
    assert inside(kiosk) == BAG_FEN


def test_the_machines_own_code_opens_without_a_work_number_while_the_line_is_down(kiosk: Machine) -> None:
    kiosk.panel.local.set("864213")
    with pytest.raises(told.WorkNeeded):
        kiosk.panel.enter("", "864213")
    real = kiosk.heart.office

    class Cut:
        def __getattr__(self, name: str) -> Any:
            raise NoAnswer("cut")

    kiosk.heart.office = Cut()  # type: ignore[assignment]
    with pytest.raises(told.LocalCodeWrong):
        kiosk.panel.enter("", "000001")
    assert kiosk.panel.enter("", "864213").ticket == ""
    kiosk.heart.office = real


def test_a_file_of_deeds_that_cannot_be_read_is_told_and_nothing_is_booked(
    there: Office, kiosk: Machine
) -> None:
    sheet = bag(there, kiosk)
    (kiosk.home / "deeds.json").write_text("{", "utf-8")
    who = entered(kiosk)
    with pytest.raises(told.DeedsDamaged):
        kiosk.panel.place(who, sheet, "1002", CODES["1002"])
    assert inside(kiosk) == 0
    page = httpx.get(f"{kiosk.url}/operator/cash", cookies={"operator": who.token})
    assert (page.status_code, "读不出来" in page.text) == (422, True)
