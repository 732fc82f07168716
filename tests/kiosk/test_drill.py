"""The drill itself: it finds nothing where the protocol is kept, and finds what is wrong where it is not."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections import Counter
from random import Random

import pytest
from rich.console import Console
from typer.testing import CliRunner

from kiosk.devices.dispenser import SimDispenser
from kiosk.drill import Report, collect, show
from kiosk.drill.__main__ import app
from kiosk.drill.coverage import DEFINED, IGNORED, ILLEGAL, Coverage, where
from kiosk.drill.crowd import crews
from kiosk.drill.cuts import cuts
from kiosk.drill.deck import Deck
from kiosk.drill.parts import shares
from kiosk.drill.scene import TAKES_SOME
from kiosk.flow import STOP, TABLE, Event, State, illegal, step
from tests.kiosk.city import (
    DISPENSER,
    KIOSK,
    ImpatientBackend,
    PeopledBackend,
    ShortReceipts,
    terminal,
)
from tests.kiosk.reference_backend import dispenser_key


def drill(books: PeopledBackend, faults: int, seed: int = 1) -> Report:
    return collect(
        faults,
        seed,
        books.at(KIOSK),
        books,
        kiosk=KIOSK,
        dispenser=DISPENSER,
        dispenser_key=dispenser_key(DISPENSER),
        terminal=terminal(),
    )


def test_cut_anywhere_nothing_is_lost_nothing_paid_twice_and_the_books_agree() -> None:
    report = drill(PeopledBackend(), 40)
    assert report.good, report
    assert report.lost == []
    assert report.twice == []
    assert report.paid_fen == report.handed_fen > 0
    assert sum(report.ended.values()) == 40
    assert [one.add_up for one in report.notes] == [True], "cassette + bins + taken = loaded"
    assert report.notes[0].taken_fen == report.handed_fen


def test_a_dispenser_that_says_no_of_notes_taken_in_part_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It looks at what still lies there and not at what was within reach."""
    retract = SimDispenser.retract

    def forgetful(device: SimDispenser) -> int:
        back_fen = retract(device)
        if back_fen:
            device._tell(device.memory.in_hand, "no", 0)
        return back_fen

    monkeypatch.setattr(SimDispenser, "retract", forgetful)
    report = drill(PeopledBackend(), 1)
    assert not report.good
    assert report.handed_fen > report.paid_fen


def test_notes_taken_in_part_are_among_the_cuts_of_either_drill() -> None:
    told = drill(PeopledBackend(), 1).declared
    assert (f"person or device: {TAKES_SOME}", "mishap") in told
    assert [cut.told for cut in cuts() if cut.how == TAKES_SOME] == [("rest PRESENTING", TAKES_SOME)]


def test_the_same_seed_cuts_at_the_same_points() -> None:
    first, second = drill(PeopledBackend(), 6, seed=3), drill(PeopledBackend(), 6, seed=3)
    assert (first.cuts, first.ended) == (second.cuts, second.ended)
    assert first.cuts


TOLD = """
from kiosk.drill.quiet import quiet
from tests.kiosk.test_drill import PeopledBackend, drill
with quiet(trace=False):
    report = drill(PeopledBackend(), 25, seed=4)
print(sorted(report.cuts.items()), sorted(report.coverage.pairs.items(), key=str))
"""


def test_a_seed_means_the_same_in_another_process() -> None:
    """However that one orders its sets."""
    told = {
        subprocess.run(
            [sys.executable, "-c", TOLD],
            env=os.environ | {"PYTHONHASHSEED": order},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for order in ("1", "2")
    }
    assert len(told) == 1
    assert "not paid, free again" in told.pop()


def test_several_people_are_served_by_one_boot() -> None:
    books = PeopledBackend()
    report = drill(books, 12)
    assert report.good, report
    boots = Counter(order[:12] for order, kept in books.orders.items() if kept.state == "paid")
    assert max(boots.values()) >= 3
    assert report.collections == sum(crews(12, 1)) > 12


def test_a_backend_that_releases_by_time_is_found_out() -> None:
    report = drill(ImpatientBackend(), 40)
    assert not report.good
    assert report.twice


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2] if "RENSHE_FUZZ" in os.environ else [1])
def test_every_pair_of_the_table_and_both_sides_of_every_command_are_met(seed: int) -> None:
    report = drill(PeopledBackend(), 700, seed)
    assert report.good, report
    assert len(report.ended) == 4, "every kind of ending is met"
    assert report.missed == [], "every declared cut is made"
    assert report.coverage.missing(DEFINED) == []
    assert report.coverage.missing(IGNORED) == []
    assert report.coverage.broken == []
    sides = Counter(where for where, _ in report.declared if where.startswith("card: "))
    assert set(sides.values()) == {2}
    for asked in ("选择社会保障应用", "选择文件 SSSE/EF06 持卡人", "核对密码", "外部认证", "内部认证"):
        assert any(asked in name for name in sides), asked


@pytest.mark.parametrize("pair", sorted(ILLEGAL, key=str), ids=lambda pair: f"{pair[0].name}-{pair[1].name}")
def test_what_no_deed_can_answer_there_would_stop_the_kiosk_with_no_note_moved(
    pair: tuple[State, Event],
) -> None:
    assert illegal(*pair)
    assert step(*pair) == STOP


def test_every_answer_of_a_deed_is_in_the_table_wherever_the_deed_is_done() -> None:
    """So no illegal pair can come about: what the deeds were heard to answer, each state that does them knows."""
    coverage = drill(PeopledBackend(), 40).coverage
    assert coverage.answers
    for deed, events in coverage.answers.items():
        for state in where(deed):
            assert [event for event in events if (state, event) not in TABLE] == [], (deed, state)


def test_coverage_says_what_is_missing_and_adds_up_over_parts() -> None:
    one, other = Coverage(), Coverage()
    one.step(State.BOOTING, Event.SETTLED)
    other.step(State.WELCOME, Event.CARD_IN)
    one.add(other)
    assert one.met(DEFINED) == 2
    assert (State.BOOTING, Event.SETTLED) not in one.missing(DEFINED)
    assert len(one.missing(DEFINED)) == len(DEFINED) - 2
    other.step(State.WELCOME, Event.AUTHORISED)
    assert other.broken == [(State.WELCOME, Event.AUTHORISED)]
    assert not Report(1, 1, coverage=other).good


def test_a_long_drill_has_the_same_parts_on_every_machine() -> None:
    assert shares(500, 7) == [(500, 7)]
    assert sum(faults for faults, _ in shares(20_001, 7)) == 20_001
    assert len({seed for _, seed in shares(20_001, 7)}) == 2


def test_receipt_numbers_that_collide_within_one_boot_are_found_out() -> None:
    """The mistake that a drill with one collection a boot could not see."""
    report = drill(ShortReceipts(), 12)
    assert not report.good
    assert report.wrong


def test_the_deck_makes_every_cut_before_any_comes_again() -> None:
    deck = Deck("abcdefgh", Random(1))
    for _ in range(4):  # one cut cannot be made: it is tried, and holds up nobody
        for _ in range(7 + 1):
            drawn = deck.draw()
            deck.note(drawn, hit=drawn != "d")
    often = [deck.hits[one] for one in "abcefgh"]
    assert min(often) >= 3
    assert max(often) - min(often) <= 1
    assert deck.misses["d"] == 32 - sum(often)


def test_the_command_runs_it_over_http_and_prints_how_each_ended() -> None:
    done = CliRunner().invoke(app, ["--city", "tests.kiosk.city:city", "--faults", "4", "--seed", "5"])
    assert done.exit_code == 0, done.output
    assert "丢失 0，重复支付 0" in done.output
    assert "断在哪里" in done.output
    missing = CliRunner().invoke(app, ["--city", "tests.kiosk.city:village"])
    assert missing.exit_code == 2


def test_a_bad_end_is_printed_as_one() -> None:
    out = io.StringIO()
    show(Report(1, 1, lost=[7], wrong=["7: 5 booked, 0 taken"], paid_fen=5), Console(file=out, width=100))
    assert "不符" in out.getvalue()
    assert "丢失 1" in out.getvalue()
