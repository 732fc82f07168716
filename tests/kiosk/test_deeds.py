"""What operators do to the cash of a machine whose office does not answer, or that is started again: booked once, done once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from backend.kernel.errors import Refusal, Told
from backend.kiosks import cash as office_cash
from backend.payout.notes import worth_fen
from kiosk.client import NoAnswer, Refused
from kiosk.devices.dispenser import Plan, SimDispenser
from kiosk.flow import State
from kiosk.operator import told
from kiosk.operator.deeds import Deeds
from kiosk.operator.panel import Panel
from kiosk.operator.passes import Pass
from kiosk.operator.till import OF_THE_SHEET
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
    kiosk.panel.tell()
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
        kiosk.panel.till.place(who, sheet, *second)
    assert inside(kiosk) == 0
    other = bag(there, kiosk)
    with pytest.raises(told.BagOpen):
        kiosk.panel.till.place(who, other, *second)
    panel, who = again(kiosk), entered(kiosk)
    panel.tell()  # the office says that the bag is in
    assert [one.sheet for one in kiosk.desk.teller.kiosk.duty.bags] == [other]
    assert [one.sheet for one in panel.till.bags] == [other, sheet]
    panel.till.place(who, sheet, *second)
    assert (inside(kiosk), [one.sheet for one in panel.till.bags]) == (BAG_FEN, [other])

    kiosk.heart.office, who = Deaf(real), entered(kiosk)
    with pytest.raises(told.DeedUnanswered):
        panel.till.take_out(who, {"n10000": "3"}, *second)
    panel, who = again(kiosk), entered(kiosk)
    with pytest.raises(told.DeedOpen) as open_:
        panel.till.take_out(who, {"n10000": "4"}, *second)
    assert "100.00 × 3" in str(open_.value.facts["notes"])
    panel.till.take_out(who, {"n10000": "3"}, *second)
    assert cash(hall.run, hall.kiosk) == before + 2 * BAG_FEN - 30000  # the other bag still waits
    assert inside(kiosk) == BAG_FEN - 30000
    panel.till.take_out(who, {"n5000": "1"}, *second)
    assert inside(kiosk) == BAG_FEN - 35000

    left = BAG | {10000: BAG[10000] - 4, 5000: BAG[5000] - 1}  # one note is missing
    kiosk.heart.office, who = Deaf(real), entered(kiosk)
    typed = {f"n{fen}": str(n) for fen, n in left.items()}
    with pytest.raises(told.DeedUnanswered):
        panel.till.count(who, typed, *second)
    said = again(kiosk).till.count(entered(kiosk), typed, *second)
    assert isinstance(said, told.CountShort)
    [found] = hall.ask("KSK-Q34").differences
    assert found.difference_fen == -10000
    assert hall.differences() == []


def test_what_the_office_refuses_is_over(there: Office, kiosk: Machine) -> None:
    sheet = bag(there, kiosk)
    who = entered(kiosk)
    with pytest.raises(Exception, match="另一名操作员"):
        kiosk.panel.till.place(who, sheet, "1001", CODES["1001"])
    assert kiosk.panel.deeds.pending("place") is None
    kiosk.panel.till.place(who, sheet, "1002", CODES["1002"])
    assert inside(kiosk) == BAG_FEN


class Mute(Deaf):
    """The office never hears of it: its next questions are lost."""

    def __getattr__(self, name: str) -> Any:
        def call(cmd: Any) -> Any:
            if self.lost:
                self.lost -= 1
                raise NoAnswer("cut")
            return getattr(self.real, name)(cmd)

        return call if name in ("place", "count", "take_out") else getattr(self.real, name)


THREE = {"n10000": "3"}
FIRST, SECOND = ("1001", CODES["1001"]), ("1002", CODES["1002"])


def loaded(there: Office, kiosk: Machine) -> Pass:
    """One bag is in."""
    who = entered(kiosk)
    kiosk.panel.till.place(who, bag(there, kiosk), *SECOND)
    return who


@pytest.mark.parametrize("heard", [True, False], ids=["booked", "not booked"])
def test_a_refusal_of_who_asks_again_says_nothing_of_the_first_asking(
    there: Office, kiosk: Machine, heard: bool
) -> None:
    who, real = loaded(there, kiosk), kiosk.heart.office
    before = cash(there.hall.run, there.hall.kiosk)
    kiosk.heart.office = (Deaf if heard else Mute)(real)
    with pytest.raises(told.DeedUnanswered):
        kiosk.panel.till.take_out(who, THREE, *SECOND)
    sheet = kiosk.panel.deeds.pending("take")["sheet"]  # type: ignore[index]
    if not heard:
        with pytest.raises(Refused, match="另一名操作员"):
            kiosk.panel.till.take_out(who, THREE, *FIRST)
        assert kiosk.panel.deeds.pending("take")["sheet"] == sheet  # type: ignore[index]
    said = kiosk.panel.till.take_out(who, THREE, *(FIRST if heard else SECOND))
    assert said.facts["sheet"] == sheet
    assert cash(there.hall.run, there.hall.kiosk) == before - 30000
    assert inside(kiosk) == BAG_FEN - 30000


def test_a_page_sent_twice_is_one_deed(there: Office, kiosk: Machine) -> None:
    who = entered(kiosk)
    sheet, till = bag(there, kiosk), kiosk.panel.till
    before = cash(there.hall.run, there.hall.kiosk)

    def twice(deed: Callable[[], Told]) -> set[str]:
        with ThreadPoolExecutor(2) as taps:
            return {type(one.result()).__name__ for one in [taps.submit(deed), taps.submit(deed)]}

    assert twice(lambda: till.place(who, sheet, *SECOND)) == {"BagIn", "DoneAlready"}
    page = {**THREE, "sheet": till.sheet_for("take", {})}
    assert twice(lambda: till.take_out(who, page, *SECOND)) == {"TakenNow", "DoneAlready"}
    assert cash(there.hall.run, there.hall.kiosk) == before - 30000
    assert inside(kiosk) == BAG_FEN - 30000
    left = {f"n{fen}": str(n) for fen, n in (BAG | {10000: BAG[10000] - 4}).items()}  # one note is missing
    page = {**left, "sheet": till.sheet_for("count", {})}
    assert twice(lambda: till.count(who, page, *SECOND)) == {"CountShort", "DoneAlready"}
    till.place(who, bag(there, kiosk), *SECOND)
    till.count(who, page, *SECOND)  # loaded again from the browser's memory
    dispenser = kiosk.desk.teller.kiosk.dispenser
    assert worth_fen((dispenser.holds() or {})["cassette"]) == 2 * BAG_FEN - 40000


def test_a_program_killed_before_it_knows_that_the_notes_are_out_does_not_count_them_twice(
    there: Office, kiosk: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = loaded(there, kiosk)

    def killed(*_: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as cut:
        cut.setattr(kiosk.panel.deeds, "end", killed)
        with pytest.raises(OSError, match="no space"):
            kiosk.panel.till.take_out(who, THREE, *SECOND)
    assert inside(kiosk) == BAG_FEN - 30000
    before = cash(there.hall.run, there.hall.kiosk)
    assert isinstance(again(kiosk).till.take_out(entered(kiosk), THREE, *SECOND), told.TakenNow)
    assert inside(kiosk) == BAG_FEN - 30000
    assert cash(there.hall.run, there.hall.kiosk) == before


def test_while_it_is_unknown_whether_notes_were_taken_out_nothing_is_counted(
    there: Office, kiosk: Machine
) -> None:
    who, real = loaded(there, kiosk), kiosk.heart.office
    kiosk.heart.office = Deaf(real)
    with pytest.raises(told.DeedUnanswered):
        kiosk.panel.till.take_out(who, THREE, *SECOND)
    with pytest.raises(told.DeedOpen):
        kiosk.panel.till.count(who, {"n10000": "1"}, *SECOND)
    dispenser = kiosk.desk.teller.kiosk.dispenser
    assert isinstance(dispenser, SimDispenser)
    dispenser.memory.cassettes[10000] = 1  # it paid notes out meanwhile
    with pytest.raises(told.DeviceRefused):
        kiosk.panel.till.take_out(who, THREE, *SECOND)
    assert kiosk.panel.deeds.pending("take") is None, "the books have it: now it is counted"
    left = {"n10000": "1"} | {f"n{fen}": str(n) for fen, n in BAG.items() if fen != 10000}
    assert isinstance(kiosk.panel.till.count(who, left, *SECOND), told.CountShort)


def test_while_it_is_unknown_whether_it_was_counted_no_cash_moves(there: Office, kiosk: Machine) -> None:
    who, till, real = loaded(there, kiosk), kiosk.panel.till, kiosk.heart.office
    other = bag(there, kiosk)
    whole = {f"n{fen}": str(n) for fen, n in BAG.items()}
    kiosk.heart.office = Mute(real)
    with pytest.raises(told.DeedUnanswered):
        till.count(who, whole, *SECOND)
    for deed in (
        lambda: till.place(who, other, *SECOND),
        lambda: till.take_out(who, THREE, *SECOND),
        kiosk.panel.reopen,
    ):
        with pytest.raises(told.CountOpen):
            deed()
    till.count(who, whole, *SECOND)
    till.place(who, other, *SECOND)
    assert inside(kiosk) == 2 * BAG_FEN
    twice = {f"n{fen}": str(2 * n) for fen, n in BAG.items()}
    assert isinstance(till.count(who, twice, *SECOND), told.CountAgrees)


def test_nothing_taken_out_is_nothing_booked_and_nothing_open(there: Office, kiosk: Machine) -> None:
    who = loaded(there, kiosk)
    with pytest.raises(told.NothingWritten):
        kiosk.panel.till.take_out(who, {}, *SECOND)
    assert kiosk.panel.deeds.pending("take") is None


def test_a_desk_too_busy_leaves_the_deed_open_and_does_it_once(
    there: Office, kiosk: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, till = loaded(there, kiosk), kiosk.panel.till
    before = cash(there.hall.run, there.hall.kiosk)

    def slow(deed: Callable[[], None]) -> None:
        kiosk.desk.do(deed)  # it is done, when nobody waits for it any more
        raise told.DeskSlow

    with monkeypatch.context() as busy:
        busy.setattr(kiosk.panel, "on_desk", slow)
        with pytest.raises(told.DeskSlow):
            till.take_out(who, THREE, *SECOND)
    assert till.sheet_for("take", {}) == kiosk.panel.deeds.pending("take")["sheet"]  # type: ignore[index]
    assert isinstance(till.take_out(who, THREE, *SECOND), told.TakenNow)
    assert inside(kiosk) == BAG_FEN - 30000
    assert cash(there.hall.run, there.hall.kiosk) == before - 30000


def test_a_dispenser_that_is_silent_is_told_and_nothing_is_taken_out(there: Office, kiosk: Machine) -> None:
    who = loaded(there, kiosk)
    dispenser = kiosk.desk.teller.kiosk.dispenser
    assert isinstance(dispenser, SimDispenser)
    dispenser.plan = Plan(dead=True)
    with pytest.raises(told.DispenserSilent):
        kiosk.panel.till.take_out(who, THREE, *SECOND)


def test_what_the_machine_was_too_short_for_is_given_again_once_it_is_loaded(
    there: Office, kiosk: Machine
) -> None:
    kiosk.desk.teller.kiosk.short_fen = 300_000
    loaded(there, kiosk)
    assert kiosk.desk.teller.kiosk.short_fen is None


def test_the_refusals_that_speak_of_the_sheet_are_those_of_the_office() -> None:
    for name in OF_THE_SHEET:
        assert issubclass(getattr(office_cash, name), Refusal)


@pytest.mark.parametrize(
    ("sealed", "state", "said"),
    [
        (False, State.WELCOME, told.OpenNow),
        (True, State.WELCOME, told.NotTrusted),
        (False, State.STOPPED, told.StillStopped),
    ],
)
def test_open_again_is_said_only_of_what_is_open(
    kiosk: Machine, monkeypatch: pytest.MonkeyPatch, sealed: bool, state: State, said: type[Told]
) -> None:
    """What stands on the screen is held still: the desk itself goes on beside it."""
    screen = replace(kiosk.desk.screen, state=state)
    monkeypatch.setattr(kiosk.panel, "tell", lambda: None)
    monkeypatch.setattr(kiosk.panel, "desk", SimpleNamespace(screen=screen))
    kiosk.panel.at.duty.sealed = sealed
    assert type(kiosk.panel.reopen()) is said


def test_the_offices_stop_alone_is_not_enough_to_touch_cash(there: Office, kiosk: Machine) -> None:
    """It may end while a deed is open, and the machine would serve."""
    who = loaded(there, kiosk)
    duty = kiosk.panel.at.duty
    duty.staff, duty.office = None, "盘点"
    with pytest.raises(told.CloseFirst):
        kiosk.panel.till.take_out(who, THREE, *SECOND)
    assert inside(kiosk) == BAG_FEN


def test_a_page_never_says_that_nothing_was_done_where_nobody_knows(there: Office, kiosk: Machine) -> None:
    who, real = loaded(there, kiosk), kiosk.heart.office
    with httpx.Client(base_url=kiosk.url, cookies={"operator": who.token}) as browser:
        browser.headers["origin"] = kiosk.url
        form = THREE | {"work": SECOND[0], "code": SECOND[1]}
        kiosk.heart.office = Deaf(real)
        page = browser.post("/operator/take", data=form)
        assert (page.status_code, "没有办</b>" in page.text) == (422, False)
        assert "请注意</b> 后台没有回答" in page.text
        sheet = kiosk.panel.deeds.pending("take")["sheet"]  # type: ignore[index]
        assert page.text.count(sheet) == 1, "the form on the page is that deed's"
        assert browser.post("/operator/still").status_code == 204
    assert httpx.post(f"{kiosk.url}/operator/still", headers={"origin": kiosk.url}).status_code == 403


@pytest.mark.parametrize("damage", ["{", "null"])
def test_a_file_of_deeds_that_cannot_be_read_is_told_and_nothing_is_booked(
    there: Office, kiosk: Machine, damage: str
) -> None:
    sheet = bag(there, kiosk)
    (kiosk.home / "deeds.json").write_text(damage, "utf-8")
    who = entered(kiosk)
    with pytest.raises(told.DeedsDamaged):
        kiosk.panel.till.place(who, sheet, "1002", CODES["1002"])
    assert inside(kiosk) == 0
    page = httpx.get(f"{kiosk.url}/operator/cash", cookies={"operator": who.token})
    assert (page.status_code, "读不出来" in page.text) == (422, True)
