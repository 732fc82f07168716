"""Restarts: the power goes at every point of a collection, in every way; then books and notes agree."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from random import Random

import pytest

from kiosk.drill.faults import WAYS, Fate
from kiosk.drill.scene import Machine, act, survives
from kiosk.flow import Event, State
from kiosk.journal import Stage
from tests.kiosk.conftest import KIOSK, Office

AMOUNT = 458037
IN_THE_DARK = ("dispenser", "journal", "kiosk")  # after these somebody may take what lies in reach


class Loaded(Random):
    """A die that falls on one way, and on the middle of a record."""

    def __init__(self, way: str) -> None:
        super().__init__(0)
        self.way = way

    def choice(self, seq):  # type: ignore[no-untyped-def]
        return self.way

    def randrange(self, start, stop=None, step=1):  # type: ignore[no-untyped-def]
        return start // 2


def lives(machine: Machine) -> bool:
    """Switched on, one person served, then nobody there for a while; whether it is still on."""
    return (
        survives(machine, machine.teller.start)
        and survives(machine, lambda: act(machine))
        and survives(machine, machine.idle)
    )


def settle(office: Office) -> None:
    """Switched on again: everything has an outcome, the backend knows it, doubts are counted, all agree."""
    machine = office.on()
    machine.idle()
    assert not machine.journal.unfinished()
    assert not machine.journal.outbox()
    office.books.time_passes()
    for order in office.books.in_suspense():
        office.books.count_cash(order, handed_out=order in office.place.handed())
    machine.idle()
    assert machine.teller.screen.gives_cash
    assert office.books.paid_in_cash_fen() == office.place.handed_fen()
    for _ in range(2):
        act(machine)
        machine.idle()
        assert office.books.paid_in_cash_fen() == office.place.handed_fen() == AMOUNT
        assert office.books.owed_fen() == 0


@pytest.mark.parametrize(("kind", "way"), [(kind, way) for kind, ways in WAYS.items() for way in ways])
def test_cut_at_every_point_nothing_is_lost_and_nothing_paid_twice(
    tmp_path: Path, kind: str, way: str
) -> None:
    for taken in (True, False) if kind in IN_THE_DARK else (True,):
        for at in count(1):
            home = tmp_path / f"{taken}{at}"
            home.mkdir()
            office = Office(home)
            office.books.owe(office.card.persona, AMOUNT)
            fate = Fate(kind, at, Loaded(way))
            machine = office.switch_on(fate)
            lives(machine)
            machine.network.arrive()
            if fate.hit is None:
                office.off()
                break
            if taken:
                office.place.somebody_takes()
            office.place.blind = fate.blinds
            settle(office)
            office.off()
        assert at > 4


def test_with_the_journal_disk_lost_the_backend_holds_the_money_and_a_count_settles_it(
    office: Office,
) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = office.switch_on(Fate("journal", 5, Loaded("kiosk dies after the record")))  # PRESENTING
    assert not lives(machine)
    (office.place.home / "journal.log").unlink()
    machine = office.on()
    machine.idle()
    (order,) = office.books.in_suspense()
    assert order not in machine.journal.courses
    assert not machine.dispenser.memory.stacker, "nothing is left inside for the next person"
    act(machine)
    assert not office.place.handed_fen(), "held until it is settled"
    office.books.time_passes()
    assert office.books.orders[order].state == "in_doubt"
    office.books.count_cash(order, handed_out=order in office.place.handed())
    act(machine)
    assert office.books.paid_in_cash_fen() == office.place.handed_fen() == AMOUNT
    assert len(office.books.orders) == 2, "the new run uses no number of the lost one"
    assert not office.books.stopped, "nor any number of its journal"


def test_a_copy_of_the_machine_is_found_out_and_both_stop(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    office.on()
    office.off()
    journal, memory = office.place.home / "journal.log", office.place.memory_path
    image = journal.read_bytes(), memory.read_bytes()
    for _ in range(2):  # two machines go on from one image; their journals differ, their numbers do not
        journal.write_bytes(image[0])
        memory.write_bytes(image[1])
        machine = office.switch_on(Fate("kiosk", 8, Loaded("kiosk dies")))  # ORDERED and sent
        lives(machine)
        office.books.owe(office.card.persona, AMOUNT + 1, "2026-10")
    assert office.books.stopped == {KIOSK}
    assert not office.place.handed()


def test_a_report_lost_with_the_power_is_told_again_word_for_word(office: Office) -> None:
    office.books.owe(office.card.persona, AMOUNT)
    machine = office.switch_on(Fate("journal", 7, Loaded("kiosk dies before the record")))  # ACKED
    assert not lives(machine)
    (kept,) = office.books.orders.values()
    assert kept.state == "paid"
    answers = len(office.books.answers)
    machine = office.on()
    (course,) = machine.journal.courses.values()
    assert course.acked == "paid"
    assert course.entries[Stage.OUT].facts["status"]["order"] == kept.order
    assert len(office.books.answers) == answers, "the same request under the same key"


def test_a_disk_that_cannot_be_written_keeps_the_kiosk_closed(office: Office) -> None:
    machine = office.switch_on()
    machine.teller.kiosk.journal._failed = True
    machine.teller.start()
    assert machine.teller.state is State.STOPPED
    machine.teller.press(Event.COLLECT)
    machine.slot.insert(0)
    machine.teller.tick()
    assert machine.teller.state is State.STOPPED
