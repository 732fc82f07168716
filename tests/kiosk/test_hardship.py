"""Hardship: short cash, a full disk, a report refused for good; the kiosk says so and nothing is lost."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from backend.payout.schema import Opened, OpenOrder, Reported, ReportOrder
from kiosk import desk as desks
from kiosk import pages, recover
from kiosk.case import Errand, Screen
from kiosk.client import NoAnswer
from kiosk.desk import Desk
from kiosk.devices.dispenser import SimDispenser
from kiosk.devices.port import DeviceDead
from kiosk.flow import Event, State
from kiosk.journal import Journal, JournalBusy, JournalFailed
from tests.kiosk.conftest import KIOSK, Office
from tests.kiosk.reference_backend import Counter
from tests.kiosk.served import until
from tests.kiosk.visitors import AMOUNT, at_cash, card_in, card_out, code, in_menu, type_pin


def no_room(path: Path) -> None:
    """From here on whatever is written in place of this file meets a full disk."""
    path.symlink_to("/dev/full")


def test_a_kiosk_short_of_cash_says_so_and_offers_the_bank_until_it_is_restarted(office: Office) -> None:
    office.books.cash_fen = AMOUNT
    office.books.owe(office.card.persona, AMOUNT + 1, "2026-10")
    office.books.owe(office.card.persona, AMOUNT, "2026-11")
    machine = in_menu(office)
    machine.teller.press(Event.COLLECT)
    machine.teller.press(Event.CHOSEN, 0)
    machine.teller.press(Event.CASH)
    assert (machine.teller.state, code(machine)) == (State.RESULT, "CashShort")
    assert [order.state for order in office.books.orders.values()] == ["cancelled"]
    machine.teller.press(Event.COLLECT)
    machine.teller.press(Event.CHOSEN, 0)
    assert not machine.teller.screen.gives_cash, "not this amount"
    machine.teller.press(Event.CASH)
    assert machine.teller.state is State.METHOD
    machine.teller.press(Event.BACK)
    machine.teller.press(Event.COLLECT)
    machine.teller.press(Event.CHOSEN, 1)
    assert machine.teller.screen.gives_cash, "a smaller one"
    office.books.cash_fen = None
    assert office.on().teller.kiosk.gives_cash


def test_who_has_several_months_due_goes_on_while_the_card_is_in(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT, "2026-10")
    office.books.owe(office.card.persona, AMOUNT, "2026-11")
    machine = in_menu(office)
    machine.teller.press(Event.COLLECT)
    machine.teller.press(Event.CHOSEN, 0)
    machine.teller.press(Event.BANK)
    assert machine.teller.state is State.RESULT
    machine.teller.press(Event.COLLECT)
    assert machine.teller.state is State.METHOD, "the month that is left"
    machine.teller.press(Event.CASH)
    card_out(machine)
    assert machine.dispenser.hand() == AMOUNT
    machine.teller.tick()
    assert machine.teller.state is State.RESULT
    machine.teller.press(Event.COLLECT)
    assert machine.teller.state is State.RESULT, "the card is out"
    assert [order.state for order in office.books.orders.values()] == ["authorised", "paid"]


@pytest.mark.parametrize("when", ["counting", "presenting", "handing out"])
def test_a_full_disk_makes_the_dispenser_silent_and_a_restart_settles_it(office: Office, when: str) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    memory = office.place.memory_path.with_suffix(".new")
    machine = in_menu(office)
    machine.teller.press(Event.COLLECT)
    if when == "counting":
        no_room(memory)
    machine.teller.press(Event.CASH)
    if when == "presenting":
        no_room(memory)
    card_out(machine)
    if when == "handing out":
        no_room(memory)
        assert machine.dispenser.hand() == 0
    machine.teller.tick()
    assert machine.teller.state is State.STOPPED
    memory.unlink()
    machine = office.on()
    machine.idle()
    assert machine.teller.state is State.WELCOME
    assert not office.books.in_suspense()
    assert office.books.paid_in_cash_fen() == office.place.handed_fen() == 0
    card_in(machine)
    type_pin(machine)
    machine.teller.press(Event.COLLECT)
    machine.teller.press(Event.CASH)
    card_out(machine)
    assert machine.dispenser.hand() == AMOUNT


def test_switched_on_with_a_full_disk_it_is_stopped_not_fallen_over(office: Office) -> None:
    no_room(office.place.memory_path.with_suffix(".new"))
    device = SimDispenser(office.place.memory_path, "D-1", bytes(32))
    for ask in (device.nonce, device.clear_nonce, device.reject, lambda: device.status("0" * 16)):
        with pytest.raises(DeviceDead):
            ask()


def test_a_journal_that_cannot_be_made_is_told_as_one(tmp_path: Path) -> None:
    (tmp_path / "journal.log").symlink_to("/proc/no/journal")
    with pytest.raises(JournalFailed):
        Journal(tmp_path / "journal.log")


def test_acknowledgements_that_cannot_be_written_keep_the_kiosk_closed(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = at_cash(office)
    machine.network._down = True
    card_out(machine)
    machine.dispenser.hand()
    machine.teller.tick()
    machine = office.switch_on()
    boot = machine.journal.boot

    def boot_and_fill(epoch: int) -> None:
        boot(epoch)
        machine.journal._failed = True  # the disk is full from here on

    machine.journal.boot = boot_and_fill  # type: ignore[method-assign]
    machine.teller.start()
    assert machine.teller.state is State.STOPPED


def test_what_was_counted_while_it_was_off_is_known_at_the_start(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = at_cash(office, mishap="shutter stuck")
    card_out(machine)
    assert not machine.teller.screen.gives_cash
    (order,) = office.books.in_suspense()
    office.off()
    office.books.count_cash(order, handed_out=False)
    assert office.on().teller.screen.gives_cash


class Unwanted(Counter):
    """A backend that no longer knows this kiosk's reports."""

    def report(self, cmd: ReportOrder, key: str) -> Reported:
        return self._report_of_another(cmd)

    def _report_of_another(self, cmd: ReportOrder) -> Reported:
        return Counter(self.books, "00000009").report(cmd, "k")


def test_a_report_refused_for_good_calls_staff_and_is_not_blamed_on_the_network(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = in_menu(office)
    machine.teller.press(Event.COLLECT)
    machine.network._down = True
    machine.teller.press(Event.CASH)
    machine.network.arrive()
    machine.network._backend = Unwanted(office.books, KIOSK)
    card_out(machine)
    machine.teller.press(Event.LEAVE)
    card_in(machine)
    type_pin(machine)
    machine.teller.press(Event.COLLECT)
    machine.teller.press(Event.CASH)
    assert (machine.teller.state, code(machine)) == (State.RESULT, "KioskStopped")
    assert not office.books.orders, "nothing new is begun"


def test_a_fork_told_with_a_report_is_a_stop_not_a_wait(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = at_cash(office)
    office.books.stopped.add(KIOSK)
    card_out(machine)
    machine.dispenser.hand()
    machine.teller.tick()
    (course,) = machine.journal.outbox()
    why = recover.deliver(machine.teller.kiosk, machine.teller.kiosk.caller.once)
    assert getattr(why, "code", "") == "KioskStopped"
    assert course.acked is None


def result(ending: str, *, printed: bool) -> str:
    outcomes = {"paid": "paid", "in_doubt": "unknown"}
    errand = Errand("0000000100010001", AMOUNT, "2026-11", "基本养老金", "1", "cash", "张*丰", None)
    errand.outcome, errand.printed = outcomes[ending], printed  # type: ignore[assignment]
    return pages.render(Screen(1, State.RESULT, errand=errand), None, "1")


@pytest.mark.parametrize("ending", ["paid", "in_doubt"])
def test_only_who_got_a_slip_is_told_to_take_it(ending: str) -> None:
    assert result(ending, printed=True).count("请取回单。") == 2, "shown and said"
    assert "请取回单" not in result(ending, printed=False)
    assert "请记下领取单号" in result(ending, printed=False)


def test_without_paper_the_screen_does_not_promise_a_slip(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    (office.place.home / "receipts").write_text("")  # no folder can be here
    machine = at_cash(office)
    card_out(machine)
    machine.dispenser.hand()
    machine.teller.tick()
    errand = machine.teller.screen.errand
    assert errand is not None
    assert (errand.ending, errand.printed) == ("paid", False)


def test_the_journal_stays_closed_to_others_while_the_desk_still_works(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desks, "STOP_S", 0.1)
    machine = office.switch_on()
    desk = Desk(machine.teller)
    desk.start()
    until(lambda: desk.screen.state is State.WELCOME)
    busy, enough = threading.Event(), threading.Event()
    worker = threading.Thread(target=desk.do, args=(lambda: (busy.set(), enough.wait(60)),))
    worker.start()
    assert busy.wait(60)
    desk.stop()
    with pytest.raises(JournalBusy):
        Journal(machine.journal.path)
    enough.set()
    worker.join()
    until(lambda: not desk.alive)
    desk.stop()
    Journal(machine.journal.path).close()


def test_who_comes_back_after_a_lost_answer_is_not_told_that_the_money_is_held(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = in_menu(office)
    machine.teller.press(Event.COLLECT)

    class Cut(Counter):
        """Opens the order; then the cable is out."""

        def open(self, cmd: OpenOrder, key: str) -> Opened:
            super().open(cmd, key)
            machine.network._down = True
            raise NoAnswer("cut")

    machine.network._backend = Cut(office.books, KIOSK)
    machine.teller.press(Event.CASH)
    assert code(machine) == "NoAnswer"
    assert [order.state for order in office.books.orders.values()] == ["opened"]
    machine.network._backend = office.books.at(KIOSK)
    machine.network.arrive()
    card_out(machine)
    machine.teller.press(Event.LEAVE)
    card_in(machine)
    type_pin(machine)
    machine.teller.press(Event.COLLECT)
    assert machine.teller.state is State.METHOD
    assert [order.state for order in office.books.orders.values()] == ["cancelled"]
