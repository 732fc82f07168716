"""The drill itself: it finds nothing where the protocol is kept, and finds what is wrong where it is not."""

from __future__ import annotations

import io
import os
from collections import Counter
from random import Random

import pytest
from rich.console import Console
from typer.testing import CliRunner

from kiosk.drill import Report, collect, people, show
from kiosk.drill.__main__ import app
from kiosk.drill.deck import Deck
from kiosk.drill.run import SCENES
from tests.kiosk.city import (
    DISPENSER,
    KIOSK,
    CountingBackend,
    ImpatientBackend,
    PeopledBackend,
    ShortReceipts,
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
    )


@pytest.mark.parametrize("books", [PeopledBackend, CountingBackend])
def test_cut_anywhere_nothing_is_lost_nothing_paid_twice_and_the_books_agree(
    books: type[PeopledBackend],
) -> None:
    report = drill(books(), 40)
    assert report.good, report
    assert report.lost == []
    assert report.twice == []
    assert report.paid_fen == report.handed_fen > 0
    assert sum(report.ended.values()) == 40


def test_the_same_seed_cuts_at_the_same_points() -> None:
    first, second = drill(PeopledBackend(), 6, seed=3), drill(PeopledBackend(), 6, seed=3)
    assert (first.cuts, first.ended) == (second.cuts, second.ended)
    assert first.cuts


def test_several_people_are_served_by_one_boot() -> None:
    books = PeopledBackend()
    report = drill(books, 12)
    assert report.good, report
    boots = Counter(order[:12] for order, kept in books.orders.items() if kept.state == "paid")
    assert max(boots.values()) >= 4
    assert report.collections == people(12, 1) - len(SCENES)


def test_a_backend_that_releases_by_time_is_found_out() -> None:
    report = drill(ImpatientBackend(), 60, seed=2)
    assert not report.good
    assert report.twice


@pytest.mark.slow
@pytest.mark.parametrize("books", [PeopledBackend, CountingBackend])
@pytest.mark.parametrize("seed", [1, 2] if "RENSHE_FUZZ" in os.environ else [1])
def test_five_hundred_cuts(seed: int, books: type[PeopledBackend]) -> None:
    report = drill(books(), 500, seed)
    assert report.good, report
    assert len(report.ended) == 4, "every kind of ending is met"
    assert report.missed == [], "every declared cut is made"


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
